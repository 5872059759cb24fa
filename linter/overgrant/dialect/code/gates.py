"""Dialects: which tools of an agent ask a person first: all of them, or by name."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from overgrant.dialect.code.arguments import Arguments
from overgrant.dialect.code.elements import Elements
from overgrant.dialect.code.says import asking, fits, given
from overgrant.dialect.code.values import UNKNOWN, Item, assigned, fold

if TYPE_CHECKING:
    from overgrant.dialect.code.facts import Facts
    from overgrant.dialect.code.match import Made

Gates = dict[str, bool] | bool


def gates(facts: Facts, made: Made, arguments: Arguments) -> Gates:
    """Which tools of an agent ask first: True for all of them, else by name."""
    named: dict[str, bool] = {}
    for spec in made.entry.get("approval", ()):
        if "beside" in spec:
            if _beside(facts, spec):
                return True
            continue
        item = given(arguments, spec)
        if item is None:
            if spec.get("default"):
                return True
            continue
        value = fold(item.node, item.scope)
        if isinstance(value, dict) and not spec.get("whole"):
            named |= {str(key): state is not False for key, state in value.items()}
        elif spec.get("elements"):
            for each in Elements().add(item.node, item.scope).items:
                if (gate := _gate(facts, each)) is True:
                    return True
                named |= gate if isinstance(gate, dict) else {}
        elif asking(item, spec):
            return True
    return named


def _beside(facts: Facts, spec: dict[str, Any]) -> bool:
    """Another call of this module asks for it: a graph that stops before its tools."""
    for each in facts.matches.made:
        if spec["beside"] in each.entry.names:
            item = given(Arguments(each.node, each.scope), spec) if "argument" in spec else None
            if "argument" not in spec or (item is not None and asking(item, spec)):
                return True
    return False


def _gate(facts: Facts, item: Item) -> Gates:
    """What a middleware lets ask."""
    calls = [item] if isinstance(item.node, ast.Call) else assigned(item.node, item.scope) if isinstance(
        item.node, (ast.Name, ast.Attribute)) else []
    for each in calls:
        if not isinstance(each.node, ast.Call):
            continue
        entry = facts.entry(each.node.func, each.scope)
        if entry is not None and entry.kind == "approval":
            arguments = Arguments(each.node, each.scope)
            if any(fits(arguments, route, wanted) is not False for route, wanted in entry.get("void", {}).items()):
                return {}
            spec = entry.get("gates")
            held = given(arguments, spec) if spec else None
            value = fold(held.node, held.scope) if held is not None else UNKNOWN
            return {str(key): state is not False for key, state in value.items()} if isinstance(value, dict) else True
    return {}
