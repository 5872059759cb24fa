"""Traps in VS Code's settings: beginnings and expressions, objects, switches, what only a user may set."""

from __future__ import annotations

import json
from typing import Any

import pytest

from overgrant.dialect.catalogue import policy
from overgrant.dialect.grammar.starts import beginnings
from trees import judged


def settings(**keys: object) -> list[str]:
    return check({name.replace("_", "."): value for name, value in keys.items()})


def check(data: dict[str, Any], path: str = ".vscode/settings.json") -> list[str]:
    return sorted(finding.rule.id for finding in judged({path: json.dumps(data).encode()}).findings)


def terminal(key: str, value: object = True, **more: object) -> list[str]:
    return check({"chat.tools.terminal.autoApprove": {key: value}, **more})


@pytest.mark.parametrize("key", ["/.*/", "/^/", "/^.*$/i", "/.+/s"])
def test_an_expression_for_everything(key: str) -> None:
    assert terminal(key) == ["open-shell"]


def test_an_empty_expression_matches_nothing() -> None:
    assert terminal("//") == []


@pytest.mark.parametrize("key", ["", "/(/", "/[b-a]/", "/a)/", "/+/"])
def test_what_is_no_expression_matches_nothing(key: str) -> None:
    assert terminal(key) in ([], ["dead-rule"])
    assert terminal(key, False) in ([], ["dead-control"])


@pytest.mark.parametrize(("key", "expected"), [
    ("python", ["command-opens-shell"]), ("/^python3?\\b/", ["command-opens-shell"]), ("npm test", []), ("/^npm test$/", []),
    ("/^(npm|yarn) test$/", []), ("/^git (status|show\\b.*)$/", []), ("/^(bash|sh)\\b/", ["command-opens-shell"])])
def test_what_an_entry_begins_with(key: str, expected: list[str]) -> None:
    assert terminal(key) == expected


@pytest.mark.parametrize("value", [False, None, {"approve": False}])
def test_what_is_not_true_approves_nothing(value: object) -> None:
    assert terminal("python", value) == []


@pytest.mark.parametrize("value", [True, {"approve": True}, {"approve": True, "matchCommandLine": False}])
def test_an_object_approves_like_true(value: object) -> None:
    assert terminal("bash", value) == ["command-opens-shell"]


def test_a_whole_line_with_an_open_end_takes_a_second_command() -> None:
    assert terminal("/^npm test/", {"approve": True, "matchCommandLine": True}) == ["command-opens-shell"]
    assert terminal("/^npm test$/", {"approve": True, "matchCommandLine": True}) == []


def test_the_switch_takes_entries_their_meaning() -> None:
    assert "command-opens-shell" not in terminal("bash", **{"chat.tools.terminal.enableAutoApprove": False})


@pytest.mark.parametrize(("pattern", "expected"), [
    ("^npm test$", [("npm test", False)]), ("^npm test", [("npm test", True)]), ("npm test$", [("", True)]),
    ("^git (status|log)$", [("git status", False), ("git log", False)]), ("^a|b", [("", True)]), ("^git\\s+push", [("git push", True)]),
    ("^(?:npm|pnpm) run (lint|test)$", [("npm run lint", False), ("npm run test", False), ("pnpm run lint", False), ("pnpm run test", False)]),
    ("^" + "(a|b)" * 40, None), ("^(((", [("", True)]), ("^a\\.b", [("a.b", True)]), ("^ab*", [("a", True)])])
def test_beginnings(pattern: str, expected: list[tuple[str, bool]] | None) -> None:
    found = beginnings(pattern)
    assert len(found) <= 17
    assert expected is None or found == expected


def test_comments_and_commas() -> None:
    text = b'{\n  // the team agreed\n  "chat.tools.terminal.autoApprove": {"bash": true,},\n}\n'
    assert [finding.rule.id for finding in judged({".vscode/settings.json": text}).findings] == ["command-opens-shell"]


@pytest.mark.parametrize(("key", "value", "expected"), [
    ("chat.tools.global.autoApprove", True, ["ignored-setting"]), ("chat.tools.global.autoApprove", False, []),
    ("chat.tools.autoApprove", True, ["approvals-off"]),
    ("chat.agent.sandbox.enabled", "on", []), ("chat.agent.sandbox.enabled", "allowNetwork", ["sandbox-any-host"]),
    ("chat.tools.urls.autoApprove", {"*": True}, ["any-host"]), ("chat.tools.urls.autoApprove", {"*": {"approveResponse": True}}, [])])
def test_switches(key: str, value: object, expected: list[str]) -> None:
    assert check({key: value}) == expected


def test_a_workspace_holds_the_same_settings() -> None:
    tree = {"settings": {"chat.tools.terminal.autoApprove": {"bash": True}}}
    assert check(tree, "team.code-workspace") == ["command-opens-shell"]


def test_settings_of_an_editor_alone_are_no_manifest() -> None:
    assert settings(editor_tabSize=2) == []


def test_the_hooks_of_another_product_that_it_runs_are_named_as_not_read() -> None:
    """They are judged as Claude Code runs them, by their matcher; the row of this product says that it heeds none."""
    assert [note for note in policy("vscode")["unread"] if "`.claude/settings.json`" in note and "matcher" in note]
    narrow = {"hooks": {"PostToolUse": [{"matcher": "Edit", "hooks": [{"type": "command", "command": "prettier --check src"}]}]}}
    assert check(narrow, ".claude/settings.json") == []
