"""GitLab pipelines: which jobs start agents, and how long they may run."""

from __future__ import annotations

import pytest

from overgrant.model import Agent, Flow, Limit
from trees import analysis_of, judged


def agents(text: str, path: str = ".gitlab-ci.yml") -> list[Agent]:
    return [agent for agent in analysis_of({path: text.encode()}).world.agents if agent.type == "step"]


JOBS = [
    ("a: {script: [claude -p x]}", ["a"]),
    ("a: {script: claude -p x}", ["a"]),
    ("a: {script: [[claude -p x]]}", ["a"]),
    ("a: {before_script: [codex exec x], script: [make]}", ["a"]),
    ("before_script: [claude -p x]\na: {script: [make]}", ["a"]),
    ("a: {script: [make]}\nb: {after_script: [gemini -p x]}", ["b"]),
    ("variables: {A: claude -p x}\na: {script: [echo claude]}", []),
    ("include: {local: claude.yml}", []),
]


@pytest.mark.parametrize(("text", "names"), JOBS)
def test_jobs(text: str, names: list[str]) -> None:
    found = agents(text)
    assert [agent.name for agent in found] == names
    assert all((agent.attended, agent.started_by) == (False, "collaborators") for agent in found)


TIMES = [("", 3600.0), ("timeout: 15m", 900.0), ("timeout: 1h 30m", 5400.0), ("timeout: 3 hours", 10800.0),
         ("timeout: 2 minutes 5 seconds", 125.0), ("timeout: soon", None)]


@pytest.mark.parametrize(("line", "seconds"), TIMES)
def test_time(line: str, seconds: float | None) -> None:
    agent = agents(f"a:\n  script: [claude -p x]\n  {line}\n")[0]
    limit = next(fact for fact in agent.facts if isinstance(fact, Limit))
    assert (limit.amount, limit.explicit) == (seconds, bool(line))


def test_a_flow_of_the_platform() -> None:
    text = "image: node:22\ncommands:\n  - claude -p \"$AI_FLOW_INPUT\" --allowedTools Edit\n"
    agent = agents(text, ".gitlab/duo/flows/claude.yaml")[0]
    assert agent.name == "claude"
    assert [fact.source for fact in agent.facts if isinstance(fact, Flow)] == ["AI_FLOW_INPUT"]


def test_a_variable_of_one_agent_says_nothing_about_another() -> None:
    text = "variables: {GOOSE_MODE: auto}\na: {script: [claude -p x]}\n"
    assert judged({".gitlab-ci.yml": text.encode()}).findings == []
    found = judged({".gitlab-ci.yml": text.replace("claude -p", "goose run -t").encode()}).findings
    assert [each.rule.id for each in found] == ["approvals-off"]


def test_a_variable_that_sends_prompts_elsewhere() -> None:
    text = "a:\n  variables: {ANTHROPIC_BASE_URL: 'https://proxy.example.net'}\n  script: [claude -p x]\n"
    assert [fact.meaning for fact in agents(text)[0].facts if fact.kind == "setting" and hasattr(fact, "meaning")] == ["endpoint"]
