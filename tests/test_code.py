"""Python that registers tools: what is read, what bodies do, what is judged, what belongs together.

A case of `tests/code/*.cases` starts with `=== name` and holds files, each below `--- path`. A comment at the end
of a line says what is found there: `# error: [rule]`, or `# unread: text of the coverage note`. `--- !places` lists
related places, `--- !coverage` whole coverage notes, `--- !FILE` lines and rules of a file that has no comments.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from overgrant.result import Result
from overgrant.ruletest import expanded, stripped
from trees import judged

CASES = Path(__file__).parent / "code"
_UNREAD = re.compile(r"\s*# unread: (.*)$")


class Case(NamedTuple):
    """A tree, and what is expected of it; None where it is not looked at."""

    tree: dict[str, bytes]
    findings: list[str]
    unread: list[str]
    places: list[str] | None
    coverage: list[str] | None


def cases(name: str) -> list[Any]:
    """The cases of a file as parameters with ids."""
    text = (CASES / f"{name}.cases").read_text()
    found = []
    for part in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        found.append(pytest.param(_case(body), id=title))
    return found


def _case(body: str) -> Case:
    case = Case({}, [], [], None, None)
    for part in re.split(r"^--- ", body, flags=re.MULTILINE)[1:]:
        path, _, text = part.partition("\n")
        rows = [row for row in text.strip().split("\n") if row]
        if path == "!places":
            case = case._replace(places=rows)
        elif path == "!coverage":
            case = case._replace(coverage=rows)
        elif path.startswith("!"):
            case.findings.extend(f"{path[1:]}:{row}" for row in rows)
        else:
            case.tree[path] = _file(path, text, case)
    return case


def _file(path: str, text: str, case: Case) -> bytes:
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if match := _UNREAD.search(line):
            case.unread.append(f"{path}:{index + 1} {match[1]}")
            lines[index] = line[:match.start()]
    text, errors = stripped("\n".join(lines), "python")
    case.findings.extend(f"{path}:{line} {rule}" for line, ids in errors.items() for rule in ids)
    return expanded(text).encode()


def found(result: Result) -> list[str]:
    """The findings of a tree as lines."""
    return sorted(f"{each.primary.span.source.path}:{each.primary.span.begin[0]} {each.rule.id}" for each in result.findings)


def check(case: Case) -> None:
    """Compare a tree with what is expected of it."""
    result = judged(case.tree)
    assert found(result) == sorted(case.findings)
    notes = [(each.path, each.line, each.why) for each in result.coverage.unread]
    if case.coverage is not None:
        assert [f"{path}: {why}" for path, _, why in notes] == case.coverage
    else:
        assert [f"{path}:{line} {why}" for path, line, why in notes] == case.unread
    if case.places is not None:
        assert sorted(
            f"{finding.primary.span.source.path}:{finding.primary.span.begin[0]} {finding.rule.id}: "
            f"{place.span.source.path}:{place.span.begin[0]} {place.label}"
            for finding in result.findings for place in finding.places
            if place.span.source.path != finding.primary.span.source.path) == sorted(case.places)


@pytest.mark.parametrize("case", cases("reading"))
def test_reading(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("case", cases("effects"))
def test_effects(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("case", cases("judgement"))
def test_judgement(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("case", cases("linking"))
def test_linking(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("case", cases("delegation"))
def test_delegation(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("case", cases("unattended"))
def test_unattended(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("case", cases("serving"))
def test_serving(case: Case) -> None:
    check(case)
