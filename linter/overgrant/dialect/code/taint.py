"""Dialects: which parameters of a function reach an expression, and what stands between.

Two questions per expression: which parameters are anywhere in it, and which decide its beginning. The beginning
of a URL is its host, of a path its root, of a list of words its program. A value from a table of constants, a
number, and what a checking function returned carry no parameter.
"""

from __future__ import annotations

import ast
from functools import cache
from typing import Any

from overgrant.dialect.code.bindings import Function
from overgrant.dialect.code.guard import CHECKS, STOP, Guard, checks
from overgrant.dialect.code.names import FUNCTIONS, Scope, dotted, qualified
from overgrant.dialect.code.params import NONE, Names, parameters, table
from overgrant.dialect.code.values import definition, returns
from overgrant.read.python import below

_THROUGH = frozenset("str Path PurePath UPath join format strip lstrip rstrip lower upper split expanduser expandvars abspath realpath resolve "
                     "absolute normpath fspath loads dumps list tuple dedent encode decode replace copy as_posix text urljoin "
                     "wait_for to_thread removeprefix removesuffix with_suffix get SafeString Template Request compile".split())


@cache
def _cleaners() -> frozenset[str]:
    return frozenset(name.rsplit(".", 1)[-1] for name in table()["cleaning"])


STEPS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.For, ast.AsyncFor, ast.With, ast.AsyncWith, ast.NamedExpr)
NODES = tuple(dict.fromkeys((ast.Call, *STEPS, *CHECKS, *STOP)))  # what is looked for in a function, in one walk


def own_nodes(function: Function, nodes: list[Any]) -> list[Any]:
    """Those of a function's nodes that are its own, or of a function inside it that it runs itself.

    nodes  all of `NODES` in it
    """
    others = [node for node in nodes if node.__class__ in STOP and node is not function and (
        node.__class__ not in FUNCTIONS or node.decorator_list)]
    if not others:
        return nodes
    foreign = {id(node) for other in others for node in below(other, NODES)}
    return [node for node in nodes if id(node) not in foreign]


