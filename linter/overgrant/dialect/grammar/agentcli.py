"""Command lines that start an agent: which agent, and what its flags allow, waive and bound.

What a flag means is data (`knowledge/agents-cli.yaml`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from overgrant.dialect.grammar import whole
from overgrant.dialect.grammar.word import Word, word_of
from overgrant.pattern import later
from overgrant.read.knowledge import load
from overgrant.text import Source
from overgrant.value import Value

Fields = dict[str, Any]
_NOWHERE = Value(Source("", b""), "str", "")
MAX_WORDS = 4000
MAX_STARTED = 100  # in one script
MAX_CHARS = 16 * 1024  # of one text of flags
_WORD = later(r"""(?:[^\s'"\\]|'[^']*'|"(?:[^"\\]|\\.)*"|\\.|['"\\])+""", re.DOTALL)
_QUOTED = later(r'"(?:[^"\\]|\\.)*"')
HOLDS = later(r"\$\{?(\w+)(?:\[[@*]\])?\}?|\$\((\w+)\)")
MAX_VARIABLES = 1000
MAX_IN_LINE = 50  # commands of a line that a variable holds
_CALL = later(r"([\w.-]+)(?:\((.*)\))?", re.DOTALL)
_SHELLS = ("shell", "run_shell_command", "ShellTool", "Bash", "bash")
_EDITS = ("write", "write_file", "replace", "WriteFileTool", "EditTool", "Edit", "Write")


class Started(NamedTuple):
    """A command that starts an agent.

    product  slug
    words    the words after the program
    start    offset of the command in the text it was found in, `end` where it ends
    exact    the offsets of `words` count in that text
    env      variables set before it
    boxed    it runs in a container that the command makes
    endless  it stands in a loop that nothing ends
    wrappers what stands before the program: `timeout`, `sudo`, `env`
    written  where the script writes the flags that it holds in variables
    """

    product: str
    words: list[Word]
    start: int
    end: int
    exact: bool
    env: dict[str, str]
    boxed: bool = False
    endless: bool = False
    wrappers: tuple[str, ...] = ()
    written: Mapping[str, tuple[int, int]] = {}

    @property
    def entry(self) -> Fields:
        return known()[self.product]

    @property
    def headless(self) -> bool:
        """It runs without a person to ask."""
        return any(name in _options(self.words) or (not name.startswith("-") and self.words and self.words[0].text == name)
                   for name in self.entry.get("headless", ()))

    def says(self, *flags: str) -> bool:
        """One of these flags stands there; one with its value is two words."""
        line = f" {' '.join(word.text for word in self.words)} "
        return any(f" {flag} " in line for flag in flags)


def known() -> dict[str, Fields]:
    """The agents' programs, by product."""
    return dict(load("agents-cli")["agents"])


def words(text: str) -> list[Word]:
    """The words of a text of flags, over several lines; lines that begin with `#` are comments. A JSON list of words will do."""
    found: list[Word] = []
    if text.lstrip().startswith("["):
        return [word_of(match.group(), match.start()) for match in _QUOTED.finditer(text[:MAX_CHARS])][:MAX_WORDS]
    for match in _WORD.finditer(text[:MAX_CHARS]):
        if len(found) >= MAX_WORDS:
            break
        line = text[text.rfind("\n", 0, match.start()) + 1:match.start() + 1].lstrip()
        if not line.startswith("#") and match.group() != "\\":
            found.append(word_of(match.group(), match.start()))
    return found


def own_variable(name: str) -> bool:
    """A variable that one agent's program reads, and that says nothing about the others."""
    return any(name in entry.get("env", {}) for entry in known().values())


def mentions(text: str) -> bool:
    """Whether a text may start an agent at all; cheap."""
    return any(head in text for entry in known().values() for head in (*entry["heads"], *entry.get("shared", ()), *entry.get("packages", ())))


def mentions_by_name(text: str) -> bool:
    """Whether a path or an address names an agent's program."""
    low = text.lower()
    return any(len(head) > 3 and head in low for entry in known().values() for head in entry["heads"])


