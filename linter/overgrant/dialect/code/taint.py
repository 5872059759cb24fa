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
from overgrant.dialect.code.values import Item, definition, fold, returns
from overgrant.read.python import below

Names = frozenset[str]
NONE: Names = frozenset()
_THROUGH = frozenset("str Path PurePath UPath join format strip lstrip rstrip lower upper split expanduser expandvars abspath realpath resolve "
                     "absolute normpath fspath loads dumps list tuple dedent encode decode replace copy as_posix text urljoin "
                     "wait_for to_thread removeprefix removesuffix with_suffix get SafeString Template Request compile".split())


@cache
def table() -> dict[str, Any]:
    """`knowledge/sinks.yaml`."""
    from overgrant.read.knowledge import load

    found: dict[str, Any] = load("sinks")
    return found


@cache
def _word_set(key: str) -> frozenset[str]:
    return frozenset(table()[key])


@cache
def _cleaners() -> frozenset[str]:
    return frozenset(name.rsplit(".", 1)[-1] for name in table()["cleaning"])


def parameters(function: Function) -> list[str]:
    """The names of the parameters that a caller fills."""
    args = function.args
    return [arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs) if not _filled(arg)]


def _filled(arg: ast.arg) -> bool:
    """The framework gives it: by its name, or by its type under a usual name, which text never is."""
    return arg.arg in _word_set("filled") or arg.arg in _word_set("filled-by-type") and not _text(arg.annotation)


def _text(node: Any, depth: int = 4) -> bool:
    """An annotation that says text and nothing else."""
    if isinstance(node, ast.BinOp) and depth > 0:
        return _text(node.left, depth - 1) or _text(node.right, depth - 1)
    if isinstance(node, ast.Subscript) and depth > 0:
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        injected = any((dotted(getattr(each, "func", each)) or [""])[-1] in _word_set("closed-types") for each in inner[1:])
        return (dotted(node.value) or [""])[-1] in ("Optional", "Annotated") and not injected and _text(inner[0], depth - 1)
    return isinstance(node, ast.Name) and node.id == "str" or isinstance(node, ast.Constant) and node.value == "str"


def free_parameters(function: Function, scope: Scope) -> list[str]:
    """The parameters through which free text comes in: no numbers, closed words, or what the framework fills in."""
    found = []
    args = function.args
    for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs):
        if _filled(arg):
            continue
        if arg.annotation is None or _open(arg.annotation, scope):
            found.append(arg.arg)
    return found


def _open(node: Any, scope: Scope, depth: int = 6) -> bool:
    """An annotation that lets free text through."""
    if depth <= 0:
        return False
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.value.split("[")[0].strip().lower() in ("str", "list", "dict", "any", "optional")
    if isinstance(node, ast.BinOp):
        return _open(node.left, scope, depth - 1) or _open(node.right, scope, depth - 1)
    name = (dotted(node) or [""])[-1]
    if isinstance(node, ast.Subscript):
        inner = node.slice
        if name == "Annotated" and isinstance(inner, ast.Tuple) and inner.elts:
            limited = any(_limits(word, scope) for call in inner.elts[1:] for word in getattr(call, "keywords", ()))
            injected = any((dotted(getattr(each, "func", each)) or [""])[-1] in _word_set("closed-types") for each in inner.elts[1:])
            return not limited and not injected and _open(inner.elts[0], scope, depth - 1)
        if name in ("Optional", "Union", "List", "list", "Sequence", "Iterable", "Tuple", "tuple", "Set", "set"):
            return any(_open(each, scope, depth - 1) for each in (inner.elts if isinstance(inner, ast.Tuple) else [inner]))
        return name in ("Dict", "dict", "Mapping")
    return name in ("str", "Any", "dict", "list", "Dict", "List", "object", "Path", "AnyStr", "AnyUrl", "Text", "LiteralString") or (
        name in _word_set("open-types") or name not in _word_set("closed-types") and _schema(node, scope, depth - 1))


def _schema(node: Any, scope: Scope, depth: int) -> bool:
    """A class of the tree that describes what a caller fills in, and has a field for free text."""
    found = definition(node, scope)
    if found is None or not isinstance(found[0].node, ast.ClassDef):
        return False
    owner = found[0].node
    made = {(dotted(getattr(each, "func", each)) or [""])[-1] for each in owner.decorator_list}
    bases = {(dotted(base) or [""])[-1] for base in owner.bases}
    if made.isdisjoint(("dataclass", "define", "frozen")) and bases.isdisjoint(("BaseModel", "TypedDict", "NamedTuple", "SQLModel", "BaseIOSchema")):
        return any(_schema(base, found[1], depth - 1) for base in owner.bases) if depth > 0 else False
    inner = found[1].below(owner)
    return any(isinstance(field, ast.AnnAssign) and _open(field.annotation, inner, depth - 1) and not any(
        _limits(word, inner) for word in getattr(field.value, "keywords", ())) for field in owner.body)


def closed_fields(item: Item | None) -> Names:
    """The fields of a schema class through which no free text comes in: numbers, closed words, anchored patterns."""
    found = definition(item.node, item.scope) if item is not None else None
    if found is None or not isinstance(found[0].node, ast.ClassDef):
        return NONE
    scope = found[1].below(found[0].node)
    return frozenset(
        field.target.id for field in found[0].node.body if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        and (not _open(field.annotation, scope) or any(_limits(word, scope) for word in getattr(field.value, "keywords", ()))))


def _limits(word: ast.keyword, scope: Scope) -> bool:
    """`pattern="^[a-z]+$"` closes a text; a pattern that may match anywhere in it does not."""
    if word.arg == "enum":
        return True
    if word.arg not in ("pattern", "regex"):
        return False
    pattern = fold(word.value, scope)
    return not isinstance(pattern, str) or (pattern.startswith("^") and pattern.endswith("$"))


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
        found = NONE
        for name in below(node, (ast.Name,)):
            found |= self.any.get(name.id, NONE) | self.closed.get(name.id, NONE)
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
