"""Dialects: the functions that an expression is, their parameters and branches, and the methods that a class offers."""

from __future__ import annotations

import ast
from typing import Any

from overgrant.dialect.code.elements import Elements
from overgrant.dialect.code.entries import Entry
from overgrant.dialect.code.names import FUNCTIONS, Scope, dotted, qualified
from overgrant.dialect.code.values import Item, assigned, definition, fold
from overgrant.read.python import below


def functions_of(item: Item, depth: int = 4) -> list[tuple[Any, Scope, frozenset[str]]]:
    """The functions that an expression is: a name, a lambda, a part of one, each of a loop; with what is filled in."""
    node, scope = item.node, item.scope
    if depth <= 0:
        return []
    if isinstance(node, ast.Lambda):
        return [(as_function(node), scope, frozenset[str]())]
    if isinstance(node, ast.Call) and node.args and "functools.partial" in qualified(node.func, scope):
        return [(function, home, filled | _filled(function, node))
                for function, home, filled in functions_of(Item(node.args[0], scope), depth - 1)]
    if isinstance(node, ast.Call) and (made := definition(node.func, scope)) is not None and isinstance(made[0].node, ast.ClassDef):
        within = made[1].below(made[0].node)  # an object that is called like a function
        return [(each.node, within, frozenset[str]()) for each in within.names.get("__call__", ()) if each.kind == "def"]
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return []
    found = definition(node, scope)
    if found is not None:
        return [(found[0].node, found[1], frozenset[str]())] if isinstance(found[0].node, FUNCTIONS) else []
    inner = assigned(node, scope)[:4]
    if not inner and isinstance(node, ast.Name):
        for binding, home in scope.find(node.id)[:4]:
            if binding.kind == "each":
                inner += Elements().add(binding.node, home).items
    return [each for held in inner for each in functions_of(held, depth - 1)]


def _filled(function: Any, call: ast.Call) -> frozenset[str]:
    names = [each.arg for each in below_arguments(function) if each.arg not in ("self", "cls")]
    return frozenset({*names[:len(call.args) - 1], *(word.arg for word in call.keywords if word.arg)})


def arms(function: Any) -> list[tuple[str, int, int]]:
    """The branches of a function by the name that they are for: `if name == "run":`, `case "run":`; with their lines."""
    found = []
    names = {each.arg for each in below_arguments(function)[:1]} | {"name", "tool_name"}
    for node in below(function, (ast.If, ast.Match)):
        subject: Any = None
        rows: list[tuple[Any, list[Any]]] = []
        if isinstance(node, ast.Match):
            rows = [(case.pattern.value, case.body) for case in node.cases if isinstance(case.pattern, ast.MatchValue)]
            subject = node.subject
        elif isinstance(node.test, ast.Compare) and isinstance(node.test.ops[0], ast.Eq):
            rows, subject = [(node.test.comparators[0], node.body)], node.test.left
        if (dotted(subject) or [""])[-1] not in names:
            continue
        found += [(value.value, body[0].lineno, body[-1].end_lineno or body[-1].lineno) for value, body in rows
                  if isinstance(value, ast.Constant) and isinstance(value.value, str)]
    return found


def listed(entry: Entry, inner: Scope) -> list[str]:
    """The methods of a class that it offers by itself: in a list of names, or handed over when it is made."""
    names: list[str] = []
    for binding in inner.names.get(entry.get("listed", ""), ()):
        value = fold(binding.node, inner) if binding.kind == "assign" else None
        names += [str(each) for each in value] if isinstance(value, list) else []
    if entry.kind == "toolset":
        for binding in inner.names.get("__init__", ()):
            held = below(binding.node, (ast.Attribute,)) if binding.kind == "def" else []
            names += [each.attr for each in held if isinstance(each.value, ast.Name) and each.value.id == "self"]
    return list(dict.fromkeys(names))


def below_arguments(function: Any) -> list[ast.arg]:
    """The parameters of a function in order."""
    args = function.args
    return [*args.posonlyargs, *args.args, *args.kwonlyargs]


def as_function(node: ast.Lambda) -> Any:
    """A lambda as the function that it is."""
    body = ast.copy_location(ast.Expr(value=node.body), node.body)
    made = ast.FunctionDef(name="lambda", args=node.args, body=[body], decorator_list=[], returns=None, type_comment=None)
    return ast.copy_location(made, node)
