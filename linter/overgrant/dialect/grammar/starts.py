"""What a match of a regular expression begins with, as far as plain characters and one level of choices say it."""

from __future__ import annotations

_MOST = 16  # choices of one expression that are looked at one by one


def beginnings(pattern: str) -> list[tuple[str, bool]]:
    """What a match begins with, and whether anything may follow: one pair for each choice that the expression offers.

    An expression that is not anchored at its start may have anything before it, so it begins with nothing.
    """
    if not pattern.startswith("^") or choice(pattern):
        return [("", True)]
    done: list[tuple[str, bool]] = []
    going = [""]
    at = 1
    while at < len(pattern) and going:
        sign = pattern[at]
        if sign == "$" and at == len(pattern) - 1:
            return [*done, *((text, False) for text in going)]
        if sign == "(":
            end = pattern.find(")", at)
            inner = pattern[at + 1:end].removeprefix("?:")
            if end < 0 or "(" in inner or pattern[end + 1:end + 2] in ("*", "+", "?", "{") or len(going) * (
                    inner.count("|") + 1) > _MOST:
                break
            parts = [_plain(each) for each in inner.split("|")]
            done += [(text + part, True) for text in going for part, tail in parts if tail]
            going = [text + part for text in going for part, tail in parts if not tail]
            at = end + 1
            continue
        part, tail = _plain(pattern[at:at + 2] if sign == "\\" else sign)
        follows = pattern[at + (2 if sign == "\\" else 1):][:1]
        if tail or (follows and follows in "*?{" or follows == "+" and part != " "):
            break
        at += 2 if sign == "\\" else 1
        if follows == "+":
            at += 1
        going = [text + part for text in going]
    return [*done, *((text, True) for text in going)]


def choice(pattern: str) -> bool:
    """A `|` outside any group: what stands behind it is not anchored."""
    depth = 0
    for before, sign in zip("^" + pattern, pattern, strict=False):
        if before == "\\":
            continue
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and depth <= 0:
            return True
    return False


def _plain(text: str) -> tuple[str, bool]:
    """The characters of a piece up to its first sign with a meaning, and whether there is one."""
    out, at = "", 0
    while at < len(text):
        sign, after = text[at], text[at + 1:at + 2]
        if sign == "\\" and after == "s":
            # one or several, in a command it is the space between two words
            out, at = out + " ", at + 2 + (text[at + 2:at + 3] == "+")
        elif sign == "\\" and after == "b":
            at += 2
        elif sign == "\\" and after and not after.isalnum():
            out, at = out + after, at + 2
        elif sign in r"\.*+?[]{}|^$":
            return out, True
        else:
            out, at = out + sign, at + 1
    return out, False
