"""Traps in Amp: the first match wins, globs and expressions in one field, rules for servers."""

from __future__ import annotations

import json

import pytest

from trees import judged


def found(**keys: object) -> list[str]:
    text = json.dumps({f"amp.{name}": value for name, value in keys.items()})
    return sorted({finding.rule.id for finding in judged({".amp/settings.json": text.encode()}).findings})


@pytest.mark.parametrize(("condition", "expected"), [
    ("*", ["open-shell"]), ("python3 *", ["command-opens-shell"]), ("git status", []), ("/^git (status|log)$/", []),
    ("/git/", ["open-shell"]), (["git status", "node *"], ["command-opens-shell"])])
def test_a_condition(condition: object, expected: list[str]) -> None:
    assert found(permissions=[{"tool": "Bash", "matches": {"cmd": condition}, "action": "allow"}]) == expected


def test_every_tool() -> None:
    assert found(permissions=[{"tool": "*", "action": "allow"}]) == ["approvals-off"]
    assert found(permissions=[{"tool": "*", "action": "ask"}]) == []


def test_any_server_may_start() -> None:
    assert found(mcpPermissions=[{"matches": {"command": "*"}, "action": "allow"}]) == ["servers-approved-wholesale"]
    assert found(mcpPermissions=[{"matches": {"command": "npx", "args": "*"}, "action": "allow"}]) == []


def test_a_word_of_another_product_is_named() -> None:
    assert found(permissions=[{"tool": "Bash", "action": "deny"}]) == ["wrong-type"]
