"""Ground: a scanned file's text, places in it, and replacements of places.

Offsets are characters of the decoded text. Bytes appear only at the border: `Span.bytes` for
machine output and fixes. A file is decoded once and never in text mode, so CRLF and tabs keep
their offsets; a byte order mark is no character of the text and counts in byte offsets only.
"""

from __future__ import annotations

import codecs
from bisect import bisect_right
from functools import cached_property


class Undecodable(Exception):
    """The bytes are no text that a product would read; `str()` says why, in the present tense."""

    def __init__(self, why: str, at: int = 0) -> None:
        super().__init__(why)
        self.at = at


class Source:
    """One file: its path relative to the working directory (POSIX), its bytes and its text."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data
        self.bom = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0

    def __repr__(self) -> str:
        return f"Source({self.path!r})"

    @cached_property
    def text(self) -> str:
        """The decoded text without its byte order mark.

        Raises `Undecodable` for UTF-16, UTF-32 and anything else that is not UTF-8.
        """
        for mark, name in ((codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF16_LE, "UTF-16"),
                           (codecs.BOM_UTF16_BE, "UTF-16"), (codecs.BOM_UTF32_BE, "UTF-32")):
            if self.data.startswith(mark):
                raise Undecodable(f"the file is {name}, not UTF-8")
        try:
            return self.data[self.bom:].decode("utf-8")
        except UnicodeDecodeError as error:
            raise Undecodable(f"byte {self.bom + error.start} is not UTF-8", error.start) from None

    @cached_property
    def _starts(self) -> list[int]:
        # "\n" only: editors and code hosts number lines by it, whatever else Unicode calls a line end
        starts, at = [0], self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    @property
    def line_count(self) -> int:
        """Number of lines; an empty file has one."""
        return len(self._starts)

    def position(self, offset: int) -> tuple[int, int]:
        """1-based line and column (in characters) of a character offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int = 1) -> int:
        """The character offset of a 1-based line and column, clamped to the text."""
        line = min(max(line, 1), len(self._starts))
        return min(self._starts[line - 1] + column - 1, len(self.text))

    def line(self, number: int) -> str:
        """The text of a 1-based line, without its line end."""
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:end].removesuffix("\r")

    def span(self, start: int, end: int) -> Span:
        """The span of two character offsets, clamped to the text."""
        size = len(self.text)
        start = min(max(start, 0), size)
        return Span(self, start, min(max(end, start), size))

    def byte_offset(self, offset: int) -> int:
        """The byte offset in the file of a character offset in the text."""
        if self.text.isascii():
            return self.bom + offset
        return self.bom + len(self.text[:offset].encode())


class Span:
    """A stretch of one source, `start` ≤ `end` in characters; `whole` is a file-level place (1:1)."""

    __slots__ = ("end", "source", "start", "whole")

    def __init__(self, source: Source, start: int, end: int, *, whole: bool = False) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.whole = whole

    def __repr__(self) -> str:
        return f"Span({self.source.path}:{self.start}-{self.end})"

    def __eq__(self, other: object) -> bool:
        return (isinstance(other, Span) and self.source.path == other.source.path
                and (self.start, self.end) == (other.start, other.end))

    def __hash__(self) -> int:
        return hash((self.source.path, self.start, self.end))

    @classmethod
    def file(cls, source: Source) -> Span:
        """The place that means the file as a whole; safe for files that are not text."""
        return cls(source, 0, 0, whole=True)

    @property
    def text(self) -> str:
        return "" if self.whole else self.source.text[self.start:self.end]

    @property
    def begin(self) -> tuple[int, int]:
        """1-based line and column of the first character."""
        return (1, 1) if self.whole else self.source.position(self.start)

    @property
    def finish(self) -> tuple[int, int]:
        """1-based line and column just after the last character."""
        return (1, 1) if self.whole else self.source.position(self.end)

    @property
    def bytes(self) -> tuple[int, int]:
        """Byte offsets of start and end in the file."""
        if self.whole:
            return 0, 0
        return self.source.byte_offset(self.start), self.source.byte_offset(self.end)

    def part(self, start: int, end: int) -> Span:
        """A stretch inside this one, by offsets relative to its start, clamped to it."""
        low = min(self.start + max(start, 0), self.end)
        return Span(self.source, low, min(max(self.start + end, low), self.end))


class Edit:
    """Replace a span's text; everything outside stays byte for byte."""

    __slots__ = ("span", "text")

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.text = text

    def __repr__(self) -> str:
        return f"Edit({self.span!r}, {self.text!r})"

    def overlaps(self, other: Edit) -> bool:
        """Both say something about the same characters of a file."""
        one, two = self.span, other.span
        return one.source.path == two.source.path and (one == two or (one.start < two.end and two.start < one.end))


def apply(source: Source, edits: list[Edit]) -> bytes:
    """The file's bytes after non-overlapping edits, in any order.

    Raises `ValueError` when two edits overlap or touch another file.
    """
    ordered = sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))
    pieces, at = [source.data[:source.bom]], 0
    for edit in ordered:
        if edit.span.source.path != source.path:
            raise ValueError(f"an edit of {edit.span.source.path} does not fit {source.path}")
        if edit.span.start < at:
            raise ValueError(f"two edits overlap at {source.path}:{edit.span.begin[0]}")
        pieces += [source.text[at:edit.span.start].encode(), edit.text.encode()]
        at = edit.span.end
    pieces.append(source.text[at:].encode())
    return b"".join(pieces)