def find(text: str, variables: Mapping[str, str] | None = None) -> Iterator[Started]:
    """The agents that a script starts.

    variables  what variables hold that the script gets from outside; those that it sets itself are seen
    """
    from overgrant.dialect.grammar.held import MAX_HELD, lines_behind, remember
    from overgrant.dialect.grammar.launch import understand
    from overgrant.dialect.grammar.shell import parse

    if not mentions(text):
        return
    found: list[Started] = []
    known_values, spent = dict(variables or {}), 0
    written: dict[str, tuple[int, int]] = {}
    for simple in parse(text).commands:
        if len(found) >= MAX_STARTED:
            break
        remember(text, simple, known_values, written)
        started = _started(text, simple, understand(simple), known_values)
        if started is None and spent < MAX_HELD and (lines := lines_behind(simple, known_values)):
            spent += sum(map(len, lines))
            started = _in_lines(lines, simple, known_values)
        if started is not None:
            found.append(started._replace(written=dict(written)) if written else started)
    # `eval "$(agent)"` is seen as a command and in the substitution, which has the places
    for each in found:
        if each.exact or not any(other.exact and each.start < other.start and other.end <= each.end for other in found):
            yield each


def _in_lines(lines: list[str], simple: Any, values: Mapping[str, str]) -> Started | None:
    """The first agent that one of the lines starts, at the place of the command that runs them."""
    from overgrant.dialect.grammar.launch import understand
    from overgrant.dialect.grammar.shell import parse

    for line in lines:
        for each in parse(line).commands[:MAX_IN_LINE]:
            started = _started("", each, understand(each), values)
            if started is not None:
                return started._replace(start=simple.start, end=simple.end, exact=False, endless=simple.endless)
    return None


def _expanded(found: list[Word], values: Mapping[str, str]) -> list[Word]:
    """The words with those replaced that are a variable whose value is known."""
    out: list[Word] = []
    for word in found[:MAX_WORDS]:
        match = HOLDS.fullmatch(word.text)
        value = values.get(match.group(1) or match.group(2)) if match is not None else None
        inner = value[1:-1] if value is not None and value.startswith("(") and value.endswith(")") else value
        out += [word] if inner is None else [each._replace(start=word.start, end=word.end) for each in words(inner[:MAX_CHARS])]
    return out[:MAX_WORDS]


def _started(text: str, simple: Any, outer: Any, values: Mapping[str, str]) -> Started | None:
    from overgrant.dialect.grammar.launch import every

    boxed = False
    for process in every(outer):
        boxed = boxed or process.container is not None and _holds(process.container)
        product = _product(process)
        if not product or process.wrappers[-1:] == ["command"] and {"-v", "-V"} & set(process.flags):
            continue
        after = list(process.argv[1:])
        if process.package is not None and process.head not in (*known()[product]["heads"], *known()[product].get("shared", ())):
            after = list(process.rest)
            at = next((i for i, word in enumerate(after) if process.package.name in word.text), -1)
            after = after[at + 1:]
        exact = all(text[word.start:word.end] == word.raw for word in after)  # what a variable holds stands where it is named
        after = _expanded(after, values) if values else after
        entry = known()[product]
        first = after[0].text if after else ""
        if first in entry.get("idle", ()) or entry.get("only") and first not in entry["only"]:
            return None
        if any(word.text in ("--version", "--help", "-h", "-v") for word in after):
            return None
        before = {name: values[name] for name in (entry.get("listed", ""),) if name in values}
        return Started(product, after, simple.start, simple.end, exact,
                       {**before, **{name: word.text for name, word in simple.assignments}, **process.env}, boxed, simple.endless,
                       tuple(process.wrappers))
    return None


def _holds(box: Any) -> bool:
    """A container that gives away neither the machine nor its own walls."""
    return not (box.privileged or box.sockets or box.pid == "host" or any(mount.host.rstrip("/") in ("", "~", "$HOME")
                                                                        for mount in box.mounts))


