from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.read import read
from overgrant.text import Source, Span
from overgrant.value import Document, Problem, Route, Value, kind_of, virtual


def root(text: str, syntax: str = "json") -> Value:
    found = read(Source("x", text.encode()), syntax).root
    assert found is not None
    return found


def test_content() -> None:
    tree = root('{"a": [1, {"b": "x"}], "c": null, "d": 1e3}')
    assert tree.plain() == {"a": [1, {"b": "x"}], "c": None, "d": 1000.0}
    assert [value.route for value in tree.walk()] == [(), ("a",), ("a", 0), ("a", 1), ("a", 1, "b"), ("c",), ("d",)]
    inner, number = tree.get("a", 1, "b"), tree.get("d")
    assert inner is not None
    assert number is not None
    assert (inner.text, inner.raw, number.text, tree.text) == ("x", '"x"', "1e3", "")
    assert (inner.entries, inner.items) == ({}, [])
    routes: list[Route] = [("a", 2), ("a", -1), ("a", "b"), ("z",), ("c", "x"), (0,)]
    for route in routes:
        assert tree.get(*route) is None


def test_grip_is_the_key_or_the_first_line() -> None:
    tree = root('{"a": {\n"b": 1\n}, "c": [\n2]}')
    inner, items = tree.get("a"), tree.get("c")
    assert inner is not None
    assert items is not None
    assert (tree.grip.text, inner.grip.text, items.items[0].grip.text) == ('{"a": {', '"a"', "2")


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="ab c\\\"é\n", max_size=12), st.data(), st.sampled_from(["json", "yaml"]))
def test_parts_stand_where_they_are_written(text: str, data: st.DataObject, syntax: str) -> None:
    import json

    value = root(f'"{text}"' if text.isalpha() else json.dumps(text, ensure_ascii=False), syntax)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    part = value.part(start, end)
    assert part.text == part.raw == text[start:end]
    assert part.span.text in (part.text, value.span.text)
    if text.isalpha():
        assert (part.span.start, part.span.end) == (start + 1, end + 1)


def test_part_of_a_virtual_value_stands_where_its_parent_does() -> None:
    tree = root('{"a": {}}')
    inner = tree.get("a")
    assert inner is not None
    assert virtual(inner, "mode", "abc").part(0, 1).span.text == '"a"'


def test_virtual_values() -> None:
    tree = root('{"server": {"x": 1}}')
    server = tree.get("server")
    assert server is not None
    made = virtual(server, "limits", {"turns": None, "on": True, "tools": ["*", 2.5]})
    assert made.plain() == {"turns": None, "on": True, "tools": ["*", 2.5]}
    assert [value.explicit for value in made.walk()] == [False] * 6
    assert {value.span.text for value in made.walk()} == {'"server"'}
    assert {value.key_span for value in made.walk()} == {None}
    assert [value.raw for value in made.walk() if value.kind not in ("map", "list")] == ["null", "true", "*", "2.5"]
    assert made.route == ("server", "limits")


def test_moved_values_keep_place_and_written_form() -> None:
    tree = root("a: {x: off}\nb: {}\n", "yaml")
    value, target = tree.get("a", "x"), tree.get("b")
    assert value is not None
    assert target is not None
    copy = value.moved(target, "y")
    assert (copy.route, copy.raw, copy.span, copy.data) == (("b", "y"), "off", value.span, False)


@pytest.mark.parametrize(("data", "kind"), [(None, "null"), (True, "bool"), (1, "int"), (1.0, "float"), ("", "str")])
def test_kinds(data: object, kind: str) -> None:
    assert kind_of(data) == kind


def test_document() -> None:
    source = Source("x", b"")
    quiet = Document(source, None)
    assert (quiet.problems, quiet.more, quiet.body, quiet.refused) == ([], [], None, False)
    assert not Document(source, None, [Problem("odd", Span.file(source), fatal=False)]).refused
    assert Document(source, None, [Problem("bad", Span.file(source), fatal=True)]).refused


def test_parts_of_a_literal_block() -> None:
    text = "a:\n  run: |-\n\n    first line\n\n      second 'x'\n    third\n"
    block = read(Source("a.yml", text.encode()), "yaml12").root
    assert block is not None
    run = block.get("a", "run")
    assert run is not None
    for word, place in [("first", (4, 5)), ("'x'", (6, 14)), ("third", (7, 5))]:
        at = run.text.index(word)
        part = run.part(at, at + len(word))
        assert (part.span.text, part.span.begin) == (word, place)
