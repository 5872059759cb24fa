"""Readers: Python → a syntax tree, by `ast` alone. Nothing is imported or run, and no text can end the process.

Hostile text ends in a problem: `ast` answers deep nesting, huge numbers and null bytes with an exception, and
what passes it is walked with a stack of our own, never by recursion. Syntax that this interpreter does not know
is a problem, too: the file is named in coverage.
"""

from __future__ import annotations

import ast
import gc
import warnings
from collections.abc import Callable
from typing import Any

from overgrant.read.base import Limits
from overgrant.text import Source
from overgrant.value import Document, Problem, Value, kind_of

MOST_BYTES = 1024 * 1024
MOST_CELLS = 2000

Line = tuple[Value, int]  # a string of the outer file, and the offset in it at which the line starts


class Code(Document):
    """A module, or the code cells of a notebook as one module.

    tree   the syntax tree, None where it could not be read; made when it is first asked for
    text   the code; for a notebook its cells one after the other
    lines  for a notebook: where each line of `text` stands in the file
    """

    __slots__ = ("_pending", "_starts", "_tree", "lines", "text")

    def __init__(self, source: Source, text: str, tree: ast.Module | None, problems: list[Problem],
                 lines: list[Line] | None = None) -> None:
        super().__init__(source, None, problems)
        self.text = text
        self.lines = lines
        self._tree = tree
        self._pending = False
        self._starts: list[str] | None = None

    @property
    def tree(self) -> ast.Module | None:
        """The tree; what makes it impossible becomes a problem of the document."""
        if self._pending:
            self._pending = False
            self._tree = _tree(self)
        return self._tree

    def let_go(self) -> None:
        """Forget the tree."""
        self._pending, self._tree = False, None

    def line(self, number: int) -> str:
        """A 1-based line of the code."""
        if self._starts is None:
            self._starts = self.text.split("\n")
        return self._starts[number - 1] if 0 < number <= len(self._starts) else ""

    def column(self, line: int, offset: int) -> int:
        """A column in characters from one in bytes of UTF-8, as `ast` counts."""
        text = self.line(line)
        return offset if text.isascii() else len(text.encode()[:offset].decode("utf-8", "ignore"))

    def place(self, node: ast.AST, data: object = None) -> Value:
        """A node as a value that knows its place; a constant has its data, anything else `data` or a map."""
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, int, float, bool, type(None))):
            kind, content = kind_of(node.value), node.value
        elif data is not None:
            kind, content = kind_of(data), data  # type: ignore[assignment]
        else:
            kind, content = "map", {}  # type: ignore[assignment]
        raw = None if kind == "map" else str(content)
        return self._value(kind, content, raw, node)

    def _value(self, kind: Any, content: object, raw: str | None, node: Any) -> Value:
        first, last = node.lineno, node.end_lineno or node.lineno
        begin, end = node.col_offset, node.end_col_offset or node.col_offset
        if self.lines is not None:
            return self._in_cell(kind, content, raw, (first, begin), (last, end))
        source = self.source

        def locate() -> Any:
            return (source.offset(first, self.column(first, begin) + 1), source.offset(last, self.column(last, end) + 1)), None

        return Value(source, kind, content, raw=raw, locate=locate)

    def _in_cell(self, kind: Any, content: object, raw: str | None, first: tuple[int, int], last: tuple[int, int]) -> Value:
        outer, base = (self.lines or [])[min(first[0], len(self.lines or [])) - 1]
        start = self.column(*first)
        end = self.column(*last) if last[0] == first[0] else len(self.line(first[0]))
        span = outer.part(base + start, base + end).span
        return Value(self.source, kind, content, raw=raw, locate=lambda: ((span.start, span.end), None))

    def named(self, node: Any, name: str) -> Value:
        """The name in a definition (`def name`, `class name`) as a value."""
        if self.lines is not None:
            at = self._found(node.lineno, node.col_offset, name)
            begin = len(self.line(node.lineno)[:max(at, 0)].encode())
            return self.place(node) if at < 0 else self.place(ast.Name(
                id=name, lineno=node.lineno, end_lineno=node.lineno, col_offset=begin, end_col_offset=begin + len(name.encode())), name)
        row, begin, end = node.lineno, node.col_offset, (node.end_lineno or node.lineno, node.end_col_offset or 0)

        def locate() -> Any:  # most names are never shown, and looking for one means to split the text
            at = self._found(row, begin, name)
            if at < 0:
                return (self.source.offset(row, self.column(row, begin) + 1), self.source.offset(end[0], self.column(*end) + 1)), None
            start = self.source.offset(row, at + 1)
            return (start, start + len(name)), None

        return Value(self.source, "str", name, raw=name, locate=locate)

    def _found(self, row: int, begin: int, name: str) -> int:
        """Where a name stands in a line, behind a column in bytes; -1 where it does not."""
        return self.line(row).find(name, self.column(row, begin))


def parse(source: Source, limits: Limits) -> Code:
    """The module in a file."""
    return _parsed(source, source.text, None)


