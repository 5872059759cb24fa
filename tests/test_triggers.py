"""Who can start an agent: events, activity types, conditions, and what each action refuses by itself."""

from __future__ import annotations

import pytest

from overgrant.model import Agent, Flow
from trees import analysis_of, judged

SHA = "0123456789abcdef0123456789abcdef01234567"
CLAUDE = f"anthropics/claude-code-action@{SHA}"
BASE = f"anthropics/claude-code-base-action@{SHA}"
CODEX = f"openai/codex-action@{SHA}"
GEMINI = f"google-github-actions/run-gemini-cli@{SHA}"
MEMBER = "contains(fromJSON('[\"OWNER\",\"MEMBER\"]'), github.event.comment.author_association)"


def workflow(on: str, uses: str, given: str = "", condition: str = "", extra: str = "") -> str:
    lines = ["on:", *(f"  {line}" for line in on.splitlines()), "jobs:", "  agent:", "    runs-on: ubuntu-latest"]
    lines += [f"    if: \"{condition.replace(chr(34), chr(92) + chr(34))}\""] if condition else []
    lines += [f"    {line}" for line in extra.splitlines()]
    lines += ["    steps:", f"      - uses: {uses}" if not uses.startswith("run:") else f"      - {uses}"]
    lines += ["        with:", *(f"          {line}" for line in given.splitlines())] if given else []
    return "\n".join(lines) + "\n"


def agent_of(text: str) -> Agent:
    world = analysis_of({".github/workflows/a.yml": text.encode()}).world
    return next(agent for agent in world.agents if agent.type == "step")


# event, what a step without any check of its own answers
EVENTS = [
    ("issues:", "anyone"),
    ("issues:\n  types: [opened]", "anyone"),
    ("issues:\n  types: [labeled]", "collaborators"),
    ("issues:\n  types: [assigned, labeled]", "collaborators"),
    ("issues:\n  types: [labeled, opened]", "anyone"),
    ("issue_comment:", "anyone"),
    ("issue_comment:\n  types: [deleted]", "collaborators"),
    ("discussion:", "anyone"),
    ("discussion_comment:", "anyone"),
    ("pull_request_target:", "anyone"),
    ("pull_request_target:\n  types: [labeled]", "collaborators"),
    ("pull_request:", "collaborators"),
    ("pull_request_review:", "collaborators"),
    ("pull_request_review_comment:", "collaborators"),
    ("workflow_run:\n  workflows: [ci]", "anyone"),
    ("fork:", "anyone"),
    ("watch:", "anyone"),
    ("push:", "collaborators"),
    ("workflow_dispatch:", "collaborators"),
    ("repository_dispatch:", "collaborators"),
    ("schedule:\n  - cron: '0 0 * * *'", "owner"),
    ("workflow_call:", ""),
    ("schedule:\n  - cron: '0 0 * * *'\nissues:", "anyone"),
]


@pytest.mark.parametrize(("on", "who"), EVENTS)
def test_events(on: str, who: str) -> None:
    assert agent_of(workflow(on, BASE, "prompt: x")).started_by == who


# condition on `issue_comment`, and who is left
CONDITIONS = [
    ("contains(github.event.comment.body, '@bot')", "anyone"),
    (MEMBER, "collaborators"),
    (f"contains(github.event.comment.body, '@bot') && {MEMBER}", "collaborators"),
    (f"contains(github.event.comment.body, '@bot') || {MEMBER}", "anyone"),
    ("github.event.comment.author_association == 'OWNER'", "collaborators"),
    ("github.event.comment.author_association != 'NONE'", "anyone"),
    ("contains('OWNER,MEMBER,COLLABORATOR', github.event.comment.author_association)", "collaborators"),
    ("contains(fromJSON('[\"OWNER\",\"CONTRIBUTOR\"]'), github.event.comment.author_association)", "anyone"),
    ("github.actor == 'octocat'", "collaborators"),
    ("github.actor != 'dependabot[bot]'", "anyone"),
    ("github.event.sender.login == github.repository_owner", "collaborators"),
    ("contains(fromJSON('[\"octocat\"]'), github.actor)", "collaborators"),
    ("github.event_name == 'workflow_dispatch'", "collaborators"),
    ("github.event_name == 'issue_comment'", "anyone"),
    ("${{ github.repository == 'example/project' }}", "anyone"),
    ("!contains(github.event.comment.body, 'skip')", "anyone"),
    ("not an expression (", "anyone"),
    ("always()", "anyone"),
    ("false", "collaborators"),
    ("contains(github.event.issue.labels.*.name, 'ready')", "anyone"),
]


