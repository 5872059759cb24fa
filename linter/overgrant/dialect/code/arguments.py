"""Dialects: the arguments of calls: what one call gives, and what a function is given by those of its module."""

from __future__ import annotations

import ast
from typing import Any

from overgrant.dialect.code.names import FUNCTIONS, Scope
from overgrant.dialect.code.values import Item, entries, fold


def given_by_callers(name: str, home: Scope) -> list[Item]:
    """What the calls in the same module hand to a parameter of a function of the module or of a method."""
    owner = home.owner
    if not isinstance(owner, FUNCTIONS):
        return []
    args = owner.args
    places = [each.arg for each in (*args.posonlyargs, *args.args)]
    method = places[:1] in (["self"], ["cls"])
    called = home.parent.owner.name if owner.name == "__init__" and home.parent is not None and isinstance(
        home.parent.owner, ast.ClassDef) else owner.name
    at = places.index(name) - method if name in places else None
    found = []
    for call in home.file.calls(called)[:8]:
        given = next((word.value for word in call.keywords if word.arg == name), None)
        if given is None and at is not None and 0 <= at < len(call.args) and not any(isinstance(each, ast.Starred) for each in call.args):
            given = call.args[at]
        if given is not None:
            found.append(Item(given, home.file.scope_at(call)))
    return found


class Arguments:
    """The arguments of a call, `**{…}` merged in order.

    open  some arguments are not known: nothing may be said about what is missing
    lost  where they come from
    """

    __slots__ = ("lost", "named", "open", "placed")

    def __init__(self, call: ast.Call, scope: Scope) -> None:
        self.placed: list[Item] = []
        self.named: dict[str, Item] = {}
        self.open = False
        self.lost: Item | None = None
        for each in call.args:
            if isinstance(each, ast.Starred):
                self.open, self.lost = True, Item(each.value, scope)
                break
            self.placed.append(Item(each, scope))
        for word in call.keywords:
            if word.arg is not None:
                self.named[word.arg] = Item(word.value, scope)
                continue
            inner = entries(word.value, scope)
            if not inner and not (isinstance(word.value, ast.Dict) and not word.value.keys):
                self.open, self.lost = True, self.lost or Item(word.value, scope)
            for key, item in inner:
                name = fold(key, item.scope)
                if isinstance(name, str):
                    self.named[name] = item
                else:
                    self.open = True

    def get(self, name: str, at: int | None = None) -> Item | None:
        """An argument by its name or its position."""
        if name in self.named:
            return self.named[name]
        return self.placed[at] if at is not None and at < len(self.placed) else None

    def value(self, name: str, at: int | None = None) -> Any:
        """The constant an argument is; None for one that is missing, too (see `get`)."""
        item = self.get(name, at)
        return None if item is None else fold(item.node, item.scope)
