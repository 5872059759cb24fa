"""Reader: TOML. `tomllib` parses; `tomlplaces` finds where things stand when somebody asks.

A statement that `tomllib` refuses is blanked and the rest is read, so offsets hold.
"""

from __future__ import annotations

import re
from functools import cache, partial
from typing import Literal, NamedTuple

from overgrant.read.base import Limits, Place, Report
from overgrant.text import Source
from overgrant.value import Document, Located, Route, Value, kind_of

_MOST_MENDS = 20
_MESSAGES = (
    ("Expected '=' after", "a `=` is missing after the key"),
    ("Expected newline", "something stands here after the end of the statement"),
    ("Expected ']", "a `]` is missing at the end of the table's name"),
    ("Cannot overwrite", "this key has a value already"),
    ("Cannot declare", "this table stands in the file already"),
    ("Cannot mutate", "this adds to a table that is complete already"),
    ("Cannot redefine", "this adds to a table that is complete already"),
    ("Duplicate", "this key has a value already"),
    ("Unterminated", "a text does not end"),
    ("Unclosed array", "a `,` or `]` is missing here"),
    ("Unclosed inline table", "a `,` or `}` is missing here"),
    ("Unescaped", "a backslash stands here that starts no escape; a text in single quotes keeps backslashes"),
    ("Illegal character", "a text does not end on its line, or holds a control character"),
    ("Found invalid character", "a character that TOML does not allow stands here"),
    ("initial character for a key", "no key can start with this character"),
    ("Invalid value", "this is no value; text needs quotes"),
    ("Invalid date", "this is no date"),
    ("Invalid statement", "this is no `key = value` and no `[table]`"),
)


class _Failure(NamedTuple):
    """What is wrong and where; `guilty` says what to blank for reading on: the statement there, its line
    alone, or the statement above, which left a bracket open."""

    what: str
    at: int
    guilty: Literal["statement", "line", "above"] = "statement"


