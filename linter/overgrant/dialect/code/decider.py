"""Dialects: functions that decide in a person's place, and say yes to everything."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from overgrant.dialect.code.arguments import Arguments
from overgrant.dialect.code.names import FUNCTIONS, Scope, dotted
from overgrant.dialect.code.values import UNKNOWN, Item, assigned, entries, fold, local, returns
from overgrant.model import Agent, Setting
from overgrant.read.knowledge import load
from overgrant.read.python import below

if TYPE_CHECKING:
    from overgrant.dialect.code.facts import Facts
    from overgrant.dialect.code.match import Made

_BRANCHES = (ast.If, ast.IfExp, ast.Match, ast.Raise, ast.While, ast.Try, ast.BoolOp)


def waived(facts: Facts, made: Made, arguments: Arguments, owner: Agent | None) -> None:
    """State that a callback which should ask approves whatever it is asked."""
    for name in made.entry.get("deciders", ()):
        item = arguments.get(name)
        if item is not None and item.scope.file is facts.file and _says_yes(item):
            fact = facts.maker.make(Setting, facts.place(item, name), owner or facts.fallback())
            fact.name, fact.text, fact.meaning, fact.state = name, "always yes", "approval-waived", "effective"
            fact.gives = "the function approves whatever it is asked, and no person sees the request"
            fact.instead = f"Look at the request in `{name}`, and ask a person about what can't be undone"
            fact.where = f"{fact.owner.where}.{name}" if isinstance(fact.owner, Agent) else name


def _says_yes(item: Item) -> bool:
    node, scope = item.node, item.scope
    if isinstance(node, ast.Name) and local(node, scope) is None:
        held = assigned(node, scope)
        node, scope = (held[0].node, held[0].scope) if len(held) == 1 else (node, scope)
    if isinstance(node, ast.Lambda):
        return not below(node.body, _BRANCHES) and _yes(node.body, scope)
    found = local(node, scope)
    if found is None or not isinstance(found[0].node, FUNCTIONS):
        return False
    function = found[0].node
    if below(function, _BRANCHES):
        return False
    answers = returns(function)
    inner = found[1].below(function)
    return bool(answers) and all(_yes(answer, inner) for answer in answers)


def _yes(node: Any, scope: Scope) -> bool:
    """A constant that approves: `True`, `{"approve": True}`, `PermissionResultAllow()`, `ApprovalResponse(approved=True)`."""
    words = load("approvals")
    value = fold(node, scope)
    if value is True or (isinstance(value, str) and value.lower() in words["texts"]):
        return True
    said = {fold(key, scope): each for key, each in entries(node, scope)} if isinstance(node, ast.Dict) else {}
    if isinstance(node, ast.Call):
        if (dotted(node.func) or [""])[-1] in words["calls"]:
            return True
        said = dict(Arguments(node, scope).named)
    for name in words["fields"]:
        if name in said:
            content = fold(said[name].node, said[name].scope)
            return content is not UNKNOWN and (content is True or (isinstance(content, str) and content.lower() in words["texts"]))
    return False
