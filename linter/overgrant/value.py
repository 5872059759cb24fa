"""Ground: what a reader makes of a file: a tree of values that know where they stand.

A `Value` is data with a place and its form as written. Places are computed when somebody asks,
because most values of most files are never part of a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from overgrant.text import Source, Span

Kind = Literal["map", "list", "str", "int", "float", "bool", "null"]
Route = tuple[str | int, ...]
Scalar = str | int | float | bool | None
Located = tuple[int, int]


class Value:
    """One value of a tree.

    data      the scalar; for a map `dict[str, Value]`, for a list `list[Value]`
    key       the key or index under which the parent holds it, `None` for the root
    explicit  False for a virtual value that stands for a default; its place is its parent's head
    locate    gives (start, end) of the value and of its key, in characters; None when unknown
    """

    __slots__ = ("_locate", "_raw", "data", "explicit", "key", "kind", "parent", "source")

    def __init__(self, source: Source, kind: Kind, data: object, *, parent: Value | None = None,
                 key: str | int | None = None, locate: Callable[[], tuple[Located, Located | None]] | None = None,
                 raw: str | None = None, explicit: bool = True) -> None:
        self.source = source
        self.kind = kind
        self.data = data
        self.parent = parent
        self.key = key
        self.explicit = explicit
        self._locate = locate
        self._raw = raw

    def __repr__(self) -> str:
        return f"Value({self.kind}, {self.plain()!r})"

    # --- content -----------------------------------------------------------------------------

    @property
    def entries(self) -> dict[str, Value]:
        """The entries of a map in document order; empty for anything else."""
        return self.data if self.kind == "map" else {}  # type: ignore[return-value]

    @property
    def items(self) -> list[Value]:
        """The elements of a list; empty for anything else."""
        return self.data if self.kind == "list" else []  # type: ignore[return-value]

    @property
    def text(self) -> str:
        """The string, or a scalar as written; empty for maps and lists."""
        if self.kind == "str":
            return self.data  # type: ignore[return-value]
        return "" if self.kind in ("map", "list") else self.raw

    @property
    def raw(self) -> str:
        """The scalar as written in the file (`off`, `1e3`, `"a\\u0020b"`)."""
        if self._raw is not None:
            return self._raw
        return self.span.text if self.explicit else str(self.data)

    def plain(self) -> object:
        """The value as ordinary Python data."""
        if self.kind == "map":
            return {key: value.plain() for key, value in self.entries.items()}
        if self.kind == "list":
            return [value.plain() for value in self.items]
        return self.data

    def get(self, *route: str | int) -> Value | None:
        """The value down a route of keys and indexes, or None where it ends."""
        here: Value | None = self
        for step in route:
            if here is None:
                return None
            if isinstance(step, int):
                here = here.items[step] if 0 <= step < len(here.items) else None
            else:
                here = here.entries.get(step)
        return here

    def walk(self) -> Iterator[Value]:
        """This value and everything below it, in document order."""
        stack = [self]
        while stack:
            value = stack.pop()
            yield value
            below = value.entries.values() if value.kind == "map" else value.items
            stack.extend(reversed(list(below)))

    # --- place -------------------------------------------------------------------------------

    @property
    def route(self) -> Route:
        """Keys and indexes from the root to here."""
        steps: list[str | int] = []
        here: Value | None = self
        while here is not None and here.key is not None:
            steps.append(here.key)
            here = here.parent
        return tuple(reversed(steps))

    @property
    def span(self) -> Span:
        """Where the value stands; for a virtual value, its parent's key (or the parent's head)."""
        if self._locate is not None:
            start, end = self._locate()[0]
            return self.source.span(start, end)
        return self.parent.grip if self.parent is not None else Span.file(self.source)

    @property
    def key_span(self) -> Span | None:
        """Where the key stands, for an entry of a map."""
        if self._locate is None:
            return None
        at = self._locate()[1]
        return self.source.span(*at) if at else None

    @property
    def grip(self) -> Span:
        """Where to point at when the value as a whole is meant: its key, else its first line."""
        if not self.explicit:
            return self.span
        if (at := self.key_span) is not None:
            return at
        span = self.span
        if span.whole:
            return span
        line_end = span.source.text.find("\n", span.start)
        head = span.end if line_end < 0 else min(span.end, max(line_end, span.start))
        return Span(span.source, span.start, head)

    def moved(self, parent: Value | None, key: str | int | None,
              locate: Callable[[], tuple[Located, Located | None]] | None = None) -> Value:
        """This value under another parent, for aliases; shallow: a map or list shares its `data`."""
        raw = self._raw if self._raw is not None or self.kind in ("map", "list") else self.raw
        return Value(self.source, self.kind, self.data, parent=parent, key=key, raw=raw, explicit=self.explicit,
                     locate=locate or self._locate)

    def part(self, start: int, end: int) -> Value:
        """A string inside this string, by offsets in `text`.

        Its place is exact where the string is written without escapes or folding, and the whole
        string otherwise.
        """
        inner = self.text[start:end]
        return Value(self.source, "str", inner, parent=self, key=None, raw=inner, explicit=self.explicit,
                     locate=lambda: (self._part_span(start, end), None))

    def _part_span(self, start: int, end: int) -> Located:
        span, text = self.span, self.text
        if not self.explicit or span.whole:
            return span.start, span.end
        written = span.text
        if text == written:
            return span.start + start, span.start + end
        if written.startswith("|") and (block := _in_block(written, text, start, end)) is not None:
            return span.start + block[0], span.start + block[1]
        at = written.find(text)
        if at >= 0:
            return span.start + at + start, span.start + at + end
        # folded or escaped: the piece itself, if it stands there once
        piece = text[start:end]
        if piece and span.text.count(piece) == 1:
            at = span.start + span.text.index(piece)
            return at, at + len(piece)
        return span.start, span.end


def _in_block(written: str, text: str, start: int, end: int) -> Located | None:
    """Offsets of a literal block's text (`|`) in the block as written: each line has the same indentation before it."""
    lead = len(text) - len(text.lstrip("\n"))
    first = text[lead:].split("\n", 1)[0]
    shown = _line_at(written, text.count("\n", 0, lead) + 1)
    stop = written.find("\n", shown)
    line = (written[shown:] if stop < 0 else written[shown:stop]).rstrip("\r")
    if not first.strip() or not line.endswith(first):
        return None
    indent = len(line) - len(first)

    def place(offset: int) -> int:
        return _line_at(written, text.count("\n", 0, offset) + 1) + indent + offset - (text.rfind("\n", 0, offset) + 1)

    return min(place(start), len(written)), min(place(end), len(written))


