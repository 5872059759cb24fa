"""Dialects: files that start agents: make and just recipes, package scripts, shell scripts, images, services, timers.

Only the command lines in them are read. Each agent that one starts is a principal with the flags it is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from overgrant.dialect.agentstep import AgentStep
from overgrant.dialect.answers import follow
from overgrant.dialect.facts import Maker
from overgrant.dialect.grammar import agentcli
from overgrant.dialect.triggers import Start
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Containment, Launch, Limit
from overgrant.pattern import later
from overgrant.value import Document, Value

MOST_LINES = 20_000
MOST_VALUES = 50_000
_TARGET = later(r"([A-Za-z0-9_.-]+)[^:=\n]{0,200}:(?!=)")
_VARIABLE = later(r"(?:export )?([A-Za-z_]\w*)[ \t]*[:?+]{0,2}=[ \t]*([^\n]{0,4000})")
_INSTRUCTION = later(r"\s*(?:RUN|CMD|ENTRYPOINT)\s+", re.IGNORECASE)
_MOUNTS = later(r"(?:--\w+=\S+\s+)+")
_CRON = later(r"\s*(?:@\w+|(?:[\d*/,A-Za-z-]+\s+){4}[\d*/,A-Za-z-]+)\s+")
_PROCESS = later(r"\s*command\s*=\s*|[\w-]+:[ \t]+")
_EXEC = later(r"\s*Exec(?:Start|StartPre|StartPost|Reload)\s*=\s*[-@:+!|]*")


class Line(NamedTuple):
    """A command line of a file.

    text      the value that holds it
    name      what a person would call it: the target, the script, the service
    attended  False where nobody sits in front of it; None where that is open
    """

    text: Value
    name: str
    attended: bool | None = None


def read(document: Document, context: Context) -> Reading:
    """The agents that a file starts."""
    maker = Maker(context)
    lines = _LINES[context.format](document)
    made = _makes(document) if context.format == "launch-recipes" else {}
    for line in lines:
        agents = [(started, launch(maker, line, started, contained=context.format in ("launch-docker", "launch-compose")))
                  for started in agentcli.find(line.text.text, made)]
        if agents:
            follow(maker, line.text, agents, {})
            agents[0][1].credentials(line.text)
    return maker.reading


def launch(maker: Maker, line: Line, started: agentcli.Started, *, contained: bool = False) -> AgentStep:
    """State the agent that a command line starts."""
    place = line.text.part(started.start, started.end)
    step = AgentStep(maker, started.product, line.name, place, Start(""))
    agent = step.agent
    agent.type = "command"
    agent.attended = False if started.headless else line.attended
    step.command(started, line.text, {})
    bypass = next((fact.name for fact in maker.reading.facts if fact.owner is agent and fact.kind == "setting"
                   and getattr(fact, "meaning", "") == "approvals-off" and hasattr(fact, "name")), "")
    flags = tuple(word.text for word in started.words if word.text.startswith("-"))
    bounded = any(flag in (*started.entry.get("turns", ()), *started.entry.get("cost", ())) for flag in flags)
    maker.make(Launch, place, agent, product=started.product, command=place.text, bypass=bypass, flags=flags,
               attended=agent.attended, bounded=bounded)
    if started.endless and agent.attended is False:
        maker.make(Limit, place, agent, dimension="turns", name="while", unbounded=True, origin="loop")
    if contained:
        maker.make(Containment, place, agent, type="container")
    return step


def _rows(body: Value | None) -> Iterator[tuple[int, str]]:
    """The lines of a text with their offsets; a line that ends in a backslash goes on."""
    text = body.text if body is not None else ""
    at = 0
    for number, raw in enumerate(text.split("\n")):
        if number >= MOST_LINES:
            return
        yield at, raw
        at += len(raw) + 1


def _joined(body: Value | None) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for at, raw in _rows(body):
        start = at if start is None else start
        if not raw.rstrip("\r").endswith("\\"):
            yield start, at + len(raw)
            start = None
    if start is not None and body is not None:
        yield start, len(body.text)


def _recipes(document: Document) -> Iterator[Line]:
    body, name = document.body, "recipe"
    if body is None:
        return
    for start, end in _joined(body):
        row = body.text[start:end]
        if not row[:1].isspace():
            match = _TARGET.match(row)
            name = match.group(1) if match is not None else name
            continue
        lead = len(row) - len(row.lstrip(" \t@-+"))
        yield Line(body.part(start + lead, end), name)


def _makes(document: Document) -> dict[str, str]:
    """The variables that a makefile sets."""
    found: dict[str, str] = {}
    for _, row in _rows(document.body):
        match = _VARIABLE.match(row)
        if match is not None and len(found) < agentcli.MAX_VARIABLES:
            found[match.group(1)] = match.group(2).strip()
    return found


_SHELLS = (".sh", ".bash", ".zsh", ".fish", ".ps1", ".bat", ".cmd", ".envrc")
_HOOKS = (".husky/", ".githooks/", ".git-hooks/")


def _script(document: Document) -> Iterator[Line]:
    """A script whose name says that it is one, or its first line."""
    path, body = document.source.path, document.body
    name = path.rsplit("/", 1)[-1]
    first = body.text[:200].partition("\n")[0] if body is not None else ""
    by_line = first.startswith("#!") and first.split(" -")[0].rstrip().endswith("sh")
    by_place = not first.startswith("#!") and any(folder in path for folder in _HOOKS)
    if body is not None and (name.endswith(_SHELLS) or "." not in name and (by_line or by_place)):
        yield Line(body, name)


_TABLES = ("scripts", "tasks", "processes")


def _packages(document: Document) -> Iterator[Line]:
    """Tables of commands by name, at any depth: `scripts`, `tool.poe.tasks`, `tool.hatch.envs.x.scripts`."""
    todo = [document.root] if document.root is not None else []
    for _ in range(MOST_VALUES):
        if not todo:
            return
        value = todo.pop()
        for key, held in value.entries.items():
            if key in _TABLES and held.kind == "map":
                for name, task in held.entries.items():
                    yield from _task(name, task)
            elif held.kind == "map":
                todo.append(held)


def _task(name: str, task: Value) -> Iterator[Line]:
    """One task: a command line, several, or a table that holds them."""
    said = [task.get(key) for key in _COMMANDS] if task.kind == "map" else [task]
    for each in said:
        for item in (each.items or [each]) if each is not None else ():
            if item.kind == "str":
                yield Line(item, name)
            elif item.kind == "map":
                yield from (Line(line, name) for key in _COMMANDS if (line := item.get(key)) is not None and line.kind == "str")


def _image(document: Document) -> Iterator[Line]:
    body = document.body
    if body is None:
        return
    for start, end in _joined(body):
        match = _INSTRUCTION.match(body.text, start, end)
        if match is None:
            continue
        begin = match.end()
        options = _MOUNTS.match(body.text, begin, end)
        value = body.part(options.end() if options is not None else begin, end)
        yield Line(_vector(value), "image", False)


def _vector(value: Value) -> Value:
    """A JSON list of words as the command line it stands for, with places where nothing was escaped."""
    text = value.text.strip()
    if not text.startswith("["):
        return value
    import json

    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        return value
    if not isinstance(words, list):
        return value
    return _line([str(word) for word in words], value)


def _line(words: list[str], value: Value) -> Value:
    import shlex

    line = " ".join([*words[:1], *map(shlex.quote, words[1:])] if value.kind == "str" else map(shlex.quote, words))
    span = value.span if value.kind == "str" else value.grip
    return Value(value.source, "str", line, parent=value, raw=line, locate=lambda: ((span.start, span.end), None))


def _compose(document: Document) -> Iterator[Line]:
    services = document.root.get("services") if document.root is not None else None
    for name, service in services.entries.items() if services is not None else ():
        for key in ("entrypoint", "command"):
            value = service.get(key)
            if value is not None and value.kind == "str":
                yield Line(value, name, False)
            elif value is not None and value.kind == "list":
                yield Line(_line([item.text for item in value.items], value), name, False)


def _timed(document: Document) -> Iterator[Line]:
    """Crontabs and systemd units."""
    body = document.body
    if body is None:
        return
    unit = document.source.path.rsplit("/", 1)[-1]
    for start, end in _joined(body):
        row = body.text[start:end]
        if row.lstrip().startswith(("#", ";")):
            continue
        listed = unit.startswith(("Procfile", "supervisord"))
        match = _PROCESS.match(row) if listed else _EXEC.match(row) or _CRON.match(row)
        if match is not None:
            yield Line(body.part(start + match.end(), end), unit, False)


_COMMANDS = ("run", "script", "command", "commands", "cmd", "cmds", "entry", "bash", "args", "before_script", "after_script",
             "shell", "startCommand", "buildCommand", "preDeployCommand", "dockerCommand")
_NAMES = ("name", "displayName", "label", "id", "key")


def _steps(document: Document) -> Iterator[Line]:
    """The command lines of a pipeline, a cluster's containers, tasks: texts and lists under the keys that hold them."""
    attended = None if document.source.path.rsplit("/", 1)[-1].lower().startswith((".pre", "task", "lefthook", ".lefthook")) else False
    for root in [document.root, *document.more]:
        todo = [(root, "")] if root is not None else []
        for _ in range(MOST_VALUES):
            if not todo:
                break
            value, name = todo.pop()
            if value.kind == "map":
                said = next((each.text for key in _NAMES if (each := value.get(key)) is not None and each.kind == "str"), name)
                yield from _held(value, said or str(value.key or ""), attended)
            todo += [(item, said if value.kind == "map" else name) for item in reversed([*value.entries.values(), *value.items])
                     if item.kind in ("map", "list")] if value.kind in ("map", "list") else []


