"""Dialects: agents without a bound that run where nobody watches: in handlers, tasks, jobs, loops over messages, pipelines.

It is looked for only when an agent has no bound: then it matters. Nothing is said of an agent that somebody starts by
hand, and of one whose starts cannot be seen.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from overgrant.dialect.code.arguments import Arguments
from overgrant.dialect.code.names import FUNCTIONS, File, Scope, qualified
from overgrant.dialect.code.says import given
from overgrant.dialect.code.values import assigned, definition, fold
from overgrant.model import Agent, Fact, Limit
from overgrant.read.python import below
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.code.package import Package

MOST = 24  # modules that import one with an agent
DEPTH = 3  # calls from a handler to what runs the agent


def apply(facts: list[Fact], files: Mapping[str, bytes | None], memo: dict[str, object]) -> None:
    """Say of agents in code without a bound that nobody watches them, and where that is shown."""
    waiting = {fact.owner.key: fact.owner for fact in facts if isinstance(fact, Limit) and fact.unbounded and fact.origin == "default"
               and isinstance(fact.owner, Agent) and fact.owner.attended is None and fact.owner.key is not None}
    if not waiting:
        return
    from overgrant.dialect.code.package import package_of

    package = package_of(files, memo)
    homes = sorted({key[0] for key in waiting})
    for path in dict.fromkeys((*homes, *_importers(homes, files))):
        if _marked(files.get(path) or b"") and (file := package.file(path)) is not None:
            for key, place in _watched(file):
                _say(waiting.get(key), place)
    for path, place in _started(homes, files, package):
        for key, agent in waiting.items():
            if key[0] == path:
                _say(agent, place)
    for path in homes:
        if (file := package.file(path)) is not None:
            package.done(file)


def _say(agent: Agent | None, place: Value) -> None:
    if agent is not None and agent.attended is None:
        agent.attended, agent.at["attended"] = False, place


def _importers(homes: list[str], files: Mapping[str, bytes | None]) -> list[str]:
    """The modules whose text imports one of the modules."""
    stems = {path.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2].encode() for path in homes}
    found = [path for path, data in files.items() if path.endswith(".py") and data and b"import" in data
             and any(stem in data for stem in stems)]
    return found[:MOST]


def _marked(data: bytes) -> bool:
    return any(mark in data for mark in _marks())


@cache
def _marks() -> tuple[bytes, ...]:
    data = _data()
    words = (*data["decorators"], *(f".{name}(" for name in data["registers"]), *(f"{name}(" for name in data["registers"] if name[0].isupper()),
             "while True", "while 1", *(f"{first}, {second})" for first, second in data["handlers"]), *data["consumers"])
    return tuple(word.encode() for word in words)


def _data() -> dict[str, Any]:
    from overgrant.read.knowledge import load

    return dict(load("unattended"))


# --- code that nobody watches -------------------------------------------------------------------------


def _watched(file: File) -> Iterator[tuple[tuple[str, int, int], Value]]:
    """The agents that run where nobody watches, by what identifies them, and what shows it."""
    seen: set[int] = set()
    for node, scope, place in [*_functions(file), *_loops(file)]:
        yield from ((key, place) for key in _mentioned(node, scope, seen, DEPTH))


def _functions(file: File) -> list[tuple[Any, Scope, Value]]:
    """Handlers, tasks and jobs, with what makes them such."""
    data = _data()
    found: list[tuple[Any, Scope, Value]] = []
    tree = file.code.tree
    if tree is None:
        return []
    for node in below(tree, FUNCTIONS):
        scope = file.scope_at(node)
        names = [each.arg for each in node.args.args]
        if names in data["handlers"]:
            found.append((node, scope.below(node), file.code.named(node, node.name)))
        for decorator in node.decorator_list:
            plain = decorator.func if isinstance(decorator, ast.Call) else decorator
            for name in qualified(plain, scope):
                parts = name.replace("()", "").split(".")
                if parts[-1] in (words := data["decorators"].get(parts[0], ())) or "*" in words:
                    found.append((node, scope.below(node), file.code.place(plain)))
                    break
    for name, spec in data["registers"].items():
        for call in file.calls(name, 1):
            scope = file.scope_at(call)
            item = given(Arguments(call, scope), spec)
            target = definition(item.node, item.scope) if item is not None else None
            if target is not None and isinstance(target[0].node, FUNCTIONS):
                found.append((target[0].node, target[1].below(target[0].node), file.code.place(call.func)))
    return found


def _loops(file: File) -> list[tuple[Any, Scope, Value]]:
    """Loops over messages, or that wake up by themselves, in which nobody is asked."""
    data = _data()
    tree = file.code.tree
    found: list[tuple[Any, Scope, Value]] = []
    for loop in below(tree, (ast.While, ast.For, ast.AsyncFor)) if tree is not None else ():
        calls = {_last(call.func) for call in below(loop, (ast.Call,))}
        if not calls.isdisjoint(data["asks"]):
            continue
        scope = file.scope_at(loop)
        if isinstance(loop, ast.While):
            waits = fold(loop.test, scope) in (True, 1) and not calls.isdisjoint(data["receives"])
            place = loop.test
        else:
            name = _last(loop.iter.func) if isinstance(loop.iter, ast.Call) else _last(loop.iter)
            waits = any(word in name.lower() for word in data["consumers"]) and not isinstance(loop.iter, (ast.List, ast.Tuple))
            waits = waits and _outside(loop.iter, scope)
            place = loop.iter
        if waits:
            found.append((loop, scope, file.code.place(place)))
    return found


def _outside(node: Any, scope: Scope) -> bool:
    """What a loop goes over is made by a package that is not of the tree: a consumer, not a list."""
    return any(not name.startswith((":", "builtins.")) for name in qualified(node.func if isinstance(node, ast.Call) else node, scope))


def _last(func: Any) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _mentioned(node: Any, scope: Scope, seen: set[int], depth: int) -> Iterator[tuple[str, int, int]]:
    """The constructors of what a piece of code makes or names, also through the functions that it calls."""
    if depth <= 0 or id(node) in seen:
        return
    seen.add(id(node))
    rows = node.body if isinstance(node, FUNCTIONS) else [node]
    for each in (part for row in rows for part in below(row, (ast.Call, ast.Name, ast.Attribute))):
        if isinstance(each, ast.Call):
            yield scope.file.path, each.lineno, each.col_offset
            target = definition(each.func, scope)
            if target is not None and isinstance(target[0].node, FUNCTIONS):
                yield from _mentioned(target[0].node, target[1].below(target[0].node), seen, depth - 1)
        elif isinstance(each.ctx, ast.Load):
            for held in assigned(each, scope)[:4]:
                if isinstance(held.node, ast.Call):
                    yield held.scope.file.path, held.node.lineno, held.node.col_offset


# --- pipelines ----------------------------------------------------------------------------------------


def _started(homes: list[str], files: Mapping[str, bytes | None], package: Package) -> Iterator[tuple[str, Value]]:
    """The modules that a pipeline or a table of times starts as scripts."""
    from overgrant.text import Source

    data = _data()
    places = [_compiled(each) for each in data["pipelines"]]
    for path, content in files.items():
        if not content or len(content) > 1 << 20 or b".py" not in content or not any(each.search(path) for each in places):
            continue
        text = content.decode("utf-8", "replace")
        for match in _compiled(data["starts"]).finditer(text):
            line = text[text.rfind("\n", 0, match.start()) + 1:match.start()]
            if match[1] in homes and not line.lstrip().startswith("#"):
                span = len(text[:match.start()].encode()), len(text[:match.end()].encode())
                yield match[1], Value(Source(path, content), "str", match[0], raw=match[0], locate=partial(_at, span))


def _at(span: tuple[int, int]) -> tuple[tuple[int, int], None]:
    return span, None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)
