"""The contract of every catalogue entry: fixtures that exercise all that its schema says.

`tests/formats/<format-id>/over/` is over-granted: it gives a finding. `hardened/` gives none of
severity medium or above. Together they visit every annotated node of the schema, and renaming a
key that states power changes what is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from overgrant.dialect.catalogue import Format, catalogue
from overgrant.dialect.reader import read
from overgrant.dialect.schema import builtin, problems
from overgrant.dialect.walk import Walker
from overgrant.model import Fact, Unread
from overgrant.text import Source
from overgrant.value import Value
from trees import analysis_of, judged, serious, tree_of

FORMATS = Path(__file__).parent / "formats"
ENTRIES = catalogue().formats
POWERFUL = [entry for entry in ENTRIES if entry.power]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_schema_is_understood(entry: Format) -> None:
    if entry.schema:
        assert list(problems(builtin(), entry.schema)) == []


def test_ids_are_unique() -> None:
    ids = [entry.id for entry in ENTRIES]
    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("entry", POWERFUL, ids=lambda entry: entry.id)
def test_over_granted(entry: Format) -> None:
    tree = tree_of(FORMATS / entry.id / "over")
    assert tree, f"no fixture tests/formats/{entry.id}/over"
    result = judged(tree)
    assert entry.id in result.coverage.by_format, f"not recognised; read: {result.coverage.by_format}"
    mine = {path for path in tree if (found := catalogue().recognise(path, tree[path])) and found[0].id == entry.id}
    assert [each for each in serious(result.findings) if {p.span.source.path for p in each.places} & mine], "no finding"


@pytest.mark.parametrize("entry", POWERFUL, ids=lambda entry: entry.id)
def test_hardened(entry: Format) -> None:
    tree = tree_of(FORMATS / entry.id / "hardened")
    assert tree, f"no fixture tests/formats/{entry.id}/hardened"
    result = judged(tree)
    assert entry.id in result.coverage.by_format
    assert [(each.rule.id, each.message, each.primary.span.begin) for each in serious(result.findings)] == []


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The annotations that a value of some file states while the test runs, by identity."""
    visited: set[int] = set()
    annotate = Walker._annotate

    def noting(self: Walker, value: Any, annotation: Any, schema: Any, frame: Any) -> None:
        if annotation and value.explicit:
            visited.add(id(annotation))
        annotate(self, value, annotation, schema, frame)

    monkeypatch.setattr(Walker, "_annotate", noting)
    return visited


@pytest.mark.parametrize("entry", [entry for entry in POWERFUL if entry.schema and not entry.module], ids=lambda e: e.id)
def test_every_annotation_is_exercised(entry: Format, visited: set[int]) -> None:
    for kind in ("over", "hardened"):
        analysis_of(tree_of(FORMATS / entry.id / kind))
    own = builtin().file(entry.schema)
    missing = [pointer for pointer, annotation in _annotations(own, "#") if id(annotation) not in visited]
    assert missing == [], f"fixtures of {entry.id} never state these"


def _annotations(node: Any, at: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        if isinstance(node.get("x-overgrant"), dict) and "absent" not in node["x-overgrant"]:
            yield at, node["x-overgrant"]
        for key, inner in node.items():
            if key != "x-overgrant":
                yield from _annotations(inner, f"{at}/{key}")
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from _annotations(inner, f"{at}/{index}")


def test_every_shared_annotation_is_exercised_somewhere(visited: set[int]) -> None:
    for folder in FORMATS.glob("*/*"):
        analysis_of(tree_of(folder))
    entries = {entry.schema for entry in ENTRIES}
    missing = [f"{name}.json{pointer}" for name in sorted(builtin()._files) if name not in entries
               for pointer, annotation in _annotations(builtin().file(name), "#") if id(annotation) not in visited]
    assert missing == []


# --- renaming a key ----------------------------------------------------------------------------------
#
# For every key of the fixtures that an annotated schema node describes: with another name it states nothing, so the
# facts of its file differ. A key that could be renamed unnoticed is one that nobody reads.


def _stated(source: Source, format: Format, root: str, files: dict[str, bytes]) -> list[Any]:
    """The facts of a file as plain data, without their places and without what was not understood."""
    reading = read(source, format, root, tier=format.tier, files=files, memo={})
    return [(fact.kind, fact.explicit, fact.owner and _data(fact.owner), _data(fact)) for fact in reading.facts
            if not isinstance(fact, Unread)]


def _data(fact: Fact) -> dict[str, str]:
    # `where` names keys, so it would differ for any renamed one
    said = {name: repr(content) for name, content in vars(fact).items()
            if name not in ("at", "value", "owner", "order", "where", "place_at", "root", "facts")}
    return {**said, "at": repr(sorted(fact.at))}


def _renamed(file: bytes, value: Value) -> bytes:
    """The file with another name for a value's key."""
    span = value.key_span
    assert span is not None
    text, key = span.source.text, str(value.key)
    at = text.find(key, span.start, span.end)
    assert at >= 0, f"the key `{key}` is written with escapes"
    return (text[:at] + "zqzq" + text[at + len(key):]).encode()


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Value, int]]:
    """The values under keys that a schema names and annotates, each with its node, which some file states while the test runs."""
    declared: list[tuple[Value, int]] = []
    properties = Walker._properties

    def annotated(schemas: Any, node: Any, file: str) -> bool:
        if not isinstance(node, dict):
            return False
        return "x-overgrant" in node or ("$ref" in node and annotated(schemas, *schemas.resolve(node["$ref"], file)))

    def noting(self: Walker, value: Value, schema: Any, frame: Any) -> None:
        named = schema.get("properties", {})
        declared.extend((item, id(named[key])) for key, item in value.entries.items()
                        if item.explicit and annotated(self.context.schemas, named.get(key), frame.file))
        properties(self, value, schema, frame)

    monkeypatch.setattr(Walker, "_properties", noting)
    return declared


@pytest.mark.parametrize("entry", [entry for entry in POWERFUL if entry.syntax != "python"], ids=lambda e: e.id)
def test_a_renamed_key_is_noticed(entry: Format, declared: list[tuple[Value, int]]) -> None:
    """Each annotated key is noticed in one of its places at least: a reference to a secret, say, states nothing."""
    noticed, places = set(), {}
    for kind in ("over", "hardened"):
        tree = tree_of(FORMATS / entry.id / kind)
        for path, data in tree.items():
            found = catalogue().recognise(path, data)
            if found is None or found[0].id != entry.id:
                continue
            declared.clear()
            before = _stated(Source(path, data), entry, found[1], tree)
            for value, node in list(declared):
                places[node] = f"{kind}/{path}: {'.'.join(map(str, value.route))}"
                if node not in noticed and _stated(Source(path, _renamed(data, value)), entry, found[1], tree) != before:
                    noticed.add(node)
    unnoticed = sorted(place for node, place in places.items() if node not in noticed)
    assert unnoticed == []
