from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.read import read
from overgrant.read.base import Limits
from overgrant.read.json import blanked
from overgrant.text import Source
from overgrant.value import Document, Value

TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=12)


def doc(text: str | bytes, syntax: str = "json", limits: Limits = Limits()) -> Document:
    return read(Source("settings.json", text.encode() if isinstance(text, str) else text), syntax, limits=limits)


def root(document: Document) -> Value:
    assert document.root is not None
    return document.root


def told(document: Document) -> list[tuple[str, tuple[int, int], bool]]:
    return [(problem.what, problem.span.begin, problem.fatal) for problem in document.problems]


@settings(deadline=None, max_examples=150)
@given(TREES, st.sampled_from([None, 1, "\t"]), st.booleans(), st.sampled_from(["json", "jsonc", "json5"]))
def test_every_span_reads_as_its_own_value(data: object, indent: int | str | None, ascii_only: bool,
                                           syntax: str) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "replace").decode()
    document = doc(text, syntax)
    assert not document.problems
    assert root(document).plain() == json.loads(text)
    for value in root(document).walk():
        assert json.loads(value.span.text) == value.plain()
        if value.key_span is not None:
            assert json.loads(value.key_span.text) == value.key
        assert root(document).get(*value.route) is value


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet='{}[]:,"\'\\/*\n\t -+.0123abetrufalsn\ufeff\u00a0', max_size=30),
       st.sampled_from(["json", "jsonc"]))
def test_accepts_exactly_what_json_accepts(text: str, syntax: str) -> None:
    source = Source("x", text.encode())
    document = read(source, syntax)
    try:
        json.loads(source.text, parse_constant=lambda name: pytest.fail(name))
    except ValueError:
        if syntax == "json":
            assert document.refused
    else:
        assert not document.refused
    if document.root is not None:
        assert [value.span.text for value in document.root.walk()]


@settings(deadline=None, max_examples=100)
@given(TREES)
def test_cut_off_text_keeps_the_complete_part(data: object) -> None:
    text = json.dumps({"first": 1, "data": data})
    for end in range(12, len(text)):
        document = doc(text[:end])
        assert document.refused
        assert root(document).get("first")


@pytest.mark.parametrize(("text", "data", "place", "words"), [
    ('{"a": 1, // c\n"b": 2}', {"a": 1, "b": 2}, (1, 10), "a comment starts here; this file is read as plain JSON"),
    ('{"a": [1,\n]}', {"a": [1]}, (1, 9), "a comma stands here before the closing bracket"),
    ('{"a": 1\n"b": 2}', {"a": 1, "b": 2}, (2, 1), "a comma is missing"),
    ("{'a': 1}", {"a": 1}, (1, 2), "single quotes"),
    ("{a: 1}", {"a": 1}, (1, 2), "without quotes"),
    ('{"a": 0x10}', {"a": 16}, (1, 7), "form that JSON does not know"),
    ('{"a": "x\ty"}', {"a": "x\ty"}, (1, 9), "control character"),
    ('{"a": "x\x00y"}', {"a": "x\x00y"}, (1, 9), "control character"),
    ('{"a": "\\d"}', {"a": "d"}, (1, 8), "escape"),
    ('{"a": 1} {"b": 2}', {"a": 1}, (1, 10), "one value only"),
    ('{"a": 1}\n{"b": 2}\n', {"a": 1}, (2, 1), "one value only"),
    ('{"a": 1]', {"a": 1}, (1, 8), "`]` does not close the `{` of line 1"),
    ('{"a": 1,\n"b": [2, 3', {"a": 1, "b": [2, 3]}, (2, 6), "ends before the `[` of line 2 is closed"),
    ('{"a": 1, "b": "x\n}', {"a": 1}, (1, 15), "does not end on its line"),
    ('{"a": 1, "b": nil}', {"a": 1}, (1, 15), "`n` stands here instead of a value"),
    ('{"a": 1, "b"}', {"a": 1}, (1, 13), "`}` stands here instead of `:`"),
    ('{"a": 1 /* b', {"a": 1}, (1, 9), "comment that starts here never ends"),
    ('{"a":\u00a01}', {"a": 1}, (1, 6), "unusual space"),
])
def test_refused_files_are_read_as_far_as_they_go(text: str, data: object, place: tuple[int, int], words: str) -> None:
    document = doc(text)
    assert root(document).plain() == data
    assert document.problems[0].fatal
    assert document.problems[0].span.begin == place
    assert words in document.problems[0].what


