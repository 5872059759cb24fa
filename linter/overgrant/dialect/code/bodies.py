"""Dialects: what bodies of tools do beside what their callers choose: rewrite rules, start agents, trust anybody."""

from __future__ import annotations

import ast
import shlex
from typing import TYPE_CHECKING, Any

from overgrant.dialect.code.sinks import Sink
from overgrant.dialect.code.values import UNKNOWN, Item, fold
from overgrant.model import Agent, Grant, Setting
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.code.facts import Facts

_WORD = "$ARGUMENT"
_WRITES = ("fs.write", "fs.delete")


def consequences(facts: Facts, sinks: list[Sink], owner: Agent, *, asked: bool) -> None:
    """State what the sinks of one tool do by themselves."""
    for sink in sinks:
        if sink.insecure is not None:
            _unverified(facts, sink, owner)
        if sink.target is None or sink.asked or asked:
            continue
        if sink.form in ("open", "path") and sink.capability in _WRITES:
            _rewrites(facts, sink, owner)
        elif sink.form in ("command", "shell"):
            _starts(facts, sink, owner)


def _unverified(facts: Facts, sink: Sink, owner: Agent) -> None:
    item = sink.insecure
    assert item is not None
    fact = facts.maker.make(Setting, item.file.code.place(item.node, False), owner)
    fact.name, fact.text, fact.meaning, fact.state = ast.unparse(sink.node.func), "False", "tls-off", "effective"
    fact.gives = "anybody on the way may answer in the server's place, and what they write reaches the model"
    fact.instead, fact.where = "Remove the argument", f"{owner.where}.verify"


def _rewrites(facts: Facts, sink: Sink, owner: Agent) -> None:
    """A file that governs an agent, or the code itself, is written by a path that stands in the code."""
    from overgrant.dialect.grammar.paths import touched
    from overgrant.scope import path_glob

    item = sink.target
    assert item is not None
    path = fold(item.node, item.scope)
    own = path is UNKNOWN and _is_own_file(item)
    if not own and (not isinstance(path, str) or not path or len(path) > 200):
        return
    scope = None if own else path_glob(path, base=".", directory=False)
    touches = ("control:its own code",) if scope is None else tuple(
        f"{each.kind}:{each.what}" for each in touched(scope, held=False) if each.kind == "control")
    if not touches:
        return
    grant = facts.maker.make(Grant, item.file.code.place(item.node, path if isinstance(path, str) else None), owner)
    grant.capability, grant.tool, grant.decision, grant.breadth = "fs.write", ast.unparse(sink.node.func), "allow", "exact"
    grant.text = f"{grant.tool}(…)"
    grant.touches, grant.scope = touches, scope
    grant.witness = path if isinstance(path, str) else item.file.path
    grant.where = f"{owner.where}.{grant.witness}"


def _is_own_file(item: Item) -> bool:
    """`__file__` itself, perhaps through `Path(…)` and `.resolve()`; not a path that is made from it."""
    node = item.node
    while isinstance(node, (ast.Call, ast.Attribute)):
        if isinstance(node, ast.Attribute):
            if node.attr not in ("resolve", "absolute"):
                return False
            node = node.value
        elif isinstance(node.func, ast.Attribute) and not node.args:
            node = node.func
        else:
            node = node.args[0] if len(node.args) == 1 else None
    return isinstance(node, ast.Name) and node.id == "__file__"


def _starts(facts: Facts, sink: Sink, owner: Agent) -> None:
    """An agent that a tool starts by its command line."""
    from overgrant.dialect.grammar import agentcli

    item = sink.target
    assert item is not None
    line = command_line(item)
    if not line or item.file is not facts.file or not agentcli.mentions(line):
        return
    from overgrant.dialect.launcher import Line, launch

    span = item.file.code.place(item.node).span
    value = Value(item.file.code.source, "str", line, raw=line, locate=lambda: ((span.start, span.end), None))
    for started in agentcli.find(line):
        launch(facts.maker, Line(value, owner.name, False), started)


def command_line(item: Item) -> str:
    """The command line of a list of words or a text, with a stand-in for what is not known; empty where its start is not."""
    node, scope = item.node, item.scope
    if isinstance(node, (ast.List, ast.Tuple)):
        words = [_word(each, scope) for each in node.elts[:100]]
        return " ".join(words) if words and not words[0].startswith(_WORD) else ""
    if isinstance(node, ast.JoinedStr):
        parts = [fold(each.value if isinstance(each, ast.FormattedValue) else each, scope) for each in node.values]
        text = "".join(part if isinstance(part, str) else _WORD for part in parts)
        return "" if text.startswith(_WORD) else text
    text = fold(node, scope)
    if isinstance(text, list):
        return shlex.join(map(str, text))
    return text if isinstance(text, str) else ""


def _word(node: Any, scope: Any) -> str:
    value = fold(node, scope)
    return shlex.quote(value) if isinstance(value, str) else _WORD
