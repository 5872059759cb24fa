"""Reader: where the values of a valid TOML text stand.

A table with a header reaches from its header to the end of its last own entry; a table that only
dotted names imply stands where it is first named.
"""

from __future__ import annotations

import re
from functools import cache

from overgrant.read.base import Place
from overgrant.value import Located, Route


def places(text: str) -> dict[Route, Place]:
    """Route → place of every value of a text that `tomllib` accepts."""
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.found: dict[Route, Place] = {(): Place(0, len(text))}
        self.arrays: dict[Route, int] = {}

    def run(self) -> dict[Route, Place]:
        table: Route = ()
        at = self.skip(0)
        while at < len(self.text):
            if self.text[at] == "[":
                table, at = self.header(at)
            else:
                at = self.pair(table, at)
                for size in range(len(table), 0, -1):
                    place = self.found[table[:size]]
                    place.end = max(place.end, at)
                    if not isinstance(table[size - 1], int):
                        break
            at = self.skip(at)
        return self.found

    def skip(self, at: int) -> int:
        match = _blank().match(self.text, at)
        return match.end() if match is not None else at

    def header(self, start: int) -> tuple[Route, int]:
        """The route of the table that a header opens, and the header's end."""
        several = self.text.startswith("[[", start)
        names, at = self.names(self.skip(start + 1 + several))
        end = at + 1 + several
        route: Route = ()
        for index, (name, key) in enumerate(names):
            route = (*route, name)
            last = index == len(names) - 1
            if (last and not several) or route not in self.found:
                self.found[route] = Place(start, end, key)
            if last and several:
                self.arrays[route] = self.arrays.get(route, -1) + 1
                self.found[route].end = max(self.found[route].end, end)
            if route in self.arrays:
                route = (*route, self.arrays[route])
                self.found.setdefault(route, Place(start, end))
        return route, end

    def names(self, at: int) -> tuple[list[tuple[str, Located]], int]:
        """The parts of a dotted name with their places, and where it ends."""
        names: list[tuple[str, Located]] = []
        while (match := _name().match(self.text, at)) is not None:
            names.append((_unquoted(match[1]), match.span(1)))
            at = match.end()
            if match[2] is None:
                break
        return names, at

    def pair(self, table: Route, start: int) -> int:
        """Read `key = value`; gives its end."""
        names, at = self.names(start)
        route = table
        implied: list[Place] = []
        for index, (name, key) in enumerate(names[:-1]):
            route = (*route, name)
            place = self.found.setdefault(route, Place(names[index + 1][1][0], at, key))
            if place.key == key:
                implied.append(place)
        end = self.value(self.skip(at + 1), (*route, names[-1][0]), names[-1][1])
        for place in implied:
            place.end = end
        return end

    def value(self, start: int, route: Route, key: Located | None) -> int:
        """Read a value; gives its end. Recursion is bounded by the depth that `tomllib` accepts."""
        char = self.text[start]
        place = self.found[route] = Place(start, start, key)
        if char == "[":
            at, index = self.skip(start + 1), 0
            while self.text[at] != "]":
                at = self.skip(self.value(at, (*route, index), None))
                index += 1
                if self.text[at] == ",":
                    at = self.skip(at + 1)
            place.end = at + 1
        elif char == "{":
            at = self.skip(start + 1)
            while self.text[at] != "}":
                at = self.skip(self.pair(route, at))
                if self.text[at] == ",":
                    at = self.skip(at + 1)
            place.end = at + 1
        else:
            match = _scalar().match(self.text, start)
            place.end = match.end() if match is not None else start + 1
        return place.end


def _unquoted(name: str) -> str:
    if name[0] == "'":
        return name[1:-1]
    if name[0] != '"':
        return name
    if "\\" not in name:
        return name[1:-1]
    import tomllib

    return str(tomllib.loads(f"x = {name}")["x"])


@cache
def _blank() -> re.Pattern[str]:
    return re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")


@cache
def _name() -> re.Pattern[str]:
    return re.compile(r"""[ \t]*+([A-Za-z0-9_-]++|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|'[^'\n]*+')[ \t]*+(\.)?""")


@cache
def _scalar() -> re.Pattern[str]:
    return re.compile(r'''"""(?:[^"\\]++|\\.|"(?!""))*+"{3,5}|\'\'\'(?:[^']++|'(?!\'\'))*+'{3,5}'''
                      r'''|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|'[^'\n]*+\''''
                      r"|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[^\s,\]}#]*+|[^\s,\]}#]++", re.DOTALL)
