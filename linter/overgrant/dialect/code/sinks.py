"""Dialects: what the body of a tool does: calls with an effect, and which parameter chooses what they act on."""

from __future__ import annotations

import ast
import re
from typing import Any, NamedTuple

from overgrant.dialect.code.arguments import Arguments
from overgrant.dialect.code.bindings import Function
from overgrant.dialect.code.commands import package, passed_on, program
from overgrant.dialect.code.guard import STOP
from overgrant.dialect.code.names import FUNCTIONS, File, Scope, dotted, qualified
from overgrant.dialect.code.params import NONE, Names, free_parameters, parameters, table
from overgrant.dialect.code.paths import fixed_name, joined
from overgrant.dialect.code.sinktable import known, last_name, may_have, row_of
from overgrant.dialect.code.taint import NODES, Flow, parameter
from overgrant.dialect.code.values import UNKNOWN, Item, assigned, definition, entries, fold
from overgrant.read.python import below

DEPTH = 2
MOST = 200  # calls with an effect in one function, far more than a dispatcher of fifty tools has
_WRAPPERS = {"to_thread": 0, "run_sync": 0, "run_in_executor": 1, "partial": 0, "submit": 0}  # the argument that is called
_WRITES = re.compile(r"\s*(?:insert|update|delete|drop|truncate|alter|create|replace|merge|grant|revoke)\b", re.IGNORECASE)
_DROPS = re.compile(r"\s*(?:delete|drop|truncate)\b", re.IGNORECASE)


class Sink(NamedTuple):
    """A call with an effect in a tool's body.

    capability  what somebody has who chooses its argument
    form        `command`, `shell`, `code`, `open`, `path`, `url`, `sql`, `load`, `effect`, `money`, `variable`, `action`
    node, file  the call, and where it stands
    parameters  the parameters of the tool that choose its argument
    guarded     something checks them on the way
    asked       a person is asked first
    does        effects whatever the argument is: `changes`, `writes`, `deletes`
    at          the line of the tool's own body from which it is reached
    target      the argument where the code itself says what it is: a path, a command line
    insecure    the argument that switches the check of certificates off
    endless     nothing ends the call if the other side does not answer
    """

    capability: str
    form: str
    node: Any
    file: File
    parameters: tuple[str, ...]
    guarded: bool
    asked: bool
    does: tuple[str, ...] = ()
    at: int = 0
    target: Item | None = None
    insecure: Item | None = None
    endless: bool = False


def sinks_of(function: Function, scope: Scope, filled: Names = NONE) -> list[Sink]:
    """The calls with an effect in a function and in the functions of the tree that it calls.

    filled  parameters whose values are no caller's
    """
    free = frozenset(name for name in free_parameters(function, scope) if name not in filled)
    own = {name: frozenset((name,)) for name in parameters(function) if name not in filled}
    found = _Body(function, scope, Carried(own, own), free, asked=False).sinks(DEPTH)
    return [each if each.form == "money" or free.issuperset(each.parameters) else each._replace(
        parameters=tuple(dict.fromkeys(parameter(name) for name in each.parameters if parameter(name) in free)))
            for each in found]


class Carried(NamedTuple):
    """What comes into a function: the tool's parameters anywhere in its own, those that begin them, the calls on the way."""

    anywhere: dict[str, Names]
    first: dict[str, Names]
    way: tuple[tuple[Flow, ast.Call], ...] = ()


