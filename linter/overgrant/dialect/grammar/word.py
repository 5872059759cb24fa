"""The shapes that a parsed command line is made of, and how one word loses its quotes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from overgrant.pattern import later


class Word(NamedTuple):
    """One word. `text` has its quotes removed; `raw` is the word as written; `start` and `end` enclose `raw`.

    `dynamic` says that the shell still has to compute it (a variable, a substitution, a glob, a brace list), `quoted`
    that some part of it stands in quotes or behind a backslash.
    """

    text: str
    start: int
    end: int
    dynamic: bool = False
    quoted: bool = False
    raw: str = ""


_ANSI = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "E": "\x1b"}
_ANSI_CODE = later(r"x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})")
_BRACES = later(r"\{[^{}\s]*\}")


def _ansi(raw: str, at: int, out: list[str]) -> int:
    """Read the inside of `$'…'` from `at`; returns the offset after the closing quote."""
    while at < len(raw) and raw[at] != "'":
        if raw[at] != "\\" or at + 1 >= len(raw):
            out.append(raw[at])
            at += 1
        elif code := _ANSI_CODE.match(raw, at + 1):
            number = int(code[1] or code[2] or code[3] or code[4], 8 if code[4] else 16)
            out.append(chr(number) if number < 0x110000 else "\ufffd")
            at = code.end()
        else:
            out.append(_ANSI.get(raw[at + 1], raw[at + 1]))
            at += 2
    return at + 1


def word_of(raw: str, start: int, holes: Sequence[tuple[int, int]] = ()) -> Word:
    """Remove the quotes of one word as written. `holes` are the parts, relative to `raw`, that the shell computes."""
    out: list[str] = []
    bare: list[str] = []
    quote, quoted, at, skip = "", False, 0, 0
    while at < len(raw):
        char = raw[at]
        if skip < len(holes) and at >= holes[skip][0]:
            upto = max(holes[skip][1], at)
            out.append(raw[at:upto])
            at, skip = upto, skip + 1
        elif char == "\\" and at + 1 < len(raw) and (not quote or raw[at + 1] in '$`"\\\n'):
            out.append("" if raw[at + 1] == "\n" else raw[at + 1])
            quoted, at = quoted or raw[at + 1] != "\n", at + 2
        elif char == "'" and not quote:
            close = raw.find("'", at + 1)
            close = len(raw) if close < 0 else close
            out.append(raw[at + 1 : close])
            quoted, at = True, close + 1
        elif char == '"':
            quote, quoted, at = "" if quote else '"', True, at + 1
        elif char == "$" and not quote and raw[at + 1 : at + 2] == "'":
            at, quoted = _ansi(raw, at + 2, out), True
        elif char == "$" and not quote and raw[at + 1 : at + 2] == '"':
            at += 1
        else:
            out.append(char)
            if not quote:
                bare.append(char)
            at += 1
    return Word("".join(out), start, start + len(raw), bool(holes) or _globs("".join(bare)), quoted, raw)


def _globs(bare: str) -> bool:
    if "*" in bare or "?" in bare or ("[" in bare and "]" in bare[bare.index("[") :]):
        return True
    return "{" in bare and any("," in part or ".." in part for part in _BRACES.findall(bare))


class Redirect(NamedTuple):
    """`op` is the operator without a descriptor (`>`, `>>`, `<`, `<<`, `<<<`, `>&`, `&>`); a heredoc's target is its
    body.
    """

    op: str
    target: Word


class Problem(NamedTuple):
    """A stretch of the text that was not understood, and why."""

    what: str
    start: int
    end: int


class Simple:
    """One simple command, wherever it stands in the line.

    `operator_before` is what connects it to the command before it in the same list (`''` for the first one).
    `depth` is the innermost construct around it: `''`, `substitution`, `subshell`, `function` or `loop`.
    `endless` says that a loop around it has a condition that always holds, and no way out.
    Commands with the same `pipe` belong to one pipeline, and read what those with a lower `stage` write.
    """

    __slots__ = (
        "assignments", "background", "depth", "end", "endless", "operator_before", "pipe", "redirects", "stage", "start", "words",
    )  # fmt: skip

    def __init__(self, start: int, end: int, operator_before: str = "", depth: str = "") -> None:
        self.words: list[Word] = []
        self.assignments: list[tuple[str, Word]] = []
        self.redirects: list[Redirect] = []
        self.start = start
        self.end = end
        self.operator_before = operator_before
        self.depth = depth
        self.background = False
        self.endless = False
        self.pipe = 0
        self.stage = 0

    def __repr__(self) -> str:
        return f"Simple({' '.join(word.text for word in self.words)!r}, {self.operator_before!r}, {self.depth!r})"


class Line:
    """A parsed text: its simple commands in document order, and what could not be read."""

    __slots__ = ("commands", "problems", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.commands: list[Simple] = []
        self.problems: list[Problem] = []