def notebook(source: Source, limits: Limits) -> Code:
    """The code cells of a notebook as one module; lines of magics and shell escapes are blank."""
    from overgrant.read import json

    outer = json.parse(source, "json", limits)
    cells = outer.root.get("cells") if outer.root is not None else None
    lines: list[Line] = []
    rows: list[str] = []
    for cell in (cells.items[:MOST_CELLS] if cells is not None and cells.kind == "list" else ()):
        kind, held = cell.get("cell_type"), cell.get("source")
        if kind is None or kind.data != "code" or held is None:
            continue
        own = list(_rows(held))
        magic = bool(own) and own[0][0].lstrip().startswith("%%")
        for row, line in own:
            blank = magic or row.lstrip().startswith(("%", "!", "?"))
            rows.append(_blank(row) if blank else row)
            lines.append(line)
    return _parsed(source, "\n".join(rows), lines) if lines else Code(source, "", None, outer.problems, [])


def embedded(held: Value) -> Code:
    """The code in a text of another file."""
    rows = list(_rows(held))
    return _parsed(held.source, "\n".join(row for row, _ in rows), [line for _, line in rows])


def _blank(row: str) -> str:
    indent = len(row) - len(row.lstrip())
    return row[:indent] + "pass"


def _rows(held: Value) -> Any:
    for text in held.items if held.kind == "list" else [held]:
        if text.kind == "str":
            at = 0
            whole = text.text.removesuffix("\n") if held.kind == "list" else text.text
            for row in whole.split("\n"):
                yield row, (text, at)
                at += len(row) + 1


def _parsed(source: Source, text: str, lines: list[Line] | None) -> Code:
    code = Code(source, text, None, [], lines)
    if len(text) > MOST_BYTES:
        code.problems.append(_problem(code, f"the code is larger than {MOST_BYTES // 1024} KiB, so it is not read", 1))
        return code
    if "\r" in text and "\n" not in text:
        code.problems.append(_problem(code, "the code is not read: its lines end in carriage returns alone", 1))
        return code
    code._pending = True
    return code


def _tree(code: Code) -> ast.Module | None:
    collecting = gc.isenabled()
    gc.disable()  # a growing tree holds nothing to collect, and looking for it costs as much as the parse
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `"\d"` in other people's code is no concern of ours
            return ast.parse(code.text)
    except SyntaxError as error:
        row = error.lineno or 1
        code.problems.append(_problem(code, f"the code is not read: no Python of this version from line {row} on", row))
    except (RecursionError, MemoryError, ValueError, OverflowError):
        code.problems.append(_problem(code, "the code is not read: it is nested too deeply, or holds what is no text", 1))
    finally:
        if collecting:
            gc.enable()
    return None


def _problem(code: Code, what: str, row: int) -> Problem:
    rows = code.text.count("\n") + 1
    row = min(max(row, 1), rows)
    if code.lines is not None:
        span = code.lines[row - 1][0].span if code.lines else code.source.span(0, 0)
        return Problem(what, span, fatal=True)
    start = code.source.offset(row)
    return Problem(what, code.source.span(start, start + max(1, len(code.line(row)))), fatal=True)


_PLAIN = frozenset({"ctx", "op", "ops", "id", "attr", "arg", "name", "level", "module", "asname", "kind", "type_comment", "conversion",
                    "is_async", "simple", "rest", "n", "s"})  # fields that hold no code
_FIELDS: dict[type, tuple[str, ...]] = {}


def _fields(kind: type[Any]) -> tuple[str, ...]:
    """The fields of a type of node that hold code, last one first; none for what is no node, as in `case True:`."""
    keep = () if kind is ast.Constant or not issubclass(kind, ast.AST) else tuple(
        name for name in reversed(kind._fields) if name not in _PLAIN or (name == "name" and kind.__name__.startswith("Type")))
    _FIELDS[kind] = keep
    return keep


def below(node: ast.AST, wanted: tuple[type, ...], stop: tuple[type, ...] = ()) -> list[Any]:
    """The nodes of some types at and below a node, in document order, without recursion.

    stop  types that are not entered (the node itself always is)
    """
    found: list[Any] = []
    stack: list[Any] = [node]
    pop, push, known = stack.pop, stack.append, _FIELDS.get
    exact, deep = frozenset(wanted), ast.AST in wanted  # the other types have no types below them
    while stack:
        here = pop()
        kind = here.__class__
        if kind in exact or (deep and isinstance(here, wanted)):
            found.append(here)
        if stop and here is not node and isinstance(here, stop):
            continue
        fields = known(kind)
        if fields is None:
            fields = _fields(kind)
        for name in fields:
            item = getattr(here, name, None)
            if item.__class__ is list:
                for each in reversed(item):
                    if each.__class__ is not str and each is not None:
                        push(each)
            elif item is not None and item.__class__ is not str and item.__class__ is not int:
                push(item)
    return found


Parser = Callable[[Source, Limits], Code]
