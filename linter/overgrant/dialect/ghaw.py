"""Dialects: agentic workflows of gh-aw: frontmatter that is compiled to a workflow, and a prompt below it.

The agent runs in a container behind a firewall with a token that reads; what it writes goes through safe
outputs. A file without `on:` is imported by others and states the same facts.
Source: github.github.com/gh-aw/reference/frontmatter, checked 2026-11-24.
"""

from __future__ import annotations

from typing import Any

from overgrant.dialect.actions import held_secret
from overgrant.dialect.catalogue import catalogue
from overgrant.dialect.facts import Maker
from overgrant.dialect.grammar.claude import parse as rule
from overgrant.dialect.imports import Import, elsewhere, paths, stated
from overgrant.dialect.triggers import ORDER, Start, start, stranger_texts
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Agent, Containment, Delegation, Flow, Grant, Limit, Setting, Unread
from overgrant.read import read as read_text
from overgrant.read.knowledge import load
from overgrant.scope import everything
from overgrant.text import Source
from overgrant.value import Document, Value

_ALL = ("*", ":*", "**")
MAX_DEPTH = 8      # files that import each other
MAX_IMPORTS = 500  # files of one run that only an import names
_EVENTS = {"issue": "issues", "pull-request": "pull_request", "manual": "workflow_dispatch", "comment": "issue_comment"}


def read(document: Document, context: Context) -> Reading:
    """The facts of one agentic workflow."""
    maker = Maker(context)
    root = document.root
    if root is not None and root.kind == "map" and root.entries:
        Workflow(maker, root).read(document.body)
    return maker.reading


