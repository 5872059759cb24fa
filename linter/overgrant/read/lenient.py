"""Reader: JSON5, and what can still be read of JSON that the standard library refuses.

One scanner for everything that people write in such files. What the syntax at hand does not allow is
a fatal problem, told once per kind, and reading goes on; where it cannot go on, the open brackets
are closed and what was complete stays.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from overgrant.read.base import Limits, Place, Report, shown
from overgrant.read.json import whole_characters
from overgrant.text import Source
from overgrant.value import Document, Located, Value, kind_of

_NAMES = {"json": "plain JSON", "jsonc": "JSON with comments", "json5": "JSON5"}
_ALLOWED: dict[str, frozenset[str]] = {
    "json": frozenset(),
    "jsonc": frozenset({"comment", "trailing"}),
    "json5": frozenset({"comment", "trailing", "quote", "bare", "number", "constant", "escape", "space"}),
}
_OFFENCES = {
    "comment": "a comment starts here",
    "trailing": "a comma stands here before the closing bracket",
    "quote": "a string in single quotes starts here",
    "bare": "a key without quotes stands here",
    "number": "the number here has a form that JSON does not know",
    "constant": "`NaN` and `Infinity` are no JSON",
    "escape": "an escape that JSON does not know stands here",
    "control": "a control character stands in a string",
    "space": "an unusual space stands here",
    "missing": "a comma is missing before this value",
}
_CONSTANTS: dict[str, object] = {"true": True, "false": False, "null": None}
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "/": "/"}
_MORE_ESCAPES = {"v": "\v", "0": "\0", "'": "'", "\n": "", "\r": "", "\r\n": "", "\u2028": "", "\u2029": ""}
_SPACES = " \t\r\n\v\f\u00a0\ufeff\u2028\u2029"


def parse(source: Source, syntax: str, limits: Limits) -> Document:
    """The document of a source, with a fatal problem for everything that `syntax` does not allow."""
    scanner = _Scanner(source, syntax, limits)
    root = scanner.run()
    return Document(source, root, scanner.report.problems)


class _Stop(Exception):
    """Reading cannot go on; the problem is told already."""


class _Open(NamedTuple):
    value: Value
    place: Place


class _Scanner:
    def __init__(self, source: Source, syntax: str, limits: Limits) -> None:
        self.source = source
        self.text = source.text
        self.syntax = syntax
        self.allowed = _ALLOWED[syntax]
        self.limits = limits
        self.report = Report(source, limits)
        self.told: set[str] = set()
        self.at = 0
        self.count = 0
        self.root: Value | None = None
        self.stack: list[_Open] = []
        self.key: tuple[str, Located] | None = None
        self.comma: int | None = None

    # --- problems ----------------------------------------------------------------------------

    def offence(self, kind: str, start: int, end: int | None = None) -> None:
        if kind not in self.allowed and kind not in self.told:
            self.told.add(kind)
            self.report.add(f"{_OFFENCES[kind]}; this file is read as {_NAMES[self.syntax]}, so the product refuses "
                            "the whole file", start, end, fatal=True)

    def stop(self, what: str, start: int, end: int | None = None) -> _Stop:
        self.report.add(what, start, end, fatal=True)
        return _Stop()

    def unexpected(self, wanted: str) -> _Stop:
        if self.at < len(self.text):
            return self.stop(f"`{shown(self.text[self.at])}` stands here instead of {wanted}", self.at)
        if not self.stack:
            return self.stop("the file is empty", 0)
        top = self.stack[-1]
        opener = self.text[top.place.start]
        return self.stop(f"the file ends before the `{opener}` of line {self.source.position(top.place.start)[0]} is "
                         "closed", top.place.start)

    # --- structure ---------------------------------------------------------------------------

    def run(self) -> Value | None:
        try:
            self.blank()
            self.value()
            while self.stack:
                self.blank()
                self.entry()
            self.blank()
            if self.at < len(self.text):
                raise self.stop("the first value ends before this; a file holds one value only, so the product "
                                "refuses the whole file", self.at)
        except _Stop:
            for opened in self.stack:
                opened.place.end = self.at
        return self.root

    def entry(self) -> None:
        """One step inside the innermost open bracket."""
        top = self.stack[-1].value
        char = self.text[self.at:self.at + 1]
        if char and char in "}]":
            self.close(char)
            return
        if char == ",":
            if self.comma is not None or not top.data:
                raise self.unexpected("a value")
            self.comma = self.at
            self.at += 1
            return
        if top.data and self.comma is None and char:
            self.offence("missing", self.at)
        if top.kind == "map":
            self.name()
        self.comma = None
        self.value()

    def close(self, char: str) -> None:
        opened = self.stack[-1]
        opener = "{" if opened.value.kind == "map" else "["
        if (opener == "{") != (char == "}"):
            line = self.source.position(opened.place.start)[0]
            raise self.stop(f"`{char}` does not close the `{opener}` of line {line}", self.at)
        if self.comma is not None:
            self.offence("trailing", self.comma)
        self.at += 1
        self.comma = None
        opened.place.end = self.at
        self.stack.pop()

    def name(self) -> None:
        start = self.at
        char = self.text[start:start + 1]
        if char and char in "\"'":
            name = self.string()
        elif match := _identifier().match(self.text, start):
            self.offence("bare", start, match.end())
            name, self.at = match[0], match.end()
        else:
            raise self.unexpected("a key")
        place = (start, self.at)
        self.blank()
        if self.text[self.at:self.at + 1] != ":":
            raise self.unexpected("`:`")
        self.at += 1
        self.blank()
        self.key = name, place

    def value(self) -> None:
        start = self.at
        char = self.text[start:start + 1]
        if char and char in "{[":
            if len(self.stack) >= self.limits.depth:
                raise self.stop(f"more than {self.limits.depth} brackets are open here", start)
            value, place = self.new("map" if char == "{" else "list", start, len(self.text))
            value.data = {} if char == "{" else []
            self.at += 1
            self.stack.append(_Open(value, place))
            return
        if char and char in "\"'":
            data: object = self.string()
        elif (match := _number().match(self.text, start)) is not None:
            data = self.number(match)
        elif (match := _identifier().match(self.text, start)) is not None and match[0] in _CONSTANTS:
            data, self.at = _CONSTANTS[match[0]], match.end()
        else:
            raise self.unexpected("a value")
        value, _ = self.new(kind_of(data), start, self.at)
        value.data = data

    def new(self, kind: str, start: int, end: int) -> tuple[Value, Place]:
        """A value hung into the tree."""
        if self.count >= self.limits.nodes:
            raise self.stop(f"the file has more than {self.limits.nodes} values; reading stops here", start)
        self.count += 1
        place = Place(start, end)
        value = Value(self.source, kind, None, locate=place)  # type: ignore[arg-type]
        if not self.stack:
            self.root = value
            return value, place
        value.parent = parent = self.stack[-1].value
        if self.key is None:
            value.key = len(parent.items)
            parent.items.append(value)
            return value, place
        value.key, place.key = self.key
        self.key = None
        if value.key in parent.entries:
            self.report.again(value.key, parent.entries[value.key], place.key)
        parent.entries[value.key] = value
        return value, place

    # --- tokens ------------------------------------------------------------------------------

    def blank(self) -> None:
        """Skip white space and comments."""
        while True:
            match = _space().match(self.text, self.at)
            if match is not None and match.end() > self.at:
                if (odd := _odd_space().search(self.text, self.at, match.end())) is not None:
                    self.offence("space", odd.start())
                self.at = match.end()
            if self.text.startswith("//", self.at):
                match = _line().match(self.text, self.at)
                end = match.end() if match is not None else len(self.text)
            elif self.text.startswith("/*", self.at):
                end = self.text.find("*/", self.at + 2) + 2
                if end == 1:
                    raise self.stop("the comment that starts here never ends", self.at)
            else:
                return
            self.offence("comment", self.at, min(end, self.at + 2))
            self.at = end

    def string(self) -> str:
        start = self.at
        quote = self.text[start]
        match = (_double() if quote == '"' else _single()).match(self.text, start)
        if match is None:
            raise self.stop("the string that starts here does not end on its line", start)
        if quote == "'":
            self.offence("quote", start, match.end())
        self.at = match.end()
        inner = match[1]
        control = _control().search(inner)
        if control is not None:
            self.offence("control", start + 1 + control.start())
        if "\\" not in inner:
            return inner
        return whole_characters(_escape().sub(lambda found: self.unescaped(found, start + 1), inner))

    def unescaped(self, match: re.Match[str], base: int) -> str:
        if (digits := match[1]) is not None:
            return chr(int(digits, 16))
        at = base + match.start()
        if (digits := match[2]) is not None:
            self.offence("escape", at, at + 4)
            return chr(int(digits, 16))
        char = match[3]
        if char in _ESCAPES:
            return _ESCAPES[char]
        self.offence("escape", at, at + 1 + len(char))
        return _MORE_ESCAPES.get(char, char)

    def number(self, match: re.Match[str]) -> object:
        written = match[0]
        self.at = match.end()
        bare = written.lstrip("+-")
        if bare in ("Infinity", "NaN"):
            self.offence("constant", match.start(), match.end())
            return float(written.replace("Infinity", "inf"))
        if bare[:2] in ("0x", "0X"):
            self.offence("number", match.start(), match.end())
            value = int(bare[2:], 16) if len(bare) < 400 else float("inf")
            return -value if written[0] == "-" else value
        if _strict_number().fullmatch(written) is None:
            self.offence("number", match.start(), match.end())
        # a number with hundreds of digits is infinite for JSON.parse, and slow for int()
        return int(written) if bare.isdecimal() and len(bare) < 400 else float(written)


@cache
def _space() -> re.Pattern[str]:
    return re.compile(f"[{_SPACES}]*+")


@cache
def _odd_space() -> re.Pattern[str]:
    return re.compile("[\v\f\u00a0\ufeff\u2028\u2029]")


@cache
def _line() -> re.Pattern[str]:
    return re.compile("//[^\r\n\u2028\u2029]*+")


@cache
def _double() -> re.Pattern[str]:
    return re.compile(r'"([^"\\\r\n]*+(?:\\(?:\r\n|.)[^"\\\r\n]*+)*+)"', re.DOTALL)


@cache
def _single() -> re.Pattern[str]:
    return re.compile(r"'([^'\\\r\n]*+(?:\\(?:\r\n|.)[^'\\\r\n]*+)*+)'", re.DOTALL)


@cache
def _escape() -> re.Pattern[str]:
    return re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)


@cache
def _control() -> re.Pattern[str]:
    return re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f]")


@cache
def _identifier() -> re.Pattern[str]:
    return re.compile(r"[^\W\d][\w$]*+|\$[\w$]*+")


@cache
def _number() -> re.Pattern[str]:
    return re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]++|Infinity\b|NaN\b|"
                      r"(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)(?![\w.$])")


@cache
def _strict_number() -> re.Pattern[str]:
    return re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?")
