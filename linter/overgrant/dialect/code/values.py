"""Dialects: what an expression is worth before anything runs: constants, entries of dictionaries, arguments of calls."""

from __future__ import annotations

import ast
import math
import sys
from typing import Any, NamedTuple

from overgrant.dialect.code.bindings import Binding
from overgrant.dialect.code.names import FUNCTIONS, File, Scope, members, qualified

DEPTH = 8
MOST = 200
MOST_TEXT = 10_000
_NUMBERS = {"sys.maxsize": sys.maxsize, "math.inf": math.inf}
_PLAIN = {"builtins.int": int, "builtins.float": float, "builtins.str": str, "builtins.bool": bool}
WRAPS = frozenset({"pathlib.Path", "pathlib.PurePath", "pydantic.SecretStr", "builtins.list", "builtins.tuple", "builtins.set",
                    "builtins.frozenset"})
_CALLS = {"pathlib.Path.home": "~", "pathlib.Path.cwd": ".", "os.getcwd": ".", "os.environ.copy": "$ENVIRONMENT"}
_SAME = frozenset({"os.path.expanduser", "os.path.abspath", "os.path.realpath", "os.path.normpath"})
_ENVIRONMENT = frozenset({"os.getenv", "os.environ.get", "environ.get"})


class _Unknown:
    """What is known only when the code runs."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        return False


UNKNOWN = _Unknown()


class Item(NamedTuple):
    """An expression and the scope it stands in; `spread` for a sequence that stands for its elements."""

    node: Any
    scope: Scope

    @property
    def file(self) -> File:
        """The module it stands in."""
        return self.scope.file


def fold(node: Any, scope: Scope, depth: int = DEPTH) -> Any:
    """The constant that an expression is, or `UNKNOWN`. An environment variable is its default."""
    if depth <= 0:
        return UNKNOWN
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        items = [fold(each, scope, depth - 1) for each in node.elts[:MOST]]
        return UNKNOWN if any(each is UNKNOWN for each in items) else items
    if isinstance(node, ast.Dict):
        return _folded_map(node, scope, depth)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        inner = fold(node.operand, scope, depth - 1)
        if isinstance(node.op, ast.Not):
            return UNKNOWN if inner is UNKNOWN else not inner
        return -inner if isinstance(inner, (int, float)) else UNKNOWN
    if isinstance(node, ast.BinOp):
        return _sum(node, scope, depth)
    if isinstance(node, ast.Call):
        return _called(node, scope, depth)
    if isinstance(node, ast.Name):
        return _agreed([fold(each.node, each.scope, depth - 1) for each in assigned(node, scope)])
    if isinstance(node, ast.Attribute):
        return _attribute(node, scope, depth)
    if isinstance(node, ast.Subscript):
        held = found_at(node, scope, depth - 1)
        return fold(held.node, held.scope, depth - 1) if held is not None else UNKNOWN
    if isinstance(node, ast.JoinedStr):
        return _filled(node, scope, depth)
    if isinstance(node, ast.NamedExpr):
        return fold(node.value, scope, depth - 1)
    if isinstance(node, ast.IfExp):
        return _agreed([fold(node.body, scope, depth - 1), fold(node.orelse, scope, depth - 1)])
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        # `os.getenv("X") or 5`: the last one counts where the others are not known
        return fold(node.values[-1], scope, depth - 1)
    return UNKNOWN


def _agreed(found: list[Any]) -> Any:
    if not found or any(each is UNKNOWN for each in found):
        return UNKNOWN
    return found[0] if all(type(each) is type(found[0]) and each == found[0] for each in found) else UNKNOWN


def _filled(node: ast.JoinedStr, scope: Scope, depth: int) -> Any:
    """An f-string whose parts are all known."""
    parts = [fold(each.value if isinstance(each, ast.FormattedValue) else each, scope, depth - 1) for each in node.values[:MOST]]
    if not all(isinstance(part, (str, int)) for part in parts) or sum(len(str(part)) for part in parts) > MOST_TEXT:
        return UNKNOWN
    return "".join(map(str, parts))


def found_at(node: ast.Subscript, scope: Scope, depth: int = DEPTH) -> Item | None:
    """What `table["key"]["key"]` or `row[0]` holds; None where that is not known."""
    if depth <= 0:
        return None
    key = fold(node.slice, scope, depth - 1)
    if isinstance(key, str):
        held = None
        for name, value in entries(node.value, scope, depth - 1):
            if fold(name, value.scope, depth - 1) == key:
                held = value
        return held
    if isinstance(key, int) and not isinstance(key, bool):
        rows = [Item(node.value, scope)] if isinstance(node.value, (ast.List, ast.Tuple)) else assigned(
            node.value, scope) if isinstance(node.value, (ast.Name, ast.Attribute)) else []
        if len(rows) == 1 and isinstance(rows[0].node, (ast.List, ast.Tuple)) and -len(rows[0].node.elts) <= key < len(rows[0].node.elts):
            return Item(rows[0].node.elts[key], rows[0].scope)
    return None


def _folded_map(node: ast.Dict, scope: Scope, depth: int) -> Any:
    out: dict[Any, Any] = {}
    for item, value in entries(node, scope, depth):
        key = fold(item, scope, depth - 1)
        if not isinstance(key, (str, int)):
            return UNKNOWN
        out[key] = fold(value.node, value.scope, depth - 1)
    return out


def _sum(node: ast.BinOp, scope: Scope, depth: int) -> Any:
    left, right = fold(node.left, scope, depth - 1), fold(node.right, scope, depth - 1)
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    try:
        if isinstance(node.op, ast.Div) and isinstance(left, str) and isinstance(right, str):  # `Path("a") / "b"`
            return f"{left.rstrip('/')}/{right}" if len(left) + len(right) < MOST_TEXT else UNKNOWN
        if isinstance(node.op, ast.Add) and type(left) is type(right) and isinstance(left, (str, list, int)):
            return left + right if not isinstance(left, (str, list)) or len(left) + len(right) < MOST_TEXT else UNKNOWN
        if isinstance(node.op, ast.Mult) and isinstance(left, (int, float)) and isinstance(right, (int, float)):
            return left * right
        if isinstance(node.op, ast.Pow) and isinstance(left, int) and isinstance(right, int) and 0 <= right < 64 and abs(left) < 100:
            return left ** right
    except (OverflowError, ValueError):
        pass
    return UNKNOWN


def _called(node: ast.Call, scope: Scope, depth: int) -> Any:
    for name in qualified(node.func, scope):
        if name in _ENVIRONMENT:
            default = node.args[1] if len(node.args) > 1 else next(
                (each.value for each in node.keywords if each.arg == "default"), None)
            return UNKNOWN if default is None else fold(default, scope, depth - 1)
        if name in _CALLS:
            return _CALLS[name]
        if name in WRAPS:
            return fold(node.args[0], scope, depth - 1) if len(node.args) == 1 else UNKNOWN
        if name in _PLAIN and len(node.args) == 1:
            inner = fold(node.args[0], scope, depth - 1)
            if inner is UNKNOWN or isinstance(inner, (list, dict)) or (isinstance(inner, str) and len(inner) > 40):
                return UNKNOWN
            try:
                return _PLAIN[name](inner)
            except (ValueError, TypeError, OverflowError):
                return UNKNOWN
        if name in _SAME and len(node.args) == 1:
            return fold(node.args[0], scope, depth - 1)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        return _got(node, node.func.value, scope, depth)
    return UNKNOWN


def _got(node: ast.Call, table: Any, scope: Scope, depth: int) -> Any:
    """`table.get("key", default)` on a dictionary that is known."""
    key, found = fold(node.args[0], scope, depth - 1), entries(table, scope, depth - 1)
    if not found or not isinstance(key, str):
        return UNKNOWN
    held = [value for name, value in found if fold(name, value.scope, depth - 1) == key]
    if held:
        return fold(held[-1].node, held[-1].scope, depth - 1)
    return fold(node.args[1], scope, depth - 1) if len(node.args) > 1 else None


def _attribute(node: ast.Attribute, scope: Scope, depth: int) -> Any:
    for name in qualified(node, scope):
        if name in _NUMBERS:
            return _NUMBERS[name]
        if (found := scope.file.package.definition(name)) is not None:
            return fold(found[0].node, found[1], depth - 1) if found[0].kind == "assign" else UNKNOWN
    if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
        around = scope.around()
        held = [fold(each.node, home, depth - 1) for each, home in members(around, node.attr)
                if each.kind == "assign"] if around is not None else []
        return _agreed(held)
    # a member of an enumeration: `WriteMode.ALLOWED`
    return node.attr if node.attr.isupper() and any(not each.startswith("builtins.") for each in qualified(node, scope)) else UNKNOWN


def assigned(node: ast.Name | ast.Attribute, scope: Scope) -> list[Item]:
    """The expressions that a name is assigned, here or in another module of the tree."""
    found: list[Item] = []
    bound = scope.find(node.id) if isinstance(node, ast.Name) else members_of(node, scope)
    for binding, home in bound:
        if binding.kind in ("assign", "with"):
            found.append(Item(binding.node, home))
        elif binding.kind == "import":
            name = home.file.package.canonical(home.file, binding.text)
            if (other := home.file.package.definition(name)) is not None and other[0].kind in ("assign", "with"):
                found.append(Item(other[0].node, other[1]))
        elif binding.kind == "param":
            if (default := defaulted(binding, home)) is not None:
                found.append(default)
            else:
                return []
        elif binding.kind not in ("augment", "append", "extend"):
            return []
    return found[:MOST]


def defaulted(binding: Binding, home: Scope) -> Item | None:
    """The default of a parameter."""
    if isinstance(binding.node, ast.AnnAssign) or not isinstance(home.owner, FUNCTIONS):
        return None
    args = home.owner.args
    plain = [*args.posonlyargs, *args.args]
    for arg, default in zip(reversed(plain), reversed(args.defaults)):
        if arg is binding.node:
            return Item(default, home.parent or home)
    for arg, wanted in zip(args.kwonlyargs, args.kw_defaults):
        if arg is binding.node and wanted is not None:
            return Item(wanted, home.parent or home)
    return None


def members_of(node: ast.Attribute, scope: Scope) -> list[tuple[Binding, Scope]]:
    """What an attribute is bound to: of this object, of a class or an object of one, of a module."""
    if isinstance(node.value, (ast.Name, ast.Attribute, ast.Call)):
        if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls") and (around := scope.around()) is not None:
            return members(around, node.attr)
        for name in qualified(node, scope):
            if (found := scope.file.package.definition(name)) is not None:
                return [found]
    return []


def entries(node: Any, scope: Scope, depth: int = DEPTH) -> list[tuple[Any, Item]]:
    """(key, value) of a dictionary display, of `dict(a=1)`, or of a name that holds one; later ones win."""
    if depth <= 0:
        return []
    found: list[tuple[Any, Item]] = []
    if isinstance(node, ast.Dict):
        for key, value in list(zip(node.keys, node.values))[:MOST]:
            if key is None:
                found += entries(value, scope, depth - 1)
            else:
                found.append((key, Item(value, scope)))
    elif isinstance(node, ast.Call) and qualified(node.func, scope) == ["builtins.dict"]:
        for word in node.keywords:
            if word.arg is None:
                found += entries(word.value, scope, depth - 1)
            else:
                found.append((ast.Constant(word.arg, lineno=word.lineno, col_offset=word.col_offset,
                                           end_lineno=word.end_lineno, end_col_offset=word.end_col_offset), Item(word.value, scope)))
    elif isinstance(node, (ast.Name, ast.Attribute)):
        for item in assigned(node, scope)[:4]:
            found += entries(item.node, item.scope, depth - 1)
    elif isinstance(node, ast.Subscript):
        if (held := found_at(node, scope, depth - 1)) is not None:
            found = entries(held.node, held.scope, depth - 1)
    elif isinstance(node, ast.Call):
        found = _returned(node, scope, depth) or _loaded(node, scope, depth)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        found = entries(node.left, scope, depth - 1) + entries(node.right, scope, depth - 1)
    return found


def _loaded(node: ast.Call, scope: Scope, depth: int) -> list[tuple[Any, Item]]:
    """The entries of a configuration file of the tree."""
    if not node.args or getattr(node.func, "attr", "") not in ("load", "loads", "safe_load", "full_load"):
        return []
    from overgrant.dialect.code.loaded import loaded

    known = scope.file.loaded
    if id(node) not in known:
        known[id(node)] = loaded(node, scope)
    return entries(known[id(node)], scope, depth - 1) if known[id(node)] is not None else []


def _returned(node: ast.Call, scope: Scope, depth: int) -> list[tuple[Any, Item]]:
    """The entries of what a function of the tree returns, or of a copy."""
    if isinstance(node.func, ast.Attribute) and node.func.attr == "copy" and not node.args:
        return entries(node.func.value, scope, depth - 1)
    target = definition(node.func, scope)
    if target is None or not isinstance(target[0].node, FUNCTIONS):
        return []
    answers = returns(target[0].node)
    return entries(answers[0], target[1].below(target[0].node), depth - 1) if len(answers) == 1 else []


def answers(item: Item) -> list[Item]:
    """What a function may return that stands where a question could be asked; empty for what is no function of the tree."""
    node, scope = item.node, item.scope
    if isinstance(node, ast.Lambda):
        return [Item(node.body, scope)]
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return []
    found = definition(node, scope)
    if found is not None and isinstance(found[0].node, FUNCTIONS):
        inner = found[1].below(found[0].node)
        return [Item(each, inner) for each in returns(found[0].node)]
    return [each for held in assigned(node, scope)[:2] if isinstance(held.node, ast.Lambda) for each in answers(held)]


def definition(node: Any, scope: Scope) -> tuple[Binding, Scope] | None:
    """The function or class of the tree that an expression names, here or in another module."""
    if (found := local(node, scope)) is not None:
        return found
    if isinstance(node, ast.Attribute) and not scope.file.may_define(node.attr):
        return None
    for name in qualified(node, scope):
        if (found := scope.file.package.definition(name)) is not None:
            return found
    return None


def local(node: Any, scope: Scope) -> tuple[Binding, Scope] | None:
    """The definition in this file that a name means, also one inside a function; `self.method` by the class around."""
    if isinstance(node, ast.Name):
        return next(((each, home) for each, home in scope.find(node.id) if each.kind in ("def", "class")), None)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
        around = scope.around()
        if around is not None:
            return next(((each, home) for each, home in members(around, node.attr) if each.kind == "def"), None)
    return None


def returns(function: Any) -> list[Any]:
    """The expressions that a function returns or yields at the end, without those of functions inside it."""
    from overgrant.read.python import below

    return [each.value for each in below(function, (ast.Return,), (*FUNCTIONS, ast.Lambda, ast.ClassDef)) if each.value is not None][:20]
