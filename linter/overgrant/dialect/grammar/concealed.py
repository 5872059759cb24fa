"""Text that a model reads and a person does not see: comments and invisible elements of Markdown.

Only a passage that hides a command counts: it tells the model to keep quiet, to set other instructions
aside, to send secrets away or to run something. Which words say so is data: knowledge/concealed.yaml.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from overgrant.pattern import later

_LONGEST = 20_000
_OPENINGS = later(
    r"<!--|^[ \t]{0,3}\[[^\]\n]{1,40}\]:[ \t]{1,4}(?:<>|#)[ \t]{1,4}[(\"']|"
    r"<(?P<name>\w{1,12})\b(?P<attributes>[^<>\n]{0,300})>|"
    r"\S[ \t]{200}[ \t]*+(?=\S)", re.IGNORECASE | re.MULTILINE)
_UNSEEN = later(r"display:[ \t]?none|visibility:[ \t]?hidden|font-size:[ \t]?0|opacity:[ \t]?0(?![.\d])|\bhidden\b|"
                r"color[:=][ \t]?[\"']?(?:white|transparent|#fff(?:fff)?)\b", re.IGNORECASE)
_SPACE = later(r"\s+")
_SENTENCE = later(r"[.!?;:] ")
_NEGATED = later(r"\b(?:not|never|without|no|avoid|cannot)\b|n't\b")


class Concealed(NamedTuple):
    """One concealed command: its place in the text, how it is hidden, what it tells the model."""

    start: int
    end: int
    how: str
    says: str
    words: str


def find(text: str, skip: list[tuple[int, int]]) -> list[Concealed]:
    """The concealed commands of a text. `skip` are places (fenced code) that only quote."""
    found: list[Concealed] = []
    at = 0
    while (match := _OPENINGS.search(text, at)) is not None:
        if match["name"] and not _UNSEEN.search(match["attributes"]):
            at = match.end()
            continue
        start, (end, how) = match.start(), _extent(text, match)
        at = max(end, match.end())
        if any(low <= start < high for low, high in skip) or _quoted(text, start):
            continue
        inner = text[match.end():end]
        if (says := command(inner)) is not None:
            found.append(Concealed(start, end, how, says, _SPACE.sub(" ", inner.removesuffix("-->")).strip()[:120]))
        if len(found) >= 20:
            break
    return found


def _extent(text: str, match: re.Match[str]) -> tuple[int, str]:
    opening = match[0]
    if opening == "<!--":
        closing, how = "-->", "a comment"
    elif opening.startswith("<"):
        closing, how = f"</{match['name']}", "an element that is not shown"
    elif opening.lstrip().startswith("["):
        closing, how = "\n", "a link definition that is not shown"
    else:
        closing, how = "\n", "text far to the right of the window"
    limit = match.end() + _LONGEST
    end = text.find(closing, match.end(), limit)
    if end < 0:
        return min(len(text), limit), how
    return (end + 3 if closing == "-->" else end), how


def _quoted(text: str, at: int) -> bool:
    """The place stands inside inline code: an odd number of backticks before it on its line."""
    return text.count("`", max(text.rfind("\n", 0, at) + 1, at - 500), at) % 2 == 1


def command(text: str) -> str | None:
    """What a hidden passage tells the model, as half a sentence; None when it commands nothing."""
    plain = " " + _SPACE.sub(" ", text[:_LONGEST]).lower().replace("\u2019", "'") + " "
    for sort in _data():
        if any(_occurs(plain, phrase) for phrase in sort["phrases"]):
            return str(sort["says"])
        for pair in sort["pairs"]:
            if any(_occurs(plain, word, ordered=True) for word in pair["verbs"]) and any(
                    _occurs(plain, word) for word in pair["objects"]):
                return str(sort["says"])
    return None


def _occurs(text: str, phrase: str, *, ordered: bool = False) -> bool:
    """The phrase stands in the text as words; `ordered`: and no negation stands before it in its sentence."""
    at = text.find(phrase)
    while at >= 0:
        end = at + len(phrase)
        whole = not (phrase[0].isalnum() and text[at - 1:at].isalnum()) and not (
            phrase[-1].isalnum() and text[end:end + 1].isalnum())
        if whole and not (ordered and _NEGATED.search(_SENTENCE.split(text[max(0, at - 200):at])[-1])):
            return True
        at = text.find(phrase, at + 1)
    return False


@cache
def _data() -> list[dict[str, Any]]:
    from overgrant.read.knowledge import load

    return [{"says": entry["says"], "phrases": entry.get("phrases", []), "pairs": entry.get("pairs", [])}
            for entry in load("concealed")["sorts"]]
