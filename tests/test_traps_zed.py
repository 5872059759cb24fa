"""Traps in Zed: expressions without anchors, whose file counts, commands as an object."""

from __future__ import annotations

import json

import pytest

from trees import judged


def found(agent: object, path: str = ".config/zed/settings.json") -> list[str]:
    return sorted(finding.rule.id for finding in judged({path: json.dumps({"agent": agent}).encode()}).findings)


def terminal(pattern: str, listed: str = "always_allow") -> list[str]:
    return found({"tool_permissions": {"tools": {"terminal": {listed: [{"pattern": pattern}]}}}})


@pytest.mark.parametrize(("pattern", "expected"), [
    ("cargo", ["open-shell"]), (".*", ["open-shell"]), (r"^cargo\s+(build|test)", []), (r"^make$", []),
    (r"^(python3|node)\b", ["command-opens-shell"]), (r"^git\s+(status|log)\b", [])])
def test_an_expression_is_found_anywhere(pattern: str, expected: list[str]) -> None:
    assert sorted(set(terminal(pattern))) == expected


def test_a_refusal_needs_no_anchor() -> None:
    assert terminal(r"sudo", "always_deny") == []


@pytest.mark.parametrize(("pattern", "expected"), [(r"docs\.rs", ["any-host"]), (r"^https://docs\.rs/", []), ("", ["any-host"])])
def test_an_address_may_carry_the_name_of_a_host_anywhere(pattern: str, expected: list[str]) -> None:
    assert found({"tool_permissions": {"tools": {"fetch": {"always_allow": [{"pattern": pattern}]}}}}) == expected


def test_a_project_s_file_says_nothing_of_permissions() -> None:
    assert found({"tool_permissions": {"default": "allow"}}, ".zed/settings.json") == ["dead-control"]
    assert found({"tool_permissions": {"default": "allow"}}) == ["approvals-off"]


def test_a_word_of_another_product_is_named() -> None:
    assert found({"tool_permissions": {"default": "ask"}}) == ["wrong-type"]


@pytest.mark.parametrize(("stated", "expected"), [
    ({"default_mode": "bypassPermissions"}, ["approvals-off"]), ({"default_config_options": {"mode": "agent-full-access"}}, ["approvals-off"]),
    ({"default_config_options": {"mode": "yolo"}}, ["approvals-off"]),
    ({"default_config_options": {"mode": "agent", "fast-mode": False}}, []), ({"default_mode": "plan"}, [])])
def test_the_mode_that_an_agent_of_another_maker_starts_in(stated: dict[str, object], expected: list[str]) -> None:
    settings = {"agent_servers": {"other": {"type": "registry", **stated}}}
    assert [each.rule.id for each in judged({".config/zed/settings.json": json.dumps(settings).encode()}).findings] == expected
