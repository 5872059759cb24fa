"""Dialects: the parameters of a tool through which its caller's words come in."""

from __future__ import annotations

import ast
from functools import cache
from typing import Any

from overgrant.dialect.code.bindings import Function
from overgrant.dialect.code.names import Scope, dotted
from overgrant.dialect.code.values import Item, definition, fold

Names = frozenset[str]
NONE: Names = frozenset()


@cache
def table() -> dict[str, Any]:
    """`knowledge/sinks.yaml`."""
    from overgrant.read.knowledge import load

    found: dict[str, Any] = load("sinks")
    return found


@cache
def _word_set(key: str) -> frozenset[str]:
    return frozenset(table()[key])


def parameters(function: Function) -> list[str]:
    """The names of the parameters that a caller fills."""
    args = function.args
    return [arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs) if not _filled(arg)]


def _filled(arg: ast.arg) -> bool:
    """The framework gives it: by its name, or by its type under a usual name, which text never is."""
    return arg.arg in _word_set("filled") or arg.arg in _word_set("filled-by-type") and not _text(arg.annotation)


def _text(node: Any, depth: int = 4) -> bool:
    """An annotation that says text and nothing else."""
    if isinstance(node, ast.BinOp) and depth > 0:
        return _text(node.left, depth - 1) or _text(node.right, depth - 1)
    if isinstance(node, ast.Subscript) and depth > 0:
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        injected = any((dotted(getattr(each, "func", each)) or [""])[-1] in _word_set("closed-types") for each in inner[1:])
        return (dotted(node.value) or [""])[-1] in ("Optional", "Annotated") and not injected and _text(inner[0], depth - 1)
    return isinstance(node, ast.Name) and node.id == "str" or isinstance(node, ast.Constant) and node.value == "str"


def free_parameters(function: Function, scope: Scope) -> list[str]:
    """The parameters through which free text comes in: no numbers, closed words, or what the framework fills in."""
    found = []
    args = function.args
    for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs):
        if _filled(arg):
            continue
        if arg.annotation is None or _open(arg.annotation, scope):
            found.append(arg.arg)
    return found


def _open(node: Any, scope: Scope, depth: int = 6) -> bool:
    """An annotation that lets free text through."""
    if depth <= 0:
        return False
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.value.split("[")[0].strip().lower() in ("str", "list", "dict", "any", "optional")
    if isinstance(node, ast.BinOp):
        return _open(node.left, scope, depth - 1) or _open(node.right, scope, depth - 1)
    name = (dotted(node) or [""])[-1]
    if isinstance(node, ast.Subscript):
        inner = node.slice
        if name == "Annotated" and isinstance(inner, ast.Tuple) and inner.elts:
            limited = any(_limits(word, scope) for call in inner.elts[1:] for word in getattr(call, "keywords", ()))
            injected = any((dotted(getattr(each, "func", each)) or [""])[-1] in _word_set("closed-types") for each in inner.elts[1:])
            return not limited and not injected and _open(inner.elts[0], scope, depth - 1)
        if name in ("Optional", "Union", "List", "list", "Sequence", "Iterable", "Tuple", "tuple", "Set", "set"):
            return any(_open(each, scope, depth - 1) for each in (inner.elts if isinstance(inner, ast.Tuple) else [inner]))
        return name in ("Dict", "dict", "Mapping")
    return name in ("str", "Any", "dict", "list", "Dict", "List", "object", "Path", "AnyStr", "AnyUrl", "Text", "LiteralString") or (
        name in _word_set("open-types") or name not in _word_set("closed-types") and _schema(node, scope, depth - 1))


def _schema(node: Any, scope: Scope, depth: int) -> bool:
    """A class of the tree that describes what a caller fills in, and has a field for free text."""
    found = definition(node, scope)
    if found is None or not isinstance(found[0].node, ast.ClassDef):
        return False
    owner = found[0].node
    made = {(dotted(getattr(each, "func", each)) or [""])[-1] for each in owner.decorator_list}
    bases = {(dotted(base) or [""])[-1] for base in owner.bases}
    if made.isdisjoint(("dataclass", "define", "frozen")) and bases.isdisjoint(("BaseModel", "TypedDict", "NamedTuple", "SQLModel", "BaseIOSchema")):
        return any(_schema(base, found[1], depth - 1) for base in owner.bases) if depth > 0 else False
    inner = found[1].below(owner)
    return any(isinstance(field, ast.AnnAssign) and _open(field.annotation, inner, depth - 1) and not any(
        _limits(word, inner) for word in getattr(field.value, "keywords", ())) for field in owner.body)


def closed_fields(item: Item | None) -> Names:
    """The fields of a schema class through which no free text comes in: numbers, closed words, anchored patterns."""
    found = definition(item.node, item.scope) if item is not None else None
    if found is None or not isinstance(found[0].node, ast.ClassDef):
        return NONE
    scope = found[1].below(found[0].node)
    return frozenset(
        field.target.id for field in found[0].node.body if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        and (not _open(field.annotation, scope) or any(_limits(word, scope) for word in getattr(field.value, "keywords", ()))))


def _limits(word: ast.keyword, scope: Scope) -> bool:
    """`pattern="^[a-z]+$"` closes a text; a pattern that may match anywhere in it does not."""
    if word.arg == "enum":
        return True
    if word.arg not in ("pattern", "regex"):
        return False
    pattern = fold(word.value, scope)
    return not isinstance(pattern, str) or (pattern.startswith("^") and pattern.endswith("$"))
