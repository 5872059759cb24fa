"""Traps in Goose: what `auto` waives, names of tools, recipes among other files called recipe."""

from __future__ import annotations

import pytest

from trees import analysis_of, judged


def found(text: str, path: str) -> list[str]:
    return sorted(finding.rule.id for finding in judged({path: text.encode()}).findings)


@pytest.mark.parametrize(("mode", "expected"), [("auto", ["approvals-off"]), ("approve", []), ("smart_approve", []), ("chat", [])])
def test_only_auto_waives_every_approval(mode: str, expected: list[str]) -> None:
    assert found(f"GOOSE_MODE: {mode}\n", ".config/goose/config.yaml") == expected


def test_an_unknown_mode_is_named() -> None:
    assert found("GOOSE_MODE: yolo\n", ".config/goose/config.yaml") == ["wrong-type"]


def test_a_star_is_the_name_of_no_tool() -> None:
    world = analysis_of({".config/goose/permission.yaml": b"user:\n  never_allow: ['tracker__*']\n"}).world
    assert [getattr(fact, "state", "") for fact in world.of("grant")] == ["ignored"]


def test_a_recipe_for_a_meal_is_no_agent() -> None:
    text = b"title: Soup\ndescription: A soup\ninstructions: Boil.\n"
    assert not judged({"recipes/soup.yaml": text}).coverage.by_format


def test_a_recipe_in_json() -> None:
    text = ('{"title": "x", "description": "x", "prompt": "x", "extensions": '
            '[{"type": "stdio", "name": "a", "cmd": "npx", "args": ["-y", "a-server"]}]}')
    assert found(text, "recipe.json") == ["unpinned-server"]
