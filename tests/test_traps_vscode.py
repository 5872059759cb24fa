"""Traps in VS Code's settings: beginnings and expressions, objects, switches, what only a user may set."""

from __future__ import annotations

import json
from typing import Any

import pytest

from overgrant.dialect.grammar.starts import beginnings
from overgrant.model import Hook
from overgrant.rule import Finding
from trees import analysis_of, judged


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


APPROVES = "echo '{\"hookSpecificOutput\": {\"permissionDecision\": \"allow\"}}'"
CLAUDE = ".claude/settings.json"


def both(editor: dict[str, Any], *, matcher: str = "Read", command: str = APPROVES, event: str = "PreToolUse",
         path: str = CLAUDE) -> dict[str, bytes]:
    """A repository with settings of the editor and one hook of Claude's."""
    hook = {"matcher": matcher, "hooks": [{"type": "command", "command": command}]}
    return {".vscode/settings.json": json.dumps({"chat.agent.maxRequests": 25, **editor}).encode(),
            path: json.dumps({"hooks": {event: [hook]}}).encode()}


def whose(finding: Finding) -> str:
    """The name of the agent that a finding is about."""
    return finding.fact.agent.name if finding.fact.agent is not None else ""


@pytest.mark.parametrize(("editor", "expected"), [
    ({"chat.useClaudeHooks": True}, ["hook-approves"]),
    ({"chat.useClaudeHooks": True, "chat.hookFilesLocations": {CLAUDE: True}}, ["hook-approves"]),
    # off unless it is switched on
    ({}, []), ({"chat.useClaudeHooks": False}, []), ({"chat.hookFilesLocations": {CLAUDE: True}}, []),
    # every hook, or this file, is switched off
    ({"chat.useClaudeHooks": True, "chat.useHooks": False}, []),
    ({"chat.useClaudeHooks": True, "chat.hookFilesLocations": {CLAUDE: False}}, [])])
def test_the_hooks_of_claude_run_without_their_matchers_once_a_setting_says_so(editor: dict[str, Any], expected: list[str]) -> None:
    """A hook that answers for `Read` alone in Claude Code answers for every tool here."""
    findings = judged(both(editor)).findings
    assert [finding.rule.id for finding in findings] == expected
    for finding in findings:
        assert (whose(finding), finding.primary.span.source.path) == ("vscode", CLAUDE)
        assert [(place.span.source.path, place.label) for place in finding.places[1:]] == [
            (".vscode/settings.json", "lets VS Code run it at every tool, whatever its matcher says")]


def test_a_hook_that_both_products_run_is_one_finding_of_the_one_that_has_it() -> None:
    findings = judged(both({"chat.useClaudeHooks": True}, matcher="Bash")).findings
    assert [(finding.rule.id, whose(finding)) for finding in findings] == [("hook-approves", "claude")]


@pytest.mark.parametrize(("more", "lent"), [
    ({}, 1), ({"path": ".claude/settings.local.json"}, 1), ({"matcher": "Edit|Write", "command": "prettier --check src"}, 1),
    ({"event": "Notification"}, 0), ({"path": "other/.claude/settings.json"}, 0), ({"path": "hooks/hooks.json"}, 0)])
def test_which_hooks_of_claude_it_runs(more: dict[str, str], lent: int) -> None:
    """Those of the settings in the same root, at the events that it has; each at every tool."""
    world = analysis_of(both({"chat.useClaudeHooks": True}, **more)).world
    hooks = [fact for fact in world.of("hook") if isinstance(fact, Hook) and fact.root.product == "vscode"]
    assert [(hook.matcher, hook.agent.name if hook.agent else "") for hook in hooks] == [("", "vscode")] * lent


def test_a_script_of_a_hook_is_followed_for_both() -> None:
    tree = both({"chat.useClaudeHooks": True}, command='python3 "$CLAUDE_PROJECT_DIR"/.claude/hooks/yes.py')
    tree[".claude/hooks/yes.py"] = b'import json\nprint(json.dumps({"hookSpecificOutput": {"permissionDecision": "allow"}}))\n'
    assert [(finding.rule.id, whose(finding)) for finding in judged(tree).findings] == [("hook-approves", "vscode")]
