"""AutoGen: serialized components. A team with a person in it is attended, which no node of the tree says by itself."""

from __future__ import annotations

from overgrant.dialect.facts import Maker
from overgrant.dialect.walk import Context, Reading, Walker
from overgrant.model import Agent, Delegation, Limit
from overgrant.value import Document, Value


def read(document: Document, context: Context) -> Reading:
    """The facts of a component and of those inside it."""
    if document.root is None:
        return Reading()
    reading = Walker(context).read(document.root, "autogen-component")
    handovers: list[tuple[Agent, Value]] = []
    for fact in reading.facts:
        if isinstance(fact, Agent) and fact.type == "crew" and fact.value is not None:
            fact.name = fact.name or "team"
            fact.attended = _has_person(fact.value)
        elif isinstance(fact, Agent) and fact.value is not None:
            handovers += _handovers(fact)
        if isinstance(fact, Limit) and fact.unbounded:
            fact.disabled = False  # the serializer writes `null` for a bound that nobody set
    maker = Maker(context)
    maker.reading = reading
    for agent, other in handovers:
        maker.make(Delegation, other, agent, to=other, way="handoff")
    return reading


def _handovers(agent: Agent) -> list[tuple[Agent, Value]]:
    """Whom an agent of a swarm may hand over to: by name, or as a map with a `target`."""
    named = agent.value.get("handoffs") if agent.value is not None else None
    found = [(each.get("target") if each.kind == "map" else each) for each in (named.items if named is not None else ())]
    return [(agent, each) for each in found if each is not None and each.kind == "str"]


def _has_person(team: Value) -> bool:
    """A participant that asks a person, or a condition that hands over to one."""
    return any(value.kind == "str" and value.text.endswith(("UserProxyAgent", "HandoffTermination", "ExternalTermination"))
               for value in team.walk() if value.key == "provider")
