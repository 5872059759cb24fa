"""Dialects: configuration that code loads from a YAML, JSON or TOML file of the tree, as the expression that it is worth."""

from __future__ import annotations

import ast
import posixpath
from typing import Any

from overgrant.dialect.code.names import Scope, qualified

_LOADERS = {"yaml.safe_load": "yaml", "yaml.load": "yaml", "yaml.full_load": "yaml", "json.load": "json", "json.loads": "json",
            "tomllib.load": "toml", "tomllib.loads": "toml", "tomli.load": "toml", "toml.load": "toml"}
_OPENS = frozenset({"builtins.open", "io.open", "codecs.open"})
MOST_BYTES = 65_536
DEPTH = 6


def loaded(node: ast.Call, scope: Scope) -> Any:
    """The dictionary that a call loads, as a node at the place of the call; None where it is no file of the tree."""
    syntax = next((_LOADERS[name] for name in qualified(node.func, scope) if name in _LOADERS), None)
    if syntax is None or not node.args:
        return None
    name = _path(node.args[0], scope)
    data = next((found for path in _places(name, scope) if (found := scope.file.package.bytes_of(path)) is not None), None) if name else None
    if data is None or len(data) > MOST_BYTES:
        return None
    from overgrant.read import read
    from overgrant.text import Source

    document = read(Source(name, data), syntax)
    if document.root is None:
        return None
    made = _node(document.root.plain())
    for each in ast.walk(made):
        ast.copy_location(each, node)
    return made


def _node(value: object, depth: int = 20) -> Any:
    if isinstance(value, dict) and depth > 0:
        return ast.Dict(keys=[ast.Constant(str(key)) for key in value], values=[_node(each, depth - 1) for each in value.values()])
    if isinstance(value, list) and depth > 0:
        return ast.List(elts=[_node(each, depth - 1) for each in value], ctx=ast.Load())
    return ast.Constant(value if isinstance(value, (str, int, float)) else None)


def _places(name: str, scope: Scope) -> list[str]:
    """Where a file may lie that code opens by a relative path: beside the module, and below each folder above it."""
    folders = scope.file.folder.split("/") if scope.file.folder else []
    bases = ["/".join(folders[:count]) for count in range(len(folders), -1, -1)]
    return [posixpath.normpath(posixpath.join(base, name)) for base in bases]


def _path(node: Any, scope: Scope, depth: int = DEPTH) -> str:
    """The path of the file that an expression reads; empty where it is not known."""
    from overgrant.dialect.code.values import assigned, fold

    if depth <= 0:
        return ""
    if isinstance(node, ast.Name):
        held = assigned(node, scope)
        return _path(held[0].node, held[0].scope, depth - 1) if len(held) == 1 else ""
    if isinstance(node, ast.Call):
        if node.args and any(name in _OPENS for name in qualified(node.func, scope)):
            return _path(node.args[0], scope, depth - 1)
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("read_text", "read_bytes", "open", "read"):
            return _path(node.func.value, scope, depth - 1)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and any(
            isinstance(each, ast.Name) and each.id == "__file__" for each in ast.walk(node.left)):
        return _path(node.right, scope, depth - 1)
    value = fold(node, scope)
    return value if isinstance(value, str) and value and not value.startswith(("/", "~")) and len(value) < 300 else ""
