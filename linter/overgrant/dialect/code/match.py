"""Dialects: the calls, decorators and definitions of a module that some framework entry knows."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from overgrant.dialect.code.bindings import Function
from overgrant.dialect.code.entries import Entry, frameworks
from overgrant.dialect.code.names import FUNCTIONS, File, Scope, dotted, qualified
from overgrant.dialect.code.values import definition
from overgrant.read.python import below

_SILENT = frozenset({ast.Import, ast.ImportFrom, ast.Pass, ast.Global, ast.Nonlocal, ast.Break, ast.Continue})  # call nothing
_SIMPLE = frozenset({ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return, ast.Raise, ast.Assert, ast.Delete})  # hold no statements
_DEFINITIONS = frozenset({*FUNCTIONS, ast.ClassDef})
_SERVERS = frozenset({"mcp", "server", "app", "mcp_server", "fastmcp", "mcp_app"})


class Made(NamedTuple):
    """A call that an entry knows."""

    entry: Entry
    node: ast.Call
    scope: Scope
    name: str


class Marked(NamedTuple):
    """A function that a decorator makes a tool; `node` is the decorator."""

    entry: Entry
    node: Any
    function: Function
    scope: Scope


class Class(NamedTuple):
    """A class that extends one of a framework's."""

    entry: Entry
    node: ast.ClassDef
    scope: Scope


class Stored(NamedTuple):
    """An assignment to something that has a meaning of its own: `os.environ["X"] = …`, `agent.max_iter = …`."""

    node: ast.Assign
    scope: Scope


