"""Traps in Cursor: programs and arguments, what a project may set, hooks that fail open, sandboxes that are none."""

from __future__ import annotations

import json

import pytest

from overgrant.model import Grant
from trees import analysis_of, judged


def check(path: str, data: object) -> list[str]:
    return sorted(finding.rule.id for finding in judged({path: json.dumps(data).encode()}).findings)


def allow(entry: str) -> list[str]:
    return check(".cursor/cli.json", {"permissions": {"allow": [entry], "deny": []}})


@pytest.mark.parametrize(("entry", "expected"), [
    ("Shell(**)", ["open-shell"]), ("Shell(*)", ["open-shell"]), ("Shell(*:*)", ["open-shell"]), ("Shell()", ["open-shell"]),
    ("Shell(python3)", ["command-opens-shell"]), ("Shell(python3:*)", ["command-opens-shell"]), ("Shell(npm:test)", []),
    ("WebFetch(*)", ["any-host"]), ("WebFetch(*.example.com)", []), ("Write(src/**)", [])])
def test_what_an_entry_covers(entry: str, expected: list[str]) -> None:
    assert allow(entry) == expected


@pytest.mark.parametrize("entry", ["Shell(cd web && npm test)", "Shell(npm test | tee log)", "Mcp(tracker, **)", "Mcp(tracker, get_issue)"])
def test_an_entry_that_no_call_is_like_does_nothing(entry: str) -> None:
    assert allow(entry) == ["dead-rule"]
    assert check(".cursor/cli.json", {"permissions": {"deny": [entry]}}) == ["dead-control"]


def test_the_lists_of_the_command_line_do_nothing_in_the_other_file() -> None:
    lists = {"permissions": {"allow": ["Shell(git)", "Shell(bash)"], "deny": ["Shell(rm)", "Read(.env)"]}}
    assert check(".cursor/permissions.json", lists) == ["dead-control"]
    assert check(".cursor/permissions.json", {"permissions": {"allow": ["Shell(bash)"]}}) == ["ignored-setting"]


def test_a_program_stands_for_all_its_commands() -> None:
    world = analysis_of({".cursor/cli.json": b'{"permissions": {"allow": ["Shell(git)"]}}'}).world
    grant = next(fact for fact in world.facts if isinstance(fact, Grant))
    assert grant.scope is not None
    assert [grant.scope.matches(command).name for command in ("git push", "git", "gitk")] == ["YES", "YES", "NO"]


@pytest.mark.parametrize("entry", ["Bash(rm)", "shell(rm)", "rm", "Shell", "Edit(.env)"])
def test_a_deny_that_is_no_entry_protects_nothing(entry: str) -> None:
    assert check(".cursor/cli.json", {"permissions": {"deny": [entry]}}) == ["dead-control"]


def test_a_project_sets_permissions_only() -> None:
    settings = {"approvalMode": "unrestricted", "sandbox": {"mode": "disabled"}}
    assert check(".cursor/cli.json", settings) == ["ignored-setting", "ignored-setting"]
    assert check(".cursor/cli-config.json", settings) == ["approvals-off", "sandbox-off"]


def test_a_projects_list_of_addresses_holds_nobody_back() -> None:
    settings = {"sandbox": {"networkAccess": "user_config_only", "networkAllowlist": ["registry.npmjs.org"]}}
    assert check(".cursor/cli.json", settings) == ["dead-control"]
    assert check(".cursor/cli-config.json", settings) == []


def test_the_file_of_the_command_line_takes_no_comments() -> None:
    tree = {".cursor/cli.json": b'{"permissions": {"allow": []}} // none'}
    assert [finding.rule.id for finding in judged(tree).findings] == ["unreadable-manifest"]
    assert judged({".cursor/permissions.json": b'{"terminalAllowlist": ["npm test",], /* all */}'}).findings == []


@pytest.mark.parametrize(("entry", "expected"), [("python3", ["command-opens-shell"]), ("npm test", []), ("*", ["open-shell"])])
def test_a_list_of_commands(entry: str, expected: list[str]) -> None:
    assert check(".cursor/permissions.json", {"terminalAllowlist": [entry]}) == expected


