"""Agent Spec: agents by their schema, and who of a swarm may hand over to whom: pairs of agents or of references to them."""

from __future__ import annotations

from overgrant.dialect.facts import Maker
from overgrant.dialect.walk import Context, Reading, Walker
from overgrant.model import Agent, Delegation
from overgrant.value import Document, Value

_MOST = 500


def read(document: Document, context: Context) -> Reading:
    """The facts of a component, and the handovers inside it."""
    maker = Maker(context)
    if document.root is None:
        return maker.reading
    maker.reading = Walker(context).read(document.root, "agent-spec")
    agents = {fact.name: fact for fact in maker.reading.facts if isinstance(fact, Agent)}
    components = document.root.get("$referenced_components")
    for pairs in [each for each in document.root.walk() if each.key == "relationships" and each.kind == "list"]:
        always = pairs.parent.get("handoff") if pairs.parent is not None else None
        for pair in pairs.items[:_MOST]:
            ends = [_name(each, components) for each in pair.items] if pair.kind == "list" and len(pair.items) == 2 else []
            if len(ends) == 2 and ends[0] in agents and ends[1]:
                maker.make(Delegation, pair.items[1], agents[ends[0]], to=ends[1],
                           way="handoff" if always is not None and always.text.lower() == "always" else "call")
    return maker.reading


def _name(agent: Value, components: Value | None) -> str:
    """The name of an agent that is written out, or of the component that a reference names."""
    reference = agent.get("$component_ref")
    if reference is not None and components is not None:
        agent = components.get(reference.text) or agent
    found = agent.get("name")
    return found.text if found is not None else ""
