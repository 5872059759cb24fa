"""Reports: lines of scanned files with underlines, as a terminal shows them.

Everything here counts in terminal columns: tabs end at multiples of four, wide characters take two columns,
combining ones none, and what cannot be seen is written out, so that no byte of a scanned file steers a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from overgrant.rule import Place
from overgrant.template import safe

TAB = 4
LEAST = 40
WIDE = 100_000


class Mark(NamedTuple):
    """An underline in one line of a file: character offsets in the line, `end` exclusive."""

    line: int
    start: int
    end: int
    label: str
    primary: bool


class Style(NamedTuple):
    """How to paint: the frame, the primary underline and the others."""

    frame: Callable[[str], str]
    primary: Callable[[str], str]
    related: Callable[[str], str]


def marks_of(places: Iterable[Place]) -> list[Mark]:
    """The underlines of places in one file, in line order; of a place on several lines only the first is drawn."""
    found: dict[tuple[int, int, int], Mark] = {}
    for place in places:
        span = place.span
        if span.whole:
            continue
        (line, column), (last, end) = span.begin, span.finish
        if last != line:
            end = len(span.source.line(line)) + 1
        mark = Mark(line, column - 1, max(end - 1, column), place.label, place.role == "primary")
        found.setdefault(mark[:3], mark)
    return sorted(found.values(), key=lambda mark: (mark.line, mark.start, mark.end))


def frame(places: list[Place], gutter: int, width: int, style: Style, fold: bool = False) -> list[str]:
    """The lines of one file that places underline, with `...` between distant ones; empty for file-level places.

    fold  no label is wider than the room either
    """
    marks = marks_of(places)
    bar, source = style.frame(" " * gutter + " |"), places[0].span.source
    out: list[str] = [bar] if marks else []
    before = 0
    for number in dict.fromkeys(mark.line for mark in marks):
        if before and number > before + 1:
            out.append(style.frame("..."))
        before = number
        here = [mark for mark in marks if mark.line == number]
        room = max(width - gutter - 3, LEAST)
        text, at = cells(source.line(number), here, room)
        out.append(f"{style.frame(f'{number:>{gutter}} |')} {text}".rstrip())
        out += [f"{bar} {row}" for row in underlines(here, at, style, room if fold else WIDE)]
    return out


def underlines(marks: list[Mark], at: list[tuple[int, int]], style: Style, room: int = WIDE) -> list[str]:
    """The rows below a line: all underlines with the last one's label, then a row for every other label.

    A label for which there is no room behind its underline stands below it.
    """
    rows = ["".join(_piece(mark, start, size, left, style)
                    for mark, (start, size), left in _gaps(marks, at))]
    for number, (mark, (start, size)) in enumerate(list(zip(marks, at))[::-1]):
        if not mark.label:
            continue
        label, fits = _paint(mark, style)(mark.label), start + size + 1 + len(mark.label) <= room
        if number:
            rows.append(_piece(mark, start, size, 0, style))
        if fits:
            rows[-1] += f" {label}"
        else:
            rows.append(" " * max(0, min(start, room - len(mark.label))) + label)
    return rows


def _gaps(marks: list[Mark], at: list[tuple[int, int]]) -> list[tuple[Mark, tuple[int, int], int]]:
    """Marks with what is left of their columns after the marks before them, and where the row ends before each."""
    out, end = [], 0
    for mark, (start, size) in zip(marks, at):
        low = max(start, end)
        rest = start + size - low
        if rest > 0:
            out.append((mark, (low, rest), end))
            end = low + rest
    return out


def _piece(mark: Mark, start: int, size: int, left: int, style: Style) -> str:
    return " " * (start - left) + _paint(mark, style)(("^" if mark.primary else "-") * size)


def _paint(mark: Mark, style: Style) -> Callable[[str], str]:
    return style.primary if mark.primary else style.related


def cells(line: str, marks: list[Mark], room: int) -> tuple[str, list[tuple[int, int]]]:
    """A line cut to a number of columns around its marks, and the (column, width) of every mark in it."""
    first = min(mark.start for mark in marks)
    shown, columns = _draw(line[:room + 1], room + 1)
    left = 0
    if len(columns) - 1 < len(line) or columns[-1] > room:
        last = max(mark.end for mark in marks)
        if last >= len(columns) or columns[last] >= room:
            left = max(0, first - room // 4)
        lead = 1 if left else 0
        shown, columns = _draw(line[left:left + room], room - 1 - lead)
        rest = "…" if left + len(columns) - 1 < len(line) else ""
        shown = "…" * lead + shown + rest
        columns = [column + lead for column in columns]

    def column(offset: int) -> int:
        return columns[min(max(offset - left, 0), len(columns) - 1)]

    at = []
    for mark in marks:
        start = column(mark.start)
        at.append((start, max(column(mark.end) - start, 1)))
    return shown, at


def _draw(text: str, room: int) -> tuple[str, list[int]]:
    """Characters as shown, up to a number of columns, and the column before each of them and after the last."""
    if text.isascii() and text.isprintable():
        text = text[:room]
        return text, list(range(len(text) + 1))
    out, columns = [], [0]
    for char in text:
        piece = " " * (TAB - columns[-1] % TAB) if char == "\t" else safe(char)
        end = columns[-1] + (len(piece) if piece != char or char.isascii() else width_of(char))
        if end > room:
            break
        out.append(piece)
        columns.append(end)
    return "".join(out), columns


def width_of(char: str) -> int:
    """Columns that a printable character takes."""
    from unicodedata import category, east_asian_width

    if category(char) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(char) in ("W", "F") else 1
