"""Agentic workflows: who starts them, what holds them, what leaves them."""

from __future__ import annotations

from typing import Any

import pytest

from overgrant.model import Agent, Limit
from trees import analysis_of, judged


def facts_of(frontmatter: str, body: str = "Do it.", path: str = ".github/workflows/a.md") -> Agent:
    world = analysis_of({path: f"---\n{frontmatter}\n---\n{body}\n".encode()}).world
    return next(agent for agent in world.agents if agent.type == "workflow")


STARTS = [
    ("on: {issues: {types: [opened]}}", "collaborators"),
    ("on: {issues: {types: [opened]}, roles: all}", "anyone"),
    ("on: {issues: {types: [opened]}}\nroles: all", "anyone"),
    ("on: {issues: {types: [opened]}, roles: [admin]}", "collaborators"),
    ("on: {slash_command: fix, roles: all}", "anyone"),
    ("on: {slash_command: fix}", "collaborators"),
    ("on: {schedule: daily}", "owner"),
    ("on: {schedule: daily, workflow_dispatch: null}", "collaborators"),
    ("on: {issues: {types: [labeled]}, roles: all}", "collaborators"),
    ("on: {issues: null, roles: all}\nif: github.actor == 'octocat'", "collaborators"),
    ("tools: {edit: null}", ""),
]


@pytest.mark.parametrize(("text", "who"), STARTS)
def test_who_starts_it(text: str, who: str) -> None:
    assert facts_of(text).started_by == who


BOXES = [
    ("on: push", True), ("on: push\nnetwork: defaults", True), ("on: push\nnetwork: {}", True),
    ("on: push\nnetwork: {allowed: [defaults, python]}", True), ("on: push\nnetwork: {allowed: ['*']}", False),
    ("on: push\nsandbox: false", False), ("on: push\nsandbox: {agent: false}", False),
    ("on: push\nsandbox: {agent: awf}", True), ("on: push\nnetwork: {firewall: disable}", False),
]


@pytest.mark.parametrize(("text", "holds"), BOXES)
def test_what_holds_it(text: str, holds: bool) -> None:
    box = facts_of(text).containment
    assert box is not None
    assert box.effective is holds


LIMITS = [
    ("", "wall-clock", 1200.0), ("timeout-minutes: 5", "wall-clock", 300.0), ("", "turns", 500.0),
    ("max-turns: 9", "turns", 9.0), ("max-ai-credits: -1", "cost", None), ("max-ai-credits: 20", "cost", 20.0),
]


@pytest.mark.parametrize(("text", "dimension", "amount"), LIMITS)
def test_limits(text: str, dimension: str, amount: float | None) -> None:
    found: Any = next(fact for fact in facts_of(f"on: push\n{text}").facts
                      if isinstance(fact, Limit) and fact.dimension == dimension)
    assert (found.amount, found.disabled is True) == (amount, amount is None)


BASH = [("true", "open-shell"), ("['*']", "open-shell"), ("[':*']", "open-shell"), ("['git:*']", ""), ("[]", ""),
        ("null", ""), ("['cat *', 'jq *']", ""), ("false", "")]


@pytest.mark.parametrize(("bash", "rule"), BASH)
def test_bash(bash: str, rule: str) -> None:
    text = f"---\non: push\ntools:\n  bash: {bash}\n---\nDo it.\n"
    found = [each.rule.id for each in judged({".github/workflows/a.md": text.encode()}).findings]
    assert [each for each in found if each == "open-shell"] == ([rule] if rule else [])


def test_a_compiled_workflow_is_judged_by_its_source() -> None:
    step = "jobs:\n  agent:\n    runs-on: x\n    steps:\n      - run: |\n          {} copilot -p x --allow-all-tools\n"
    head = "# compiled by gh-aw\non: push\n"
    quiet = judged({".github/workflows/a.lock.yml": (head + step.format("sudo awf --allow x --")).encode()})
    loud = judged({".github/workflows/a.lock.yml": (head + step.format("")).encode()})
    assert [each.rule.id for each in quiet.findings] == []
    assert [each.rule.id for each in loud.findings] == ["approvals-off"]


def test_a_page_without_frontmatter_is_no_workflow() -> None:
    assert judged({".github/workflows/README.md": b"# Workflows\n\ntools:\n---\n"}).findings == []