def _line_at(text: str, number: int) -> int:
    """Where a line begins, counted from 0; the end of the text when it has fewer."""
    at = 0
    for _ in range(number):
        at = text.find("\n", at) + 1
        if not at:
            return len(text)
    return at


def virtual(parent: Value, key: str, data: object) -> Value:
    """A value that stands for a default: it has its parent's place and `explicit` is False."""
    if isinstance(data, dict):
        value = Value(parent.source, "map", {}, parent=parent, key=key, explicit=False)
        value.data = {name: virtual(value, name, item) for name, item in data.items()}
        return value
    if isinstance(data, list):
        value = Value(parent.source, "list", [], parent=parent, key=key, explicit=False)
        value.data = [virtual(value, str(index), item) for index, item in enumerate(data)]
        return value
    return Value(parent.source, kind_of(data), data, parent=parent, key=key, raw=_written(data), explicit=False)


def kind_of(data: object) -> Kind:
    """The kind of a plain Python scalar."""
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "bool"
    if isinstance(data, int):
        return "int"
    return "float" if isinstance(data, float) else "str"


def _written(data: object) -> str:
    if data is None:
        return "null"
    return str(data).lower() if isinstance(data, bool) else str(data)


class Problem:
    """Something a reader could not accept.

    what   present tense, without a path: `the string that starts here never ends`
    span   where it stands; for a syntax error, where the product stops reading
    fatal  True when the product would refuse the file; what could still be read is in the tree all the same
    """

    __slots__ = ("fatal", "span", "what")

    def __init__(self, what: str, span: Span, *, fatal: bool) -> None:
        self.what = what
        self.span = span
        self.fatal = fatal

    def __repr__(self) -> str:
        return f"Problem({self.what!r}, {self.span!r}, fatal={self.fatal})"


class Document:
    """What a reader made of one text.

    root      the tree, None if nothing could be read; it may stand beside a fatal problem, because a file
              that the product refuses is judged by what it says all the same
    problems  in the order in which they were met
    body      the text of a Markdown or plain text file; None for other syntaxes
    more      the second and later documents of a YAML stream
    """

    __slots__ = ("body", "more", "problems", "root", "source")

    def __init__(self, source: Source, root: Value | None, problems: list[Problem] | None = None,
                 body: Value | None = None, more: list[Value] | None = None) -> None:
        self.source = source
        self.root = root
        self.problems = problems if problems is not None else []
        self.body = body
        self.more = more if more is not None else []

    @property
    def refused(self) -> bool:
        """Whether the product would refuse the file."""
        return any(problem.fatal for problem in self.problems)