@pytest.mark.parametrize(("condition", "who"), CONDITIONS)
def test_conditions(condition: str, who: str) -> None:
    assert agent_of(workflow("issue_comment:", BASE, "prompt: x", condition)).started_by == who


OTHER_CONDITIONS = [
    ("pull_request_target:", "github.event.pull_request.head.repo.full_name == github.repository", "collaborators"),
    ("pull_request_target:", "github.event.pull_request.head.repo.fork == false", "collaborators"),
    ("pull_request_target:", "!github.event.pull_request.head.repo.fork", "collaborators"),
    ("pull_request_target:", "github.event.pull_request.draft == false", "anyone"),
    ("issues:", "contains(github.event.issue.labels.*.name, 'ready')", "collaborators"),
    ("workflow_run:", "github.event.workflow_run.conclusion == 'failure'", "anyone"),
    ("workflow_run:", "github.event.workflow_run.event == 'push'", "collaborators"),
    ("workflow_run:", "github.event.workflow_run.head_repository.full_name == github.repository", "collaborators"),
    ("workflow_run:", "github.event.workflow_run.pull_requests[0]", "collaborators"),
    ("issues:\nworkflow_dispatch:", "github.event_name != 'issues'", "collaborators"),
]


@pytest.mark.parametrize(("on", "condition", "who"), OTHER_CONDITIONS)
def test_conditions_of_other_events(on: str, condition: str, who: str) -> None:
    assert agent_of(workflow(on, BASE, "prompt: x", condition)).started_by == who


# action, its inputs, and who can start it by a comment
ACTIONS = [
    (CLAUDE, "prompt: x", "collaborators"),
    (CLAUDE, "allowed_non_write_users: \"*\"\ngithub_token: ${{ github.token }}", "anyone"),
    (CLAUDE, "allowed_non_write_users: \"*\"", "collaborators"),
    (CLAUDE, "allowed_non_write_users: octocat\ngithub_token: ${{ github.token }}", "collaborators"),
    (CLAUDE, "allowed_bots: \"*\"", "anyone"),
    (CLAUDE, "allowed_bots: renovate", "collaborators"),
    (BASE, "prompt: x", "anyone"),
    (f"anthropics/claude-code-action/base-action@{SHA}", "prompt: x", "anyone"),
    (CODEX, "prompt: x", "collaborators"),
    (CODEX, "allow-users: \"*\"", "anyone"),
    (CODEX, "allow-users: octocat", "collaborators"),
    (CODEX, "allow-bots: \"true\"", "collaborators"),
    (GEMINI, "prompt: x", "anyone"),
    (f"google-gemini/gemini-cli-action@{SHA}", "prompt: x", "anyone"),
    (f"QwenLM/qwen-code-action@{SHA}", "prompt: x", "anyone"),
    (f"sst/opencode/github@{SHA}", "model: x", "collaborators"),
    (f"actions/ai-inference@{SHA}", "prompt: x", "anyone"),
    ("run: claude -p x", "", "anyone"),
    ("run: npx -y @openai/codex exec x", "", "anyone"),
]


@pytest.mark.parametrize(("uses", "given", "who"), ACTIONS)
def test_actions(uses: str, given: str, who: str) -> None:
    assert agent_of(workflow("issue_comment:", uses, given)).started_by == who


def test_an_action_has_nobody_to_look_up_after_a_finished_run() -> None:
    assert agent_of(workflow("workflow_run:", CLAUDE, "prompt: x")).started_by == "anyone"


def test_an_environment_may_wait_for_approval() -> None:
    agent = agent_of(workflow("issues:", BASE, "prompt: x", extra="environment: review"))
    assert agent.started_by == "collaborators"


def test_a_needed_job_that_looks_up_rights() -> None:
    text = """on: issue_comment
jobs:
  check:
    runs-on: ubuntu-latest
    outputs: {ok: "${{ steps.look.outputs.ok }}"}
    steps:
      - id: look
        run: gh api repos/o/r/collaborators/$ACTOR/permission
  agent:
    needs: check
    if: needs.check.outputs.ok == 'true'
    runs-on: ubuntu-latest
    steps:
      - run: claude -p "Do it."
"""
    assert agent_of(text).started_by == "collaborators"
    assert agent_of(text.replace("collaborators/$ACTOR/permission", "labels")).started_by == "anyone"


