"""Characters that nobody sees and a model reads, or that reorder or erase what a person sees.

What is legitimate stays out: joiners inside emoji and in scripts that need them, direction marks in
lines with right-to-left letters, one variation selector after a symbol, a zero-width space in scripts
that are written without spaces. Ranges: Unicode 16, chapter 23 (invisible and format characters).
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from overgrant.pattern import later

_MOST = 20  # per text: more says nothing more
_SPACELESS = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x18AF), (0x2E80, 0x9FFF), (0xAC00, 0xD7AF), (0xFF00, 0xFFEF))
_RTL = later(r"[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\U00010800-\U00010FFF\U0001E800-\U0001EFFF]")
_JOINERS = "\u200c\u200d"
_MARKS = "\u200e\u200f"
_MONGOLIAN = ("\u1800", "\u18af")
_OPERATORS = "\u2061\u2062\u2063\u2064"  # of formulas, between what they join
_FORCED = "\u202d\u202e"


class Hidden(NamedTuple):
    """One passage of a text that a reader doesn't see as it is.

    start, end  place in the text
    sort        `text` (characters that spell something), `order` (reordered on the screen), `letters` (zero-width
                characters in a word or in a row), `stray` (one zero-width character, which changes nothing),
                `terminal` (control sequences that a terminal obeys)
    says        half a sentence
    witness     what the characters spell, when they do
    """

    start: int
    end: int
    sort: str
    says: str
    witness: str = ""


def find(text: str) -> list[Hidden]:
    """The hidden passages of a text in order, one of a sort per line; linear in the text."""
    if text.isascii() and "\x1b" not in text and "\x08" not in text:
        return []
    found: list[Hidden] = []
    last: tuple[str, int] | None = None
    for match in _pattern().finditer(text):
        one = _judge(text, match)
        if one is None:
            continue
        line = (one.sort, text.rfind("\n", 0, one.start))
        if line != last:
            found.append(one)
            last = line
        if len(found) >= _MOST:
            break
    return found


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("(?P<terminal>[\x1b\x08\x9b]+)|(?P<order>[\u202a-\u202e\u2066-\u2069]+)|(?P<invisible>"
                      "[\u200b-\u200f\u2060-\u2064\ufeff\u180e\u115f\u1160\u3164\uffa0\ufe00-\ufe0f"
                      "\U000e0000-\U000e007f\U000e0100-\U000e01ef]+)")


def _judge(text: str, match: re.Match[str]) -> Hidden | None:
    start, end, run = match.start(), match.end(), match[0]
    if match.lastgroup == "terminal":
        return Hidden(start, end, "terminal", "a terminal that shows the text obeys it")
    if match.lastgroup == "order":
        return _order(text, start, end, run)
    return _invisible(text, start, end, run)


def _order(text: str, start: int, end: int, run: str) -> Hidden | None:
    if not any(char in _FORCED for char in run) and _RTL.search(_line(text, start)):
        return None
    return Hidden(start, end, "order", "what stands on the screen is not what is read")


def _invisible(text: str, start: int, end: int, run: str) -> Hidden | None:
    before, after = text[start - 1:start], text[end:end + 1]
    tags = [char for char in run if "\U000e0000" <= char <= "\U000e007f"]
    if tags:
        if before == "\U0001f3f4" and run.endswith("\U000e007f") and len(run) <= 8:
            return None
        spelt = "".join(chr(ord(char) - 0xE0000) for char in tags if "\U000e0020" <= char < "\U000e007f")
        return Hidden(start, end, "text", f"{len(tags)} tag characters spell text that no screen shows", _shown(spelt))
    selectors = [char for char in run if _is_selector(char)]
    if len(selectors) > 1:
        return Hidden(start, end, "text", f"{len(selectors)} variation selectors in a row carry data", _decoded(selectors))
    rest = run.strip("\ufe0e\ufe0f")
    if not rest or len(rest) == 1 and _belongs(text, start, rest, before, after, selectors):
        return None
    if len(rest) > 1 and all(_MONGOLIAN[0] <= each <= _MONGOLIAN[1] for each in (before, after) if each.strip()) and len(rest) == 2:
        return None  # a vowel separator with its joiner
    if len(rest) > 1:
        return Hidden(start, end, "letters", f"{len(rest)} zero-width characters stand in a row")
    if before.isalnum() and after.isalnum() and rest not in _OPERATORS:
        return Hidden(start, end, "letters", "a zero-width character splits a word, so that no search finds it")
    return Hidden(start, end, "stray", "a zero-width character stands here")


def _belongs(text: str, start: int, char: str, before: str, after: str, selectors: list[str]) -> bool:
    """One invisible character that its neighbours need."""
    if start == 0 and char == "\ufeff":
        return True
    if _is_selector(char):
        return bool(before) and ord(before) > 0x7F
    if char in _JOINERS and (selectors or before and ord(before) >= 0x0590 or after and ord(after) >= 0x0590):
        return True
    if char in _MARKS:
        return _RTL.search(_line(text, start)) is not None
    return any(low <= ord(each) <= high for each in (before, after) if each for low, high in _SPACELESS)


def _is_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _decoded(selectors: list[str]) -> str:
    """Bytes hidden in variation selectors: the first sixteen, then the supplement, stand for 0 to 255."""
    data = bytes(ord(char) - 0xFE00 if char <= "\ufe0f" else ord(char) - 0xE0100 + 16 for char in selectors)
    return _shown(data.decode("utf-8", "replace"))


def _shown(text: str) -> str:
    clean = "".join(char if char.isprintable() else " " for char in text[:120]).strip()
    return clean + "…" if len(text) > 120 else clean


def _line(text: str, at: int) -> str:
    start = max(text.rfind("\n", 0, at) + 1, at - 500)
    end = text.find("\n", at)
    return text[start:min(len(text) if end < 0 else end, at + 500)]
