"""Dialects: what the body of a tool does: calls with an effect, and which parameter chooses what they act on."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import Any, NamedTuple

from overgrant.dialect.code.names import FUNCTIONS, File, Function, Scope, dotted, qualified
from overgrant.dialect.code.taint import NONE, Flow, Names, free_parameters, table
from overgrant.dialect.code.values import UNKNOWN, Arguments, assigned, fold, local
from overgrant.read.python import below

DEPTH = 2
_WRITES = re.compile(r"\s*(?:insert|update|delete|drop|truncate|alter|create|replace|merge|grant|revoke)\b", re.IGNORECASE)
_DROPS = re.compile(r"\s*(?:delete|drop|truncate)\b", re.IGNORECASE)


class Sink(NamedTuple):
    """A call with an effect in a tool's body.

    capability  what somebody has who chooses its argument
    form        `command`, `shell`, `code`, `open`, `path`, `url`, `sql`, `load`, `effect`
    node, file  the call, and where it stands
    parameters  the parameters of the tool that choose its argument
    guarded     something checks them on the way
    asked       a person is asked first
    does        effects whatever the argument is: `writes`, `deletes`
    """

    capability: str
    form: str
    node: ast.Call
    file: File
    parameters: tuple[str, ...]
    guarded: bool
    asked: bool
    does: tuple[str, ...] = ()


class _Known(NamedTuple):
    exact: dict[str, dict[str, Any]]
    methods: dict[str, list[dict[str, Any]]]
    line: re.Pattern[str]


@cache
def _known() -> _Known:
    exact: dict[str, dict[str, Any]] = {}
    methods: dict[str, list[dict[str, Any]]] = {}
    ends: set[str] = set()
    for row in table()["sinks"]:
        for name in row["names"]:
            last = name.rsplit(".", 1)[-1]
            ends.add(last)
            if name.startswith("?."):
                methods.setdefault(last, []).append(row)
            else:
                exact[name] = row
    return _Known(exact, methods, re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, ends))) + r")\s*\("))


def may_have(file: File, first: int, last: int) -> bool:
    """Some line between two holds the name of a sink. Looking at the text is far cheaper than at the tree."""
    return any(_known().line.search(file.code.line(row)) for row in range(first, last + 1))


def sinks_of(function: Function, scope: Scope, filled: Names = NONE) -> list[Sink]:
    """The calls with an effect in a function and in the functions of the tree that it calls.

    filled  parameters whose values are no caller's
    """
    free = [name for name in free_parameters(function, scope) if name not in filled]
    own = {name: frozenset((name,)) for name in free}
    return _Body(function, scope, own, own, NONE, asked=False).sinks(DEPTH)


class _Body:
    """One function with what its parameters carry."""

    def __init__(self, function: Function, scope: Scope, anywhere: dict[str, Names], first: dict[str, Names], checked: Names, *,
                 asked: bool) -> None:
        self.function = function
        self.inner = scope.below(function)
        self.file = scope.file
        self.flow = Flow(function, self.inner, anywhere, first)
        self.checked = checked
        self.calls: list[ast.Call] = below(function, (ast.Call,), ())
        self.asked_at = 0 if asked else next((call.lineno for call in self.calls if self._asks(call)), 1 << 30)

    def _asks(self, call: ast.Call) -> bool:
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr in table()["asking-methods"]:
            return True
        last = (dotted(func) or [""])[-1]
        return last in ("input", "confirm", "ask", "interrupt", "AskActionMessage") and any(
            name in table()["asking"] for name in qualified(func, self.inner))

    def sinks(self, depth: int) -> list[Sink]:
        """Everything with an effect, in document order."""
        found: list[Sink] = []
        for call in self.calls:
            call = self._unwrapped(call)
            row = self._row(call)
            if row is not None:
                found += self._sink(call, row)
            elif depth > 0:
                found += self._helper(call, depth)
        return found[:20]

    def _unwrapped(self, call: ast.Call) -> ast.Call:
        """`asyncio.to_thread(f, x)` and `loop.run_in_executor(None, f, x)` are `f(x)`."""
        last = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        skip = {"to_thread": 0, "run_sync": 0, "run_in_executor": 1}.get(last)
        if skip is None or len(call.args) <= skip or not isinstance(call.args[skip], (ast.Name, ast.Attribute)):
            return call
        return ast.copy_location(ast.Call(func=call.args[skip], args=call.args[skip + 1:], keywords=call.keywords), call)

    def _row(self, call: ast.Call) -> dict[str, Any] | None:
        func = call.func
        last = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
        if not last or not _known().line.match(last + "("):
            return None
        for name in qualified(func, self.inner):
            if (row := _known().exact.get(name)) is not None:
                return row
        if isinstance(func, ast.Attribute):
            held = (dotted(func.value) or [""])[-1].lower().lstrip("_")
            for row in _known().methods.get(last, ()):
                if any(held == each or held.endswith("_" + each) for each in row["receivers"]):
                    return row
        return None

    def _sink(self, call: ast.Call, row: dict[str, Any]) -> list[Sink]:
        arguments = Arguments(call, self.inner)
        node = call.func.value if row.get("receiver") and isinstance(call.func, ast.Attribute) else self._argument(arguments, row, call)
        form, capability = row["form"], row["capability"]
        does: tuple[str, ...] = ("changes",) if row.get("changes") else ()
        carried = NONE
        if form == "contained":
            return []
        if form == "effect":
            does = ("changes",)
        elif node is not None and form == "command":
            carried = self._command(node, arguments)
        elif node is not None and form in ("shell", "code"):
            carried = self.flow.mix(node)
        elif node is not None and form == "sql":
            carried, does = self.flow.mix(node), self._statement(node)
        elif node is not None:
            carried = self.flow.lead(node)
        if form == "open" and self._writes(arguments, receiver=bool(row.get("receiver"))):
            capability = "fs.write"
        guarded = bool(carried) and (carried <= self.checked or self.flow.guarded(carried, call))
        if not row.get("argument") and not row.get("receiver") and form != "effect":
            return []
        return [Sink(capability, form, call, self.file, tuple(sorted(carried)), guarded, call.lineno > self.asked_at, does)]

    def _argument(self, arguments: Arguments, row: dict[str, Any], call: ast.Call) -> Any:
        at, *named = row.get("argument", [0])
        for name in named:
            if (item := arguments.named.get(name)) is not None:
                return item.node
        return call.args[at] if len(call.args) > at else None

    def _command(self, node: Any, arguments: Arguments) -> Names:
        shell = arguments.value("shell")
        if arguments.get("shell") is not None and shell is not False and shell is not None:
            return self.flow.mix(node) if shell is True or shell is UNKNOWN else NONE
        words = node
        if isinstance(node, ast.Starred):
            words = node.value
        if isinstance(words, ast.Name):
            held = [item.node for item in assigned(words, self.inner)]
            if held and isinstance(held[0], ast.List):
                words = held[0]
        first = self.flow.lead(words)
        if first:
            return first
        if isinstance(words, ast.List) and words.elts:
            head = fold(words.elts[0], self.inner)
            inline = any(fold(each, self.inner) in ("-c", "/c", "-Command", "-e", "-lc", "-command") for each in words.elts[1:4])
            if isinstance(head, str) and head.rsplit("/", 1)[-1].lower() in table()["interpreters"] and inline:
                return self.flow.mix(words)
            if head is UNKNOWN and inline and any(name == "sys.executable" for name in qualified(words.elts[0], self.inner)):
                return self.flow.mix(words)
        return NONE

    def _statement(self, node: Any) -> tuple[str, ...]:
        text = fold(node, self.inner)
        if text is UNKNOWN and isinstance(node, ast.JoinedStr) and node.values:
            text = fold(node.values[0], self.inner)
        if not isinstance(text, str):
            return ()
        return ("writes", "deletes") if _DROPS.match(text) else ("writes",) if _WRITES.match(text) else ()

    def _writes(self, arguments: Arguments, *, receiver: bool) -> bool:
        mode = arguments.value("mode", 0 if receiver else 1)
        return isinstance(mode, str) and any(sign in mode for sign in "wax+")

    def _helper(self, call: ast.Call, depth: int) -> list[Sink]:
        """A function of the tree that is called with what came in."""
        found = local(call.func, self.inner)
        if found is None:
            for name in qualified(call.func, self.inner):
                if (other := self.file.package.definition(name)) is not None:
                    found = other
                    break
        if found is None or not isinstance(found[0].node, FUNCTIONS) or found[0].node is self.function:
            return []
        function, home = found[0].node, found[1]
        if not may_have(home.file, function.lineno, function.end_lineno or function.lineno) and depth < 2:
            return []
        anywhere, first = self._passed(call, function)
        whole = frozenset(each for names in anywhere.values() for each in names)
        checked = self.checked
        if whole and self.flow.guarded(whole, call):
            checked |= whole
        return _Body(function, home, anywhere, first, checked, asked=call.lineno > self.asked_at).sinks(depth - 1)

    def _passed(self, call: ast.Call, function: Function) -> tuple[dict[str, Names], dict[str, Names]]:
        """What the parameters of another function carry, and what decides their beginning."""
        places = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args)]
        if places[:1] in (["self"], ["cls"]) and isinstance(call.func, ast.Attribute):
            places = places[1:]
        given = [*zip(places, call.args), *((word.arg, word.value) for word in call.keywords if word.arg is not None)]
        anywhere = {name: names for name, node in given if (names := self.flow.mix(node))}
        first = {name: names for name, node in given if (names := self.flow.lead(node))}
        return anywhere, first