TEXTS = [
    ("${{ github.event.issue.title }}", True),
    ("${{ github.event.comment.body }}", True),
    ("${{ github.head_ref }}", True),
    ("${{ github.event.pull_request.title || github.event.issue.title }}", True),
    ("${{ toJSON(github.event.issue) }}", True),
    ("${{ github.event.issue.number }}", False),
    ("${{ github.actor }}", False),
    ("${{ github.event.pull_request.head.sha }}", False),
    ("${{ github.event.issue.title == 'x' }}", False),
    ("${{ contains(github.event.comment.body, 'x') }}", False),
    ("github.event.issue.title", False),
]


@pytest.mark.parametrize(("text", "strange"), TEXTS)
def test_strangers_texts_in_a_prompt(text: str, strange: bool) -> None:
    agent = agent_of(workflow("issues:", GEMINI, f"prompt: \"{text}\""))
    assert bool([fact for fact in agent.facts if isinstance(fact, Flow) and fact.way == "prompt"]) is strange


SINKS = [
    ("contents: write", GEMINI, "prompt: x", "any shell command, `contents: write`"),
    ("contents: read", GEMINI, "prompt: x", "any shell command"),
    ("contents: write", CODEX, "allow-users: \"*\"\nsandbox: read-only", ""),
    ("issues: write", f"actions/ai-inference@{SHA}", "prompt: x", ""),
    ("contents: write", BASE, "prompt: x", "`contents: write`"),
]


@pytest.mark.parametrize(("permission", "uses", "given", "sink"), SINKS)
def test_what_a_stranger_reaches(permission: str, uses: str, given: str, sink: str) -> None:
    agent = agent_of(workflow("issues:", uses, given, extra=f"permissions:\n  {permission}"))
    flow = next(fact for fact in agent.facts if isinstance(fact, Flow) and fact.way == "trigger")
    assert flow.sink == sink


CALLED = """on: workflow_call
permissions:
  contents: write
jobs:
  fix:
    runs-on: ubuntu-latest
    steps:
      - {step}
"""
CALLS = [
    ("issues:", "", "run: gemini --yolo -p x", "anyone"),
    ("issues:", "", f"uses: {CLAUDE}", "collaborators"),
    ("push:", "", "run: gemini --yolo -p x", "collaborators"),
    ("issue_comment:", MEMBER, "run: gemini --yolo -p x", "collaborators"),
]


@pytest.mark.parametrize(("on", "condition", "step", "who"), CALLS)
def test_who_starts_a_caller_starts_what_it_calls(on: str, condition: str, step: str, who: str) -> None:
    gate = f"    if: {condition}\n" if condition else ""
    caller = f"on:\n  {on}\njobs:\n  go:\n{gate}    uses: ./.github/workflows/fix.yml\n    secrets: inherit\n"
    tree = {".github/workflows/go.yml": caller.encode(),
            ".github/workflows/fix.yml": CALLED.format(step=step).encode()}
    agent = next(agent for agent in analysis_of(tree).world.agents if agent.type == "step")
    assert agent.started_by == who
    rules = [finding.rule.id for finding in judged(tree).findings if finding.rule.id == "untrusted-trigger"]
    assert rules == (["untrusted-trigger"] if who == "anyone" else [])


def test_a_composite_action_of_the_tree() -> None:
    tree = {".github/workflows/go.yml": b"on: issues\njobs:\n  go:\n    steps:\n      - uses: ./.github/actions/fix\n",
            ".github/actions/fix/action.yml": b"runs:\n  using: composite\n  steps:\n    - run: claude -p x --allowedTools Bash\n"}
    agent = next(agent for agent in analysis_of(tree).world.agents if agent.type == "step")
    assert (agent.name, agent.started_by) == ("fix/action", "anyone")


@pytest.mark.parametrize(("event", "who"), [
    ("issues", "github.event.issue.author_association"), ("issue_comment", "github.event.comment.author_association"),
    ("pull_request_target", "github.event.pull_request.author_association"), ("discussion", "github.event.discussion.author_association")])
def test_the_advice_names_the_author_of_the_event_and_is_taken(event: str, who: str) -> None:
    text = "on: %s\npermissions: write-all\njobs:\n a:\n  %s\n  runs-on: u\n  steps:\n   - run: codex exec --sandbox danger-full-access x\n"
    path = ".github/workflows/a.yml"
    (found,) = [each for each in judged({path: (text % (event, "name: a")).encode()}).findings if each.rule.id == "untrusted-trigger"]
    condition = found.help.split("`")[1]
    assert condition.endswith(f"{who})")
    assert "untrusted-trigger" not in {each.rule.id for each in judged({path: (text % (event, condition)).encode()}).findings}
