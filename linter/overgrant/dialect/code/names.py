"""Dialects: names in a module and what they are bound to, scope by scope, when somebody asks."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from overgrant.dialect.code.bindings import Binding, bind, parameters_of
from overgrant.read.python import below

if TYPE_CHECKING:
    from overgrant.dialect.code.package import Package
    from overgrant.read.python import Code

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
DEPTH = 20  # steps through an expression; a step to what a name is bound to counts twice
MOST_NAMES = 12
_NAME = re.compile(r"[ \t]*(\w+)")


class File:
    """One module: its code, its module scope, and the package it stands in.

    alone  it imports nothing from the tree, as far as its import statements were looked at
    """

    def __init__(self, code: Code, package: Package) -> None:
        self.code = code
        self.path = code.source.path
        self.folder = self.path.rpartition("/")[0]
        self.package = package
        self.alone = True
        self.clouds: bool | None = None
        self._defined: dict[str, bool] | None = None
        self.walrus = ":=" in code.text
        self.called: dict[tuple[int, int], list[str]] = {}
        self.passing: dict[int, frozenset[str]] = {}
        self.loaded: dict[int, ast.expr | None] = {}
        self.scopes: list[Scope] = []
        self._calls: dict[str, list[ast.Call]] | None = None
        self._scope: Scope | None = None

    @property
    def scope(self) -> Scope:
        """The module's own scope; asking for it parses the module."""
        if self._scope is None:
            tree = self.code.tree
            self._scope = Scope(self, None, None, tree.body if tree is not None else [])
        return self._scope

    def calls(self, name: str, least: int = 2) -> list[ast.Call]:
        """The calls of a function or method of this name in the module; `least` are the times that it stands there with a bracket."""
        if self.code.tree is None or self.code.text.count(f"{name}(") < least:
            return []
        if self._calls is None:
            self._calls = {}
            for call in below(self.code.tree, (ast.Call,)):
                func = call.func
                last = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
                self._calls.setdefault(last, []).append(call)
        return self._calls.get(name, [])

    def may_define(self, name: str) -> bool:
        """A method or class of the tree may go by this name in this module: the text is looked at, and it alone if it imports none."""
        if not self.alone:
            return True
        if self._defined is None:
            # taking the text apart at the words is quicker than a pattern that begins with one of two
            pieces = [piece for word in ("def", "class") for piece in self.code.text.split(word)[1:] if piece[:1] in (" ", "\t")]
            self._defined = {match.group(1): True for match in map(_NAME.match, pieces) if match is not None}
        known = self._defined.get(name)
        if known is None:
            known = self._defined[name] = f"{name} =" in self.code.text or f"{name}=" in self.code.text
        return known

    def scope_at(self, node: Any) -> Scope:
        """The innermost scope around a node."""
        here, owner = self.scope, self.code.tree
        while owner is not None:
            inner = next((each for each in below(owner, DEFINITIONS, DEFINITIONS)
                          if each is not owner and each.lineno <= node.lineno <= (each.end_lineno or 0)), None)
            if inner is None or inner is node:
                break
            here, owner = here.below(inner), inner
        return here

    def close(self) -> None:
        """Let go of the tree at once, not when somebody collects: many trees at a time cost more than their parse."""
        for scope in self.scopes:
            scope.parent, scope.owner, scope.body, scope.given = None, None, [], {}
            scope.forget()
        self.scopes = []
        self._calls = None
        self.called, self.passing, self.loaded = {}, {}, {}
        self.code.let_go()


class Scope:
    """A module, class or function body with the names bound in it.

    owner  the definition, None for the module
    given  names bound from outside: a comprehension's variable, a parameter by its argument
    """

    __slots__ = ("_classes", "_names", "body", "file", "given", "owner", "parent")

    def __init__(self, file: File, parent: Scope | None, owner: Any, body: list[ast.stmt],
                 given: dict[str, list[tuple[Binding, Scope]]] | None = None) -> None:
        self.file = file
        self.parent = parent
        self.owner = owner
        self.body = body
        self.given = given or {}
        self._names: dict[str, list[Binding]] | None = None
        self._classes: dict[int, Scope] = {}
        file.scopes.append(self)

    def forget(self) -> None:
        """Drop what was found out."""
        self._names, self._classes = None, {}

    def below(self, definition: Any) -> Scope:
        """The scope of a definition that stands in this one."""
        found = self._classes.get(id(definition))
        if found is None:
            found = self._classes[id(definition)] = Scope(self.file, self, definition, definition.body)
        return found

    def with_given(self, given: dict[str, list[tuple[Binding, Scope]]]) -> Scope:
        """The same scope where some names are bound from outside."""
        return Scope(self.file, self, None, [], given)

    @property
    def names(self) -> dict[str, list[Binding]]:
        """What is bound in this body itself, in document order; `self.x` and `object.attribute` are names, too."""
        if self._names is None:
            self._names = {}
            if isinstance(self.owner, FUNCTIONS):
                parameters_of(self.owner, self._names)
            bind(self.body, self._names, walrus=self.file.walrus)
        return self._names

    @property
    def route(self) -> str:
        """Names of the definitions around, with dots."""
        parts, here = [], self
        while here is not None:
            if here.owner is not None:
                parts.append(here.owner.name)
            here = here.parent  # type: ignore[assignment]
        return ".".join(reversed(parts))

    def find(self, name: str) -> list[tuple[Binding, Scope]]:
        """What a name means here, with the scopes of its bindings; empty for what is unknown or built in."""
        here: Scope | None = self
        first = True
        while here is not None:
            if name in here.given:
                return here.given[name]
            # a class body is no scope for what stands in its methods
            if (first or not isinstance(here.owner, ast.ClassDef)) and (found := here.names.get(name)):
                return [(each, here) for each in found]
            first = first and here.owner is None and bool(here.given)
            here = here.parent
        return []

    def around(self) -> Scope | None:
        """The scope of the class around, if there is one."""
        here: Scope | None = self
        while here is not None and not isinstance(here.owner, ast.ClassDef):
            here = here.parent
        return here