class Workflow:
    """One workflow and its one agent."""

    def __init__(self, maker: Maker, root: Value, imported: Value | None = None, depth: int = 0) -> None:
        self.maker = maker
        self.root = root
        self.depth = depth
        self.part = root.get("on") is None
        self.begins = self._start()
        stem = root.source.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        # the run is unattended, but each write is a proposal that the safe outputs bound
        self.agent = maker.make(Agent, root.get("on") or root, name=stem, product="gh-aw", type="workflow",
                                started_by=self.begins.who)
        if self.begins.value is not None:
            self.agent.at["started_by"] = self.begins.value
        if imported is not None:
            self.agent.at["imported"] = imported
        described = root.get("description")
        self.agent.purpose = described.text if described is not None else ""

    def read(self, body: Value | None) -> None:
        self._tools()
        self._network()
        self._token()
        self._outputs()
        self._limits()
        self._secrets()
        servers = self.root.get("mcp-servers")
        if servers is not None and servers.kind == "map":
            self.maker.schema(servers, "mcp-servers", self.agent)
        self._steps()
        self._imports(body)
        if self.begins.who == "anyone" and self.begins.value is not None:
            self.maker.make(Flow, self.begins.value, self.agent, source=f"`{self.begins.event}`", way="trigger",
                            suggestion="roles: [admin, maintainer, write]")
        if body is not None:
            self._body(body)

    def _own(self, key: str) -> Value | None:
        """What only a workflow says: the compiler takes it from no file that is imported."""
        return None if self.part else self.root.get(key)

    def _setting(self, value: Value, meaning: str, gives: str, instead: str, **more: Any) -> None:
        self.maker.make(Setting, value, self.agent, meaning=meaning, gives=gives, instead=instead,
                        **{"name": str(value.key), "text": value.text, **more})

    # --- who starts it -------------------------------------------------------------------------

    def _start(self) -> Start:
        """The compiled workflow looks up the actor's role, unless `roles: all` says otherwise."""
        on = self.root.get("on")
        known = load("actions")["events"]
        if on is None:
            return Start("")
        given = {item.text: item for item in on.items} if on.kind == "list" else on.entries or _shorthand(on)
        best = Start("")
        condition = self.root.get("if")
        for name, value in given.items():
            if name in ("slash_command", "command", "alias"):
                found = Start("anyone", name, value)
            elif name in ("label_command", "workflow_run"):
                # labels need the right to triage; runs for forks are refused by the compiled workflow
                found = Start("collaborators", name, value)
            elif name in known:
                found = start(_only(on, name, value), [condition.text] if condition is not None else [])
            else:
                continue
            if ORDER.index(found.who) > ORDER.index(best.who):
                best = found
        approval = on.get("manual-approval")
        if best.who == "anyone" and approval is not None:
            return Start("collaborators", best.event, best.value, f"somebody approves it for the environment `{approval.text}`")
        roles = on.get("roles") or self.root.get("roles")
        if best.who == "anyone" and (roles is None or roles.text != "all" and all(
                item.text != "all" for item in roles.items)):
            return Start("collaborators", best.event, best.value, "the workflow looks up the role of the actor")
        return best

    # --- what it may do ------------------------------------------------------------------------

    def _tools(self) -> None:
        bash = self.root.get("tools", "bash") or self.root.get("tools", "claude", "allowed", "Bash")
        if bash is not None and bash.kind == "bool" and bash.data:
            self._shell(bash, "bash: true")
        for item in bash.items if bash is not None else []:
            if item.text.strip() in _ALL:
                self._shell(item, item.text)
            elif item.kind == "str":
                self.maker.grammar([{**rule(f"Bash({item.text})", "allow"), "text": item.text}], "grant", item, self.agent)

    def _shell(self, value: Value, text: str) -> None:
        self.maker.make(Grant, value, self.agent, text=text, tool="bash", capability="exec.shell",
                        scope=everything("command"), breadth="all", literal="", open_tail=True,
                        suggestion='bash: ["npm run test"]')

    def _network(self) -> None:
        network, sandbox = self.root.get("network"), self._own("sandbox")
        hosts = list((network.get("allowed") or network).items) if network is not None else []
        open_to = next((item for item in hosts if item.text.strip() == "*"), None)
        off = next((value for value in (sandbox, sandbox.get("agent") if sandbox is not None else None,
                                        network.get("firewall") if network is not None and not self.part else None)
                    if value is not None and value.text in ("false", "disable", "disabled", "none")), None)
        box = self.maker.make(Containment, off or open_to or sandbox or network, self.agent, type="sandbox", enabled=off is None,
                              network="any" if open_to is not None else "listed",
                              hosts=tuple(item.text for item in hosts))
        if network is not None and network.kind == "map" and not network.entries:
            box.network = "none"
        if off is not None:
            self._setting(off, "sandbox-off", "the agent runs on the runner itself, with any host in reach",
                          f"Remove `{off.key}`.")

    def _token(self) -> None:
        granted = self._own("permissions")
        if granted is None:
            return
        if granted.text == "write-all":
            self.maker.make(Grant, granted, self.agent, text="write-all", tool="job token", capability="code.publish",
                            breadth="all", decision="inherit")
        table = load("actions")["token"]
        for name, value in granted.entries.items():
            if value.text == "write" and name in table:
                self.maker.make(Grant, value, self.agent, text=f"{name}: write", tool="job token",
                                capability=table[name], decision="inherit")

    def _outputs(self) -> None:
        """What leaves the sandbox, and what of it nobody looks at."""
        outputs = self.root.get("safe-outputs")
        for name, value in outputs.entries.items() if outputs is not None else ():
            merge, most = value.get("auto-merge"), value.get("max")
            if merge is not None and merge.text == "true":
                self._setting(merge, "unreviewed-merge", "its pull requests are merged as soon as the checks pass",
                              "Remove it, so that a person merges.")
            if name == "merge-pull-request" and value.kind != "bool":
                self._setting(value, "unreviewed-merge", "it merges pull requests itself",
                              "Remove it, so that a person merges.")
            if name == "threat-detection":
                off = value.get("enabled") if value.kind == "map" else value
                if off is not None and off.text == "false":
                    self._setting(off, "output-check-off", "what it writes is no longer looked at for injected orders and secrets",
                                  "Remove it.", name="threat-detection")
            guarded = value.get("protected-files") if value.kind == "map" else None
            policy = guarded.get("policy") if guarded is not None and guarded.kind == "map" else guarded
            if policy is not None and policy.text == "allowed" and value.get("allowed-files") is None:
                self._setting(policy, "guarded-files-open", "workflows, instructions of agents and lists of packages are no longer "
                              "held back", "Write `fallback-to-issue`, or name the files that it may change in `allowed-files`.",
                              name=f"{name}.protected-files")
            if most is not None and isinstance(most.data, int) and not isinstance(most.data, bool):
                endless = most.data < 0
                self.maker.make(Limit, most, self.agent, dimension="output", name=f"{name}.max", unbounded=endless,
                                disabled=endless, amount=None if endless else float(most.data))
        flows = self.root.get("tools", "github", "private-to-public-flows")
        if flows is not None and flows.text == "allow":
            self._setting(flows, "output-check-off", "what it reads in private repositories may end in public issues and logs",
                          "Remove it, or name the servers that need it.")
        strict = self._own("strict")
        if strict is not None and strict.text == "false":
            self._setting(strict, "output-check-off", "the compiler accepts secrets in the environment, write rights and open networks",
                          "Remove it, and take out what the compiler then refuses.")
        roles = self.root.get("on", "roles") or self._own("roles")
        for item in (roles.items or [roles]) if roles is not None else []:
            if item.text == "all":
                self._setting(item, "open-actors", "anybody with an account", "Name roles, such as `[admin, maintainer, write]`.",
                              name="roles")

    def _limits(self) -> None:
        for key, dimension, factor, default in (("timeout-minutes", "wall-clock", 60, 20), ("max-turns", "turns", 1, 500)):
            said = self.root.get(key) or self.root.get(key.replace("-", "_")) or (self.root.get("engine", key) if key == "max-turns" else None)
            number = said.data if said is not None and isinstance(said.data, (int, float)) else default
            limit = self.maker.make(Limit, said, self.agent, dimension=dimension, name=key, amount=float(number) * factor)
            if said is None:
                limit.explicit, limit.origin = False, f"gh-aw's default of {default}"
        credit = self.root.get("max-ai-credits")
        if credit is not None and isinstance(credit.data, (int, float)):
            off = credit.data < 0
            self.maker.make(Limit, credit, self.agent, dimension="cost", name="max-ai-credits", unbounded=off,
                            disabled=off, amount=None if off else float(credit.data))

    def _secrets(self) -> None:
        for scope in (self.root.get("env"), self.root.get("engine", "env")):
            for name, value in scope.entries.items() if scope is not None else ():
                if held := held_secret(value.text):
                    self.maker.make(Setting, value, self.agent, name=name, text=held, meaning="secret-in-job",
                                    gives=f"`{name}` is in the environment of the agent's container",
                                    instead="Hand it to a tool server or to a step that needs it.")

    def _imports(self, body: Value | None) -> None:
        """Other files whose facts are this workflow's too; which of them count is decided in `power/flow`."""
        for each in stated(self.root, body):
            if each.words and each.text.startswith(("https://", "http://")):
                self._setting(each.place, "prompt-fetched", "each run reads its orders anew from there", "Copy the text into `.github/`, "
                              "and import the copy.", name="runtime-import", text=each.text)
            else:
                self._import(each)

    def _import(self, each: Import) -> None:
        context = self.maker.context
        there = next(((path, data) for path in paths(each, context) if (data := self.maker.look(path)) is not None), None)
        if there is not None and each.words:
            return
        if there is not None:
            self.maker.make(Delegation, each.place, self.agent, to=there[0], way="import", remote=False)
            self._beyond(each, *there)
        elif elsewhere(each.text):
            self._unread(each, f"the import `{each.text}` is another repository's")
        elif not each.optional:
            self._unread(each, f"the import `{each.text}` is not in the tree")

    def _unread(self, each: Import, what: str) -> None:
        self.maker.make(Unread, each.place, self.agent, type="import", what=what,
                        why="" if each.words else "what it adds to the tools and rights of the workflow is not known")

    def _beyond(self, each: Import, path: str, data: bytes) -> None:
        """Read a file that nothing but this import says what it is."""
        context = self.maker.context
        seen = context.memo.setdefault("gh-aw imports", set())
        assert isinstance(seen, set)
        known = catalogue().recognise(path, data)
        if not path.endswith(".md") or path in seen or known is not None and known[0].product in ("gh-aw", "copilot"):
            return
        seen.add(path)
        if self.depth >= MAX_DEPTH or len(seen) > MAX_IMPORTS:
            self._unread(each, f"the import `{each.text}` stands below too many others")
            return
        document = read_text(Source(path, data), "markdown")
        if document.root is not None and document.root.kind == "map":
            Workflow(self.maker, document.root, each.place, self.depth + 1).read(document.body)

    # --- text ----------------------------------------------------------------------------------

    def _steps(self) -> None:
        from overgrant.dialect.grammar.download import downloads_and_runs

        lists = [self.root.get(key) for key in ("steps", "pre-steps", "pre-agent-steps", "post-steps")]
        lists.append(self.root.get("on", "steps"))
        jobs = self._own("jobs")
        lists += [job.get("steps") for job in jobs.entries.values()] if jobs is not None else []
        for steps in lists:
            for step in steps.items if steps is not None else []:
                run = step.get("run")
                for found in downloads_and_runs(run.text)[:5] if run is not None else []:
                    assert run is not None
                    self.maker.make(Setting, run.part(found.start, found.end), self.agent, name="run",
                                    meaning="step-downloads")

    def _body(self, body: Value) -> None:
        for begin, end, name in stranger_texts(body.text):
            self.maker.make(Flow, body.part(begin, end), self.agent, source=name, way="prompt", gated=self.begins.gate)
        from overgrant.dialect.grammar.told import orders

        for fields in orders(body, self.maker.context):
            if fields["meaning"] == "told-to-download":
                fields = {**fields, "name": "prompt", "meaning": "download-and-run", "gives": "its own text tells it to"}
            self.maker.grammar([fields], "setting", body, self.agent)


def _shorthand(on: Value) -> dict[str, Value]:
    """`daily`, `issue labeled bug`, `push`: an event in a few words; those of a clock can be dispatched too."""
    words = on.text.split()
    name = words[0] if words else ""
    if len(words) > 1 and words[1] == "labeled":
        return {"label_command": on}
    if name in load("actions")["events"]:
        return {name: on}
    return {_EVENTS.get(name, "workflow_dispatch"): on}


def _only(on: Value, name: str, value: Value) -> Value:
    """An `on:` with one event."""
    if on.kind != "map":
        return value
    return Value(on.source, "map", {name: value}, parent=on.parent, key=on.key)
