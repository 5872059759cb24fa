"""Dialects: the facts of one agent that a workflow's step starts: by an action, or by a command line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from overgrant.dialect.catalogue import catalogue
from overgrant.dialect.facts import Maker, embedded
from overgrant.dialect.grammar import agentcli
from overgrant.dialect.triggers import Start, input_texts, reaches, stranger_texts
from overgrant.model import Agent, Containment, Control, Flow, Grant, Limit, Root, Server, Setting, Unread
from overgrant.pattern import later
from overgrant.scope import everything
from overgrant.value import Value

Row = dict[str, Any]
SCHEMAS = {"claude": "claude-settings"}
MAX_PROMPT = 64 * 1024  # characters of a prompt in which commands are looked for
_SHOWN = later(r"`([^`\n]{6,400})`|^[ \t>*+-]*((?:curl|wget|bash|sh|sudo)\b[^\n]{4,400})", re.MULTILINE)
_NO = ("not ", "never", "don't", "avoid", "instead of")
_FETCHED = later(r"\$\(\s*(?:curl|wget)\b[^()|;&\n]{0,200}?(https?://[^\s\"')|]+)")
MAX_ADDRESSES = 8 * 1024  # characters of an input
_ADDRESS = later(r"(?:https://|git@)[^\s\"',\]]+")


def _has(value: Value | None) -> bool:
    return value is not None and value.kind not in ("map", "list") and value.text.strip() not in ("", "false", "null")


def refuses(row: Row, given: Value | None, start: Start) -> Start:
    """Who can start the step after the action itself has looked at the actor.

    An action that looks up the rights of the actor lets writers in and whom its inputs name. It has nobody to
    look up where a finished run raised the event.
    """
    if row.get("starts") != "writers" or start.who not in ("", "anyone") or start.event in ("workflow_run",):
        return start
    for name in row.get("opens", {}):
        said = given.get(name) if given is not None else None
        if said is None or not _has(said) or _unmet(row, name, given):
            continue
        if said.text.strip() == "*":
            return start
    return Start("collaborators", start.event, start.value, "the action refuses people without write access")


def _unmet(row: Row, name: str, given: Value | None) -> bool:
    needed = row.get("needs", {}).get(name)
    return bool(needed) and not _has(given.get(needed) if given is not None else None)


class AgentStep:
    """Makes the facts of one agent.

    strange  names of expressions that hold a stranger's words, each with where they came from
    """

    def __init__(self, maker: Maker, product: str, name: str, value: Value, start: Start,
                 strange: Mapping[str, str] | None = None) -> None:
        self.maker = maker
        self.strange = strange or {}
        root = Root(maker.context.root.path, product, maker.context.root.example)
        self.agent = maker.make(Agent, value, name=name, product=product, type="step", attended=False,
                                started_by=start.who)
        self.agent.root = root
        if start.value is not None:
            self.agent.at["started_by"] = start.value
        self.start = start
        if start.gate:
            maker.make(Control, value, self.agent, what="guard", text=start.gate)
        self.token = False
        self.scope: Value | None = None
        self.started: agentcli.Started | None = None

    # --- an action -----------------------------------------------------------------------------

    def action(self, row: Row, uses: Value, given: Value | None, around: Value | None = None) -> None:
        """The inputs of an action that runs an agent, and the variables of its step."""
        self._pin(uses)
        inputs = given.entries if given is not None else {}
        for name, value in inputs.items():
            if not self._is_gone(row, uses, name, value):
                self._input(row, name, value)
        self._opened(row, given)
        settled = self._settings(row, inputs)
        if row.get("shell") == "all" and row.get("quiet"):
            if around is None or around.get(row.get("narrowed", "-")) is None:
                self._everything(uses, row.get("why", ""))
        elif row.get("shell") == "all" and not settled:
            at = next((inputs[name] for name in row.get("settings", {}) if name in inputs), uses)
            self.maker.make(Grant, at, self.agent, text=at.key if at is not uses else uses.text, tool="shell",
                            capability="exec.shell", scope=everything("command"), breadth="all", literal="",
                            open_tail=True, rank="default", why=row.get("why", ""), suggestion=row.get("suggestion", ""))
        if row.get("shell") == "sandboxed":
            reads = any(self._said(row, inputs, name).get("contains") for name in row.get("inputs", {}))
            off = any(self._said(row, inputs, name).get("meaning") == "sandbox-off" for name in row.get("inputs", {}))
            box = self.maker.make(Containment, uses, self.agent, type="sandbox", enabled=not off, network="none")
            box.writes = () if reads else (".",)
            if off:
                self._everything(uses, "the sandbox is off")

    def _said(self, row: Row, inputs: dict[str, Value], name: str) -> Row:
        value = inputs.get(name)
        table: Row = row.get("inputs", {}).get(name, {})
        return table.get(value.text.strip(), {}) if value is not None else {}

    def _everything(self, value: Value, why: str) -> None:
        self.maker.make(Grant, value, self.agent, text="any command", tool="shell", capability="exec.shell",
                        decision="inherit", scope=everything("command"), breadth="all", literal="", open_tail=True,
                        rank="default", why=why)

    def _pin(self, uses: Value) -> None:
        name, at, ref = uses.text.strip().rpartition("@")
        if not at or name.startswith(("./", "docker:")):
            return
        if len(ref) == 40 and all(sign in "0123456789abcdef" for sign in ref.lower()):
            return
        numbers = ref.removeprefix("v").replace(".", "")
        meaning = "action-on-tag" if numbers.isdigit() else "action-on-branch"
        start = uses.text.index("@") + 1
        self.maker.make(Setting, uses.part(start, start + len(ref)), self.agent, name=name, text=ref, meaning=meaning)

    def _is_gone(self, row: Row, uses: Value, name: str, value: Value) -> bool:
        """The version of the action that is named does not read this input any more, so what it says protects nothing."""
        gone = row.get("gone") or {}
        ref = uses.text.strip().rpartition("@")[2]
        major = ref.removeprefix("v").partition(".")[0]
        if name not in gone.get("inputs", {}) or not major.isdigit() or len(major) > 4 or int(major) < gone["since"]:
            return False
        if not _has(value):
            return True
        said = " ".join(value.text.split())
        self.maker.make(Control, value, self.agent, what="input", text=f"{name}: {said}", state="ignored",
                        why=f"`{ref}` of the action has no such input; write `{gone['inputs'][name].format(said=said)}`")
        return True

    def _input(self, row: Row, name: str, value: Value) -> None:
        if value.kind in ("map", "list"):
            return
        said = self._said(row, {name: value}, name)
        if "meaning" in said:
            self.maker.make(Setting, value, self.agent, name=name, text=value, meaning=said["meaning"],
                            gives=said.get("gives", ""), instead=said.get("instead", ""))
        if name in row.get("args", ()):
            self._flags(row["product"], value)
        if name in row.get("lists", {}):
            self._facts([{**each, "decision": row["lists"][name]} for each in _lines(value)], value)
        if name in row.get("turns", ()) and value.text.strip().isdigit():
            self.maker.make(Limit, value, self.agent, dimension="turns", amount=float(value.text), name=name)
        if name in row.get("minutes", ()) and value.text.strip().isdigit():
            self.maker.make(Limit, value, self.agent, dimension="wall-clock", amount=float(value.text) * 60, name=name)
        if name in row.get("servers", ()):
            self._servers(value)
        if name in row.get("brings", ()):
            self._brought(value, row["brings"][name])
        if name in row.get("prompts", ()):
            self.prompt(value, "prompt")

    def _servers(self, value: Value) -> None:
        """Tool servers written as JSON in an input or behind a flag."""
        tree = embedded(value, "jsonc") if "{" in value.text else None
        servers = tree.get("mcpServers") if tree is not None else None
        if servers is not None and servers.kind == "map":
            self.maker.schema(servers, "mcp-servers", self.agent)

    def _project(self, value: Value) -> None:
        """Settings behind a flag: as JSON, or the path of a file."""
        tree = embedded(value, "jsonc") if "{" in value.text else None
        if tree is not None and tree.kind == "map" and self.agent.product in SCHEMAS:
            self.maker.schema(tree, SCHEMAS[self.agent.product], self.agent)
        elif "{" not in value.text:
            self._elsewhere(value)

    def _brought(self, value: Value, instead: str) -> None:
        """Plugins and extensions by their address, one a line or as a JSON list; a commit stands behind `#`."""
        for match in _ADDRESS.finditer(value.text[:MAX_ADDRESSES]):
            address, _, version = match.group().partition("#")
            name = address.rstrip("/").rpartition("/")[2].removesuffix(".git")
            server = self.maker.make(Server, value.part(match.start(), match.end()), self.agent, name=name, type="marketplace",
                                     source_kind="git", version=version, suggestion=instead.format(address=address))
            server.at["package"] = value.part(match.start(), match.end())
            server.package = address

    def _settings(self, row: Row, inputs: dict[str, Value]) -> bool:
        """Read JSON settings. True when they bound what may run."""
        bounded = False
        for name, sort in row.get("settings", {}).items():
            value = inputs.get(name)
            if value is None:
                continue
            if "{" not in value.text:
                self._elsewhere(value)
                continue
            tree = embedded(value, "jsonc")
            if tree is None or tree.kind != "map":
                continue
            if sort in SCHEMAS:
                self.maker.schema(tree, SCHEMAS[sort], self.agent)
            else:
                bounded = self._gemini(tree)
        return bounded

    def _elsewhere(self, value: Value) -> None:
        """Settings in a file of the tree: read by itself where its path says what it is, else said to be unread."""
        path = value.text.strip().removeprefix("./")
        if path.endswith((".json", ".jsonc")) and " " not in path and not catalogue().is_candidate(path):
            self.maker.make(Unread, value, self.agent, type="settings", what=f"the settings in `{path}` are not read")

    def _gemini(self, tree: Value) -> bool:
        core = tree.get("tools", "core") or tree.get("coreTools")
        gone = tree.get("tools", "exclude") or tree.get("excludeTools")
        for item in core.items if core is not None else []:
            self.maker.grammar([{**agentcli.call(item.text)}], "grant", item, self.agent)
        turns = tree.get("model", "maxSessionTurns") or tree.get("maxSessionTurns")
        if turns is not None and isinstance(turns.data, (int, float)):
            amount = float(turns.data)
            self.maker.make(Limit, turns, self.agent, dimension="turns", name="maxSessionTurns",
                            amount=amount if amount >= 0 else None, unbounded=amount < 0, disabled=amount < 0)
        servers = tree.get("mcpServers")
        if servers is not None:
            self.maker.schema(servers, "mcp-servers", self.agent)
        return core is not None or gone is not None and any(
            agentcli.call(item.text)["capability"] == "exec.shell" and "breadth" in agentcli.call(item.text) for item in gone.items)

    def _opened(self, row: Row, given: Value | None) -> None:
        for name, whom in row.get("opens", {}).items():
            value = given.get(name) if given is not None else None
            if value is None or value.text.strip() != "*" or _unmet(row, name, given):
                continue
            everybody = "anybody with an account" if whom == "people" else "any app"
            self.maker.make(Setting, value, self.agent, name=name, text=value, meaning="open-actors",
                            gives=everybody, instead=f"Name the accounts in `{name}`, or remove it.")

    # --- a command line ------------------------------------------------------------------------

    def command(self, started: agentcli.Started, script: Value, env: dict[str, Value]) -> None:
        """The flags of an agent's command line, and variables that set its mode."""
        if started.boxed:
            self.maker.make(Containment, script.part(started.start, started.end), self.agent, type="container", enabled=True)
        place = script if started.exact else script.part(started.start, started.end)
        listed = self._listed(started, place, env)
        self._flags(started.product, place, started, listed, script)
        for name, table in started.entry.get("env", {}).items():
            value = env.get(name)
            text = started.env.get(name) or (value.text if value is not None else "")
            if text in table:
                self.maker.make(Setting, value if value is not None else script.part(started.start, started.end), self.agent,
                                name=name, text=text, instead=started.entry.get("instead", ""), **table[text])
        self._settle()
        alone, modes = started.entry.get("alone", ""), started.entry.get("env", {})
        told = listed or started.says(*started.entry.get("unless", ())) or any(name in env or name in started.env for name in modes)
        if alone and self.agent.attended is False and not self.agent.bypasses and not told:
            self._everything(script.part(started.start, started.end), alone)
        for match in _FETCHED.finditer(script.text, started.start, started.end):
            self.maker.make(Setting, script.part(match.start(1), match.end(1)), self.agent, name="prompt", text=match.group(1),
                            meaning="prompt-fetched")
        line = script.text[started.start:started.end]
        for start, end, name in stranger_texts(line, self.strange):
            place = script.part(started.start + start, started.start + end)
            self._path(place, name, "the script" if reaches(self.start) else "the command line", "the script that starts")

    def credentials(self, script: Value) -> None:
        """Credentials of a known form in a script that starts the agent, or stands beside it; a name alone says too little there."""
        from overgrant.dialect.grammar.common import secret

        self.maker.grammar([fields for fields in secret(script, self.maker.context)
                            if fields["confidence"] == "high" or fields["provider"] != "generic"], "secret", script, self.agent)

    def _listed(self, started: agentcli.Started, place: Value, env: dict[str, Value]) -> list[dict[str, Any]]:
        """The commands that a variable bounds the agent to, where its program reads one."""
        name = started.entry.get("listed", "")
        if name in env and started.env.get(name, env[name].text) == env[name].text:
            return agentcli.listed(env[name].text, env[name])
        return agentcli.listed(started.env.get(name, ""), place)

    def _flags(self, product: str, value: Value, started: agentcli.Started | None = None,
               listed: Sequence[dict[str, Any]] = (), script: Value | None = None) -> None:
        found = started.words if started is not None else agentcli.words(value.text)
        exact = started is None or started.exact
        if product not in agentcli.known():
            return
        if started is None and len(value.text) > agentcli.MAX_CHARS:
            self.maker.make(Unread, value, self.agent, type="odd", power=True,
                            what=f"only the first {agentcli.MAX_CHARS} characters of these flags are read")
        said = agentcli.facts(product, found, value, exact=exact)
        if script is not None and started is not None:  # a flag that a variable holds stands where the variable is set
            line = script.text[started.start:started.end]
            said = [{**fields, "@value": script.part(*started.written[name])}
                    if (name := fields.get("name", "")) in started.written and name not in line else fields for fields in said]
        if listed:  # the commands are bounded, and what it edits is a copy made for the run
            said = [fields for fields in said if fields.get("meaning") != "approvals-off"]
        self._facts([*said, *listed], value)
        for option, reader in (("--mcp-config", self._servers), ("--settings", self._project)):
            for word in agentcli.after(found, option):
                at = value.text.find(word.text, word.start, word.end) if exact else -1
                if at >= 0:
                    reader(value.part(at, at + len(word.text)))
        self._settle()

    def _facts(self, found: list[dict[str, Any]], value: Value) -> None:
        self.maker.grammar(found, "setting", value, self.agent)

    def _settle(self) -> None:
        """Waived approvals are every power that the product has."""
        for fact in self.maker.reading.facts:
            if isinstance(fact, Setting) and fact.owner is self.agent and fact.meaning in ("approvals-off", "sandbox-off"):
                if not self.agent.bypasses and fact.value is not None:
                    self._everything(fact.value, fact.gives)
                self.agent.bypasses = True

    # --- what comes in -------------------------------------------------------------------------

    def prompt(self, value: Value, way: str) -> None:
        """Words of strangers in a text that the model reads."""
        for start, end, name in stranger_texts(value.text, self.strange):
            self._path(value.part(start, end), name, way)
        for start, end, name in input_texts(value.text):
            self._path(value.part(start, end), name, "input")
        if way == "prompt" and ("curl" in value.text or "wget" in value.text):
            self._orders(value)

    def _orders(self, value: Value) -> None:
        """Commands in a prompt that run what they download: in backticks, or on a line of their own."""
        from overgrant.dialect.grammar.download import downloads_and_runs

        for match in _SHOWN.finditer(value.text[:MAX_PROMPT]):
            start = match.start(match.lastindex or 0)
            before = value.text[max(value.text.rfind("\n", 0, max(start - 2, 0)), start - 200, 0):start].lower()
            if any(word in before for word in _NO):
                continue
            for found in downloads_and_runs(match.group(match.lastindex or 0))[:5]:
                self.maker.make(Setting, value.part(start + found.start, start + found.end), self.agent, name="prompt",
                                meaning="download-and-run", gives="its own prompt tells it to")

    def _path(self, value: Value, name: str, way: str, sink: str = "") -> None:
        self.maker.make(Flow, value, self.agent, source=name, way=way, gated=self.start.gate,
                        sink=sink if way == "the script" else "")


def _lines(value: Value) -> list[dict[str, Any]]:
    """An older tool list: separated by commas or lines."""
    return agentcli.tools(value.text, "claude", value)
