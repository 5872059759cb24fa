"""Dialects: lists of words that code runs: who decides the program, and who names the package that is installed."""

from __future__ import annotations

import ast
from typing import Any

from overgrant.dialect.code.names import Scope, qualified
from overgrant.dialect.code.taint import NONE, Flow, Names, table
from overgrant.dialect.code.values import UNKNOWN, assigned, fold

_INLINE = ("-c", "/c", "-Command", "-e", "-lc", "-command")


def _list(node: Any, scope: Scope) -> ast.List | None:
    """A list of words that is written out, perhaps under a name, or the list that others are added to."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        held = [item.node for item in assigned(node, scope)]
        node = held[0] if held else node
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        node = node.left
    return node if isinstance(node, ast.List) and node.elts else None


def program(node: Any, flow: Flow, scope: Scope) -> Names:
    """The parameters that decide what a list of words runs: its first word, or what an interpreter or a remote shell is given."""
    words = _list(node, scope)
    if words is None or (first := flow.lead(words)):
        return flow.lead(node) if words is None else first
    head = fold(words.elts[0], scope)
    name = head.rsplit("/", 1)[-1].lower() if isinstance(head, str) else ""
    inline = any(fold(each, scope) in _INLINE for each in words.elts[1:4])
    if name in table()["remote-shells"] or inline and name in table()["interpreters"]:
        return flow.mix(words)
    return flow.mix(words) if inline and head is UNKNOWN and _python(words.elts[0], scope) else NONE


def _python(node: Any, scope: Scope) -> bool:
    return any(name == "sys.executable" for name in qualified(node, scope))


def package(node: Any, flow: Flow, scope: Scope) -> Names:
    """The parameters that name a package in a command line that installs or starts one."""
    words = _list(node, scope)
    if words is None:
        return NONE
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
    return program(node, flow, scope) | package(node, flow, scope) if _list(node, scope) is not None else NONE
