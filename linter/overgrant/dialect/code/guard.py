"""Dialects: what stands between a parameter and a sink: lists of what is allowed, roots, hosts, anchored patterns.

A check counts when it lets only what it knows through. A list of bad words, a look at the ending, a pattern that
may match anywhere and a test of emptiness let the rest of the world through: they guard nothing.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from overgrant.dialect.code.names import FUNCTIONS, qualified
from overgrant.dialect.code.values import UNKNOWN, fold, local
from overgrant.read.python import below

if TYPE_CHECKING:
    from overgrant.dialect.code.params import Names
    from overgrant.dialect.code.taint import Flow

STOP = (*FUNCTIONS, ast.Lambda, ast.ClassDef)
CHECKS = (ast.If, ast.Assert, ast.While, ast.IfExp, ast.Call, ast.Match)
_TRIVIAL = frozenset("isinstance len exists is_file is_dir isfile isdir strip hasattr bool type lower upper str split rsplit partition "
                     "lstrip rstrip endswith find count index append extend items keys values get print info debug warning error "
                     "expanduser resolve absolute abspath realpath normpath dirname Path PurePath join splitext encode decode format replace "
                     "urlparse urlsplit is_absolute isabs stat search dumps loads repr startswith access glob iterdir any getsize "
                     "exception log write send report_progress".split())
_CONFINING = frozenset("is_relative_to relative_to commonpath commonprefix".split())
_CLASSES = frozenset("isalnum isalpha isdigit isidentifier isnumeric isdecimal isascii".split())
_BARE = ("", "http", "https", "http:", "https:", "http://", "https://", "file://", "/", "./", "ftp://")
_ENDS = ("$", r"\Z", r"\z")


@lru_cache(4096)
def checks(name: str) -> bool:
    """The name of a function says that it checks or confines."""
    from overgrant.dialect.code.params import table

    low = name.lower()
    return any(word in low for word in table()["checking"])


class Guard:
    """The checks of one function before one sink.

    form  of the sink: what is a check for a path is none for a command
    """

    def __init__(self, flow: Flow, wanted: Names, sink: Any, form: str) -> None:
        self.flow = flow
        self.wanted = wanted
        self.sink = sink
        self.form = form

    def holds(self) -> bool:
        """Something lets only what it knows through."""
        for check in self.flow.checks():
            if check.lineno > self.sink.lineno or check is self.sink:
                continue
            if isinstance(check, ast.Call):
                if self._confining(check):
                    return True
            elif isinstance(check, ast.Match):
                if self._mine(check.subject) and self._inside([each for case in check.cases for each in case.body]):
                    return True
            elif self._real(check):
                return True
        return False

    def _inside(self, body: Any) -> bool:
        """The sink stands in one of the statements, or in the expression."""
        rows = body if isinstance(body, list) else [body]
        return any(each.lineno <= self.sink.lineno <= (each.end_lineno or 0) for each in rows)

    def _mine(self, node: Any) -> bool:
        touched = self.flow.touched(node)
        return any(name in touched or name.split("[")[0] in touched for name in self.wanted)

    def _confining(self, call: ast.Call) -> bool:
        """A call that raises for what it does not know: a checking function, a path made relative to a root."""
        name = _last(call.func)
        if not name or name in _TRIVIAL:
            return False
        if name in _CONFINING or checks(name):
            return self._mine(call) and not self._denies(call)
        func = call.func
        if isinstance(func, ast.Name) or (isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)
                                          and func.value.id in ("self", "cls")):
            found = local(func, self.flow.scope)
            if found is not None and isinstance(found[0].node, FUNCTIONS) and below(found[0].node, (ast.Raise,)):
                return self._mine(call)
        return False

    def _real(self, check: Any) -> bool:
        """A condition that looks at the text, not only whether there is one."""
        body = check.body if isinstance(check.body if hasattr(check, "body") else None, list) else None
        leaves = body is not None and _leaves(body)
        within = self._inside(check.body) if hasattr(check, "body") else False
        for part, turned in _parts(check.test):
            if isinstance(part, ast.Compare):
                if self._compared(part, turned, leaves=leaves, within=within, asserted=isinstance(check, ast.Assert)):
                    return True
            elif isinstance(part, ast.Name):
                if self.form == "sql" and leaves and not turned and self._refused(part):
                    return True
            elif self._called(part):
                return True
        return False

    def _refused(self, name: ast.Name) -> bool:
        """What a parser found in a statement and a fixed set refuses: `found = verbs(sql) & WRITES`."""
        from overgrant.dialect.code.values import assigned

        return any(isinstance(each.node, ast.BinOp) and isinstance(each.node.op, ast.BitAnd) and self._mine(each.node)
                   for each in assigned(name, self.flow.scope))

    def _compared(self, part: ast.Compare, turned: bool, *, leaves: bool, within: bool, asserted: bool) -> bool:
        op = part.ops[0]
        if self.form == "joined" and leaves and isinstance(op, ast.In) and self._mine(part.comparators[0]):
            # `if ".." in name: raise`: below a folder, only this and an absolute name lead out of it
            return not turned and fold(part.left, self.flow.scope) in ("..", "/", "../")
        if isinstance(op, (ast.Lt, ast.Gt, ast.LtE, ast.GtE)):
            return self.form == "money" and (self._mine(part.left) or self._mine(part.comparators[0]))
        if isinstance(op, (ast.In, ast.NotIn)) and getattr(part.comparators[0], "attr", "") == "parents" and self._mine(part.comparators[0]):
            known = isinstance(op, ast.In) is not turned
            return known and within or not known and leaves  # `if FOLDER not in path.parents: raise`
        if not self._mine(part.left) or _last(getattr(part.left, "func", None)) in ("len", "type"):
            return False
        if isinstance(op, (ast.In, ast.NotIn)):
            known = isinstance(op, ast.In) is not turned
            return known and (within or asserted or not leaves) or not known and leaves and not within
        if isinstance(op, (ast.Eq, ast.NotEq)) and _called_by(part.left, "commonpath", "commonprefix"):
            return True
        if isinstance(op, (ast.Eq, ast.NotEq)):
            # `if kind == "a": sink` closes the text; `if x == "": return` does not
            same = isinstance(op, ast.Eq) is not turned
            other = fold(part.comparators[0], self.flow.scope)
            trivial = other in ("", None) or other is True or other is False
            return not trivial and (same and within or not same and leaves and not within)
        return False

    def _called(self, call: ast.Call) -> bool:
        name = _last(call.func)
        if name in ("fullmatch", "match", "search"):
            return self._anchored(call, name)
        if name == "startswith":
            return self._prefixed(call)
        if name in ("all", "any") and call.args and isinstance(call.args[0], (ast.GeneratorExp, ast.ListComp)):
            return self._each(call.args[0], name)
        if name in _TRIVIAL or not name:
            return False
        if name in _CLASSES:
            return name != "isascii" and self._mine(call)
        return self._mine(call) and not self._denies(call)

    def _denies(self, call: ast.Call) -> bool:
        """A checking function of the tree that only looks for words or patterns of a list: the rest of the world passes."""
        from overgrant.dialect.code.values import definition

        if self.form not in ("command", "shell", "code"):
            return False
        found = definition(call.func, self.flow.scope)
        function = found[0].node if found is not None else None
        if not isinstance(function, FUNCTIONS):
            return False
        listed = any(_denied(test) for loop in below(function, (ast.For, ast.GeneratorExp)) for test in (
            [each.test for each in below(loop, (ast.If,))] if isinstance(loop, ast.For) else [loop.elt]))
        return listed and not any(isinstance(each.ops[0], ast.NotIn) for each in below(function, (ast.Compare,))) and not any(
            (last := _last(each.func)) in ("fullmatch", "startswith", "parse", "issubset", *_CONFINING) or checks(last)
            for each in below(function, (ast.Call,)))

    def _each(self, made: ast.GeneratorExp | ast.ListComp, name: str) -> bool:
        """`all(sign in ALLOWED for sign in text)`: every sign is looked at."""
        if not any(self._mine(each.iter) for each in made.generators):
            return False
        compared = below(made.elt, (ast.Compare,))
        wanted = ast.In if name == "all" else ast.NotIn
        if compared:
            return any(isinstance(each.ops[0], wanted) for each in compared)
        return name == "all"

    def _anchored(self, call: ast.Call, name: str) -> bool:
        """A pattern that leaves no room before or behind what it knows."""
        module = "re" in (names[0] if (names := qualified(call.func, self.flow.scope)) else "").split(".")[:1]
        texts = call.args[1:2] if module else call.args[:1]
        if not any(self._mine(each) for each in texts):
            return False
        source = call.args[0] if module else getattr(call.func, "value", None)
        pattern = self._pattern(source)
        if not isinstance(pattern, str):
            return name == "fullmatch" or pattern is UNKNOWN
        if name == "fullmatch":
            return not _anything(pattern)
        begins, ends = pattern.startswith(("^", r"\A")) or name == "match", pattern.endswith(_ENDS)
        if self.form in ("url", "path", "open", "joined"):
            return begins and not _anything(pattern)
        return begins and ends and not _anything(pattern)

    def _pattern(self, node: Any) -> Any:
        """The text of a pattern, also of one that was compiled before."""
        from overgrant.dialect.code.values import assigned

        if isinstance(node, ast.Call) and _last(node.func) == "compile" and node.args:
            return fold(node.args[0], self.flow.scope)
        if isinstance(node, (ast.Name, ast.Attribute)):
            for each in assigned(node, self.flow.scope):
                if isinstance(each.node, ast.Call) and _last(each.node.func) == "compile" and each.node.args:
                    return fold(each.node.args[0], each.scope)
        return fold(node, self.flow.scope) if node is not None else UNKNOWN

    def _prefixed(self, call: ast.Call) -> bool:
        """A beginning closes the host of an address and the root of a path; of a command it closes nothing."""
        if self.form not in ("url", "path", "open", "joined", "sql") or not self._mine(call) or not call.args:
            return False
        known = fold(call.args[0], self.flow.scope)
        words = known if isinstance(known, list) else [known]
        return not any(isinstance(word, str) and word.strip().lower() in _BARE for word in words)


def _denied(test: Any) -> bool:
    """`re.search(pattern, command)` or `word in command`, for one of a list."""
    if isinstance(test, ast.Compare):
        return isinstance(test.ops[0], ast.In)
    return isinstance(test, ast.Call) and _last(test.func) in ("search", "match", "findall")


def _last(func: Any) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _called_by(node: Any, *names: str) -> bool:
    return any(_last(call.func) in names for call in below(node, (ast.Call,)))


def _leaves(body: list[Any]) -> bool:
    """A block that ends the function, the round or the program."""
    last = body[-1]
    return isinstance(last, (ast.Return, ast.Raise, ast.Continue, ast.Break)) or (
        isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) and _last(last.value.func) in ("exit", "abort", "fail"))


def _parts(test: Any) -> list[tuple[Any, bool]]:
    """The comparisons and calls of a condition, each with whether a `not` turns it around."""
    found: list[tuple[Any, bool]] = []
    stack: list[tuple[Any, bool]] = [(test, False)]
    while stack:
        node, turned = stack.pop()
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            stack.append((node.operand, not turned))
        elif isinstance(node, ast.BoolOp):
            stack += [(each, turned) for each in reversed(node.values)]
        elif isinstance(node, ast.Compare):
            found.append((node, turned))
            found += [(each, turned) for each in below(node, (ast.Call,)) if _last(each.func) in ("match", "search", "fullmatch")]
        elif isinstance(node, ast.Name):
            found.append((node, turned))
        elif isinstance(node, (ast.Call, ast.Await, ast.NamedExpr)):
            found += [(each, turned) for each in below(node, (ast.Call,))]
    return found


def _anything(pattern: str) -> bool:
    """A pattern that lets everything through."""
    return pattern.strip("^$") in (".*", ".+", r"\S+", r"[\s\S]*", "")
