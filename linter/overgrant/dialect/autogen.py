"""AutoGen: serialized components. A team with a person in it is attended, which no node of the tree says by itself."""

from __future__ import annotations

from overgrant.dialect.walk import Context, Reading, Walker
from overgrant.model import Agent, Limit
from overgrant.value import Document, Value


def read(document: Document, context: Context) -> Reading:
    """The facts of a component and of those inside it."""
    if document.root is None:
        return Reading()
    reading = Walker(context).read(document.root, "autogen-component")
    for fact in reading.facts:
        if isinstance(fact, Agent) and fact.type == "crew" and fact.value is not None:
            fact.name = fact.name or "team"
            fact.attended = _has_person(fact.value)
        if isinstance(fact, Limit) and fact.unbounded:
            fact.disabled = False  # the serializer writes `null` for a bound that nobody set
    return reading


def _has_person(team: Value) -> bool:
    """A participant that asks a person, or a condition that hands over to one."""
    return any(value.kind == "str" and value.text.endswith(("UserProxyAgent", "HandoffTermination", "ExternalTermination"))
               for value in team.walk() if value.key == "provider")
