"""Ground: globs whose only wildcard is the star."""

from __future__ import annotations

from collections.abc import Iterable

from overgrant import automaton as fa
from overgrant.automaton import NFA


def stars(text: str, wild: NFA, *, escapes: bool = False, ignore_case: bool = False) -> Iterable[NFA]:
    """The parts of a glob whose only wildcard is `*`; a run of stars counts once."""
    at, starred = 0, False
    while at < len(text):
        if text[at] == "*":
            if not starred:
                yield wild
            starred = True
        else:
            starred = False
            at += escapes and text[at] == "\\" and text[at + 1:at + 2] in ("*", "\\")
            yield fa.literal(text[at], ignore_case=ignore_case)
        at += 1
