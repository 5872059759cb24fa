"""Templates of manifests: `{{name}}` or `{% if … %}` where a value or a line belongs.

Such a file is filled in before a product reads it. It is read with stand-ins of the same length in its blanks, so that
what is written out is judged and every place is right; what fills a blank is not known, and nothing is said about it.
"""

from __future__ import annotations

import re

from overgrant.pattern import later
from overgrant.read import read
from overgrant.text import Source, Undecodable
from overgrant.value import Document, Value

_ONE = r"\{\{[^{}\n\"\\]{0,300}\}\}"
_RUN = rf"{_ONE}(?:[ \t]*{_ONE})*"
_LINE = later(rf"(?m)^[ \t]*(?:(?:{_ONE}|\{{%[^\n%]{{0,300}}%\}})[ \t,]*)+$")
_JSON = later(rf"\"(?:[^\"\\\n]|\\.)*\"|({_RUN})")
_YAML = later(r"(?m)((?:^|[^\S\n])[^\s#'\"][^\n'\"#]{0,200}?:[ \t]+|^[ \t]*-[ \t]+)(\{\{[^\n']*)$")
_MOST = 1 << 20


def filled(document: Document, source: Source, syntax: str) -> Document:
    """The document of a template with stand-ins in its blanks; a document that can be read as it is stays."""
    if not document.problems or not syntax.startswith(("json", "yaml")):
        return document
    try:
        text = source.text
    except Undecodable:
        return document
    if len(text) > _MOST or "{{" not in text and "{%" not in text:
        return document
    other = Source(source.path, source.data)
    other.__dict__["text"] = _stand_ins(text, syntax)
    if other.text == text:
        return document
    found = read(other, syntax)
    other.__dict__["text"] = text
    if found.root is None or len(found.problems) >= len(document.problems) or found.refused:
        return document
    return found


def is_blank(value: Value) -> bool:
    """The value stands for something that is filled in later."""
    return value.kind == "str" and "{{" in value.source.text and value.span.text.lstrip("'\"").startswith("{{")


def _stand_ins(text: str, syntax: str) -> str:
    text = _LINE.sub(lambda match: " " * len(match[0]), text)
    if syntax.startswith("json"):
        return _JSON.sub(_text, text)
    return _YAML.sub(lambda match: f"{match[1]}'{match[2].rstrip()[1:-1]}'".ljust(len(match[0])), text)


def _text(match: re.Match[str]) -> str:
    """A text in the place of blanks; the second of two before another entry stands for a comma."""
    if not match[1]:
        return match[0]
    ends = '",' if re.search(r"\}\}[ \t]*\{\{", match[1]) and match.string[match.end():match.end() + 400].lstrip().startswith('"') else '"'
    return f'"{match[1][1:-len(ends)]}{ends}'
