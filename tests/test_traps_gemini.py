"""Traps in Gemini CLI's settings and policies."""

from __future__ import annotations

import json

import pytest

from trees import judged

SETTINGS = ".gemini/settings.json"


def rules(tools: dict[str, object], **more: object) -> list[str]:
    files = {SETTINGS: json.dumps({"tools": tools, **more}).encode()}
    return sorted(finding.rule.id for finding in judged(files).findings)


@pytest.mark.parametrize("entry", ["run_shell_command", "ShellTool"])
def test_a_bare_shell_is_every_command(entry: str) -> None:
    assert rules({"allowed": [entry]}) == ["open-shell"]


@pytest.mark.parametrize(("entry", "expected"), [
    ("run_shell_command(git status)", []), ("run_shell_command(python)", ["command-opens-shell"]),
    ("run_shell_command(npm test)", []), ("run_shell_command(bash *)", ["command-opens-shell"])])
def test_an_entry_is_a_prefix(entry: str, expected: list[str]) -> None:
    assert rules({"allowed": [entry]}) == expected


def test_offering_the_shell_approves_nothing() -> None:
    assert rules({"core": ["run_shell_command"]}) == []


def test_underscores_in_a_servers_name_break_its_rules() -> None:
    servers = {"my_server": {"command": "server"}}
    assert rules({"exclude": ["mcp_my_server_delete"]}, mcpServers=servers) == ["dead-control"]
    assert rules({"allowed": ["mcp_my_server_search"]}, mcpServers=servers) == ["dead-rule"]


def test_policies_of_a_workspace_are_not_loaded() -> None:
    deny = b'[[rule]]\ntoolName = "*"\ndecision = "deny"\npriority = 999\n'
    assert [each.rule.id for each in judged({".gemini/policies/a.toml": deny}).findings] == ["dead-control"]
    allow = deny.replace(b"deny", b"allow")
    assert [each.rule.id for each in judged({".gemini/policies/a.toml": allow}).findings] == ["dead-rule"]


@pytest.mark.parametrize(("decisions", "expected"), [
    (["allow", "allow", "allow"], [("dead-rule", 1)]), (["allow", "deny", "ask_user", "allow"], [("dead-control", 4)])])
def test_a_file_that_is_not_loaded_is_said_once(decisions: list[str], expected: list[tuple[str, int]]) -> None:
    """Of its refusals if it has any: they are what somebody relies on."""
    text = "".join(f'[[rule]]\ncommandPrefix = ["a{at}", "b{at}"]\ndecision = "{said}"\n' for at, said in enumerate(decisions))
    found = judged({".gemini/policies/a.toml": text.encode()}).findings
    assert [(each.rule.id, each.primary.span.begin[0] // 3 * 3 + 1) for each in found] == expected


def test_an_empty_prefix_is_the_whole_tool() -> None:
    text = b'[[rule]]\ntoolName = "run_shell_command"\ncommandPrefix = ""\ndecision = "deny"\n'
    assert [each.message.split("`")[1] for each in judged({".gemini/policies/a.toml": text}).findings] == ["run_shell_command"]


def test_settings_may_hold_comments() -> None:
    text = b'{ // team\n "tools": {"allowed": ["run_shell_command"],}, }'
    assert [each.rule.id for each in judged({SETTINGS: text}).findings] == ["open-shell"]


def test_other_tools_policies_are_left_alone() -> None:
    assert judged({"policies/other.toml": b'[[rule]]\nname = "x"\n'}).coverage.by_format == {}
