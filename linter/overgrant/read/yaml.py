"""Reader: YAML, 1.1 or 1.2, from the parser's events.

Events instead of PyYAML's nodes, because they come one by one: depth, size and aliases are bounded by
our own stack, and after a syntax error everything before it stays. libyaml and the pure parser give
the same events; marks count characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple, cast

from overgrant.read.base import Limits, Place, Report, shown
from overgrant.read.scalar import COLLECTIONS, STANDARD, plain, short, tagged
from overgrant.text import Source
from overgrant.value import Document, Kind, Located, Scalar, Value

_Key = tuple[str | None, Located, bool]
"""A key's text (None for a key that is no scalar), its place, and whether it is a merge key."""

_MOST_MENDS = 20
_STAND_INS = 0xE000
"""Characters of the private use area stand in for ASCII characters that need quotes."""

_MESSAGES = (
    ("depth", "more brackets or blocks are open here than can be read"),
    ("nesting", "more brackets or blocks are open here than can be read"),
    ("unknown escape", "an escape that YAML does not know stands here"),
    ("scanning an alias", "`*` starts an alias in YAML; text that starts with it needs quotes"),
    ("scanning an anchor", "`&` starts an anchor in YAML; text that starts with it needs quotes"),
    ("tag handle", "a tag with an undeclared prefix stands here; text that starts with `!` needs quotes"),
    ("mapping values are not allowed", "a second `: ` stands here in one entry; text that holds `: ` needs quotes"),
    ("simple key", "a line without `:` stands where a key is expected"),
    ("block mapping", "this line is not indented as the entries above it"),
    ("block collection", "this line is not indented as the entries above it"),
    ("block sequence", "this line is not indented as the elements above it"),
    ("flow mapping", "a `,` or `}` is missing here"),
    ("flow sequence", "a `,` or `]` is missing here"),
    ("flow node", "a value, or the bracket that closes this, is missing here"),
    ("block node", "a value is missing here"),
    ("a directive", "`%` starts a directive in YAML; text that starts with it needs quotes"),
    ("<document start>", "`%` starts a directive in YAML; text that starts with it needs quotes"),
    ("quoted scalar", "the quoted text that starts here never ends"),
    ("cannot start any token", "this character cannot start a value"),
)


def parse(source: Source, dialect: str, limits: Limits) -> Document:
    """The document of a source in `yaml` (1.1) or `yaml12`; an empty file is a null."""
    report = Report(source, limits)
    documents = read(source, 0, len(source.text), dialect, limits, report)
    root = documents[0] if documents else Value(source, "null", None, raw="", locate=Place(0, 0))
    return Document(source, root, report.problems, more=documents[1:])


def read(source: Source, start: int, end: int, dialect: str, limits: Limits, report: Report, *,
         patient: bool = False) -> list[Value]:
    """The documents of a stretch of a source; with `patient`, as products read frontmatter.

    A syntax error is a fatal problem; then the entries of the first document are read one by one.
    """
    text = source.text[start:end]
    if (strange := _unprintable().search(text)) is not None:
        report.add("a character that YAML does not allow stands here", start + strange.start(), fatal=True)
        text = _unprintable().sub("\N{REPLACEMENT CHARACTER}", text)
    first: _Failure | None = None
    for attempt in range(_MOST_MENDS + 1):
        # problems of a failed attempt come again in the next one
        builder = Builder(source, start, dialect, limits, Report(source, limits))
        failure = builder.run(text)
        first = first or failure
        if failure is None or not failure.mend or attempt == _MOST_MENDS:
            break
        text = _mended(text, failure.at)
    complete = failure is None
    if failure is not None and len(builder.documents) <= 1:
        from overgrant.read import recover

        root, complete = recover.entries(builder, text)
        if root is not None:
            builder.documents = [root]
    if first is not None:
        mild = patient and complete
        report.add(first.what + "; the entry is read as text" * mild, start + first.at, fatal=not mild)
    report.problems += builder.report.problems
    return builder.documents


def _mended(text: str, at: int) -> str:
    """The text with a stand-in for a character that cannot stand there unquoted; offsets hold."""
    stand_in = " " if text[at] == "\t" else chr(_STAND_INS + ord(text[at]))
    return text[:at] + stand_in + text[at + 1:]


class _Failure(NamedTuple):
    """What is wrong, the offset in the text, and whether a stand-in for that character can mend it."""

    what: str
    at: int
    mend: bool


class _Open:
    """A map or list whose end has not come."""

    __slots__ = ("anchor", "flow", "is_key", "key", "merges", "place", "value")

    def __init__(self, value: Value, place: Place, flow: bool, anchor: str | None, is_key: bool) -> None:
        self.value = value
        self.place = place
        self.flow = flow
        self.anchor = anchor
        self.is_key = is_key
        self.key: _Key | None = None
        self.merges: list[Value] = []


class _Stop(Exception):
    """A limit is reached; the problem is told already."""