def unchecked(line: str) -> Iterator[tuple[str, str, str]]:
    """The agents that a line starts with their approvals or their sandbox off: product, the flag, and what it gives."""
    from overgrant.dialect.grammar.launch import every, understand_line

    if not mentions(line) and not any(package in line for entry in known().values() for package in entry.get("always", ())):
        return
    for outer in understand_line(line):
        for process in every(outer):
            always = next((product for product, entry in known().items() if process.package is not None
                           and process.package.name in entry.get("always", ())), "")
            if always and process.package is not None:
                yield always, process.package.name, next(iter(known()[always]["bypass"].values()))
                return
            product = _product(process)
            if not product:
                continue
            words = [word_of(word.text, 0) for word in process.argv[1:]]
            for fields in facts(product, words, _NOWHERE, exact=False):
                if fields.get("meaning") in ("approvals-off", "sandbox-off"):
                    yield product, fields["name"] if fields["name"] == fields["text"] else f"{fields['name']} {fields['text']}", fields["gives"]
                    return
            for name, table in known()[product].get("env", {}).items():
                said = table.get(process.env.get(name, ""), {})
                if said.get("meaning") in ("approvals-off", "sandbox-off"):
                    yield product, f"{name}={process.env[name]}", said["gives"]
                    return


def _product(process: Any) -> str:
    for product, entry in known().items():
        if process.head in entry["heads"] or any(word.text in entry.get("shared", {}).get(process.head, ()) for word in process.argv[1:]):
            return product
        if process.package is not None and process.package.name in entry.get("packages", ()):
            return product
    return ""


def _options(found: Sequence[Word]) -> set[str]:
    return {word.text.partition("=")[0] for word in found if word.text.startswith("-")}


def after(found: Sequence[Word], option: str) -> list[Word]:
    """The words that follow an option."""
    return [word for before, word in zip(found, found[1:], strict=False) if before.text == option]


def _held(entry: dict[str, Any], found: Sequence[Word]) -> bool:
    """An option leaves the agent tools that only look, so that a waived approval waives nothing."""
    for option, harmless in entry.get("held", {}).items():
        for word in (*after(found, option), *(each for each in found if each.text.startswith(f"{option}="))):
            names = [name.strip(" '\"") for name in word.text.removeprefix(f"{option}=").split(",")]
            if names and all(name in harmless for name in names):
                return True
    return False


def facts(product: str, found: Sequence[Word], value: Value, *, exact: bool = True) -> list[Fields]:
    """What the flags say, as field sets with `@kind` and `@value`: settings, grants and limits."""
    entry = known()[product]
    out: list[Fields] = []
    present = _options(found)
    at = 0
    while at < len(found):
        word = found[at]
        name, equals, given = word.text.partition("=")
        place = value.part(word.start, word.end) if exact else value
        at += 1
        if not name.startswith("-"):
            continue
        out += [{"@kind": "grant", "@value": place, "text": name, "tool": name, "capability": capability, "decision": "allow",
                 "scope": whole.scope_of(capability), "breadth": "all"} for capability in entry.get("opens", {}).get(name, ())]
        if name in entry.get("bypass", {}) and _held(entry, found):
            continue
        if name in entry.get("bypass", {}) and not any(each in present for each in entry.get("without", ())):
            if any(each.get("name") in entry["bypass"] for each in out):
                continue  # what is waived already
            out.append({"@kind": "setting", "@value": place, "name": name, "text": name, "meaning": "approvals-off",
                        "gives": entry["bypass"][name], "instead": entry.get("instead", "")})
            continue
        if name in entry.get("switches", {}):
            out.append({"@kind": "setting", "@value": place, "name": name, "text": name, "instead": entry.get("instead", ""),
                        **entry["switches"][name]})
            continue
        rules = next((decision for decision in ("allow", "deny") if name in entry.get(decision, {}).get("options", ())), "")
        folders = name in entry.get("dirs", ())
        takes = rules or folders or name in entry.get("values", {}) or name in (*entry.get("turns", ()), *entry.get("cost", ()))
        if not takes:
            if name in entry.get("valued", ()) and not equals:
                at += 1
            continue
        values = [(word, len(word.raw) - len(given) if equals else 0)] if equals else []
        if not equals:
            stop = at + (1 if not (folders or rules and entry[rules].get("many")) else len(found))
            while at < min(stop, len(found)) and not found[at].text.startswith("-") and not (rules and values and _is_prose(found[at])):
                values.append((found[at], 0))
                at += 1
        for each, _ in values:
            text = given if equals else each.text
            if folders:
                from overgrant.scope import path_glob

                out.append({"@kind": "grant", "@value": _inside(value, each, text) if exact else value, "text": text, "tool": name,
                            "capability": "fs.read", "scope": path_glob(text, base=".", directory=True)})
                continue
            out += _valued(entry, name, rules, text, _inside(value, each, text) if exact else value)
    return out


