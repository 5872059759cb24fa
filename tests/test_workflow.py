"""Workflows: what is an agent in them, what it is given, and where the findings point."""

from __future__ import annotations

import pytest

from overgrant.model import Control, Flow, Grant, Limit, Server
from test_triggers import CLAUDE, CODEX, GEMINI, agent_of, workflow
from trees import analysis_of, judged

PATH = ".github/workflows/a.yml"
YES = "on: push\njobs:\n  a:\n    steps:\n"


def rules_at(text: str) -> list[tuple[str, int]]:
    return [(each.rule.id, each.primary.span.begin[0]) for each in judged({PATH: text.encode()}).findings]


NO_AGENT = ["- uses: actions/checkout@v4  # claude", "- run: echo claude", "- run: npm install -g @openai/codex",
            "- uses: anthropics/other@v1", "- name: claude", "- uses: {a: claude}", "- claude"]


@pytest.mark.parametrize("step", NO_AGENT)
def test_no_agent(step: str) -> None:
    assert analysis_of({PATH: f"{YES}      {step}\n".encode()}).world.agents == []


@pytest.mark.parametrize("text", ["claude", "on: push\n# claude\njobs: [a]", "on: push\njobs: {a: claude}", "jobs: {a: {steps: claude}}",
                                  "on: [1, {a: b}]\njobs: {a: {steps: [{run: claude -p x, env: [1]}]}}",
                                  "on: push\njobs: {a: {needs: [b, 1], steps: [{run: claude -p x, with: 3}], permissions: 4, env: x}}"])
def test_odd_files_are_read(text: str) -> None:
    judged({PATH: text.encode()})


def test_grants_point_at_each_rule_in_a_block() -> None:
    text = workflow("push:", CLAUDE, "claude_args: |\n  --max-turns 5\n  --allowedTools \"Read,Bash(npx *)\"\n  --model x")
    agent = agent_of(text)
    grant = next(fact for fact in agent.facts if isinstance(fact, Grant) and fact.text == "Bash(npx *)")
    span = grant.span()
    assert span is not None
    assert span.text == "Bash(npx *)"
    assert [(fact.dimension, fact.amount) for fact in agent.facts if isinstance(fact, Limit) and fact.explicit] == [("turns", 5.0)]


@pytest.mark.parametrize(("uses", "agents"), [
    ("acme/claude-code-action@main", 1), ("acme/codex-action@v1", 1), ("acme/run-gemini-cli@v0", 1),
    ("acme/claude-code-action/base-action@v1", 1), ("acme/setup-claude-code-action@v1", 0), ("./claude-code-action", 0)])
def test_a_fork_keeps_the_name_and_the_inputs(uses: str, agents: int) -> None:
    world = analysis_of({PATH: f"{YES}      - uses: {uses}\n        with: {{allowed_tools: Bash}}\n".encode()}).world
    assert len(world.agents) == agents


def test_older_inputs() -> None:
    text = workflow("push:", CLAUDE, "allowed_tools: |\n  Bash(npx *)\n  Edit\ndisallowed_tools: WebFetch\nmax_turns: \"4\"")
    agent = agent_of(text)
    assert [(grant.text, grant.decision) for grant in agent.grants] == [
        ("Bash(npx *)", "allow"), ("Edit", "allow"), ("WebFetch", "deny")]


@pytest.mark.parametrize(("ref", "dead"), [("v1", True), ("v1.0.7", True), ("v0.0.63", False), ("beta", False), ("main", False)])
def test_bounds_that_a_newer_version_does_not_read(ref: str, dead: bool) -> None:
    uses = f"anthropics/claude-code-action@{ref}"
    text = workflow("push:", uses, "prompt: Fix it.\ndisallowed_tools: WebFetch\nmax_turns: \"4\"\ntimeout_minutes: \"\"")
    agent = agent_of(text)
    controls = [fact for fact in agent.facts if isinstance(fact, Control) and fact.state == "ignored"]
    assert [(each.text, each.why) for each in controls] == ([
        ("disallowed_tools: WebFetch", f'`{ref}` of the action has no such input; write `claude_args: --disallowedTools "WebFetch"`'),
        ("max_turns: 4", f"`{ref}` of the action has no such input; write `claude_args: --max-turns 4`")] if dead else [])
    assert [each.decision for each in agent.grants if each.text == "WebFetch"] == ([] if dead else ["deny"])
    assert [fact.amount for fact in agent.facts if isinstance(fact, Limit) and fact.dimension == "turns"] == ([] if dead else [4.0])
    assert [rule for rule, _ in rules_at(text) if rule == "dead-control"] == ["dead-control"] * (2 if dead else 0)


SERVERS = '{"mcpServers": {"s": {"command": "npx", "args": ["-y", "example-search-mcp"]}}}'


@pytest.mark.parametrize("given", [f"mcp_config: '{SERVERS}'", f"claude_args: |\n  --mcp-config '{SERVERS}'",
                                   f"settings: |\n  {SERVERS}"])
def test_servers_in_inputs(given: str) -> None:
    uses = GEMINI if given.startswith("settings") else CLAUDE
    found = [fact for fact in agent_of(workflow("push:", uses, given)).facts if isinstance(fact, Server)]
    assert [(server.package, server.pin) for server in found] == [("example-search-mcp", "none")]


def test_expressions_inside_json_are_no_error() -> None:
    given = 'settings: |\n  {"debug": ${{ vars.A || false }}, "x": "${{ b }}", "tools": {"core": ["run_shell_command"]}}'
    found = rules_at(workflow("push:", GEMINI, given))
    assert [rule for rule, _ in found] == ["open-shell"]


OUTPUTS = [
    ("${{ steps.x.outputs.final-message }}", True), ("${{ steps.x.outputs['final-message'] }}", True),
    ("${{ steps.x.outcome }}", False), ("${{ steps.y.outputs.final-message }}", False),
    ("${{ toJSON(steps.x.outputs.final-message) }}", False), ("$MESSAGE", False),
]


@pytest.mark.parametrize(("expression", "runs"), OUTPUTS)
def test_outputs_in_a_script(expression: str, runs: bool) -> None:
    text = f"{YES}      - id: x\n        uses: {CODEX}\n      - run: echo \"{expression}\"\n"
    assert ("agent-output-runs", 7) in rules_at(text) if runs else rules_at(text) == []


def test_outputs_of_another_job() -> None:
    text = (f"on: push\njobs:\n  a:\n    outputs:\n      m: ${{{{ steps.x.outputs.final-message }}}}\n    steps:\n      - id: x\n"
            f"        uses: {CODEX}\n  b:\n    needs: a\n    steps:\n      - run: echo ${{{{ needs.a.outputs.m }}}}\n")
    assert rules_at(text) == [("agent-output-runs", 12)]


def test_the_sandbox_of_an_action_holds() -> None:
    held = agent_of(workflow("push:", CODEX, "prompt: x")).containment
    free = agent_of(workflow("push:", CODEX, "prompt: x\nsandbox: danger-full-access")).containment
    assert held is not None
    assert held.effective
    assert free is not None
    assert not free.effective


def test_a_strangers_code_in_a_folder_of_its_own() -> None:
    text = (f"on: pull_request_target\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n        with:\n"
            f"          ref: ${{{{ github.event.pull_request.head.sha }}}}\n          path: theirs\n      - uses: {GEMINI}\n")
    ways = {fact.way for fact in agent_of(text).facts if isinstance(fact, Flow)}
    assert ways == {"trigger"}
    assert "checkout" in {fact.way for fact in agent_of(text.replace("          path: theirs\n", "")).facts
                          if isinstance(fact, Flow)}
