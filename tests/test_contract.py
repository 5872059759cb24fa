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
from overgrant.dialect.schema import builtin, problems
from overgrant.dialect.walk import Walker
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
