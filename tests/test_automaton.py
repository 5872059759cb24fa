"""The engine under all patterns, against `re` and against trying every short string."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from overgrant import automaton as fa
from overgrant.automaton import NFA
from overgrant.regex import Anchored, Flavour, Unsupported, from_regex

fast = settings(max_examples=120, deadline=None)
SHORT = ["".join(each) for size in range(5) for each in itertools.product("ab", repeat=size)]


def regex(pattern: str, flavour: Flavour = "python", anchored: Anchored = True, ignore_case: bool = False) -> NFA:
    found = from_regex(pattern, flavour=flavour, anchored=anchored, ignore_case=ignore_case)
    assert not isinstance(found, Unsupported), (pattern, found.reason)
    return found


def expressions() -> st.SearchStrategy[NFA]:
    leaves = st.sampled_from([fa.literal("a"), fa.literal("b"), fa.literal("ab"), fa.any_char(), fa.any_except("a"),
                              fa.concat(), fa.union()])
    return st.recursive(leaves, lambda inner: st.one_of(
        st.builds(fa.concat, inner, inner), st.builds(fa.union, inner, inner), st.builds(fa.star, inner),
        st.builds(fa.optional, inner), st.builds(lambda part: fa.repeat(part, 1, 2), inner)), max_leaves=6)


# --- sets of characters

@given(st.text("abcXYZ09é", max_size=6), st.sampled_from("abcXYZ09éq\0\U0010ffff"))
def test_a_negated_set_has_what_the_set_has_not(text: str, char: str) -> None:
    chars = fa.chars_of(text)
    assert fa.matches(fa.one_of(chars), char) == (char in text)
    assert fa.matches(fa.one_of(fa.negate(chars)), char) == (char not in text)
    assert fa.negate(fa.negate(chars)) == chars


def test_neighbouring_ranges_become_one() -> None:
    assert fa.merge(((97, 99),), ((100, 101),), ((98, 98),)) == ((97, 101),)
    assert fa.negate(fa.ANY) == fa.NONE


def test_folding_adds_the_other_case_and_the_named_groups() -> None:
    assert fa.fold(fa.chars_of("k")) == fa.chars_of("kK")
    assert fa.fold(fa.chars_of("k"), ["kK\u212a"]) == fa.chars_of("kK\u212a")
    assert fa.fold(fa.chars_of("é1")) == fa.chars_of("éÉ1")


# --- questions

@fast
@given(expressions(), expressions())
def test_questions_agree_with_trying_every_short_string(a: NFA, b: NFA) -> None:
    in_a = {text for text in SHORT if fa.matches(a, text)}
    in_b = {text for text in SHORT if fa.matches(b, text)}
    if fa.includes(a, b):
        assert in_b <= in_a
    else:
        witness = fa.example_outside(b, a)
        assert witness is not None
        assert fa.matches(b, witness)
        assert not fa.matches(a, witness)
    if fa.intersects(a, b):
        witness = fa.example_common(a, b)
        assert witness is not None
        assert fa.matches(a, witness)
        assert fa.matches(b, witness)
    else:
        assert not in_a & in_b
    assert fa.intersects(a, b) == fa.intersects(b, a)


@fast
@given(expressions())
def test_an_example_is_shortest(a: NFA) -> None:
    example = fa.example(a)
    found = [text for text in SHORT if fa.matches(a, text)]
    if example is None:
        assert not found
    else:
        assert fa.matches(a, example)
        assert not found or len(example) == len(found[0])


@fast
@given(expressions())
def test_a_finite_language_has_no_long_string(a: NFA) -> None:
    longer = fa.concat(*[fa.any_char()] * (a.size + 1), fa.anything())
    assert fa.is_finite(a) != fa.intersects(a, longer)


def test_examples_are_readable() -> None:
    assert fa.example(fa.concat(fa.literal("git "), fa.plus(fa.any_char()))) == "git a"
    assert fa.example(fa.one_of(fa.negate(fa.chars_of("abc")))) == "d"
    assert fa.example(fa.one_of(((0xD700, 0xE000),))) == "\ud700"


def test_an_open_end_behind_one_fixed_beginning() -> None:
    word = fa.plus(fa.one_of(((97, 122),)))
    assert fa.opens_after(regex("x[0-9]+.*"), fa.anything(), word)
    assert not fa.opens_after(regex("[a-z]*x"), fa.anything(), word)
    assert not fa.opens_after(regex("x1.*"), fa.plus(fa.one_of(((97, 122),))), word)
    # every word is there, but behind no single beginning
    assert not fa.opens_after(regex("[a-m]a[a-m]*|[a-m]b[n-z]*"), fa.any_char(), word)


def test_an_open_beginning_before_one_fixed_end() -> None:
    word = fa.plus(fa.one_of(((97, 122),)))
    assert fa.opens_before(regex(".* --version"), word, fa.anything())
    assert not fa.opens_before(regex("git .*"), word, fa.anything())
    assert not fa.opens_before(regex("[a-m]+1|[n-z]+2"), word, fa.anything())


# --- bounds

def test_an_explosion_of_states_is_undecidable() -> None:
    a, b = regex("(a|b)*a(a|b){18}"), regex("(a|b)*b(a|b){20}")
    assert fa.includes(a, b) is None
    assert fa.example_outside(b, a) is None
    with pytest.raises(fa.Undecidable):
        fa.search([b], [a])
    with pytest.raises(fa.Undecidable):
        fa.is_finite(a)


def test_matching_stays_linear_where_a_backtracking_engine_hangs() -> None:
    assert not fa.matches(regex("(a*)*(a|aa)+b"), "a" * 5000)
    assert fa.matches(regex("(a|b)*a(a|b){12}"), "ab" * 5000 + "a" + "b" * 12)


def test_sizes_are_bounded() -> None:
    with pytest.raises(fa.TooLarge):
        fa.repeat(fa.literal("abcdefghij"), 1000, 1000)
    with pytest.raises(fa.TooLarge):
        fa.literal("x" * fa.MAX_SIZE)


# --- regular expressions

def patterns() -> st.SearchStrategy[str]:
    atoms = st.sampled_from(["a", "b", "A", ".", "[ab]", "[^a]", "[a-c1]", r"\d", r"\w", r"\s", r"\W", r"\.", "^",
                             r"\b", r"\B", r"\A", r"\Z", "-", r"[\]a-]", r"\x61", "[]a]", r"[\w.]", "é"])
    counts = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{,2}", "{1,}", "*?", "{x}", "{"])
    repeated = st.tuples(st.sampled_from(["a", "b", ".", "[ab]", r"\w", "(?:ab|b)", "(a)"]), counts).map("".join)
    return st.recursive(st.one_of(atoms, repeated), lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join), st.tuples(inner, inner).map("|".join), inner.map("({})".format),
        inner.map("(?:{})$".format), inner.map("(?P<x>{})".format)), max_leaves=5)


@settings(max_examples=400, deadline=None)
@given(patterns(), st.text("abAB1_ .-\né", max_size=5), st.sampled_from([False, "start", True]), st.booleans())
def test_python_patterns_match_as_in_python(pattern: str, text: str, anchored: Anchored, ignore_case: bool) -> None:
    try:
        compiled = re.compile(pattern, re.IGNORECASE if ignore_case else 0)
    except re.error:
        return
    assume(text or r"\B" not in pattern)  # before 3.14 Python saw no inner place in an empty text
    found = from_regex(pattern, flavour="python", anchored=anchored, ignore_case=ignore_case)
    if isinstance(found, Unsupported):
        assert found.reason.startswith("The pattern "), found.reason
        return
    how = {False: compiled.search, "start": compiled.match, True: compiled.fullmatch}[anchored]
    assert fa.matches(found, text) == bool(how(text)), (pattern, text)


@pytest.mark.parametrize(("flavour", "pattern", "yes", "no"), [
    ("python", "^ls$", ["ls", "ls\n"], ["ls\n\n", "lsx"]),
    ("js", "^ls$", ["ls"], ["ls\n"]),
    ("go", "^ls$", ["ls"], ["ls\n"]),
    ("rust", r"\Als\z", ["ls"], ["ls\n", "xls"]),
    ("js", "^a.b$", ["a b"], ["a\nb", "a\rb", "a\u2028b"]),
    ("go", "^a.b$", ["a b", "a\rb", "a\u2028b"], ["a\nb"]),
    ("rust", "(?s)^a.b$", ["a\nb"], ["ab"]),
    ("rust", "(?i)^k$", ["k", "K", "\u212a"], ["c"]),
    ("rust", "^a(?i)b$", ["ab", "aB"], ["Ab"]),
    ("rust", "^(?i:a)b$", ["ab", "Ab"], ["aB"]),
    ("go", "(?i)^S$", ["s", "\u017f"], ["z"]),
    ("js", r"^\w$", ["a", "_"], ["é"]),
    ("rust", r"^\w$", ["a", "é", "\u200d", "ⓐ"], ["-"]),
    ("go", r"^\s$", [" ", "\t"], ["\v", "\u00a0"]),
    ("js", r"^\s$", [" ", "\v", "\ufeff"], ["\x85", "\x1c"]),
    ("python", r"^\s\Z", [" ", "\x1c", "\x85"], ["\ufeff"]),
    ("js", r"^\d$", ["1"], ["\u0661"]),
    ("python", r"^\d\Z", ["1", "\u0661"], ["x"]),
    ("js", "^[^]$", ["a", "\n"], [""]),
    ("js", "^[]$", [], ["", "a"]),
    ("js", r"^\A\z$", ["Az"], [""]),
    ("js", r"^\u0041\x42\/$", ["AB/"], ["AB"]),
    ("rust", r"^\x{41}\u{42}$", ["AB"], ["ab"]),
    ("go", "^[[:alpha:]]+$", ["ab"], ["a1"]),
    ("go", "^[[:^digit:]]$", ["a"], ["1"]),
    ("go", r"(?m)^rm\b", ["ls\nrm x", "rm"], ["rmx", "ls rm"]),
    ("js", "(^|;)rm( |$)", ["rm", "a;rm x"], ["arm", "rmx"]),
    ("js", r"\bfoo\b", ["a foo b", "foo"], ["foob", "_foo"]),
    ("python", "(?i)git (?P<verb>push|pull)", ["GIT push"], ["git fetch"]),
    ("js", "^(?<verb>push)$", ["push"], ["pull"]),
    ("js", "a{,2}", ["a{,2}"], ["aa"]),
    ("python", "^a(?#why)b", ["ab"], ["a"]),
])
def test_flavours_differ(flavour: Flavour, pattern: str, yes: list[str], no: list[str]) -> None:
    nfa = regex(pattern, flavour, False)
    assert [text for text in yes if not fa.matches(nfa, text)] == []
    assert [text for text in no if fa.matches(nfa, text)] == []


@pytest.mark.parametrize(("flavour", "pattern", "word"), [
    ("js", "(?=a)", "ahead"), ("js", "(?!a)b", "ahead"), ("python", "(?<!a)b", "behind"), ("js", r"(a)\1", "back"),
    ("js", r"\k<x>", "back"), ("python", "(?P<x>a)(?P=x)", "back"), ("python", "(?>a)", "atomic"),
    ("python", "a++", "possessively"), ("js", "a{2000}", "1000"), ("js", "(a{100}){1000}", "states"),
    ("js", "(" * 60 + ")" * 60, "nests"), ("js", "a" * 5000, "longer"), ("js", "*a", "nothing"),
    ("js", "(a", "open"), ("js", "a)", "not open"), ("js", "[a", "middle"), ("js", "a\\", "middle"),
    ("js", "[b-a]", "wrong way"), ("js", "a{2,1}", "wrong way"), ("rust", "[a-z&&[^b]]", "class"),
    ("rust", "[a--b]", "calculates"), ("go", r"\p{Greek}", "escape"), ("js", "(?i)a", "flags"),
    ("python", "a(?i)b", "flags"), ("python", "a$b", "goes on"), ("python", "(?x)a b", "not supported"),
    ("js", "^*", "anchor"), ("rust", "a{x}", "repetition"), ("python", "(?(1)a|b)", "condition"),
    ("rust", r"\b{start}a", "one-sided"), ("go", "(*UTF8)a", "starts with"), ("js", r"[\w-z]", "ends are not"),
])
def test_what_is_not_translated_says_why(flavour: Flavour, pattern: str, word: str) -> None:
    found = from_regex(pattern, flavour=flavour, anchored=False)
    assert isinstance(found, Unsupported)
    assert word in found.reason
    assert found.reason.startswith("The pattern ")
    assert found.reason.endswith(".")


@settings(max_examples=300, deadline=None)
@given(st.text(r"ab()[]{}|*+?^$\.,-:!<=>P#i12dwszxu&~", max_size=14), st.sampled_from(["js", "rust", "go", "python"]))
def test_no_pattern_crashes_the_reader(pattern: str, flavour: Flavour) -> None:
    found = from_regex(pattern, flavour=flavour, anchored=False)
    assert isinstance(found, Unsupported) or fa.matches(found, "ab") in (True, False)