@pytest.mark.parametrize("text", ["", " \n", "\ufeff"])
def test_empty_file(text: str) -> None:
    document = doc(text)
    assert document.root is None
    assert told(document) == [("the file is empty", (1, 1), True)]
    assert root(doc(text, "jsonc")).plain() == {}


def test_constants_are_refused() -> None:
    document = doc('{"a": NaN, "b": -Infinity}')
    assert [item.fatal for item in document.problems] == [True]
    assert root(document).get("b") is not None


def test_duplicate_keys_are_told_and_the_last_wins() -> None:
    document = doc('{"a": {"x": 1},\n "a": {"y": 2}, "b": 3}')
    assert root(document).plain() == {"a": {"y": 2}, "b": 3}
    assert told(document) == [
        ("the key `a` stands here again (first on line 1); only the last one counts", (2, 2), False)]
    assert [value.span.text for value in root(document).walk()][1:] == ['{"y": 2}', "2", "3"]
    assert told(doc("{a: 1, a: 2}", "json5"))[0][1] == (1, 8)


def test_comments_and_trailing_commas() -> None:
    text = '// head\n{"a // b": /* "c": */ [1, 2, /* , */ ], "d": "*/",\n}\n// tail'
    document = doc(text, "jsonc")
    assert not document.problems
    assert root(document).plain() == {"a // b": [1, 2], "d": "*/"}
    assert [value.span.text for value in root(document).walk()][1:] == ["[1, 2, /* , */ ]", "1", "2", '"*/"']
    assert len(blanked(text)) == len(text)


@pytest.mark.parametrize("text", ["[,]", "{,}", "[1,,]", "[1", '["a', "[/]", "[1 /* ]", '{"a":,}'])
def test_jsonc_is_no_free_for_all(text: str) -> None:
    assert doc(text, "jsonc").refused


def test_json5() -> None:
    document = doc("{a: 'x\\\ny', $b: +.5, c: 0xFF, d: -Infinity, e: 5., 'f': NaN, g: '\\x41\\'',}\n// end", "json5")
    assert not document.problems
    plain = root(document).plain()
    assert isinstance(plain, dict)
    assert plain.pop("f") != plain.get("f")
    assert plain == {"a": "xy", "$b": 0.5, "c": 255, "d": float("-inf"), "e": 5.0, "g": "A'"}
    assert doc("", "json5").refused


def test_limits() -> None:
    deep = doc("[" * 20_000)
    assert told(deep) == [("more than 200 brackets are open here", (1, 201), True)]
    assert told(doc("[" * 300 + "]" * 300)) == told(deep)
    assert not doc("[" * 200 + "]" * 200).problems
    many = doc(json.dumps(list(range(50))), limits=Limits(nodes=10))
    assert len(root(many).items) == 9
    assert many.refused
    large = doc("[1, 2]", limits=Limits(bytes=3))
    assert large.root is None
    assert large.problems[0].span.whole
    assert len(doc("{" + '"a": 1,' * 1000 + '"a": 2}').problems) == Limits().problems


def test_odd_characters() -> None:
    assert root(doc('{"a": "\\ud83d\\ude00\\ud800", "\\udc00": 1}')).plain() == {"a": "😀\ufffd", "\ufffd": 1}
    assert root(doc("[" + "9" * 5000 + "]")).plain() == [float("inf")]
    assert root(doc(b'\xef\xbb\xbf{"a":\r\n 1}')).items == []
    value = root(doc(b'\xef\xbb\xbf{"a":\r\n 1}')).get("a")
    assert value is not None
    assert (value.span.begin, value.span.bytes) == ((2, 2), (11, 12))
    assert doc(b"\xff\xfe{\x00}\x00").problems[0].span.whole
    assert "not UTF-8" in doc(b'{"a": "\xff"}').problems[0].what


@pytest.mark.parametrize("text", ['"\\' * 200_000, '["' + '\\"' * 200_000, "[" + ", " * 200_000, "/*" * 200_000,
                                  "[1," + " " * 400_000, "[" + "/**/" * 100_000])
@pytest.mark.parametrize("syntax", ["json", "jsonc", "json5"])
def test_hostile_text_is_refused(text: str, syntax: str) -> None:
    assert doc(text, syntax).refused


def test_no_yaml_is_imported_for_json() -> None:
    code = ("import sys; from overgrant.read import read; from overgrant.text import Source;"
            "read(Source('x', b'{}'), 'json'); assert 'yaml' not in sys.modules and 'tomllib' not in sys.modules")
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": "linter"})
