"""Power: facts of files → one world. Merging happens within one root of one product only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from overgrant.dialect.catalogue import policy
from overgrant.model import Agent, Containment, Control, Fact, Grant, Root, Server, Versions, World

TIER_ORDER = ("user", "project", "distributed", "local", "managed", "example")  # of two values the later one holds


class Assumptions(Versions):
    """What a run assumes: product → version, from the configuration or a lock file."""

    def __init__(self, versions: dict[str, str] | None = None) -> None:
        self.versions = versions or {}

    def version(self, product: str) -> str:
        """The assumed version of a product: what was said, else the newest that knowledge has."""
        return self.versions.get(product) or str(policy(product).get("version", ""))


def merge(facts: Iterable[Fact], assumed: Assumptions) -> World:
    """Order the facts, give every fact its agent, and make the host agents that files only imply."""
    world = World()
    world.assumed = assumed
    ordered = sorted(facts, key=lambda fact: (fact.root, TIER_ORDER.index(fact.tier), fact.path, fact.order))
    if any(fact.tier == "managed" for fact in ordered):
        ordered = _held(ordered)
    hosts: dict[Root, Agent] = {}
    for fact in ordered:
        if isinstance(fact, Agent):
            fact.product = fact.product or fact.root.product
            world.agents.append(fact)
    for number, fact in enumerate(ordered):
        fact.order = number
        if isinstance(fact, Agent):
            continue
        owner = _owner(fact)
        if owner is None:
            owner = hosts.get(fact.root) or _host(fact, hosts, world)
        fact.agent = owner
        owner.facts.append(fact)
        world.facts.append(fact)
    world.agents.sort(key=lambda agent: (agent.root, agent.type != "host", agent.path, agent.order))
    for agent in world.agents:
        if agent.attended is None and agent.type in ("framework", "crew") and policy(agent.product).get("attended") is False:
            agent.attended = False
        # the sandbox of a server holds that server
        boxes = [fact for fact in agent.facts if isinstance(fact, Containment) and not isinstance(fact.owner, Server)]
        agent.containment = _merged(boxes) if boxes else None
    return world


def _held(facts: list[Fact]) -> list[Fact]:
    """The facts without those that an administrator's lock takes the effect from: only managed ones of their kind count there."""
    locks = {(fact.root, policy(fact.root.product).get("decide", {}).get("only-managed", {}).get(fact.where))
             for fact in facts if isinstance(fact, Control) and fact.tier == "managed" and fact.value is not None and fact.value.data is True}
    return [fact for fact in facts if fact.tier == "managed" or (fact.root, fact.kind) not in locks]


def _owner(fact: Fact) -> Agent | None:
    here: Fact | None = fact.owner
    while here is not None and not isinstance(here, Agent):
        here = here.owner
    return here


def _host(fact: Fact, hosts: dict[Root, Agent], world: World) -> Agent:
    agent = Agent()
    agent.root, agent.tier, agent.explicit = fact.root, fact.tier, False
    agent.product = fact.root.product
    agent.name = str(policy(agent.product).get("host", agent.product)) or "agent"
    agent.attended = policy(agent.product).get("attended", True)
    hosts[fact.root] = agent
    world.agents.append(agent)
    return agent


def _merged(boxes: list[Containment]) -> Containment:
    """Several files speak of one sandbox: scalars of the later win, lists add up."""
    first = boxes[0]
    for other in boxes[1:]:
        for name, value in vars(other).items():
            if name in other.at and isinstance(value, tuple):
                setattr(first, name, (*getattr(first, name), *value))
            elif name in other.at:
                setattr(first, name, value)
        first.at.update({name: value for name, value in other.at.items() if name not in first.at})
    return first


def decide_policy(agent: Agent) -> dict[str, Any]:
    """How the agent's product decides; empty where that is not known."""
    return dict(policy(agent.product).get("decide", {}))


def rules_of(agent: Agent, world: World) -> list[Grant]:
    """The statements that bind an agent: its own and, for everybody but the host, those of its host."""
    own = agent.grants
    if agent.type == "host":
        return own
    return [*(grant for host in world.hosts(agent.root) if host is not agent for grant in host.grants), *own]