def dotted(node: Any) -> list[str]:
    """The names of `a.b.c`, outermost first; empty where it is none. A subscript is looked through: `Agent[int]`."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Name):
            parts.append(node.id)
            return parts[::-1]
        else:
            return []


def qualified(node: Any, scope: Scope, depth: int = DEPTH) -> list[str]:
    """What an expression is called: `langchain.agents.create_agent`; `fastmcp.FastMCP()` for an instance of it.

    Several answers when a name is bound several times (an import in `try` and another in `except`). A module of
    the tree is named by its path: `:app/tools.py:search`. Empty where nothing is known; a name of the language
    itself is `builtins.open`.
    """
    known, key = scope.file.called, (id(node), id(scope))
    found = known.get(key)
    if found is None:
        found = known[key] = []  # a name that leads back to itself gets what is known of it so far
        _qualified(node, scope, depth, found)
    return list(found)


def _qualified(node: Any, scope: Scope, depth: int, found: list[str]) -> None:
    if depth <= 0:
        return
    if isinstance(node, (ast.Await, ast.Subscript)):
        found += qualified(node.value, scope, depth - 1)
    elif isinstance(node, ast.Call):
        found += [_object(name) for name in qualified(node.func, scope, depth - 1)]
        found += _returned(node, scope, depth - 2)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        found += [name for name in qualified(node.left, scope, depth - 1) if name.endswith("Path()")]
    elif isinstance(node, ast.Attribute):
        if isinstance(node.value, ast.Name) and (own := _attribute(node, scope, depth)):
            found += own
        else:
            found += [f"{name}.{node.attr}" for name in qualified(node.value, scope, depth - 1)]
    elif isinstance(node, ast.Name):
        bound = scope.find(node.id)
        for binding, home in bound[:6]:
            found += [name for name in _meaning(binding, home, node.id, depth) if name not in found]
            del found[MOST_NAMES:]
        if not bound:
            found += _starred(node.id, scope) or [f"builtins.{node.id}"]


_PATHS = re.compile(r"(.*Path\(\))\.(?:resolve|expanduser|absolute|joinpath|with_suffix|with_name|parent\.joinpath)")


def _object(name: str) -> str:
    """What a call gives: an object; some methods of a path give a path again."""
    same = _PATHS.fullmatch(name) if "Path()" in name else None
    return same.group(1) if same is not None else f"{name}()"


def _returned(node: ast.Call, scope: Scope, depth: int) -> list[str]:
    """What a function of the tree returns: by its annotation, or where it returns one thing: `def build(): return FastMCP("x")`."""
    if not isinstance(node.func, ast.Name) or depth <= 0:
        return []
    found = scope.find(node.func.id)
    if len(found) != 1:
        return []
    binding, home = found[0]
    if binding.kind == "import":
        other = home.file.package.definition(home.file.package.canonical(home.file, binding.text))
        if other is None:
            return []
        binding, home = other
    if binding.kind != "def":
        return []
    function = binding.node
    said = _instance(function.returns, home, depth) if isinstance(function.returns, (ast.Name, ast.Attribute)) else []
    last = function.body[-1]
    if said or not isinstance(last, ast.Return) or last.value is None:
        return said
    return qualified(last.value, home.below(function), depth)


def _instance(annotation: Any, home: Scope, depth: int) -> list[str]:
    """An object of the class that an annotation names; nothing for the types of the language."""
    return [f"{each}()" for each in qualified(annotation, home, depth - 2) if not each.startswith(("builtins.", "typing."))]


def _attribute(node: ast.Attribute, scope: Scope, depth: int) -> list[str]:
    """`self.x` by the assignments in the class around."""
    if node.value.id not in ("self", "cls"):  # type: ignore[attr-defined]
        return []
    around = scope.around()
    return [name for binding, home in members(around, node.attr) if binding.kind in ("assign", "with", "param")
            for name in _meaning(binding, home, node.attr, depth - 2)] if around is not None else []


def members(around: Scope, name: str) -> list[tuple[Binding, Scope]]:
    """What `self.name` means in a class: its own body, and what its methods assign."""
    found = [(each, around) for each in around.names.get(name, ())]
    for bound in around.names.values():
        for each in bound:
            if each.kind == "def":
                inner = around.below(each.node)
                found += [(other, inner) for other in inner.names.get(f"self.{name}", ())]
    return found[:8]


def _starred(name: str, scope: Scope) -> list[str]:
    here = scope.file.scope.names.get("*", ())
    for binding in here[:4]:
        path = scope.file.package.path(scope.file, binding.text)
        if path is not None and name.encode() in (scope.file.package.data.get(path) or b""):
            return [f":{path}:{name}"]
    return []


def _meaning(binding: Binding, home: Scope, name: str, depth: int) -> list[str]:
    if binding.kind == "import":
        name = home.file.package.canonical(home.file, binding.text)
        package = home.file.package
        if name.startswith(":") and package.assigns(name) and (other := package.definition(name)) is not None \
                and other[0].kind in ("assign", "with"):
            return qualified(other[0].node, other[1], depth - 2)
        return [name]
    if binding.kind in ("assign", "with"):
        return qualified(binding.node, home, depth - 2)
    if binding.kind == "param":
        annotation = binding.node.annotation
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            return []
        return _instance(annotation, home.parent or home, depth) if annotation is not None else []
    if binding.kind in ("def", "class"):
        return [f":{home.file.path}:{(home.route + '.') if home.route else ''}{name}"]
    return []
