"""Reader: Markdown with YAML frontmatter: the metadata is the tree, the text is the body."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from overgrant.read.base import Limits, Place, Report
from overgrant.text import Source
from overgrant.value import Document, Value


class Fence(NamedTuple):
    """A fenced code block.

    info  the rest of the opening line after the fence, stripped (`json title="a.json"`)
    text  the content, without the indentation of the fence; its place is exact
    line  1-based line of the opening fence in the file
    """

    info: str
    text: Value
    line: int


def parse(source: Source, dialect: str, limits: Limits) -> Document:
    """Frontmatter in a YAML dialect and body of a source.

    Frontmatter stands between two `---` lines at the very start. Without it, and where it is empty,
    the root is an empty map. Where it never ends, the product takes everything as text, which is a
    fatal problem, and its entries are read up to the first empty line.
    """
    text = source.text
    opening = _opening().match(text)
    if opening is None:
        return Document(source, _empty(source, 0), body=_body(source, 0))
    start = opening.end()
    report = Report(source, limits)
    closing = _closing().search(text, start)
    if closing is None:
        report.add("the frontmatter that starts here never ends; the whole file is read as text", 0, 3, fatal=True)
        gap = _gap().search(text, start)
        end, body = gap.start() if gap is not None else len(text), _body(source, 0)
    else:
        end, body = closing.start(), _body(source, closing.end())
    from overgrant.read import yaml

    documents = yaml.read(source, start, end, dialect, limits, report, patient=True)
    root = documents[0] if documents else None
    if root is None or (root.kind == "null" and not root.raw):
        root = _empty(source, start)
    return Document(source, root, report.problems, body=body)


def fences(body: Value) -> list[Fence]:
    """The fenced code blocks of a text, in order; a block without an end runs to the end of the text.

    Backticks or tildes, three or more, indented by up to three spaces; the closing fence is at least as
    long as the opening one (CommonMark 0.31, section 4.5).
    """
    found: list[Fence] = []
    text, base = body.text, body.span.start
    opening: re.Match[str] | None = None
    for match in _fence().finditer(text):
        fence = match[2]
        if opening is None:
            if fence[0] == "~" or "`" not in match[3]:
                opening = match
        elif fence[0] == opening[2][0] and len(fence) >= len(opening[2]) and not match[3].strip():
            found.append(_block(body, base, opening, match.start()))
            opening = None
    if opening is not None:
        found.append(_block(body, base, opening, len(text)))
    return found


def _block(body: Value, base: int, opening: re.Match[str], end: int) -> Fence:
    text = body.text
    start = min(opening.end() + 1, end)
    content = text[start:end]
    if indent := len(opening[1]):
        content = "\n".join(line[min(indent, len(line) - len(line.lstrip(" "))):] for line in content.split("\n"))
    value = Value(body.source, "str", content, parent=body, raw=content, locate=Place(base + start, base + end))
    return Fence(opening[3].strip(), value, body.source.position(base + opening.start())[0])


def _body(source: Source, start: int) -> Value:
    text = source.text[start:]
    return Value(source, "str", text, raw=text, locate=Place(start, len(source.text)))


def _empty(source: Source, at: int) -> Value:
    return Value(source, "map", {}, locate=Place(at, at))


@cache
def _opening() -> re.Pattern[str]:
    return re.compile(r"---[ \t]*+\r?\n")


@cache
def _closing() -> re.Pattern[str]:
    return re.compile(r"^---[ \t]*+(?:\r?\n|\Z)", re.MULTILINE)


@cache
def _gap() -> re.Pattern[str]:
    return re.compile(r"^[ \t]*+\r?\n", re.MULTILINE)


@cache
def _fence() -> re.Pattern[str]:
    return re.compile(r"^( {0,3})(`{3,}+|~{3,}+)([^\r\n]*+)\r?$", re.MULTILINE)
