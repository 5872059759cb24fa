"""A POSIX or bash command line as a flat, bounded list of simple commands.

Nothing here runs, expands or looks up anything: `$X`, `$(…)` and globs stay as they are written and mark their word
as dynamic. Text without shell syntax takes a plain splitter; everything else goes through tree-sitter's bash grammar.
All offsets are characters of the text given to `parse`.
"""

from __future__ import annotations

from overgrant.dialect.grammar.word import Line, Problem, Redirect, Simple, Word, word_of
from overgrant.pattern import later

__all__ = ["Line", "Problem", "Redirect", "Simple", "Word", "parse", "pipelines"]

MAX_CHARS = 64 * 1024
MAX_SYNTAX = 6000  # the parser takes a time that is quadratic in these, about a second here

_PLAIN_WORD = later(r"""(?:[^\s'"\\$`|&;<>()]|'[^']*'|"[^"\\$`]*"|\\[^\n\r])+""")
_SYNTAX = later(r"[|&<>(\[{$=`]")
_SPACE = later(r"[ \t]+")
_ASSIGNMENT = later(r"([A-Za-z_][A-Za-z0-9_]*)\+?=")
_RESERVED = frozenset(
    [
        "if",
        "then",
        "else",
        "elif",
        "fi",
        "for",
        "while",
        "until",
        "do",
        "done",
        "case",
        "esac",
        "in",
        "function",
        "select",
        "coproc",
        "{",
        "}",
        "!",
        "[[",
        "]]",
        "let",
    ]
)


def parse(text: str) -> Line:
    """Read a command line or a script. Never raises; what is not understood is in `problems`."""
    line = Line(text)
    if len(text) > MAX_CHARS:
        line.problems.append(Problem(f"only the first {MAX_CHARS} characters are read", MAX_CHARS, len(text)))
        text = text[:MAX_CHARS]
    simple = _plain(text)
    if simple is not None:
        if simple.words or simple.assignments:
            line.commands.append(simple)
        return line
    from overgrant.dialect.grammar.bash import Walk

    Walk(line, _bounded(line, text)).run()
    return line


def _bounded(line: Line, text: str) -> str:
    if sum(map(text.count, "|&<>([{$=`")) <= MAX_SYNTAX:
        return text
    for index, found in enumerate(_SYNTAX.finditer(text)):
        if index == MAX_SYNTAX:
            line.problems.append(Problem("too much shell syntax to read on", found.start(), len(text)))
            return text[: found.start()]
    return text


def pipelines(line: Line) -> list[list[Simple]]:
    """The commands grouped by pipeline, in document order; a command that is not piped is a group of one."""
    groups: dict[int, list[Simple]] = {}
    for simple in line.commands:
        groups.setdefault(simple.pipe, []).append(simple)
    return list(groups.values())


def _plain(text: str) -> Simple | None:
    """One command without any shell syntax beyond quotes; None when the real parser has to look."""
    body = text.strip(" \t\r\n")
    if "\0" in body:
        return None
    start = len(text) - len(text.lstrip(" \t\r\n"))
    simple = Simple(start, start + len(body) + (body.endswith("\\") and len(body) < len(text)))  # an escaped space
    at, end = simple.start, simple.end
    while at < end:
        found = _PLAIN_WORD.match(text, at, end)
        if found is None or text[at] == "#":
            return None
        word = word_of(found[0], at)
        if not simple.words and (word.raw in _RESERVED or _odd_assignment(word.raw)):
            return None
        _place(simple, word)
        at = found.end()
        if at < end:
            gap = _SPACE.match(text, at, end)
            if gap is None:
                return None
            at = gap.end()
    return simple


def _odd_assignment(raw: str) -> bool:
    return "[" in raw and "=" in raw


def _place(simple: Simple, word: Word) -> None:
    """Add a word as an assignment while no command name was seen, as an argument afterwards."""
    name = None if simple.words else _ASSIGNMENT.match(word.raw)
    if name is None:
        simple.words.append(word)
        return
    cut = name.end()
    simple.assignments.append((name[1], word_of(word.raw[cut:], word.start + cut)))
