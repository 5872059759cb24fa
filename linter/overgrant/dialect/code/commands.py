"""Dialects: lists of words that code runs: who decides the program, and who names the package that is installed."""

from __future__ import annotations

import ast
from typing import Any

from overgrant.dialect.code.names import Scope, dotted, qualified
from overgrant.dialect.code.params import NONE, Names, table
from overgrant.dialect.code.taint import Flow
from overgrant.dialect.code.values import UNKNOWN, assigned, fold

_INLINE = ("-c", "/c", "-Command", "-e", "-lc", "-command")


def _lists(node: Any, scope: Scope, depth: int = 4) -> list[ast.List]:
    """The lists of words that an expression may be: written out, under a name, in two branches, or what others are added to."""
    if depth <= 0:
        return []
    if isinstance(node, (ast.Name, ast.Attribute)):
        return [each for item in assigned(node, scope)[:4] for each in _lists(item.node, item.scope, depth - 1)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _lists(node.left, scope, depth - 1)
    if isinstance(node, ast.IfExp):
        return _lists(node.body, scope, depth - 1) + _lists(node.orelse, scope, depth - 1)
    return [node] if isinstance(node, ast.List) and node.elts else []


def program(node: Any, flow: Flow, scope: Scope) -> Names:
    """The parameters that decide what a list of words runs: its first word, what an interpreter or a remote shell is given,
    or what was written into the file that an interpreter runs."""
    held = _lists(node, scope)
    found = NONE if held else flow.lead(node)
    for words in held:
        found |= flow.lead(words) or _inner(words, flow, scope)
    return found


def _inner(words: ast.List, flow: Flow, scope: Scope) -> Names:
    head = fold(words.elts[0], scope)
    name = head.rsplit("/", 1)[-1].lower() if isinstance(head, str) else ""
    interpreter = name in table()["interpreters"] or head is UNKNOWN and _interpreter(words.elts[0], scope)
    inline = any(fold(each, scope) in _INLINE for each in words.elts[1:4])
    if name in table()["remote-shells"] or inline and interpreter:
        return flow.mix(words)
    found = NONE
    for word in words.elts[1:] if interpreter else ():
        found |= flow.written(word)
    return found


def _interpreter(node: Any, scope: Scope) -> bool:
    """What is only known when the code runs is an interpreter by its name."""
    last = (dotted(node) or [""])[-1].lower()
    return any(word in last for word in ("shell", "python", "bash", "interpreter")) or any(
        name == "sys.executable" for name in qualified(node, scope))


def package(node: Any, flow: Flow, scope: Scope) -> Names:
    """The parameters that name a package in a command line that installs or starts one."""
    held = _lists(node, scope)
    if not held:
        return NONE
    words = held[0]
    texts = [fold(each, scope) for each in words.elts[:5]]
    line = [text.rsplit("/", 1)[-1] if isinstance(text, str) else "" for text in texts]
    if not line[0] and line[1:2] == ["-m"]:
        line[0] = "python"  # `sys.executable`, or that of some environment
    for each in table()["installers"]:
        head = each.split()
        if line[:len(head)] == head:
            found = NONE
            for word in words.elts[len(head):]:
                found |= flow.lead(word)
            return found
    return NONE


def passed_on(node: Any, flow: Flow, scope: Scope) -> Names:
    """What decides the program of a list that another function runs: `run(["bash", "-c", command])`."""
    return program(node, flow, scope) | package(node, flow, scope) if _lists(node, scope) else NONE
