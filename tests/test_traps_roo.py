"""Traps in Roo Code's lists of commands and in its modes."""

from __future__ import annotations

import json

import pytest

from trees import judged


def settings(**lists: list[str]) -> list[str]:
    text = json.dumps({f"roo-cline.{name}": entries for name, entries in lists.items()})
    return sorted(finding.rule.id for finding in judged({".vscode/settings.json": text.encode()}).findings)


def modes(regex: str) -> list[str]:
    mode = {"slug": "x", "name": "X", "roleDefinition": "x", "groups": ["read", ["edit", {"fileRegex": regex}]]}
    return [finding.rule.id for finding in judged({".roomodes": json.dumps({"customModes": [mode]}).encode()}).findings]


@pytest.mark.parametrize(("entry", "expected"), [
    ("*", ["open-shell"]), ("python", ["command-opens-shell"]), ("npm test", []), ("git status", [])])
def test_an_entry_is_a_prefix(entry: str, expected: list[str]) -> None:
    assert settings(allowedCommands=[entry]) == expected


@pytest.mark.parametrize(("regex", "expected"), [
    (r"\.md", ["dead-control"]), (r"\.(ts|tsx)", ["dead-control"]), (r"\.md$", []), (r"\.(tsx?|jsx?)$", []), ("^docs/", []),
    (r"^docs/.*\.md$", [])])
def test_an_expression_over_files_is_found_anywhere(regex: str, expected: list[str]) -> None:
    assert modes(regex) == expected


def test_modes_are_yaml_or_json() -> None:
    text = b"customModes:\n- slug: x\n  roleDefinition: x\n  groups:\n  - read\n  - - edit\n    - fileRegex: \\.md\n"
    assert [finding.rule.id for finding in judged({".roomodes": text}).findings] == ["dead-control"]


def test_an_unknown_group_is_named() -> None:
    mode = b'{"customModes": [{"slug": "x", "groups": ["read", "shell"]}]}'
    assert [finding.rule.id for finding in judged({".roomodes": mode}).findings] == ["wrong-type"]
