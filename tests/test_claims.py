"""What an agent's own words promise."""

from __future__ import annotations

import pytest

from overgrant.model import Agent
from trees import analysis_of

CLAIMS = [
    ("Read-only code explorer that finds callers", ("read-only",)),
    ("A strictly read-only helper", ("read-only",)),
    ("Maps the code. Never modifies files.", ("no-write",)),
    ("Makes no changes to the tree", ("no-write",)),
    ("Explains code and never runs commands", ("no-exec",)),
    ("Works without network access", ("no-network",)),
    ("Migrates data to the read-only replica", ()),
    ("A builder, not read-only", ()),
    ("Refactors without changing code behaviour", ()),
    ("Builds features", ()),
    ("Reviews a change for mistakes", ("narrow",)),
    ("Reviews a change and fixes mistakes", ()),
]


def agent(text: str, more: str = "", body: str = "Work.") -> Agent:
    tree = {".claude/agents/helper.md": f"---\nname: helper\ndescription: {text}\n{more}---\n{body}\n".encode()}
    return analysis_of(tree).world.agents[0]


@pytest.mark.parametrize(("text", "claims"), CLAIMS)
def test_claims(text: str, claims: tuple[str, ...]) -> None:
    assert agent(text).claims == claims


def test_the_instructions_count_too() -> None:
    assert agent("Finds rules", body="- You are **read-only**: never create files.").claims == ("read-only",)


def test_a_mode_that_changes_nothing_holds_the_claim() -> None:
    assert agent("Read-only planner", "permissionMode: plan\n").claims == ()


def test_tools_taken_away_are_not_inherited() -> None:
    assert agent("Scout").tools_from == "inherited"
    assert agent("Scout", "disallowedTools: Write, Bash\n").tools_from == "named"
    assert agent("Scout", "tools: Read\n").tools_from == "named"


def test_the_claim_is_underlined() -> None:
    found = agent("Maps the code. Never modifies files.").at["claims"].span
    assert found.text == "Never modifies files"