class _Body:
    """One function with what its parameters carry."""

    def __init__(self, function: Function, scope: Scope, carried: Carried, free: Names, *, asked: bool) -> None:
        self.function = function
        self.inner = scope.below(function)
        self.file = scope.file
        self.carried = carried
        self._flow: Flow | None = None
        self.free = free
        self.nodes = below(function, NODES)
        self.calls: list[ast.Call] = [node for node in self.nodes if node.__class__ is ast.Call]
        asking = known().asking
        # functions inside it that it runs itself: what their calls are called depends on what they bind
        self.within = {id(call): self.inner.below(each) for each in self.nodes if each.__class__ in FUNCTIONS and each is not function
                       and not each.decorator_list for call in below(each, (ast.Call,))}
        self.asked_at = 0 if asked else next((call.lineno for call in self.calls if last_name(call.func) in asking and self._asks(call)), 1 << 30)

    @property
    def flow(self) -> Flow:
        """What its variables carry; most bodies have no use for it."""
        if self._flow is None:
            self._flow = Flow(self.function, self.inner, self.carried.anywhere, self.carried.first, self.nodes)
        return self._flow

    def _asks(self, call: ast.Call) -> bool:
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr in table()["asking-methods"]:
            return True
        return any(name in table()["asking"] for name in qualified(func, self.inner))

    def sinks(self, depth: int) -> list[Sink]:
        """Everything with an effect, in document order."""
        found: list[Sink] = []
        for call in self.calls:
            if len(found) >= MOST:
                break
            if last_name(call.func) in _WRAPPERS:
                call = self._unwrapped(call)
            row = self._row(call)
            if row is not None:
                found += self._sink(call, row)
            elif depth > 0:
                found += self._helper(call, depth)
        if "environ" in self.file.code.text:
            found += self._environment()
        return found[:MOST]

    def _unwrapped(self, call: ast.Call, depth: int = 2) -> ast.Call:
        """`asyncio.to_thread(f, x)`, `loop.run_in_executor(None, f, x)` and `partial(f, x)` are `f(x)`."""
        last = last_name(call.func)
        skip = _WRAPPERS.get(last)
        if skip is None or len(call.args) <= skip or depth <= 0:
            return call
        inner = call.args[skip]
        if isinstance(inner, ast.Call) and last != "partial":
            return self._unwrapped(inner, depth - 1)
        if not isinstance(inner, (ast.Name, ast.Attribute)):
            return call
        return ast.copy_location(ast.Call(func=inner, args=call.args[skip + 1:], keywords=call.keywords), call)

    def _row(self, call: ast.Call) -> dict[str, Any] | None:
        if call.func.__class__ is ast.Name and call.func.id == "getattr":
            return self._action(call)
        return row_of(call, self.within.get(id(call), self.inner))

    def _sink(self, call: ast.Call, row: dict[str, Any]) -> list[Sink]:
        form, capability = row["form"], row["capability"]
        if form == "contained" or (form == "variable" and not self._handed_back(call)):
            return []
        arguments = Arguments(call, self.inner)
        node = call.func.value if row.get("receiver") and isinstance(call.func, ast.Attribute) else self._argument(arguments, row, call)
        if form not in ("effect", "money", "action") and not row.get("argument") and not row.get("receiver"):
            return []
        carried, does = self._carried(call, node, row, arguments), self._does(row, node)
        if form == "open" and self._writes(arguments, receiver=bool(row.get("receiver"))):
            capability = "fs.write"
        if form == "url" and not carried and (command := self._remote(call, arguments)):
            carried, capability, form = command, "exec.shell", "shell"
        if form == "command" and not carried and (installed := package(node, self.flow, self.inner)):
            carried, capability = installed, "pkg.install"
        if form != "money":
            carried = self._freely(carried)
        if form in ("open", "path") and not carried and node is not None and (below_folder := self._freely(joined(node, self.flow))):
            carried, form = below_folder, "joined"
        # a bound of the amount is one of the whole payment; anything else is checked by itself
        each = [carried] if form == "money" else [frozenset((name,)) for name in carried]
        unchecked = frozenset(name for names in each if names and not self._guarded(names, call, form) for name in names)
        guarded, carried = bool(carried) and not unchecked, unchecked or carried
        form = "path" if form == "joined" else form
        named = ("shell" if form == "shell" else "command" if form == "command" else "open" if form in ("open", "path") else "")
        target = Item(node, self.inner) if node is not None and named else None
        insecure = next((item for name in row.get("verifies", ()) if (item := arguments.get(name)) is not None
                         and fold(item.node, item.scope) is False), None)
        endless = bool(row.get("waits")) and not arguments.open and arguments.get(row["waits"]) is None
        return [Sink(capability, form, call, self.file, tuple(sorted(carried)), guarded, call.lineno > self.asked_at, does,
                     call.lineno, target, insecure, endless)]

    def _carried(self, call: ast.Call, node: Any, row: dict[str, Any], arguments: Arguments) -> Names:
        """The parameters that choose what a sink acts on."""
        form = row["form"]
        if form in ("effect", "money"):
            found = NONE
            for at in row.get("chooses", ()):
                item = arguments.get(str(at), at if isinstance(at, int) else None)
                found |= self.flow.mix(item.node) if item is not None else NONE
            return found
        if node is None:
            return NONE
        if form == "command":
            return self._command(node, arguments)
        if form in ("shell", "code", "sql", "action"):
            return self.flow.mix(node)
        if form == "variable":
            return self.flow.lead(node) if isinstance(node, ast.Name) else NONE
        if form in ("open", "path") and fixed_name(node, self.inner):
            return NONE
        return self.flow.lead(node)

    def _guarded(self, names: Names, call: ast.Call, form: str) -> bool:
        """Something checks them, here or on the way here."""
        return self.flow.guarded(names, call, form) or any(flow.guarded(names, at, form) for flow, at in self.carried.way)

    def _freely(self, names: Names) -> Names:
        """Those through which free text comes in."""
        return frozenset(name for name in names if parameter(name) in self.free)

    def _does(self, row: dict[str, Any], node: Any) -> tuple[str, ...]:
        if row["form"] in ("effect", "money"):
            return (*(("changes",) if row.get("changes", True) else ()), *(("deletes",) if row.get("deletes") else ()))
        if row["form"] == "sql" and node is not None:
            return self._statement(node)
        return ("changes",) if row.get("changes") else ()

    def _remote(self, call: ast.Call, arguments: Arguments) -> Names:
        """A request whose body is a command for something at the other end that runs it."""
        data = table()["remote-execution"]
        body = arguments.get("json") or arguments.get("data") or arguments.get("params")
        if body is None:
            return NONE
        url = ast.unparse(call.args[0]).lower() if call.args and len(below(call.args[0], (ast.AST,))) < 40 else ""
        if any(word in url for word in data["contained"]):
            return NONE
        runs = any(word in url for word in data["addresses"])
        found = NONE
        for key, value in entries(body.node, body.scope):
            name = fold(key, value.scope)
            if name in data["commands"] or (name in data["texts"] and runs):
                found |= self.flow.lead(value.node)
        return found

    def _action(self, call: ast.Call) -> dict[str, Any] | None:
        """`getattr(boto3.client(service), action)`: any action of a cloud, by its name."""
        if len(call.args) < 2 or not self._freely(self.flow.lead(call.args[1])):
            return None
        names = qualified(call.args[0], self.inner)
        if not any(name.startswith(tuple(table()["clouds"])) for name in names):
            return None
        return {"form": "action", "capability": "infra.mutate", "argument": [1]}

    def _handed_back(self, node: Any) -> bool:
        """What an expression is worth goes back to the model."""
        returned = [each.value for each in below(self.function, (ast.Return,), STOP) if each.value is not None]
        names = {name.id for value in returned for name in below(value, (ast.Name,))}
        if any(each is node for value in returned for each in below(value, (ast.Call, ast.Subscript))):
            return True
        return any(isinstance(target, ast.Name) and target.id in names for each in below(self.function, (ast.Assign,), STOP)
                   if any(inner is node for inner in below(each.value, (ast.Call, ast.Subscript))) for target in each.targets)

    def _environment(self) -> list[Sink]:
        """The whole environment, or a variable of the caller's choice, goes back to the model."""
        if "environ" not in self.file.code.text:
            return []
        found = []
        for node in below(self.function, (ast.Subscript, ast.Attribute), STOP):
            place = node.value if isinstance(node, ast.Subscript) else node
            if (dotted(place) or [""])[-1] != "environ" or qualified(place, self.inner) != ["os.environ"]:
                continue
            if isinstance(node, ast.Subscript):
                names = self._freely(self.flow.lead(node.slice)) if isinstance(node.slice, ast.Name) else NONE
                if names and isinstance(node.ctx, ast.Load) and self._handed_back(node):
                    guarded = self.flow.guarded(names, node, "variable")
                    found.append(Sink("secret.read", "variable", node, self.file, tuple(sorted(names)), guarded,
                                      node.lineno > self.asked_at, at=node.lineno))
            elif self._bulk(node):
                found.append(Sink("secret.read", "variables", node, self.file, (), False, node.lineno > self.asked_at, at=node.lineno))
        return found

    def _bulk(self, node: ast.Attribute) -> bool:
        """`os.environ` as a whole is what a return hands back, perhaps through a variable."""
        for value in [each.value for each in below(self.function, (ast.Return,), STOP) if each.value is not None]:
            values = [value]
            if isinstance(value, ast.Name):
                values = [item.node for item in assigned(value, self.inner)]
            if any(any(part is node for part in _whole_parts(each)) for each in values):
                return True
        return False

    def _argument(self, arguments: Arguments, row: dict[str, Any], call: ast.Call) -> Any:
        at, *named = row.get("argument", [0])
        for name in named:
            if (item := arguments.named.get(name)) is not None:
                return item.node
        return call.args[at] if at is not None and len(call.args) > at else None

    def _command(self, node: Any, arguments: Arguments) -> Names:
        shell = arguments.value("shell")
        if arguments.get("shell") is not None and shell is not False and shell is not None:
            return self.flow.mix(node) if shell is True or shell is UNKNOWN else NONE
        return program(node.value if isinstance(node, ast.Starred) else node, self.flow, self.inner)

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
        found = definition(call.func, self.inner)
        if found is None or not isinstance(found[0].node, FUNCTIONS) or found[0].node is self.function:
            return []
        function, home = found[0].node, found[1]
        if not may_have(home.file, function.lineno, function.end_lineno or function.lineno) and depth < 2:
            return []
        anywhere, first = self._passed(call, function)
        way = (*self.carried.way, (self.flow, call))
        inner = _Body(function, home, Carried(anywhere, first, way), self.free, asked=call.lineno > self.asked_at)
        return [each._replace(at=call.lineno) for each in inner.sinks(depth - 1)]

    def _passed(self, call: ast.Call, function: Function) -> tuple[dict[str, Names], dict[str, Names]]:
        """What the parameters of another function carry, and what decides their beginning."""
        places = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args)]
        if places[:1] in (["self"], ["cls"]) and isinstance(call.func, ast.Attribute):
            places = places[1:]
        given = [*zip(places, call.args), *((word.arg, word.value) for word in call.keywords if word.arg is not None)]
        anywhere = {name: names for name, node in given if (names := self.flow.mix(node))}
        first = {name: names for name, node in given if (names := self.flow.lead(node) | passed_on(node, self.flow, self.inner))}
        return anywhere, first


_SHOWS = frozenset("dict str dumps repr join list sorted items copy format pformat TextContent text".split())


def _whole_parts(value: Any) -> list[Any]:
    """The expressions whose whole content comes out of another one as text."""
    found, stack = [], [value]
    while stack:
        node = stack.pop()
        found.append(node)
        if isinstance(node, ast.Call):
            last = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
            if last in _SHOWS:
                stack += [*node.args, *(word.value for word in node.keywords)]
                stack += [node.func.value] if isinstance(node.func, ast.Attribute) else []
        elif isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp)):
            stack += [each.iter for each in node.generators if not each.ifs]
        elif isinstance(node, ast.JoinedStr):
            stack += [each.value for each in node.values if isinstance(each, ast.FormattedValue)]
        elif isinstance(node, (ast.List, ast.Tuple)):
            stack += node.elts
        elif isinstance(node, ast.Dict):
            stack += node.values
    return found
