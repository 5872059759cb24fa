"""Dialects: what the statements of a body bind: names, `self.x`, what is added to a list."""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

from overgrant.read.python import below

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Binding(NamedTuple):
    """One thing a name is bound to.

    kind   import (`text` is the qualified name), def, class, assign, with, augment, append, extend, param, opaque
    node   the expression or definition
    """

    kind: str
    node: Any
    text: str = ""


def parameters_of(function: Function, names: dict[str, list[Binding]]) -> None:
    args = function.args
    for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs):
        names[arg.arg] = [Binding("param", arg)]
    for extra in (args.vararg, args.kwarg):
        if extra is not None:
            names[extra.arg] = [Binding("opaque", extra)]


_BIND_NOTHING = frozenset({ast.Return, ast.Raise, ast.Pass, ast.Assert, ast.Delete, ast.Break, ast.Continue, ast.Global, ast.Nonlocal})


def bind(body: list[ast.stmt], names: dict[str, list[Binding]], *, walrus: bool) -> None:
    waiting: list[Any] = list(reversed(body))
    while waiting:
        node = waiting.pop()
        kind = node.__class__
        if kind is ast.Assign:
            for target in node.targets:
                _target(target, Binding("assign", node.value), names)
        elif kind is ast.Expr:
            if node.value.__class__ is ast.Call:
                _grown(node.value, names)
        elif kind in _BIND_NOTHING:
            continue
        elif kind is ast.ImportFrom:
            _from(node, names)
        elif kind is ast.Import:
            for alias in node.names:
                top = alias.name.split(".")[0]
                name = alias.asname or top
                names.setdefault(name, []).append(Binding("import", node, alias.name if alias.asname else top))
        elif kind is ast.FunctionDef or kind is ast.AsyncFunctionDef:
            names.setdefault(node.name, []).append(Binding("def", node))
        elif kind is ast.ClassDef:
            names.setdefault(node.name, []).append(Binding("class", node))
        elif kind is ast.AnnAssign:
            _target(node.target, Binding("assign", node.value) if node.value is not None else Binding("param", node), names)
        elif kind is ast.AugAssign:
            _target(node.target, Binding("augment", node.value), names)
        elif kind in (ast.With, ast.AsyncWith):
            for item in node.items:
                if item.optional_vars is not None:
                    _target(item.optional_vars, Binding("with", item.context_expr), names)
            waiting += reversed(node.body)
        elif kind in (ast.For, ast.AsyncFor):
            _target(node.target, Binding("each", node.iter), names)
            waiting += reversed(node.body + node.orelse)
        elif kind in (ast.If, ast.While):
            for each in below(node.test, (ast.NamedExpr,)) if walrus else ():
                _target(each.target, Binding("assign", each.value), names)
            waiting += reversed(node.body + node.orelse)
        elif kind is ast.Try or kind.__name__ == "TryStar":
            handlers = [each for handler in node.handlers for each in handler.body]
            waiting += reversed(node.body + handlers + node.orelse + node.finalbody)
        elif kind is ast.Match:
            waiting += reversed([each for case in node.cases for each in case.body])


def _target(target: Any, binding: Binding, names: dict[str, list[Binding]]) -> None:
    if target.__class__ is ast.Name:
        names.setdefault(target.id, []).append(binding)
    elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        names.setdefault(f"{target.value.id}.{target.attr}", []).append(binding)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for item in target.elts:
            _target(item, Binding("opaque", binding.node), names)


def _grown(node: Any, names: dict[str, list[Binding]]) -> None:
    """`x.append(y)` and `x.extend(y)` add to what `x` holds."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("append", "extend") \
            and len(node.args) == 1:
        held = node.func.value
        name = held.id if isinstance(held, ast.Name) else f"{held.value.id}.{held.attr}" if isinstance(
            held, ast.Attribute) and isinstance(held.value, ast.Name) else ""
        if name:
            names.setdefault(name, []).append(Binding(node.func.attr, node.args[0]))


def _from(node: ast.ImportFrom, names: dict[str, list[Binding]]) -> None:
    base = node.module or ""
    if node.level:
        base = "." * node.level + base
    for alias in node.names:
        if alias.name != "*":
            names.setdefault(alias.asname or alias.name, []).append(
                Binding("import", node, f"{base}{'' if base.endswith('.') else '.'}{alias.name}"))
        else:
            names.setdefault("*", []).append(Binding("import", node, base))
