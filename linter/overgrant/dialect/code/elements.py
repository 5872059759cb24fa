"""Dialects: the elements of a list-like expression: what tools an agent is given, as far as that can be followed."""

from __future__ import annotations

import ast
from typing import Any

from overgrant.dialect.code.arguments import given_by_callers
from overgrant.dialect.code.bindings import Binding, Function
from overgrant.dialect.code.names import FUNCTIONS, Scope, qualified
from overgrant.dialect.code.values import DEPTH, MOST, WRAPS, Item, assigned, defaulted, definition, entries, found_at, members_of, returns
from overgrant.read.python import below


class Elements:
    """The elements of a list as far as they can be followed.

    whole  nothing else is in it
    lost   the first expression that cannot be followed
    """

    __slots__ = ("_seen", "items", "lost", "whole")

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.whole = True
        self.lost: Item | None = None
        self._seen: set[int] = set()

    def add(self, node: Any, scope: Scope, depth: int = DEPTH) -> Elements:
        """Everything in a list-like expression."""
        if depth <= 0 or len(self.items) > MOST:
            return self._lose(node, scope)
        if isinstance(node, ast.Await):
            return self.add(node.value, scope, depth)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            for each in node.elts[:MOST]:
                if isinstance(each, ast.Starred):
                    self.add(each.value, scope, depth - 1)
                else:
                    self.items.append(Item(each, scope))
        elif isinstance(node, ast.Constant) and node.value is None:
            pass
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            self.add(node.left, scope, depth - 1)
            self.add(node.right, scope, depth - 1)
        elif isinstance(node, ast.IfExp):
            self.add(node.body, scope, depth - 1)
            self.add(node.orelse, scope, depth - 1)
        elif isinstance(node, ast.BoolOp):
            for each in node.values:
                self.add(each, scope, depth - 1)
        elif isinstance(node, (ast.Name, ast.Attribute)):
            self._held(node, scope, depth)
        elif isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            self._comprehension(node, scope, depth)
        elif isinstance(node, ast.Call):
            self._call(node, scope, depth)
        elif isinstance(node, ast.Subscript) and (held := found_at(node, scope)) is not None:
            self.add(held.node, held.scope, depth - 1)
        elif isinstance(node, ast.Dict):
            for value in node.values[:MOST]:
                self.items.append(Item(value, scope))
        elif isinstance(node, ast.NamedExpr):
            self.add(node.value, scope, depth - 1)
        else:
            self._lose(node, scope)
        return self

    def _lose(self, node: Any, scope: Scope) -> Elements:
        self.whole = False
        self.lost = self.lost or Item(node, scope)
        return self

    def _held(self, node: Any, scope: Scope, depth: int) -> None:
        bound = scope.find(node.id) if isinstance(node, ast.Name) else []
        if isinstance(node, ast.Attribute):
            bound = members_of(node, scope)
        known = False
        for binding, home in bound[:MOST]:
            if binding.kind == "import":
                name = home.file.package.canonical(home.file, binding.text)
                if (other := home.file.package.definition(name)) is not None:
                    binding, home = other
            if id(binding.node) in self._seen:
                known = True
                continue
            if binding.kind in ("assign", "with", "augment", "extend"):
                self._seen.add(id(binding.node))
                self.add(binding.node, home, depth - 1)
                known = True
            elif binding.kind == "append":
                self.items.append(Item(binding.node, home))
                known = True
            elif binding.kind == "param":
                known = self._parameter(binding, home, depth) or known
        if not known:
            self._lose(node, scope)

    def _parameter(self, binding: Binding, home: Scope, depth: int) -> bool:
        """A parameter: what the calls in the module give, and its default."""
        known = False
        if (default := defaulted(binding, home)) is not None:
            self._seen.add(id(binding.node))
            self.add(default.node, default.scope, depth - 1)
            known = True
        for given in given_by_callers(binding.node.arg, home) if isinstance(binding.node, ast.arg) else ():
            if id(given.node) not in self._seen:
                self._seen.add(id(given.node))
                self.add(given.node, given.scope, depth - 1)
            known = True
        return known

    def _comprehension(self, node: Any, scope: Scope, depth: int) -> None:
        first = node.generators[0]
        if len(node.generators) != 1 or not isinstance(first.target, ast.Name):
            self._lose(node, scope)
            return
        inner = Elements().add(first.iter, scope, depth - 1)
        if not inner.whole and not inner.items:
            self._lose(node, scope)
            return
        for item in inner.items:
            given = {first.target.id: [(Binding("assign", item.node), item.scope)]}
            self.items.append(Item(node.elt, scope.with_given(given)))
        if not inner.whole:
            self._lose(node, scope)

    def _call(self, node: ast.Call, scope: Scope, depth: int) -> None:
        names = qualified(node.func, scope)
        if any(name in WRAPS for name in names) and len(node.args) == 1:
            self.add(node.args[0], scope, depth - 1)
            return
        found = definition(node.func, scope)
        if found is not None and isinstance(found[0].node, FUNCTIONS):
            self._returned(found[0].node, found[1], Item(node, scope), depth)
            return
        if isinstance(node.func, ast.Attribute) and node.func.attr == "values" and not node.args and (
                rows := entries(node.func.value, scope)):
            self.items += [value for _, value in rows]
            return
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("get_tools", "to_tool_list", "as_tools", "copy", "get_toolkit"):
            held = node.func.value
            if isinstance(held, ast.Call):
                self.items.append(Item(held, scope))
                return
            if isinstance(held, (ast.Name, ast.Attribute)) and (given := [each for each in assigned(held, scope) if isinstance(
                    each.node, ast.Call)]):
                self.items += given
                return
        self._lose(node, scope)

    def _returned(self, function: Function, home: Scope, call: Item, depth: int) -> None:
        """The lists that a function returns, or what it yields."""
        inner = home.below(function)
        answers = returns(function)
        made = [each.value for each in below(function, (ast.Yield,), (*FUNCTIONS, ast.Lambda, ast.ClassDef)) if each.value is not None]
        for answer in answers:
            self.add(answer, inner, depth - 1)
        self.items += [Item(each, inner) for each in made[:MOST]]
        if not answers and not made:
            self._lose(call.node, call.scope)
