"""Dialects: paths in code that are less than they look: a file of a fixed name, a file that the code itself made."""

from __future__ import annotations

import ast
from typing import Any

from overgrant.dialect.code.names import Scope, qualified
from overgrant.dialect.code.params import NONE, Names
from overgrant.dialect.code.taint import Flow
from overgrant.dialect.code.values import Item, assigned, fold

_MAKERS = frozenset({"tempfile.NamedTemporaryFile", "tempfile.mkstemp", "tempfile.mkdtemp", "tempfile.TemporaryDirectory",
                     "tempfile.TemporaryFile", "tempfile.mktemp"})
_SAME = frozenset({"pathlib.Path", "builtins.str", "os.path.abspath", "os.path.realpath", "os.path.normpath", "os.path.expanduser", "os.fspath"})
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


def joined(node: Any, flow: Flow, depth: int = DEPTH) -> Names:
    """The parameters that end a path below a folder: `FOLDER / name`. An absolute name or `..` in it leads out again."""
    if depth <= 0:
        return NONE
    if isinstance(node, ast.Name):
        held = assigned(node, flow.scope)
        return joined(held[0].node, flow, depth - 1) if len(held) == 1 and held[0].scope is flow.scope else NONE
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _ending(node.right, flow)
    if isinstance(node, ast.JoinedStr) and len(node.values) > 1 and isinstance(node.values[-1], ast.FormattedValue):
        before = node.values[-2]
        ends = isinstance(before, ast.Constant) and str(before.value).endswith(("/", "\\"))
        return _ending(node.values[-1].value, flow) if ends else NONE
    if not isinstance(node, ast.Call):
        return NONE
    names = qualified(node.func, flow.scope)
    if ("os.path.join" in names or "pathlib.Path" in names) and len(node.args) > 1:
        return _ending(node.args[-1], flow)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "joinpath" and node.args:
        return _ending(node.args[-1], flow)
    if any(name in _SAME for name in names) and len(node.args) == 1:
        return joined(node.args[0], flow, depth - 1)
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("resolve", "absolute", "expanduser", "as_posix"):
        return joined(node.func.value, flow, depth - 1)
    return NONE


def _ending(node: Any, flow: Flow) -> Names:
    return flow.lead(node) if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) else NONE


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
