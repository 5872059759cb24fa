"""Readers: what all of them share: limits for hostile input, places, and the list of problems."""

from __future__ import annotations

from typing import NamedTuple

from overgrant.text import Source, Span
from overgrant.value import Located, Problem, Value


class Limits(NamedTuple):
    """How much of one file is read; a file beyond a limit gets a fatal problem where reading stops.

    bytes     size of the file
    depth     open brackets or nested blocks
    nodes     values in the tree
    aliases   values that stand in the tree because a YAML alias or merge key repeats them
    problems  problems kept; later ones are dropped
    """

    bytes: int = 4 * 1024 * 1024
    depth: int = 200
    nodes: int = 200_000
    aliases: int = 20_000
    problems: int = 50


DEFAULT = Limits()


class Place:
    """The place of a value that is known while reading; called by `Value` as its `locate`."""

    __slots__ = ("end", "key", "start")

    def __init__(self, start: int, end: int, key: Located | None = None) -> None:
        self.start = start
        self.end = end
        self.key = key

    def __call__(self) -> tuple[Located, Located | None]:
        return (self.start, self.end), self.key


class Report:
    """Problems of one file, never more than the limit."""

    __slots__ = ("_most", "problems", "source")

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self._most = limits.problems

    def add(self, what: str, start: int, end: int | None = None, *, fatal: bool) -> None:
        """A problem at character offsets; without an end it covers one character."""
        if len(self.problems) < self._most:
            span = self.source.span(start, start + 1 if end is None else end)
            self.problems.append(Problem(what, span, fatal=fatal))

    def again(self, key: str, first: Value, at: Located) -> None:
        """The key of an entry stands in its map already."""
        before = first.key_span
        line = f" (first on line {before.begin[0]})" if before is not None and not before.whole else ""
        self.add(f"the key `{shown(key)}` stands here again{line}; only the last one counts", *at, fatal=False)


def shown(text: str, most: int = 60) -> str:
    """A piece of a scanned file for a message: one line, printable, short."""
    clean = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:most + 1])
    return clean[:most - 1] + "…" if len(clean) > most else clean


def whole(source: Source, what: str) -> Problem:
    """A fatal problem of the file as a whole."""
    return Problem(what, Span.file(source), fatal=True)
