"""Reader: JSON and JSON with comments.

The standard library parses; values are numbered in pre-order, and one pass over the text lists
the places in the same order when somebody asks for the first. What the standard library refuses
goes to `lenient`, which says what is wrong and reads as much as it can.
"""

from __future__ import annotations

import json as stdlib_json
import re
from functools import cache, partial

from overgrant.read.base import Limits, Place, Report
from overgrant.text import Source
from overgrant.value import Document, Kind, Located, Value

_KINDS: dict[type, Kind] = {str: "str", bool: "bool", int: "int", float: "float", type(None): "null"}


class _Beyond(Exception):
    """The tree is deeper or larger than the limits allow."""


def parse(source: Source, syntax: str, limits: Limits) -> Document:
    """The document of a source in `json`, `jsonc` or `json5`.

    Strict JSON as everywhere, except that a duplicate key is a problem; the last one wins, as in every
    product's `JSON.parse`. An empty file is an empty map in `jsonc` only (as VS Code reads it).
    """
    if syntax == "jsonc" and not source.text.strip():
        return Document(source, Value(source, "map", {}, locate=Place(0, 0)))
    for prepare in (str, blanked) if syntax == "jsonc" else (str,):
        valid = prepare(source.text)
        try:
            return _Tree(source, valid, limits).document(_decoder().decode(valid))
        except (ValueError, RecursionError, _Beyond):
            continue
    from overgrant.read import lenient

    return lenient.parse(source, syntax, limits)


def blanked(text: str) -> str:
    """The text with comments and trailing commas replaced by equally many spaces, so offsets hold."""
    text = _comments().sub(lambda match: match[1] or " " * len(match[0]), text)
    return _commas().sub(lambda match: match[1] or " ", text)


class _Tree:
    """Builds values from what the decoder gave; only for text that is valid JSON."""

    def __init__(self, source: Source, valid: str, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self.report = Report(source, limits)
        self.count = 0
        self.place = _Index(valid).place
        # the decoder accepts half of a surrogate pair, and nothing else in Python does
        self.halves = "\\ud" in valid or "\\uD" in valid

    def document(self, data: object) -> Document:
        root = self.build(data, None, None, 0)
        return Document(self.source, root, self.report.problems)

    def build(self, data: object, parent: Value | None, key: str | int | None, depth: int) -> Value:
        number = self.count
        self.count = number + 1
        locate = partial(self.place, number)
        kind = _KINDS.get(type(data))
        if kind is not None:
            if self.halves and kind == "str":
                data = whole_characters(data)  # type: ignore[arg-type]
            return Value(self.source, kind, data, parent=parent, key=key, locate=locate)
        if number >= self.limits.nodes or depth > self.limits.depth:
            raise _Beyond
        if type(data) is list:
            value = Value(self.source, "list", None, parent=parent, key=key, locate=locate)
            value.data = [self.build(item, value, index, depth + 1) for index, item in enumerate(data)]
        else:
            value = Value(self.source, "map", None, parent=parent, key=key, locate=locate)
            value.data = self.entries(data, value, depth + 1)  # type: ignore[arg-type]
        if self.count > self.limits.nodes:
            raise _Beyond
        return value

    def entries(self, pairs: tuple[tuple[str, object], ...], parent: Value, depth: int) -> dict[str, Value]:
        entries: dict[str, Value] = {}
        for name, item in pairs:
            if self.halves:
                name = whole_characters(name)
            value = self.build(item, parent, name, depth)
            if name in entries and (span := value.key_span) is not None:
                self.report.again(name, entries[name], (span.start, span.end))
            entries[name] = value
        return entries


class _Index:
    """The places of all values of a valid text, in pre-order."""

    __slots__ = ("places", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.places: list[tuple[Located, Located | None]] | None = None

    def place(self, number: int) -> tuple[Located, Located | None]:
        """The places of a value and of its key."""
        if self.places is None:
            self.places = _places(self.text)
        return self.places[number]


def _places(text: str) -> list[tuple[Located, Located | None]]:
    places: list[tuple[Located, Located | None]] = []
    opened: list[int] = []
    key: Located | None = None
    for match in _tokens().finditer(text):
        token = match.lastindex
        if token == 2:
            key = match.span(1)
        elif token == 4:
            number = opened.pop()
            (start, _), name = places[number]
            places[number] = (start, match.end()), name
        else:
            if token == 3:
                opened.append(len(places))
            places.append((match.span(), key))
            key = None
    return places


def whole_characters(text: str) -> str:
    """The text with halves of surrogate pairs joined, or replaced where the other half is missing."""
    if not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _refuse(constant: str) -> object:
    raise ValueError(constant)


@cache
def _decoder() -> stdlib_json.JSONDecoder:
    # maps become tuples of pairs, which JSON cannot make otherwise: no class of our own to construct
    return stdlib_json.JSONDecoder(object_pairs_hook=tuple, parse_constant=_refuse)


@cache
def _tokens() -> re.Pattern[str]:
    # in valid JSON a string before a colon is a key: 1 string, 2 its colon, 3 open, 4 close, 5 other scalar
    return re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+")(\s*+:)?|([{\[])|([}\]])|([^\s{}\[\],:"]++)')


@cache
def _comments() -> re.Pattern[str]:
    # a string without an end runs to the end of the text, so that no quote is tried twice
    return re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z))|//[^\r\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/', re.DOTALL)


@cache
def _commas() -> re.Pattern[str]:
    # `[,]` stays, and with it the error
    return re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[{\[,:]\s*+,)|,(?=\s*+[}\]])', re.DOTALL)