def _is_prose(word: Word) -> bool:
    """A sentence behind a list of tools is the prompt."""
    pieces = word.text.replace(",", " ").split()
    return len(pieces) > 1 and "(" not in word.text and not all(piece[0].isupper() or piece.startswith("mcp__") for piece in pieces)


def listed(text: str, place: Value) -> list[Fields]:
    """The commands that a variable lists as JSON, `{"allow": [glob, …]}`: all that the agent runs then. Empty when it lists none."""
    import json

    from overgrant.scope import command_glob, everything

    try:
        stated = json.loads(text[:MAX_CHARS])
    except (ValueError, RecursionError):
        return []
    globs = stated.get("allow") if isinstance(stated, dict) else None
    found: list[Fields] = []
    for glob in globs if isinstance(globs, list) else []:
        if isinstance(glob, str) and len(found) < MAX_WORDS:
            shared: Fields = {"@kind": "grant", "@value": place, "text": glob, "capability": "exec.shell", "decision": "allow"}
            wide: Fields = {"scope": everything("command"), "breadth": "all", "literal": "", "open_tail": True}
            found.append({**shared, **(wide if glob.strip() in ("*", "**") else {
                "scope": command_glob(glob, space_star_boundary=True), "literal": glob.partition("*")[0], "open_tail": glob.endswith("*")})})
    return found


def _inside(value: Value, word: Word, text: str) -> Value:
    """The text of a word without the quotes around it, where it stands in one piece."""
    at = value.text.find(text, word.start, word.end) if text else -1
    return value.part(at, at + len(text)) if at >= 0 else value.part(word.start, word.end)


def _valued(entry: Fields, name: str, rules: str, text: str, place: Value) -> list[Fields]:
    if rules:
        return [{**fields, "decision": rules} for fields in tools(text, entry[rules]["grammar"], place)]
    if name in entry.get("turns", ()) or name in entry.get("cost", ()):
        dimension = "turns" if name in entry.get("turns", ()) else "cost"
        try:
            amount: float | None = float(text)
        except ValueError:
            amount = None
        return [{"@kind": "limit", "@value": place, "dimension": dimension, "amount": amount, "name": name}]
    said = entry.get("values", {}).get(name, {}).get(text)
    if said is None:
        return []
    return [{"@kind": "setting", "@value": place, "name": name, "text": text, "instead": entry.get("instead", ""), **said}]


def tools(text: str, grammar: str, place: Value) -> list[Fields]:
    """The grants that a list of tool rules states."""
    from overgrant.dialect.grammar.claude import parse, pieces

    found: list[Fields] = []
    after = 0
    for start, end in pieces(text):
        piece = text[start:end].strip("\"'")
        if not piece:
            continue
        # quotes inside a list are gone from its text, not from its place
        at = place.text.find(piece, after)
        where = place.part(at, at + len(piece)) if at >= 0 else place
        after = max(after, at + len(piece))
        fields = parse(piece, "allow") if grammar == "claude" else call(piece)
        found.append({"@kind": "grant", "@value": where, **fields})
    return found


def call(text: str) -> Fields:
    """A rule `tool` or `tool(command prefix)` of the other agents' flags and settings."""
    from overgrant.scope import command_glob, everything, tool_glob

    match = _CALL.fullmatch(text.strip())
    name, inner = match.groups() if match is not None else (text, None)
    fields: Fields = {"text": text, "tool": name}
    if name in _SHELLS:
        command = (inner or "").strip().removesuffix(":*").removesuffix("*").strip()
        if not command:
            return {**fields, "capability": "exec.shell", "scope": everything("command"), "breadth": "all",
                    "literal": "", "open_tail": True}
        return {**fields, "capability": "exec.shell", "scope": command_glob(f"{command} *", space_star_boundary=True),
                "literal": f"{command} ", "open_tail": True}
    capability = "fs.write" if name in _EDITS else ""
    return {**fields, "capability": capability, "scope": tool_glob(name), "breadth": "exact"}
