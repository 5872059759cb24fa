"""Words: quotes removed, and what is left for the shell to compute."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.dialect.grammar.word import word_of


@pytest.mark.parametrize(
    ("raw", "text", "dynamic", "quoted"),
    [
        ("abc", "abc", False, False),
        ("a'b c'd", "ab cd", False, True),
        ('"a\\"b\\$c\\d"', 'a"b$c\\d', False, True),
        ("a\\ b", "a b", False, True),
        ("$'a\\n\\x41\\u00e9\\101'", "a\nA\u00e9A", False, True),
        ("$'\\U7fffffff'", "\ufffd", False, True),
        ('$"a"', "a", False, True),
        ("a\\\nb", "ab", False, False),
        ("*.py", "*.py", True, False),
        ("'*'", "*", False, True),
        ("a{b,c}", "a{b,c}", True, False),
        ("a{1..3}", "a{1..3}", True, False),
        ("{}", "{}", False, False),
        ("[", "[", False, False),
        ("[ab]", "[ab]", True, False),
        ("a?", "a?", True, False),
        ("'open", "open", False, True),
    ],
)
def test_a_word(raw: str, text: str, dynamic: bool, quoted: bool) -> None:
    word = word_of(raw, 5)
    assert (word.text, word.dynamic, word.quoted) == (text, dynamic, quoted)
    assert (word.start, word.end, word.raw) == (5, 5 + len(raw), raw)


def test_holes_stay_as_they_are_written() -> None:
    word = word_of('"a $(b "c") d"', 0, [(3, 11)])
    assert word.text == 'a $(b "c") d'
    assert word.dynamic


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="ab '\"\\é;|", min_size=1, max_size=12))
def test_what_is_quoted_for_a_shell_comes_back(text: str) -> None:
    assert word_of(shlex.quote(text), 0).text == text
