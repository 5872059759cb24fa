"""Dialects: paths in code that are less than they look: a file of a fixed name, a file that the code itself made."""

from __future__ import annotations

import ast
from typing import Any

from overgrant.dialect.code.names import Scope, qualified
from overgrant.dialect.code.values import Item, assigned, fold

_MAKERS = frozenset({"tempfile.NamedTemporaryFile", "tempfile.mkstemp", "tempfile.mkdtemp", "tempfile.TemporaryDirectory",
                     "tempfile.TemporaryFile", "tempfile.mktemp"})
DEPTH = 7


def fixed_name(node: Any, scope: Scope, depth: int = DEPTH) -> bool:
    """The last part of a path is written in the code: whoever chooses the folder does not choose the file."""
    if depth <= 0:
        return False
    if isinstance(node, ast.Name):
        held = assigned(node, scope)
        return bool(held) and all(fixed_name(each.node, each.scope, depth - 1) for each in held)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _is_name(node.right, scope)
    if isinstance(node, ast.Call) and node.args:
        names = qualified(node.func, scope)
        if "os.path.join" in names and len(node.args) > 1:
            return _is_name(node.args[-1], scope)
        if any(name in ("pathlib.Path", "builtins.str", "os.path.abspath", "os.path.realpath") for name in names):
            return _is_name(node.args[-1], scope) if len(node.args) > 1 else fixed_name(node.args[0], scope, depth - 1)
    return False


def _is_name(node: Any, scope: Scope) -> bool:
    value = fold(node, scope)
    return isinstance(value, str) and value.strip("/.") != ""


def temporary(item: Item | None, depth: int = DEPTH) -> bool:
    """A file or folder that the code itself made, to take it away again."""
    if item is None or depth <= 0:
        return False
    node, scope = item.node, item.scope
    if isinstance(node, ast.Call):
        return any(name in _MAKERS for name in qualified(node.func, scope)) or any(
            temporary(Item(each, scope), depth - 1) for each in node.args[:1])
    if isinstance(node, ast.Attribute):
        return temporary(Item(node.value, scope), depth - 1)
    if isinstance(node, ast.Name):
        return any(temporary(each, depth - 1) for each in assigned(node, scope)) or any(
            binding.kind in ("opaque", "with") and temporary(Item(binding.node, home), depth - 1) for binding, home in scope.find(node.id))
    return False
