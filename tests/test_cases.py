"""Cases: small trees with exactly the findings that their comments state, in the default profile."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from overgrant.ruletest import stripped
from trees import judged

FENCE = re.compile(r"^(`{3,})(\w+) (\S+)\n(.*?)^\1\n", re.MULTILINE | re.DOTALL)


class Case(NamedTuple):
    """A tree and what is found in it: (path, line, rule)."""

    files: dict[str, bytes]
    expected: list[tuple[str, int, str]]


def cases(file: Path) -> dict[str, Case]:
    """The cases of a page, by heading."""
    found: dict[str, Case] = {}
    for part in re.split(r"^## ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        case = Case({}, [])
        for _, language, path, body in FENCE.findall(part):
            text, lines = stripped(body, language)
            case.files[path] = text.encode()
            case.expected.extend((path, line, name) for line, names in lines.items() for name in names)
        found[f"{file.stem}: {part.splitlines()[0]}"] = case
    return found


ALL = {name: case for file in sorted((Path(__file__).parent / "cases").glob("*.md")) for name, case in cases(file).items()}


@pytest.mark.parametrize("name", ALL)
def test_exactly_what_is_stated(name: str) -> None:
    case = ALL[name]
    found = [(each.primary.span.source.path, each.primary.span.begin[0], each.rule.id) for each in judged(case.files).findings]
    assert sorted(found) == sorted(case.expected)
