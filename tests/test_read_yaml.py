from __future__ import annotations

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overgrant.read import read
from overgrant.read.base import Limits
from overgrant.text import Source
from overgrant.value import Document, Value

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\x85\ufeff"),
               max_size=12) | st.text(alphabet="ab :#-'\"\n", max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT | st.sampled_from(
    ["off", "yes", "1:30", "1e5", "0o7", "~", "null", "2001-01-01", "<<", "=", "{a}", "*x"])
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
    st.text(alphabet="ab<: é", max_size=4), inner, max_size=4), max_leaves=12)
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture(params=["libyaml", "pure"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "pure":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    elif not hasattr(yaml, "CSafeLoader"):
        pytest.skip("PyYAML is built without libyaml")
    return str(request.param)


def doc(text: str | bytes, dialect: str = "yaml", limits: Limits = Limits()) -> Document:
    return read(Source("agent.yaml", text.encode() if isinstance(text, str) else text), dialect, limits=limits)


def root(document: Document) -> Value:
    assert document.root is not None
    return document.root


def reread(value: Value) -> object:
    """What PyYAML reads where the value stands, at its own indentation."""
    span = value.span
    return yaml.safe_load("\n" + " " * (span.begin[1] - 1) + span.text)


@settings(deadline=None, max_examples=150, suppress_health_check=SLOW)
@given(TREES, st.sampled_from([None, "'", '"', "|", ">"]), st.sampled_from([True, False, None]), st.booleans(),
       st.sampled_from([20, 80]))
def test_every_span_reads_as_its_own_value(data: object, style: str | None, flow: bool | None, unicode: bool,
                                           width: int) -> None:
    dumped = yaml.safe_dump(data, default_style=style, default_flow_style=flow, allow_unicode=unicode, width=width,
                            sort_keys=False)
    text = f"# head\n{dumped}# tail\n"
    # PyYAML writes some dates and keys that it reads as other types
    data = yaml.safe_load(text)
    document = doc(text)
    assert not document.problems
    tree = root(document)
    assert tree.plain() == data
    for value in tree.walk():
        block = value.kind in ("map", "list") and value.span.text[:1] not in "[{"
        if value.kind == "str" and value.span.text[:1] in ("|", ">"):
            continue
        if not block or ("|" not in value.span.text and ">" not in value.span.text):
            assert reread(value) == value.plain()
        assert value.span.text == value.span.text.strip(" \t\n")
        assert tree.get(*value.route) is value
        if value.key_span is not None:
            assert str(yaml.safe_load("? " + value.key_span.text).popitem()[0]) in (value.key, str(value.key))


def test_parsers_agree(monkeypatch: pytest.MonkeyPatch, parser: str) -> None:
    if parser == "pure":
        return
    text = ("a:\nb: {x: , y: 1}\nc:\n- 1\n-\n- k:\n  z: 2\nd: |\n  foo\n\n# c\ne: &x\n  q: off # h\nf: *x\n"
            "g: !!str\nh: p\n  q\ni: >-\n  folded\n   x\n\n? j\n: k\n")
    first = [(value.route, value.plain(), value.span, value.key_span) for value in root(doc(text)).walk()]
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert first == [(value.route, value.plain(), value.span, value.key_span) for value in root(doc(text)).walk()]


def test_places() -> None:
    tree = root(doc("\ufeffa: # note\r\n  - x: |\r\n      one\r\n      two\r\n\r\n    y:\r\n\r\n"
                    "# end\r\nb: [1, 'é', c]\r\n"))
    spans = {value.route: (value.span.text, value.span.begin) for value in tree.walk()}
    assert spans[("a",)] == ("- x: |\r\n      one\r\n      two\r\n\r\n    y:", (2, 3))
    assert spans[("a", 0, "x")] == ("|\r\n      one\r\n      two", (2, 8))
    assert spans[("a", 0, "y")] == ("", (6, 7))
    assert spans[("b", 1)] == ("'é'", (9, 8))
    assert spans[("b", 2)] == ("c", (9, 13))
    text = tree.get("a", 0, "x")
    assert text is not None
    assert text.part(4, 7).span.text == "two"


@pytest.mark.parametrize(("written", "old", "new"), [
    ("off", False, "off"), ("Yes", True, "Yes"), ("true", True, True), ("TRUE", True, True), ("1:30", 90, "1:30"),
    ("1e5", "1e5", 1e5), ("1.5e+3", 1500.0, 1500.0), ("0o17", "0o17", 15), ("017", 15, 17), ("0x1F", 31, 31),
    ("0b11", 3, "0b11"), ("1_000", 1000, "1_000"), ("-5", -5, -5), ("+5", 5, 5), (".5", 0.5, 0.5),
    ("5.", 5.0, 5.0), (".inf", float("inf"), float("inf")), ("-.INF", float("-inf"), float("-inf")), ("~", None, None),
    ("Null", None, None), ("nUll", "nUll", "nUll"), ("2001-01-01", "2001-01-01", "2001-01-01"), ("'off'", "off", "off"),
    ("!!str off", "off", "off"), ("!!int '5'", 5, 5), ("!!float 5", 5.0, 5.0), ("! 5", "5", "5"), ("=", "=", "="),
    ("1:30.5", 90.5, "1:30.5"), ("0", 0, 0), ("-", [None], [None]), (".", ".", "."), ("0x", "0x", "0x"),
])
def test_scalars(written: str, old: object, new: object) -> None:
    for dialect, expected in (("yaml", old), ("yaml12", new)):
        found = root(doc(f"k: {written}" if written != "-" else "k:\n- ", dialect)).get("k")
        assert found is not None
        assert found.plain() == expected
        assert type(found.plain()) is type(expected)


def test_written_form_stays() -> None:
    tree = root(doc("a: off\nb: &x 1_0\nc: *x\non: {push: }\n1: one\n~: none\n"))
    assert [tree.entries[key].raw for key in "abc"] == ["off", "1_0", "1_0"]
    assert list(tree.entries) == ["a", "b", "c", "on", "1", "~"]


def test_huge_numbers_are_infinite() -> None:
    tree = root(doc(f"a: {'9' * 500_000}\nb: {'1:' * 200_000}1\nc: -{'1_' * 200_000}1\n"))
    assert tree.plain() == {"a": float("inf"), "b": float("inf"), "c": float("-inf")}


def test_aliases_and_merge_keys() -> None:
    tree = root(doc("base: &b {x: 1, y: {z: 2}}\nother: &o {x: 9, w: 3}\none:\n  <<: *b\n  x: 5\n"
                    "two:\n  <<: [*o, *b]\nthree: *b\nfour: {<<: {q: 1}}\n'<<': 1\n"))
    assert tree.plain() == {
        "base": {"x": 1, "y": {"z": 2}}, "other": {"x": 9, "w": 3}, "one": {"x": 5, "y": {"z": 2}},
        "two": {"x": 9, "w": 3, "y": {"z": 2}}, "three": {"x": 1, "y": {"z": 2}}, "four": {"q": 1}, "<<": 1}
    for value in tree.walk():
        assert tree.get(*value.route) is value
    merged, alias = tree.get("one", "y", "z"), tree.get("three")
    assert merged is not None
    assert alias is not None
    assert (merged.span.begin, alias.span.text) == ((1, 24), "*b")


def test_alias_bomb_and_cycle() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{index}: &a{index} [{', '.join([f'*a{index - 1}'] * 9)}]\n" for index in range(1, 10))
    document = doc(bomb)
    assert "aliases repeat more than" in document.problems[0].what
    assert document.refused
    assert sum(1 for _ in root(document).walk()) < 3 * Limits().aliases
    cycle = doc("a: &a [*a, 1]\nb: *none\n")
    assert root(cycle).plain() == {"a": [None, 1], "b": None}
    assert "inside the value" in cycle.problems[0].what
    assert "nothing that stands" in cycle.problems[1].what
    merges = "a: &a {" + ", ".join(f"k{index}: 1" for index in range(300)) + "}\n" + "".join(
        f"b{index}: {{<<: *a}}\n" for index in range(300))
    assert doc(merges).refused
    repeated = "a: &a {" + ", ".join(f"k{index}: 1" for index in range(300)) + "}\nb:\n" + "  <<: *a\n" * 300
    assert doc(repeated).refused


def test_tags() -> None:
    document = doc("a: !!python/object/apply:os.system [x]\nb: !Ref y\n"
                   "c: !!int z\nd: !!set {p, q}\ne: !!timestamp 2001-01-01\n")
    assert root(document).plain() == {"a": ["x"], "b": "y", "c": "z", "d": {"p": None, "q": None}, "e": "2001-01-01"}
    assert [problem.span.begin[0] for problem in document.problems] == [1, 2, 3]
    assert not document.refused


def test_duplicate_and_complex_keys() -> None:
    document = doc("a: 1\nb: 2\na: 3\n? [x]\n: y\nc: {{ name }}\nd: 4\n")
    assert root(document).plain() == {"a": 3, "b": 2, "c": {}, "d": 4}
    assert [(problem.span.begin, problem.fatal) for problem in document.problems] == [
        ((3, 1), False), ((4, 3), False), ((6, 5), False)]


def test_documents() -> None:
    document = doc("a: 1\n---\nb: &x 2\n---\nc: *x\n")
    assert root(document).plain() == {"a": 1}
    assert [value.plain() for value in document.more] == [{"b": 2}, {"c": None}]
    assert root(doc("")).kind == "null"
    assert root(doc("# only\n")).plain() is None


@pytest.mark.parametrize(("text", "data", "place", "words"), [
    ("a: 1\nb: Use when: asked\nc: 2\n", {"a": 1, "b": "Use when: asked", "c": 2}, (2, 12), "needs quotes"),
    ("x:\n  b: Use when: asked\n  c: 2\n", {"x": {"b": "Use when: asked", "c": 2}}, (2, 14), "needs quotes"),
    ("- *.js\n- @a\n- '*'\n", ["*.js", "@a", "*"], (1, 3), "`*` starts an alias"),
    ("a:\n\t- x\nb: 1", {"a": ["x"], "b": 1}, (2, 1), "a tab stands here"),
    ('a: "x\nb: 1\n', {"b": 1}, (1, 4), "quoted text that starts here never ends"),
    ('a: "\\q"\nb: 1\n', {"b": 1}, (1, 5), "escape"),
    ("a: {x: 1\nb: 2\nc:\n  - d\n", {"a": {"x": 1}, "b": 2, "c": ["d"]}, None, "is missing here"),
    ("a: [b] c\nd: 1\n", {"a": "[b] c", "d": 1}, None, ""),
    ("a:\n  - x\n - y\nb: 1\n", {"a": ["x"], "b": 1}, None, "indented"),
    ("a: \x00b\nc: 1\n", {"a": "\ufffdb", "c": 1}, (1, 4), "does not allow"),
    ("a: 1\nb\nc: 2\n", {"a": 1, "c": 2}, None, "without `:`"),
])
def test_refused_files_are_read_as_far_as_they_go(text: str, data: object, place: tuple[int, int] | None,
                                                  words: str) -> None:
    document = doc(text)
    assert document.problems[0].fatal
    assert words in document.problems[0].what
    if place is not None:
        assert document.problems[0].span.begin == place
    assert root(document).plain() == data
    for value in root(document).walk():
        assert root(document).get(*value.route) is value


def test_private_use_characters_of_the_file_stay() -> None:
    tree = root(doc("a: \ue02a\nb: x: y \n"))
    assert tree.plain() == {"a": "\ue02a", "b": "x: y"}


def test_limits() -> None:
    for text in ("[" * 20_000, "- " * 900 + "x", "{a: " * 20_000):
        document = doc(text)
        assert document.refused
        assert document.problems[0].span.begin[0] == 1
    assert not doc("[" * 200 + "]" * 200).problems
    many = doc("".join(f"k{index}: 1\n" for index in range(50)), limits=Limits(nodes=10))
    assert len(root(many).entries) == 9
    assert many.refused


@pytest.mark.parametrize("text", ["a: b: c\n" * 3000, "*x\n" * 3000, "- *\n" * 3000, "a" * 200_000 + ": '",
                                  "a:\n" * 5000 + "\t",
                                  "? " * 5000, "a: [" * 3000, "a: 1\n" * 5000 + "}", "k: \n" + "\n" * 20_000 + "  ["])
def test_hostile_text_has_few_problems(text: str) -> None:
    document = doc(text)
    assert len(document.problems) <= 2 * Limits().problems


@settings(deadline=None, max_examples=200, suppress_health_check=SLOW)
@given(st.text(alphabet="ab:- \n[]{}&*!|>'\"#,?<~\t1.", max_size=40))
def test_never_raises_and_accepts_what_the_parser_accepts(text: str) -> None:
    document = doc(text)
    try:
        list(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.YAMLError:
        assert document.refused
    for value in root(document).walk() if document.root is not None else ():
        assert value.span.end <= len(text)
        assert isinstance(value.raw, str)
