"""Truth tables: what happens when an agent tries something, as each product's documentation says it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from overgrant.dialect.catalogue import policy
from overgrant.model import Agent, Root, World
from overgrant.power.action import parse
from overgrant.power.decide import decide
from overgrant.power.merge import decide_policy, rules_of
from overgrant.power.offered import servers_of
from overgrant.read.knowledge import parse as parse_yaml
from trees import analysis_of

TABLES = Path(__file__).parent / "truth"


def cases() -> list[Any]:
    found = []
    for table in sorted(TABLES.glob("*.yaml")):
        data = parse_yaml(str(table))
        for index, row in enumerate(data["cases"]):
            shared = data.get("trees", {}).get(row.get("tree"), {})
            found.append(pytest.param(table.stem, {"agent": data["agent"], **row, "files": row.get("files", shared)},
                                      id=f"{table.stem}-{index}: {row['action']}"))
    return found


def agent_of(name: str, product: str, world: World) -> Agent:
    for agent in world.agents:
        if agent.name == name:
            return agent
    agent = Agent()
    agent.name, agent.product, agent.root = name, product, Root(".", product)
    return agent


@pytest.mark.parametrize(("product", "row"), cases())
def test_decision(product: str, row: dict[str, Any]) -> None:
    world = analysis_of({path: text.encode() for path, text in row["files"].items()}).world
    agent = agent_of(row["agent"], product, world)
    if row.get("unattended"):
        agent.attended = False
    answer = decide(agent, rules_of(agent, world), parse(row["action"]), decide_policy(agent),
                    servers_of(agent, world))
    assert answer.decision == row["decision"], f"{answer.why} ({row.get('why', '')})"
    if "by" in row:
        assert answer.grant is not None
        assert answer.grant.text == row["by"]


def plain(product: str, row: dict[str, Any]) -> str:
    """The answer of somebody who knows no more than that what is denied beats what is asked for, and that what is allowed."""
    world = analysis_of({path: text.encode() for path, text in row["files"].items()}).world
    agent = agent_of(row["agent"], product, world)
    said = decide_policy(agent)
    known: dict[str, Any] = {key: said[key] for key in ("product", "tool-name", "compound") if key in said}
    return decide(agent, rules_of(agent, world), parse(row["action"]), known | {"engine": "deny-ask-allow", "default": "ask"}).decision


def test_a_table_says_more_than_that_deny_beats_allow() -> None:
    rows = [case.values for case in cases()]
    tables = {product for product, _ in rows}
    assert {product for product, row in rows if plain(product, row) != row["decision"]} == tables
    assert len(tables) == len(list(TABLES.glob("*.yaml")))


def test_tables_are_cited() -> None:
    for table in TABLES.glob("*.yaml"):
        data = parse_yaml(str(table))
        assert data["source"], table.name
        assert len(data["cases"]) >= 12, table.name
        assert policy(table.stem), f"{table.name} is no product's"
