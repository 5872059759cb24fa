"""Ground: sets of characters as ranges of code points."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

Chars = tuple[tuple[int, int], ...]
"""A set of characters: sorted, disjoint, inclusive ranges of code points."""

TOP = 0x10FFFF
ANY: Chars = ((0, TOP),)
NONE: Chars = ()
READABLE = ("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
             "-_./ :=@,+~%'\"!#$&()*;<>?[\\]^`{|}")


def merge(*sets: Chars) -> Chars:
    """The union of sets."""
    out: list[tuple[int, int]] = []
    for low, high in sorted(pair for chars in sets for pair in chars):
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(high, out[-1][1]))
        else:
            out.append((low, high))
    return tuple(out)


def negate(chars: Chars) -> Chars:
    """Every character that is not in `chars`."""
    out, low = [], 0
    for start, end in chars:
        if start > low:
            out.append((low, start - 1))
        low = end + 1
    return (*out, (low, TOP)) if low <= TOP else tuple(out)


def chars_of(text: Iterable[str]) -> Chars:
    """The set of the characters of a text."""
    return merge(tuple((ord(char), ord(char)) for char in text))


def fold(chars: Chars, also: Sequence[str] = ()) -> Chars:
    """`chars` with the other case of each letter; `also` names groups of characters that fold together as well.

    Ranges of more than 2,048 characters beyond ASCII are taken as closed under case.
    """
    more: set[str] = set()
    for low, high in chars:
        spans = [range(max(low, 65), min(high, 122) + 1)]
        if high - low <= 2048:
            spans.append(range(max(low, 128), high + 1))
        for span in spans:
            for code in span:
                variants = (chr(code).lower(), chr(code).upper())
                more.update(v for v in variants if len(v) == 1 and (ord(v) < 128) == (code < 128))
    out = merge(chars, chars_of(more))
    groups = [chars_of(group) for group in also]
    return merge(out, *(group for group in groups if any(_has(out, low) for low, _ in group)))


def _has(chars: Chars, code: int) -> bool:
    at = bisect_right(chars, (code, TOP + 1)) - 1
    return at >= 0 and chars[at][1] >= code
