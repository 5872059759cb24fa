"""Traps in the grammar of Amazon Q's and Kiro's agents."""

from __future__ import annotations

import json

import pytest

from overgrant.model import Grant
from trees import analysis_of, judged, serious

AGENT = ".amazonq/cli-agents/x.json"


def tree(**agent: object) -> dict[str, bytes]:
    return {AGENT: json.dumps({"name": "x", "description": "an agent", **agent}).encode()}


def ids(files: dict[str, bytes]) -> list[str]:
    return sorted(finding.rule.id for finding in judged(files).findings)


def shell(commands: list[str]) -> dict[str, bytes]:
    return tree(toolsSettings={"execute_bash": {"allowedCommands": commands}})


def test_star_is_no_tool_in_allowed_tools_but_is_one_in_tools() -> None:
    assert ids(tree(tools=["*"])) == []
    assert ids(tree(allowedTools=["*"])) == ["dead-rule"]


@pytest.mark.parametrize("entry", ["execute_bash", "execute_*", "*_bash"])
def test_globs_over_tools_approve_the_shell(entry: str) -> None:
    assert "open-shell" in ids(tree(allowedTools=[entry]))


def test_exact_commands_are_narrow() -> None:
    assert ids(shell(["git status", r"git log --oneline -n \d+", "^npm test$"])) == []


@pytest.mark.parametrize("command", ["git status.*", "git status .*", "^git status(.*)$"])
def test_an_open_end_lets_a_second_command_through(command: str) -> None:
    """Expressions are compared with the whole line, so `.*` also covers `; rm -rf x`."""
    assert ids(shell([command])) == ["command-opens-shell"]


def test_an_open_end_without_separators_is_narrow() -> None:
    assert serious(judged(shell(["git status[^&;|`$<>]*"])).findings) == []


def test_any_command() -> None:
    assert ids(shell([".*"])) == ["open-shell"]


def test_approving_the_tool_overrides_its_limits() -> None:
    files = tree(allowedTools=["execute_bash"], toolsSettings={"execute_bash": {
        "allowedCommands": ["git status"], "deniedCommands": ["rm .*"], "denyByDefault": True,
        "alwaysAllow": [{"preset": "readOnly"}]}})
    assert ids(files) == ["dead-control", "dead-control", "dead-control", "open-shell"]


def test_approving_subagents_leaves_the_list_of_those_that_can_be_started() -> None:
    (data,) = tree(allowedTools=["subagent"], toolsSettings={"subagent": {"availableAgents": ["docs"], "trustedAgents": ["docs"]}}).values()
    files = {".kiro/agents/x.json": data}
    (finding,) = [each for each in judged(files).findings if each.rule.id == "dead-control"]
    assert "`trustedAgents`" in finding.message


def test_a_bound_that_is_off_says_nothing() -> None:
    files = tree(allowedTools=["execute_bash"], toolsSettings={"execute_bash": {"autoAllowReadonly": False}})
    assert ids(files) == ["open-shell"]


def test_expressions_that_no_linear_engine_reads_are_not_guessed() -> None:
    files = shell([r"git (status|diff)(?=x)"])
    (grant,) = [fact for fact in analysis_of(files).world.of("grant") if isinstance(fact, Grant)]
    assert grant.scope is not None
    assert grant.scope.reason


@pytest.mark.parametrize(("pattern", "begins"), [
    ("git status", [("git status", False)]), ("^git status$", [("git status", False)]), ("git status.*", [("git status", True)]),
    (r"ls \-la", [("ls -la", False)]), ("colou?r", [("colo", True)]), ("a*", [("", True)]), ("(a|b)", [("a", False), ("b", False)]),
    ("a|b", [("a", False), ("b", False)]), ("ab{2}", [("a", True)]), (r"npm \d", [("npm ", True)]),
    ("cargo (build|test)", [("cargo build", False), ("cargo test", False)]),
    ("^git (status|log).*$", [("git status", True), ("git log", True)]), (r"git (status|diff)(?=x)", [("git ", True)])])
def test_what_an_expression_begins_with(pattern: str, begins: list[tuple[str, bool]]) -> None:
    grants = [fact for fact in analysis_of(shell([pattern])).world.of("grant") if isinstance(fact, Grant)]
    assert [(grant.literal, grant.open_tail) for grant in grants if grant.text == pattern] == begins