class _Beyond(Exception):
    """The tree is deeper or larger than the limits allow."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(what)
        self.what = what
        self.at = at


def parse(source: Source, limits: Limits) -> Document:
    """The document of a source; dates and times are strings. An empty file is an empty map."""
    report = Report(source, limits)
    if (deep := _too_deep(source.text, limits)) is not None:
        report.add(f"more than {limits.depth} names or brackets stand inside each other here", deep, fatal=True)
        return Document(source, None, report.problems)
    data, valid, failure = _mended(source)
    if failure is not None:
        report.add(failure.what, failure.at, fatal=True)
    if data is None:
        return Document(source, None, report.problems)
    try:
        return Document(source, _Tree(source, valid, limits).build(data, None, None, ()), report.problems)
    except _Beyond as beyond:
        report.add(beyond.what, beyond.at, fatal=True)
        return Document(source, None, report.problems)


class _Tree:
    def __init__(self, source: Source, valid: str, limits: Limits) -> None:
        self.source = source
        self.valid = valid
        self.limits = limits
        self.count = 0
        self.places: dict[Route, Place] | None = None

    def place(self, route: Route) -> tuple[Located, Located | None]:
        if self.places is None:
            from overgrant.read import tomlplaces

            self.places = tomlplaces.places(self.valid)
        return self.places[route]() if route in self.places else ((0, 0), None)

    def build(self, data: object, parent: Value | None, key: str | int | None, route: Route) -> Value:
        self.count += 1
        if self.count > self.limits.nodes:
            raise _Beyond(f"the file has more than {self.limits.nodes} values", 0)
        if len(route) > self.limits.depth:
            raise _Beyond(f"more than {self.limits.depth} names or brackets stand inside each other here",
                          self.place(route)[0][0])
        locate = partial(self.place, route)
        if isinstance(data, dict):
            value = Value(self.source, "map", None, parent=parent, key=key, locate=locate)
            value.data = {name: self.build(item, value, name, (*route, name)) for name, item in data.items()}
            return value
        if isinstance(data, list):
            value = Value(self.source, "list", None, parent=parent, key=key, locate=locate)
            value.data = [self.build(item, value, index, (*route, index)) for index, item in enumerate(data)]
            return value
        if not isinstance(data, str | int | float):
            data = data.isoformat()  # type: ignore[attr-defined]
        return Value(self.source, kind_of(data), data, parent=parent, key=key, locate=locate)


# --- what is wrong, and reading on -----------------------------------------------------------


def _mended(source: Source) -> tuple[dict[str, object] | None, str, _Failure | None]:
    """The data (None if nothing can be read), the text it was read from, and the first failure."""
    text = source.text
    data, first = _attempt(text, source)
    if first is None or data is not None:
        return data, text, first
    joined = _joined(text)
    if (data := _attempt(joined, source)[0]) is not None:
        return data, joined, None
    failure: _Failure | None = first
    for _ in range(_MOST_MENDS):
        if failure is None:
            return data, text, first
        text = _without(text, source.position(failure.at)[0] - 1, failure.guilty)
        data, failure = _attempt(text, source)
    if failure is None:
        return data, text, first
    head = source.text[:source.offset(_statement(source.text.split("\n"), source.position(first.at)[0] - 1) + 1)]
    return _attempt(head, source)[0], head, first


def _joined(text: str) -> str:
    """TOML 1.1 (toml.io/en/v1.1.0#inline-table) lets an inline table go on over lines, with comments and a comma at its
    end, which `tomllib` refuses: those are blanked, so that offsets hold."""
    blanked = list(text)
    opened: list[str] = []
    comma: int | None = None
    for match in _token().finditer(text):
        token, inline = match[0], bool(opened) and opened[-1] == "{"
        if token in ("[", "{"):
            opened.append(token)
        elif token in ("]", "}"):
            if inline and token == "}" and comma is not None:
                blanked[comma] = " "
            del opened[-1:]
        elif inline and token[0] in "#\r\n":
            blanked[match.start():match.end()] = " " * len(token)
        if token[0] not in "#\r\n":
            comma = match.start() if token == "," else None
    return "".join(blanked)


def _attempt(text: str, source: Source) -> tuple[dict[str, object] | None, _Failure | None]:
    import tomllib

    try:
        return tomllib.loads(text), None
    except RecursionError:
        return None, _Failure("more brackets are open here than can be read", _deepest(text))
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        what = next((words for part, words in _MESSAGES if part in said), "this is no TOML")
        place = re.search(r"\(at line (\d+), column (\d+)\)\Z", said)
        end = max(len(text.rstrip()) - 1, 0)
        at = source.offset(int(place[1]), int(place[2])) if place is not None else end
        if "Unclosed" in said:
            return None, _Failure(what, min(at, end), "above")
        alone = said.startswith(("Expected '=' after", "Invalid statement", "Invalid initial character"))
        return None, _Failure(what, min(at, end), "line" if alone else "statement")
    except ValueError:
        # int() refuses thousands of digits
        number = re.search(r"[0-9_]{4000}", text)
        return None, _Failure("a number has too many digits", number.start() if number is not None else 0)


def _deepest(text: str) -> int:
    """About where the most brackets are open."""
    deepest = most = opened = 0
    for match in re.finditer(r"[\[\]{}]", text):
        opened += 1 if match[0] in "[{" else -1
        if opened > most:
            deepest, most = match.start(), opened
    return deepest


def _without(text: str, number: int, guilty: str) -> str:
    """The text with the statement around a 0-based line blanked; a table's name takes its entries along."""
    lines = text.split("\n")
    number = min(number, len(lines) - 1)
    if guilty == "above" and number > 0 and _start().match(lines[number]) is not None:
        number -= 1
    first = number if guilty == "line" else _statement(lines, number)
    ends = _header() if _header().match(lines[first]) is not None else _start()
    last = number + 1
    while guilty != "line" and last < len(lines) and ends.match(lines[last]) is None:
        last += 1
    for index in range(first, last):
        lines[index] = " " * len(lines[index])
    return "\n".join(lines)


def _statement(lines: list[str], number: int) -> int:
    """The 0-based line at or before a line where a statement seems to start."""
    while number > 0 and _start().match(lines[number]) is None:
        number -= 1
    return number


def _too_deep(text: str, limits: Limits) -> int | None:
    """Where a dotted key has so many parts that the parser would take quadratic time."""
    at = 0
    for line in text.split("\n"):
        if line.count(".") >= limits.depth:
            part = r"""(?:[\w-]++|"[^"]*+"|'[^']*+')[ \t]*+\.[ \t]*+"""
            found = re.search(rf"""(?<![\w."'-])(?:{part}){{{limits.depth}}}""", line)
            if found is not None:
                return at + found.start()
        at += len(line) + 1
    return None


@cache
def _token() -> re.Pattern[str]:
    # nothing backtracks: a text that does not end reaches to the end
    return re.compile(r'''"""(?:\\.|(?!""")[^\\])*+(?:"""|\Z)|\'{3}(?:(?!\'{3}).)*+(?:\'{3}|\Z)|"(?:\\.|[^"\\\n])*+"?'''
                      r'''|\'[^\'\n]*+\'?|#[^\r\n]*+|\r?\n|[\[\]{},]|[^\s"\'#\[\]{},]++''', re.DOTALL)


@cache
def _start() -> re.Pattern[str]:
    return re.compile(r"""[ \t]*+(?:\[|(?:[\w-]++|"[^"]*+"|'[^']*+')[ \t]*+[.=])""")


@cache
def _header() -> re.Pattern[str]:
    return re.compile(r"[ \t]*+\[\[?[^\[\],]*+(?:\]\]?[ \t\r]*+(?:#.*)?)?$")