class Builder:
    """Turns the events of one stretch of text into documents."""

    def __init__(self, source: Source, base: int, dialect: str, limits: Limits, report: Report) -> None:
        self.source = source
        self.base = base
        self.dialect = dialect
        self.limits = limits
        self.report = report
        self.documents: list[Value] = []
        self.anchors: dict[str, Value] = {}
        self.stack: list[_Open] = []
        self.count = 0
        self.aliased = 0
        self.stopped = False

    def run(self, text: str) -> _Failure | None:
        """Read one text; what is wrong with it, or None."""
        import yaml

        try:
            for event in _events(text):
                self.take(event)
        except _Stop:
            pass
        except yaml.YAMLError as error:
            return _failure(error, text)
        finally:
            while self.stack:
                with suppress(_Stop):
                    self.finish(None)
        return None

    def stop(self, what: str, start: int) -> _Stop:
        self.stopped = True
        self.report.add(what, start, fatal=True)
        return _Stop()

    def take(self, event: Any) -> None:
        name = type(event).__name__
        if name == "ScalarEvent":
            self.scalar(event)
        elif name in ("MappingStartEvent", "SequenceStartEvent"):
            self.start(event, name == "MappingStartEvent")
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            self.finish(event)
        elif name == "AliasEvent":
            self.alias(event)
        elif name == "DocumentStartEvent" and self.documents:
            self.anchors = {}

    # --- events ------------------------------------------------------------------------------

    def scalar(self, event: Any) -> None:
        start, end = self.base + event.start_mark.index, self.base + event.end_mark.index
        if event.style in ("|", ">") or start == end:
            end = self.trimmed(end)
            start = min(start, end)
        written = self.restored(event.value, start, end)
        if self.takes_key():
            self.name(written, (start, end), written == "<<" and event.implicit[0])
            return
        if event.tag is not None:
            kind, data = self.scalar_of(event.tag, written, start, end)
        elif event.style:
            kind, data = "str", written
        else:
            kind, data = plain(written, self.dialect)
        raw = None if event.tag is None and event.anchor is None else written
        place = Place(start, end)
        value = Value(self.source, kind, data, raw=raw, locate=place)
        self.hang(value, place)
        if event.anchor is not None:
            self.anchors[event.anchor] = value

    def restored(self, written: str, start: int, end: int) -> str:
        """The scalar with the characters that stand-ins stand for; one that the file itself holds stays."""
        if _stand_ins().search(written) is None or _stand_ins().search(self.source.text, start, end) is not None:
            return written
        return _stand_ins().sub(lambda match: chr(ord(match[0]) - _STAND_INS), written)

    def scalar_of(self, tag: str, written: str, start: int, end: int) -> tuple[Kind, Scalar]:
        """Kind and data under a tag; a tag that is not known makes a string and a problem."""
        name = short(tag)
        if name in STANDARD[self.dialect] and name not in COLLECTIONS:
            if (found := tagged(written, str(name), self.dialect)) is not None:
                return found
            self.report.add(f"`{shown(written)}` does not fit its tag `!!{name}`", start, end, fatal=False)
        elif tag != "!":
            self.strange_tag(tag, start, end)
        return "str", written

    def strange_tag(self, tag: str, start: int, end: int) -> None:
        self.report.add(f"the meaning of the tag `{shown(tag)}` is not known; the value is read without it",
                        start, end, fatal=False)

    def start(self, event: Any, is_map: bool) -> None:
        start = self.base + event.start_mark.index
        if len(self.stack) >= self.limits.depth:
            raise self.stop(f"more than {self.limits.depth} blocks or brackets are open here", start)
        place = Place(start, self.base + event.end_mark.index)
        if event.tag not in (None, "!") and short(event.tag) not in STANDARD[self.dialect]:
            self.strange_tag(event.tag, start, place.end)
        value = Value(self.source, "map" if is_map else "list", {} if is_map else [], locate=place)
        is_key = self.takes_key()
        if is_key:
            self.report.add("a key that is itself a map or list stands here, and its entry is not read; text that "
                            "starts with a bracket needs quotes", start, fatal=False)
        else:
            self.hang(value, place)
        self.stack.append(_Open(value, place, bool(event.flow_style), event.anchor, is_key))

    def finish(self, event: Any | None) -> None:
        opened = self.stack.pop()
        if opened.flow and event is not None:
            opened.place.end = self.base + event.end_mark.index
        else:
            opened.place.end = self.trimmed(opened.place.end, opened.place.start)
        if opened.merges and not self.stopped:
            self.merge(opened)
        if opened.anchor is not None:
            self.anchors[opened.anchor] = opened.value
        if self.stack:
            self.stack[-1].place.end = max(self.stack[-1].place.end, opened.place.end)
            if opened.is_key:
                self.stack[-1].key = None, (opened.place.start, opened.place.end), False

    def alias(self, event: Any) -> None:
        place = Place(self.base + event.start_mark.index, self.base + event.end_mark.index)
        found = self.anchors.get(event.anchor)
        if found is None:
            inside = any(opened.anchor == event.anchor for opened in self.stack)
            why = "stands inside the value that it repeats" if inside else "repeats nothing that stands before it"
            self.report.add(f"the alias `*{shown(event.anchor)}` {why}", place.start, place.end, fatal=True)
            found = Value(self.source, "null", None, raw="", locate=place)
        if self.takes_key():
            self.name(found.text, (place.start, place.end), False)
            return
        copy = found.moved(None, None, place)
        opened = self.stack[-1] if self.stack else None
        if opened is not None and opened.key is not None and opened.key[2]:
            # a merge copies its entries itself
            opened.merges.append(copy)
            opened.key = None
            return
        self.hang(copy, place)
        self.fill(copy, found)

    # --- the tree ----------------------------------------------------------------------------

    def takes_key(self) -> bool:
        """Whether the next node is a key."""
        return bool(self.stack) and self.stack[-1].value.kind == "map" and self.stack[-1].key is None

    def name(self, key: str, at: Located, merges: bool) -> None:
        opened = self.stack[-1]
        opened.key = key, at, merges
        opened.place.end = max(opened.place.end, at[1])

    def hang(self, value: Value, place: Place) -> None:
        """Put a value where the stack says; its place learns its key."""
        self.count += 1
        if self.count > self.limits.nodes:
            raise self.stop(f"the file has more than {self.limits.nodes} values; reading stops here", place.start)
        if not self.stack:
            self.documents.append(value)
            return
        opened = self.stack[-1]
        opened.place.end = max(opened.place.end, place.end)
        parent = opened.value
        if parent.kind == "list":
            value.parent, value.key = parent, len(parent.items)
            parent.items.append(value)
            return
        assert opened.key is not None
        (key, at, merges), opened.key = opened.key, None
        if key is None:
            return
        value.parent, value.key, place.key = parent, key, at
        if merges:
            opened.merges.append(value)
            return
        if key in parent.entries:
            self.report.again(key, parent.entries[key], at)
        parent.entries[key] = value

    def fill(self, copy: Value, original: Value) -> None:
        """Give a shallow copy its own copies of everything below."""
        todo = [(copy, original)]
        while todo:
            here, there = todo.pop()
            below: list[tuple[str | int, Value]] = [*there.entries.items(), *enumerate(there.items)]
            if there.kind == "map":
                here.data = {}
            elif there.kind == "list":
                here.data = []
            for key, item in below:
                self.repeat(copy)
                child = item.moved(here, key)
                if isinstance(key, str):
                    here.entries[key] = child
                else:
                    here.items.append(child)
                if item.kind in ("map", "list"):
                    todo.append((child, item))

    def repeat(self, value: Value) -> None:
        """Count one value that an alias or merge key repeats."""
        self.aliased += 1
        if self.aliased > self.limits.aliases:
            raise self.stop(f"aliases repeat more than {self.limits.aliases} values; reading stops here",
                            value.span.start)

    def merge(self, opened: _Open) -> None:
        """Entries that merge keys bring: own entries win, then the first of several maps."""
        brought: dict[str, Value] = {}
        for given in opened.merges:
            for item in given.items if given.kind == "list" else [given]:
                if item.kind != "map":
                    span = item.span
                    self.report.add("`<<` merges maps, and this is none", span.start, span.end, fatal=False)
                for key, value in item.entries.items():
                    self.repeat(given)
                    brought.setdefault(key, value)
        own = opened.value.entries
        entries: dict[str, Value] = {}
        for key, value in brought.items():
            if key not in own:
                entries[key] = value.moved(opened.value, key)
                self.fill(entries[key], value)
            else:
                entries[key] = own[key]
        opened.value.data = entries | own

    def trimmed(self, end: int, start: int = 0) -> int:
        """The end without white space before it."""
        text = self.source.text
        while end > start and text[end - 1] in " \t\r\n":
            end -= 1
        return end