def _entry(node: Any) -> tuple[Any, str] | None:
    """The dictionary and the key of `arguments["command"]` and `arguments.get("command")`."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return node.value, node.slice.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args and isinstance(
            key := node.args[0], ast.Constant) and isinstance(key.value, str):
        return node.func.value, key.value
    return None


def _of_entry(names: Names, key: str) -> Names:
    """An entry of what came in: `arguments[command]`. A check of another entry says nothing of it."""
    return frozenset(name if "[" in name else f"{name}[{key}]" for name in names)


def parameter(name: str) -> str:
    """The parameter that an entry stands in."""
    return name.split("[")[0]


class Flow:
    """The parameters in the variables of one function.

    anywhere  names in which the caller's words are, each with the parameters that they come from
    first     names that begin with them
    """

    def __init__(self, function: Function, scope: Scope, anywhere: dict[str, Names], first: dict[str, Names], nodes: list[Any]) -> None:
        self.function = function
        self.scope = scope
        self.any: dict[str, Names] = dict(anywhere)
        self.first: dict[str, Names] = dict(first)
        self.closed: dict[str, Names] = {}
        self._written: dict[str, Names] | None = None
        self._own = own_nodes(function, nodes)
        steps = [node for node in self._own if node.__class__ in STEPS]
        for _ in range(2):
            before = len(self.any)
            for step in steps:
                self._step(step)
            if len(self.any) == before:
                break

    def checks(self) -> list[Any]:
        """The nodes of the function that may check something."""
        return [node for node in self._own if node.__class__ in CHECKS]

    def _step(self, step: Any) -> None:
        if isinstance(step, ast.Assign):
            for target in step.targets:
                self._bind(target, step.value)
        elif isinstance(step, (ast.AnnAssign, ast.NamedExpr)) and step.value is not None:
            self._bind(step.target, step.value)
        elif isinstance(step, ast.AugAssign) and isinstance(step.target, ast.Name):
            if more := self.mix(step.value):
                self.any[step.target.id] = self.any.get(step.target.id, NONE) | more
        elif isinstance(step, (ast.For, ast.AsyncFor)):
            self._bind(step.target, step.iter)
        elif isinstance(step, (ast.With, ast.AsyncWith)):
            for item in step.items:
                if item.optional_vars is not None:
                    self._bind(item.optional_vars, item.context_expr)

    def _bind(self, target: Any, value: Any) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            for each in target.elts:
                self._bind(each, value)
            return
        if not isinstance(target, ast.Name):
            return
        if more := self.mix(value):
            self.any[target.id] = self.any.get(target.id, NONE) | more
        elif seen := self.touched(value):
            # what a checking function returned: the same name is clean from here on
            self.closed[target.id] = self.closed.get(target.id, NONE) | seen
            if isinstance(value, ast.Call) and target.id in self.any and target.id in {name.id for name in below(value, (ast.Name,))}:
                self.any.pop(target.id)
                self.first.pop(target.id, None)
        if lead := self.lead(value):
            self.first[target.id] = self.first.get(target.id, NONE) | lead

    def mix(self, node: Any) -> Names:
        """The parameters anywhere in an expression."""
        found = NONE
        stack: list[Any] = [node]
        while stack:
            here = stack.pop()
            if isinstance(here, ast.Name):
                found |= self.any.get(here.id, NONE)
            elif (entry := _entry(here)) is not None:
                found |= _of_entry(self.mix(entry[0]), entry[1])
            elif isinstance(here, ast.Subscript):
                stack.append(here.value)
            elif isinstance(here, ast.Call):
                stack += self._through(here)
            elif isinstance(here, (ast.Compare, ast.Lambda)):
                continue
            elif isinstance(here, ast.IfExp):
                stack += [here.body, here.orelse]
            elif isinstance(here, (ast.ListComp, ast.GeneratorExp, ast.SetComp)):
                stack += [each.iter for each in here.generators]
            elif isinstance(here, ast.AST):
                for item in here.__dict__.values():
                    if item.__class__ is list:
                        stack += [each for each in item if isinstance(each, ast.AST)]
                    elif isinstance(item, ast.AST):
                        stack.append(item)
        return found

    def _through(self, call: ast.Call) -> list[Any]:
        """The parts of a call whose text comes out of it again."""
        func = call.func
        name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
        if name in _cleaners() or checks(name):
            return []
        arguments = [*call.args, *(word.value for word in call.keywords)]
        if isinstance(func, ast.Attribute):
            if name == "get":
                return [func.value]  # a table's answer, or an entry of what came in
            if name in _THROUGH:
                return [func.value, *arguments]
            return [func.value] if isinstance(func.value, (ast.Name, ast.Attribute, ast.Subscript)) and name not in ("group",) else []
        return arguments if name in _THROUGH else []

    def lead(self, node: Any, depth: int = 8) -> Names:
        """The parameters that decide the beginning of an expression."""
        if depth <= 0:
            return NONE
        if isinstance(node, ast.Name):
            return self.first.get(node.id, NONE)
        if (entry := _entry(node)) is not None:
            return _of_entry(self.lead(entry[0], depth - 1), entry[1])
        if isinstance(node, (ast.Subscript, ast.Attribute, ast.Await, ast.Starred)):
            return NONE if isinstance(node, ast.Attribute) and self._last_part(node) else self.lead(node.value, depth - 1)
        if isinstance(node, ast.JoinedStr):
            return self._lead_of([part.value if isinstance(part, ast.FormattedValue) else part for part in node.values], depth)
        if isinstance(node, ast.BinOp):
            return self._lead_of([node.left, node.right], depth) if isinstance(node.op, ast.Add) else self.lead(node.left, depth - 1)
        if isinstance(node, (ast.List, ast.Tuple)):
            return self.lead(node.elts[0], depth - 1) if node.elts else NONE
        if isinstance(node, ast.IfExp):
            return self.lead(node.body, depth - 1) | self.lead(node.orelse, depth - 1)
        if isinstance(node, ast.BoolOp):
            found = NONE
            for each in node.values:
                found |= self.lead(each, depth - 1)
            return found
        if isinstance(node, ast.Call):
            return self._lead_call(node, depth)
        return NONE

    def _last_part(self, node: ast.Attribute) -> bool:
        """`Path(x).name`: no folder comes out of it."""
        return node.attr in ("name", "stem", "suffix") and any(
            name.endswith("Path()") for name in qualified(node.value, self.scope))

    def _lead_of(self, parts: list[Any], depth: int) -> Names:
        for part in parts:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                if part.value.strip().lower() not in ("", "http://", "https://", "file://"):
                    return NONE
                continue
            return self.lead(part, depth - 1)
        return NONE

    def _lead_call(self, call: ast.Call, depth: int) -> Names:
        func = call.func
        parts = self._through(call)
        if isinstance(func, ast.Attribute) and func.attr == "format" and isinstance(func.value, ast.Constant):
            text = func.value.value
            return self.lead(call.args[0], depth - 1) if isinstance(text, str) and text.startswith("{") and call.args else NONE
        if isinstance(func, ast.Attribute) and parts and isinstance(func.value, (ast.Name, ast.Attribute)):
            base = (dotted(func.value) or [""])[0]
            if base in ("os", "pathlib", "shlex", "urllib", "asyncio", "anyio", "json", "trio", "upath"):
                return self.lead(call.args[0], depth - 1) if call.args else NONE
            if func.attr == "join" and call.args:
                return self.lead(call.args[0], depth - 1)
            return self.lead(func.value, depth - 1)
        if isinstance(func, ast.Attribute) and parts:
            return self.lead(func.value, depth - 1)
        if parts:
            return self.lead(call.args[0], depth - 1) if call.args else NONE
        return self._lead_returned(call, depth)

    def _lead_returned(self, call: ast.Call, depth: int) -> Names:
        """What a function of the tree hands back of what it was given, where nothing in it checks that."""
        func = call.func
        name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
        given = [*call.args, *(word.value for word in call.keywords)]
        if name in _cleaners() or checks(name) or not any(self.lead(each, depth - 1) for each in given):
            return NONE
        target = definition(func, self.scope)
        if target is None or not isinstance(target[0].node, FUNCTIONS) or target[0].node is self.function:
            return NONE
        passed = passing(target[0].node, target[1])
        places = [arg.arg for arg in (*target[0].node.args.posonlyargs, *target[0].node.args.args)]
        if places[:1] in (["self"], ["cls"]) and isinstance(func, ast.Attribute):
            places = places[1:]
        found = NONE
        for at, value in [*zip(places, call.args), *((word.arg, word.value) for word in call.keywords)]:
            if at in passed:
                found |= self.lead(value, depth - 1)
        return found

    def guarded(self, wanted: Names, sink: Any, form: str) -> bool:
        """Something checks what these parameters carry before the sink is reached."""
        return Guard(self, wanted, sink, form).holds()

    def written(self, node: Any) -> Names:
        """The parameters that the function itself wrote into the file that an expression names."""
        if self._written is None:
            self._written = {}
            for call in (each for each in self._own if each.__class__ is ast.Call and getattr(each.func, "attr", "") in _WRITES and each.args):
                if (names := self.mix(call.args[0])) and (base := _base(getattr(call.func, "value", None))):
                    self._written[base] = self._written.get(base, NONE) | names
            for step in (*self._own, *reversed(self._own)) if self._written else ():
                for name, other in _aliases(step):
                    if name in self._written or other in self._written:
                        both = self._written.get(name, NONE) | self._written.get(other, NONE)
                        self._written[name] = self._written[other] = both
        return self._written.get(_base(node), NONE) if self._written else NONE

    def touched(self, node: Any) -> Names:
        """The parameters that an expression looks at, also where nothing of their text is left in it."""
        found, inner = NONE, set()
        for each in below(node, (ast.Name, ast.Subscript, ast.Call)):
            if isinstance(each, ast.Name):
                found |= self.any.get(each.id, NONE) | self.closed.get(each.id, NONE) if id(each) not in inner else NONE
            elif (entry := _entry(each)) is not None and isinstance(entry[0], ast.Name):
                inner.add(id(entry[0]))
                found |= _of_entry(self.any.get(entry[0].id, NONE) | self.closed.get(entry[0].id, NONE), entry[1])
        return found


_WRITES = frozenset({"write", "write_text", "write_bytes", "writelines"})


def _base(node: Any) -> str:
    """The variable that an expression for a file starts with: `f.name`, `str(path)`, `open(path, "w")`."""
    while not isinstance(node, ast.Name):
        if isinstance(node, (ast.Attribute, ast.Starred, ast.Await)):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.args[0] if node.args else node.func.value if isinstance(node.func, ast.Attribute) else None
        else:
            return ""
    return node.id


def _aliases(step: Any) -> list[tuple[str, str]]:
    """Pairs of variables that stand for the same file."""
    pairs = []
    if isinstance(step, ast.Assign) and isinstance(step.targets[0], ast.Name):
        pairs = [(step.targets[0].id, _base(step.value))]
    elif isinstance(step, (ast.With, ast.AsyncWith)):
        pairs = [(item.optional_vars.id, _base(item.context_expr)) for item in step.items if isinstance(item.optional_vars, ast.Name)]
    return [(name, other) for name, other in pairs if other and name != other]


def passing(function: Function, home: Scope) -> Names:
    """The parameters of a function that decide the beginning of what it returns, unchecked."""
    known = home.file.passing
    if id(function) not in known:
        known[id(function)] = NONE  # a function that calls itself
        own = {name: frozenset((name,)) for name in parameters(function)}
        flow = Flow(function, home.below(function), own, own, below(function, NODES))
        found = NONE
        for answer in returns(function):
            names = flow.lead(answer)
            found |= NONE if names and flow.guarded(names, answer, "open") else names
        known[id(function)] = found
    return known[id(function)]