@pytest.mark.parametrize(("status", "closed", "expected"), [
    (1, False, ["guard-never-blocks"]), (1, True, []), (2, False, []), (2, True, [])])
def test_a_hook_fails_open(status: int, closed: bool, expected: list[str]) -> None:
    hook = {"command": f"if grep -q rm; then echo blocked; exit {status}; fi", "failClosed": closed}
    assert check(".cursor/hooks.json", {"version": 1, "hooks": {"beforeShellExecution": [hook]}}) == expected


def test_an_event_that_does_not_exist() -> None:
    hooks = {"beforeShellExecutions": [{"command": "exit 2"}]}
    assert check(".cursor/hooks.json", {"version": 1, "hooks": hooks}) == ["dead-control"]


@pytest.mark.parametrize(("sandbox", "expected"), [
    ({"type": "insecure_none"}, ["sandbox-off"]), ({"type": "workspace_readonly"}, []), ({}, []),
    ({"type": "insecure_none", "networkPolicy": {"default": "allow"}}, ["sandbox-off"]),
    ({"networkPolicy": {"default": "allow"}}, ["sandbox-any-host"]), ({"networkPolicy": {"allow": ["*"]}}, ["sandbox-any-host"]),
    ({"additionalReadwritePaths": ["/"]}, ["sandbox-writes-anywhere"])])
def test_sandboxes(sandbox: dict[str, object], expected: list[str]) -> None:
    assert check(".cursor/sandbox.json", sandbox) == expected


@pytest.mark.parametrize(("line", "expected"), [("", ["inherits-everything"]), ("readonly: false\n", ["inherits-everything"]),
                                                ("readonly: true\n", [])])
def test_an_agent_that_is_not_readonly_has_everything(line: str, expected: list[str]) -> None:
    text = f"---\nname: auditor\ndescription: Read-only auditor\n{line}---\nLook.\n"
    assert [finding.rule.id for finding in judged({".cursor/agents/auditor.md": text.encode()}).findings] == expected


@pytest.mark.parametrize("odd", ['{"": ""}', "[]", "null", "5", "true"])
def test_what_is_no_path_beside_one_that_is(odd: str) -> None:
    text = f'{{"type": "workspace_readwrite", "additionalReadwritePaths": ["/", {odd}]}}'
    found = judged({".cursor/sandbox.json": text.encode()}).findings
    assert [(finding.rule.id, finding.primary.span.text) for finding in found] == [("sandbox-writes-anywhere", '"/"')]


@pytest.mark.parametrize(("field", "path", "expected"), [
    ("additionalReadonlyPaths", "/home/dev/.ssh", ["sensitive-path"]), ("additionalReadonlyPaths", "~/.config/gcloud", ["sensitive-path"]),
    ("additionalReadwritePaths", "/home/dev/.kube", ["sensitive-path"]), ("additionalReadwritePaths", "~/.cursor", ["governing-file-writable"]),
    ("additionalReadonlyPaths", "~/.cursor", []), ("additionalReadwritePaths", "~/.cache", []), ("additionalReadwritePaths", "/tmp", []),
    ("additionalReadonlyPaths", ".", []), ("additionalReadwritePaths", "~/.gradle", []), ("additionalReadwritePaths", "../shared", [])])
def test_a_folder_of_the_sandbox_that_holds_credentials_or_what_governs(field: str, path: str, expected: list[str]) -> None:
    assert check(".cursor/sandbox.json", {"type": "workspace_readwrite", field: [path]}) == expected


def test_an_open_network_is_said_where_it_is_opened() -> None:
    text = b'{\n  "type": "workspace_readwrite",\n  "networkPolicy": {\n    "default": "allow"\n  }\n}\n'
    found = judged({".cursor/sandbox.json": text}).findings
    assert [(each.rule.id, each.primary.span.begin[0]) for each in found] == [("sandbox-any-host", 4)]