def _events(text: str) -> Iterator[Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return cast("Iterator[Any]", yaml.parse(text, Loader=loader))


def _failure(error: Exception, text: str) -> _Failure:
    """What a parser's error says, in words that both parsers share."""
    context, problem = str(getattr(error, "context", "")), str(getattr(error, "problem", ""))
    mark, outer = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    mend = "mapping values are not allowed" in problem or "any token" in problem
    if "quoted scalar" in context and "escape" not in problem:
        mark = outer
    elif context in ("while scanning an alias", "while scanning an anchor"):
        mark, mend = outer, True
    at = min(mark.index if mark is not None else 0, len(text))
    if "escape" in problem and text[at - 1:at] == "\\":
        at -= 1  # the pure parser points behind the backslash
    what = next((words for part, words in _MESSAGES if part in f"{context} {problem}"), "this is no YAML")
    if text[at:at + 1] == "\t" and mend:
        what = "a tab stands here; YAML indents with spaces only"
    return _Failure(what, at, mend and at < len(text) and text[at].isascii())


@cache
def _stand_ins() -> re.Pattern[str]:
    return re.compile(f"[{chr(_STAND_INS)}-{chr(_STAND_INS + 127)}]")


@cache
def _unprintable() -> re.Pattern[str]:
    return re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