class Matches:
    """Everything in a module that frameworks know, in document order."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.made: list[Made] = []
        self.marked: list[Marked] = []
        self.classes: list[Class] = []
        self.stored: list[Stored] = []
        self.framework = ""
        self.lines = _lines(file)
        if self.lines:
            self._walk(file.scope)

    def close(self) -> None:
        """Let go of the tree."""
        self.made, self.marked, self.classes, self.stored = [], [], [], []

    def _touched(self, first: int, last: int) -> bool:
        at = bisect_left(self.lines, first)
        return at < len(self.lines) and self.lines[at] <= last

    def _walk(self, top: Scope) -> None:
        lines, count = self.lines, len(self.lines)
        waiting: list[tuple[Any, Scope]] = [(node, top) for node in reversed(top.body)]
        while waiting:
            node, scope = waiting.pop()
            kind = node.__class__
            if kind in _SILENT:
                continue
            if kind in _SIMPLE:
                at = bisect_left(lines, node.lineno)
                if at < count and lines[at] <= node.end_lineno:
                    self._expressions(node, scope)
                continue
            first = node.lineno
            if kind in _DEFINITIONS and node.decorator_list:
                first = min(first, node.decorator_list[0].lineno)
            at = bisect_left(lines, first)
            if at == count or lines[at] > node.end_lineno:
                continue
            inner = scope
            if kind in _DEFINITIONS:
                self._definition(node, scope)
                inner = scope.below(node)
            bodies = [each for field in ("body", "orelse", "finalbody", "handlers", "cases") for each in getattr(node, field, ())]
            if not bodies or isinstance(node, ast.Expr):
                self._expressions(node, scope)
                continue
            for field in ("test", "iter", "items", "subject", "args", "bases"):
                held = getattr(node, field, None)
                for each in held if isinstance(held, list) else [held] if held is not None else ():
                    self._expressions(each, scope)
            for each in reversed(bodies):
                if isinstance(each, (ast.ExceptHandler, ast.match_case)):
                    waiting += [(below_, inner) for below_ in reversed(each.body)]
                else:
                    waiting.append((each, inner))

    def _definition(self, node: Any, scope: Scope) -> None:
        for decorator in node.decorator_list:
            plain = decorator.func if isinstance(decorator, ast.Call) else decorator
            entry = _entry(plain, scope)
            if entry is None and isinstance(plain, ast.Attribute) and plain.attr == "tool":
                entry = _by_name(plain, scope)
            if entry is not None and entry.kind == "tool" and isinstance(node, FUNCTIONS):
                self.marked.append(Marked(entry, decorator, node, scope))
                self._seen(entry)
            elif isinstance(decorator, ast.Call):
                self._expressions(decorator, scope)
        if isinstance(node, ast.ClassDef) and (entry := _extends(node, scope)) is not None:
            self.classes.append(Class(entry, node, scope))
            self._seen(entry)

    def _expressions(self, node: Any, scope: Scope) -> None:
        for call in below(node, (ast.Call,)):
            if not self._touched(call.lineno, call.func.end_lineno or call.lineno):
                continue
            for name in qualified(call.func, scope):
                if (entry := frameworks().known(name, scope.file)) is not None:
                    self.made.append(Made(entry, call, scope, name))
                    self._seen(entry)
                    break
            else:
                self._unnamed(call, scope)
        if isinstance(node, ast.Assign) and any(isinstance(each, (ast.Attribute, ast.Subscript)) for each in node.targets):
            self.stored.append(Stored(node, scope))
            for target in node.targets:
                self._store(target, node.value, scope)

    def _unnamed(self, call: ast.Call, scope: Scope) -> None:
        """`self.mcp.tool(name="run")(self.run)` and `server.add_tool(run)` where the server comes from elsewhere."""
        func = call.func
        plain = func.func if isinstance(func, ast.Call) else func
        if isinstance(plain, ast.Attribute) and plain.attr in ("tool", "add_tool") and call.args and not (
                plain is func and isinstance(call.args[0], ast.Constant)) and (entry := _by_name(plain, scope)) is not None:
            self.made.append(Made(entry, call, scope, "tool"))
            self._seen(entry)

    def _store(self, target: Any, value: Any, scope: Scope) -> None:
        """An assignment to what an entry knows, as a call with `value`: `litellm.ssl_verify = False`."""
        key = str(target.slice.value) if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) else None
        place = target.value if isinstance(target, ast.Subscript) else target
        if not isinstance(place, ast.Attribute) or (place is not target and key is None):
            return
        names = qualified(place, scope) or [f"?.{place.attr}"]
        for name in names:
            whole = f"{name}[{key}]" if key is not None else name
            if (entry := frameworks().stored(whole, scope.file)) is not None:
                call = ast.copy_location(ast.Call(func=target, args=[], keywords=[ast.keyword("value", value)]), target)
                self.made.append(Made(entry, call, scope, whole))
                self._seen(entry)
                return

    def _seen(self, entry: Entry) -> None:
        self.framework = self.framework or entry.framework


def _entry(node: Any, scope: Scope) -> Entry | None:
    for name in qualified(node, scope):
        if (entry := frameworks().known(name, scope.file)) is not None:
            return entry
    return None


def _extends(node: ast.ClassDef, scope: Scope, depth: int = 4) -> Entry | None:
    """The class of a framework that a class extends, through classes of the tree."""
    for base in node.bases:
        entry = _entry(base, scope)
        if entry is not None and entry.kind in ("tool", "toolset"):
            return entry
        if entry is None and depth > 0 and (found := definition(base, scope)) is not None and isinstance(
                found[0].node, ast.ClassDef) and found[0].node is not node:
            if (entry := _extends(found[0].node, found[1], depth - 1)) is not None:
                return entry
    return None


def _by_name(node: ast.Attribute, scope: Scope) -> Entry | None:
    """`@mcp.tool()` where `mcp` comes in as a parameter or from a module that is not in the tree."""
    held = (dotted(node.value) or [""])[-1]
    if held not in _SERVERS:
        return None
    names = qualified(node.value, scope)
    if any(frameworks().framework(name) for name in names):
        return None
    return frameworks().entry("fastmcp.FastMCP().tool")


def _lines(file: File) -> list[int]:
    """The lines on which something stands that a framework could know; no tree is looked at."""
    local: set[str] = set()
    text = file.code.text
    known = file.package.bound
    for statement in _imports(text):
        key = file.folder, statement
        if key not in known:
            known[key] = _bound(statement, file), _borrows(statement, file)
        more, borrows = known[key]
        local |= more
        file.alone = file.alone and not borrows
    if local:
        _subclasses(text, local)
    found = [match.start() for match in _methods().finditer(text)]
    for name in (*local, "os.environ["):
        at = text.find(name)
        while at >= 0:
            end = at + len(name)
            if not (text[end:end + 1].isidentifier() or (name[0].isalpha() and text[at - 1:at].isidentifier())):
                found.append(at)
            at = text.find(name, end)
    rows: list[int] = []
    row, last = 1, 0
    for at in sorted(found):
        row += text.count("\n", last, at)
        last = at
        if not rows or rows[-1] != row:
            rows.append(row)
    return rows


_IMPORT = re.compile(r"[ \t]*(?:from[ \t]+[\w.]+[ \t]+import[ \t]*(?:\([^)]*\)|[^\n\\]*(?:\\\n[^\n\\]*)*)|import[ \t]+[^\n]*)")
_CLASS = re.compile(r"class[ \t]+(\w+)[ \t]*\(([^)\n]{0,200})")
_WORD = re.compile(r"\w+")
_AS = re.compile(r"(\w+)(?:[ \t]+as[ \t]+(\w+))?[ \t]*(?:,|\)|$|\n|#)", re.MULTILINE)


def _imports(text: str) -> Iterator[str]:
    """The import statements of a text. Looking for the word first is quicker than looking at each line."""
    at = text.find("import")
    while at >= 0:
        match = _IMPORT.match(text, text.rfind("\n", 0, at) + 1)
        if match is not None:
            yield match.group(0)
        at = text.find("import", max(match.end() if match is not None else 0, at + 6))


def _subclasses(text: str, local: set[str]) -> None:
    """Add the classes whose bases are among the names, and those that extend them."""
    rows = [(match.group(1), _WORD.findall(match.group(2))) for match in _CLASS.finditer(text)]
    for _ in range(3):
        more = {name for name, bases in rows if not local.isdisjoint(bases)} - local
        if not more:
            return
        local |= more


def _bound(statement: str, file: File) -> set[str]:
    """The names that an import statement binds, if it imports from a framework or from the tree."""
    head, _, rest = statement.strip().partition(" import")
    if not rest and statement.strip().startswith("import"):
        found = set()
        for part in statement.strip()[6:].split(","):
            words = part.split("#")[0].split()
            if words and words[0].split(".")[0] in _tops():
                found.add(words[2] if len(words) > 2 else words[0].split(".")[0])
        return found
    if head.startswith("from"):
        module = head[4:].strip()
        top = module.split(".")[0]
        if module.startswith(".") or top in _tops() or file.package.inside(file, top):
            return {match.group(2) or match.group(1) for match in _AS.finditer(rest)}
    return set()


def _borrows(statement: str, file: File) -> bool:
    """An import statement leads to another module of the tree."""
    words = statement.replace(",", " ").split()
    modules = words[1:2] if words[0] == "from" else words[1:]
    return any(each.startswith(".") or file.package.inside(file, each.split(".")[0]) for each in modules if each != "as")


@cache
def _tops() -> frozenset[str]:
    return frozenset(each.split(".")[0] for each in frameworks().roots)


@cache
def _methods() -> re.Pattern[str]:
    """Methods, and attributes that something is assigned to, with which a framework's objects are used."""
    known = frameworks()
    return re.compile(r"\.(?:(?:" + "|".join(sorted(map(re.escape, known.methods))) + r")\b|(?:"
                      + "|".join(sorted(map(re.escape, known.attributes))) + r") =)")
