"""Dialects: literal credentials in modules that make agents. The text is searched, not the tree: it is far quicker."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from overgrant.model import Secret

if TYPE_CHECKING:
    from overgrant.dialect.code.facts import Facts

_WORDS = ("key", "token", "secret", "passw", "authorization", "credential")
_FORMS = ("sk-", "ghp_", "github_pat_", "akia", "xox", "aiza", "gsk_", "hf_", "lsv2_", "glpat-")
_VALUE = re.compile(r"""[\w-]{0,24}["']?\]?\s{0,3}(?::\s{0,3}str\s{0,3})?[=:,]\s{0,3}["']([^"'\n]{8,300})["']""")
_NAME = re.compile(r"[\w-]{0,64}$")
_REST = re.compile(r"""([^"'\s\\]{8,300})["']""")
_HEADS = frozenset(form[:3] for form in _FORMS)
_MOST = 20


def credentials(facts: Facts) -> None:
    """State the credentials that stand in the module in clear."""
    text = facts.file.code.text
    if not text:
        return
    from overgrant.dialect.grammar.secret import find

    seen: set[int] = set()
    for start, value, name in _candidates(text):
        if len(seen) >= _MOST:
            return
        for found in find(value, name=name):
            first = start + found.start
            if first in seen:
                continue
            seen.add(first)
            row = text.count("\n", 0, first) + 1
            begin = first - (text.rfind("\n", 0, first) + 1)
            line = facts.file.code.line(row)
            left, right = (len(line[:at].encode()) for at in (begin, begin + found.end - found.start))
            spot = ast.Name(id="", lineno=row, end_lineno=row, col_offset=left, end_col_offset=right)
            fact = facts.maker.make(Secret, facts.file.code.place(spot, found.shown), facts.sole() or facts.fallback())
            fact.provider, fact.name, fact.shown, fact.confidence = found.provider, name, found.shown, found.confidence
            fact.source, fact.where = "text", name or found.provider


def _candidates(text: str) -> Iterator[tuple[int, str, str]]:
    """Strings beside a name that speaks of a credential, and strings that begin like one: offset, text, name."""
    low = text.lower()
    for word in _WORDS:
        at = low.find(word)
        while at >= 0:
            end = at + len(word)
            if (match := _VALUE.match(text, end)) is not None:
                before = _NAME.search(text, max(0, at - 64), at)
                name = (before.group(0) if before is not None else "") + re.split(r"[^\w-]", text[at:match.start(1)], maxsplit=1)[0]
                yield match.start(1), match.group(1), name.strip("_-")
            at = low.find(word, end)
    # one look at how strings begin is cheaper than looking for each form
    if _HEADS.isdisjoint([piece[:3] for piece in low.replace("'", '"').split('"')]):
        return
    for form in _FORMS:
        at = low.find(form)
        while at >= 0:
            if text[at - 1:at] in ("'", '"') and (match := _REST.match(text, at)) is not None:
                yield at, match.group(1), ""
            at = low.find(form, at + len(form))
