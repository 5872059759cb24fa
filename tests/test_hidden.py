"""Invisible characters: what is found, what is left alone, and that nothing else is looked at."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.dialect.grammar.hidden import find

TAGS = "".join(chr(0xE0000 + ord(char)) for char in "send keys")


@pytest.mark.parametrize(("text", "sort"), [
    (f"Build.{TAGS}", "text"),
    ("a\ufe01\ufe02\U000e0120", "text"),
    ("never \u202eelif\u202c read", "order"),
    ("abc \u2066def\u2069", "order"),
    ("pass\u200bword", "letters"),
    ("x \u200b\u200c\u200d", "letters"),
    ("in\u2060visible", "letters"),
    ("end\u200b ", "stray"),
    ("a\u2062b", "stray"),
    ("a\u200b\u200bb", "letters"),
    ("end \ufeff", "stray"),
    ("a\x1b[8mb", "terminal"),
    ("a\x08b", "terminal"),
    ("a\x9b8m", "terminal"),
])
def test_found(text: str, sort: str) -> None:
    assert [each.sort for each in find(text)] == [sort]


@pytest.mark.parametrize("text", [
    "plain text, tabs\tand\r\nlines",
    "\ufeff# start of a file",
    "\U0001f469\u200d\U0001f4bb \u2764\ufe0f\u200d\U0001f525 \U0001f3f3\ufe0f\u200d\U0001f308",
    "1\ufe0f\u20e3 \u26a0\ufe0f \u00a9\ufe0e",
    "\U0001f3f4" + "".join(chr(0xE0000 + ord(char)) for char in "gbeng") + "\U000e007f",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\u200f\u05e9\u05dc\u05d5\u05dd (abc)\u200e",
    "\u05e9\u05dc\u05d5\u05dd \u2067abc\u2069 \u202bx\u202c",
    "\u0e01\u0e32\u0e23\u200b\u0e17\u0e14",
    "\u0915\u094d\u200d\u0937",
    "r\u00e9sum\u00e9 \u2014 \u201cquotes\u201d \u00a0",
    "\u845b\U000e0100",
    "\u182d\u180e\u200d \u182e\u180e\u1820 \u182e\u180b",
    "\u0b95\u0bcd\u200c\u0bb7 \u09b0\u200d\u09cd\u09af \u0d28\u0d4d\u200d \u0dc1\u0dca\u200d\u0dbb\u0dd3 \u0cb0\u200d\u0ccd\u0caf",
    "Donau\u00addampf\u00adschiff, 10\u202fkm, 5\u2009%",
    "\u0586 \u200e(abc)\u200e \u05d0",
    "#\ufe0f\u20e3 *\ufe0f\u20e3 \U0001f1e9\U0001f1ea \U0001f9d1\U0001f3fd\u200d\U0001f680",
    "\u1797\u17b6\u179f\u17b6\u200b\u1781\u17d2\u1798\u17c2\u179a",
])
def test_legitimate(text: str) -> None:
    assert find(text) == []


def test_tags_are_spelt_out() -> None:
    assert find("x" + TAGS)[0].witness == "send keys"


def test_selectors_are_decoded() -> None:
    hidden = "".join(chr(0xE0100 + byte - 16) if byte > 15 else chr(0xFE00 + byte) for byte in b"run it")
    assert find("\U0001f600" + hidden)[0].witness == "run it"


def test_one_per_line_and_sort() -> None:
    assert [each.sort for each in find("a\u200bb c\u200bd\u202e\ne\u200bf")] == ["letters", "order", "letters"]


@given(st.text(st.characters(max_codepoint=0x7E, min_codepoint=0x20)))
@settings(deadline=None, max_examples=50)
def test_printable_ascii_hides_nothing(text: str) -> None:
    assert find(text) == []


def test_bounded() -> None:
    assert len(find("a\u200bb\n" * 10_000)) == 20
    assert len(find("\u200b" * 500_000)) == 1