def _held(value: Value, name: str, attended: bool | None) -> Iterator[Line]:
    vector = [each for key in ("command", "args") if (each := value.get(key)) is not None]
    options = value.get("runOptions")
    when = options.get("runOn") if options is not None else None
    if when is not None and when.text == "folderOpen":
        name += " at folder open"
    if vector and all(_words(each) for each in vector) and any(each.kind == "list" for each in vector):
        yield Line(_line([text for each in vector for text in _words(each)], vector[0]), name, attended)
        return
    for key in _COMMANDS:
        held = value.get(key)
        for item in (held.items or [held]) if held is not None else ():
            if item.kind == "str":
                yield Line(item, name, attended)


def _words(value: Value) -> list[str]:
    """The words of an argument vector; a list of whole command lines is none. An editor's task quotes a word in a map."""
    if value.kind == "str":
        return [value.text]
    words = [held.text for item in value.items if (held := item.get("value") or item).kind == "str"]
    return words if words and " " not in words[0] else []


_LINES = {"launch-recipes": _recipes, "launch-script": _script, "launch-packages": _packages, "launch-tables": _packages, "launch-docker": _image,
          "launch-compose": _compose, "launch-timed": _timed, "launch-pipeline": _steps, "launch-tasks": _steps,
          "launch-editor-tasks": _steps}
