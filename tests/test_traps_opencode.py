"""Traps in opencode's permissions: the order of the keys decides."""

from __future__ import annotations

import json

import pytest

from trees import judged, serious


def found(permission: object, **more: object) -> list[tuple[str, str]]:
    files = {"opencode.json": json.dumps({"permission": permission, **more}).encode()}
    return sorted((finding.rule.id, finding.primary.span.text.strip('"')) for finding in judged(files).findings)


def rules(permission: object, **more: object) -> list[str]:
    return [rule for rule, _ in found(permission, **more)]


def test_a_deny_before_the_star_is_dead_and_after_it_holds() -> None:
    assert "dead-control" in rules({"bash": {"rm *": "deny", "*": "allow"}})
    assert "dead-control" not in rules({"bash": {"*": "allow", "rm *": "deny"}})


def test_an_allow_before_an_asking_star_gives_nothing() -> None:
    assert rules({"bash": {"python *": "allow", "*": "ask"}}) == ["dead-rule"]
    assert rules({"bash": {"*": "ask", "python *": "allow"}}) == ["command-opens-shell"]


def test_an_open_shell_that_a_later_star_takes_back() -> None:
    assert rules({"bash": "allow", "*": "ask"}) == ["dead-rule"]
    assert rules({"*": "ask", "bash": "allow"}) == ["open-shell"]


@pytest.mark.parametrize("permission", ["allow", {"*": "allow"}])
def test_everything_allowed_is_no_approval_at_all(permission: object) -> None:
    assert rules(permission) == ["approvals-off"]


def test_a_star_with_a_shell_of_its_own_is_judged_by_the_shell() -> None:
    assert rules({"*": "allow", "bash": "ask"}) == []


def test_one_tool_of_a_server_does_not_stand_for_another_server() -> None:
    assert rules({"docs_*": "allow", "tracker_*": "deny"}) == []


def test_silence_is_no_finding_although_the_defaults_allow() -> None:
    assert rules({}) == []
    assert rules({"edit": "allow", "read": "allow", "grep": "allow"}) == []


def test_a_misspelt_action_is_named() -> None:
    assert rules({"bash": "yes"}) == ["wrong-type"]


def test_comments_and_trailing_commas() -> None:
    text = b'{\n  // settings\n  "permission": {"bash": {"*": "allow",},},\n}\n'
    assert [each.rule.id for each in serious(judged({"opencode.jsonc": text}).findings)] == ["open-shell"]


def test_templates_named_like_the_settings_are_left_alone() -> None:
    assert judged({"agents/opencode.json": b'{"AGENT_ID": "opencode"}'}).coverage.by_format == {}


@pytest.mark.parametrize(("plugin", "expected"), [
    ("@example/x", ["unpinned-server"]), ("@example/x@latest", ["unpinned-server"]), ("@example/x@1.2.3", []),
    ("./plugins/x.ts", []), ("x@git+https://github.com/example/x.git", ["unpinned-server"])])
def test_plugins_are_installed_when_it_starts(plugin: str, expected: list[str]) -> None:
    assert rules({}, plugin=[plugin]) == expected


def test_a_switched_off_server_does_not_start() -> None:
    server = {"type": "local", "command": ["npx", "-y", "@example/x"]}
    assert rules({}, mcp={"x": {**server, "enabled": False}}) == []
    assert rules({}, mcp={"x": {**server, "enabled": True}}) == ["unpinned-server"]


def test_servers_under_the_name_that_other_products_read_are_not_started() -> None:
    files = {"opencode.json": json.dumps({"mcpServers": {"x": {"command": "npx", "args": ["-y", "@example/x"]}}}).encode()}
    (finding,) = judged(files).findings
    assert (finding.rule.id, finding.message) == (
        "ignored-setting", "`mcpServers` has no effect here: opencode reads servers under `mcp`, with `type` and the command as one list")
