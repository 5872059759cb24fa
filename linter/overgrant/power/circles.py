"""Power: agents of manifests that hand over to each other in circles, and what ends such a run.

A circle is ended by a bound of an agent in it, or of the team that holds all of it. Where a product ends or refuses
circles by itself, its own data says so (`circles: bounded`), and so does a handover that a product makes only once.
Names are those of one file: two files may each have an agent of the same name.
"""

from __future__ import annotations

from overgrant.dialect.catalogue import policy
from overgrant.model import Agent, Delegation, Limit, World

_ENDS = frozenset(("turns", "steps", "wall-clock", "tokens", "cost", "tool-calls", "depth"))
_WAYS = ("call", "handoff")
_MOST = 500  # agents of one file that are looked at
_Ways = dict[str, list[Delegation]]


def derive(world: World) -> None:
    """State a bound that is missing for every circle that nothing ends, at the handover that closes it."""
    files: dict[tuple[str, str], list[Agent]] = {}
    for agent in world.agents[:]:
        if any(isinstance(fact, Delegation) and fact.way in _WAYS and not fact.by_code for fact in agent.facts):
            files.setdefault((agent.root.path, agent.path), []).append(agent)
    for (root, path), agents in files.items():
        if policy(agents[0].product).get("circles") != "bounded" and len(agents) <= _MOST:
            names = {agent.name: agent for agent in agents}
            holders = [each for each in world.agents if (each.root.path, each.path) == (root, path) and each.name not in names]
            _file(names, holders, world)


def _file(names: dict[str, Agent], holders: list[Agent], world: World) -> None:
    ways: _Ways = {name: [fact for fact in agent.facts if isinstance(fact, Delegation) and fact.way in _WAYS
                          and not fact.by_code and fact.to in names and fact.to != name] for name, agent in names.items()}
    for circle in _components(ways):
        inside = [names[name] for name in circle]
        if any(map(_ends, inside)) or any(_holds(holder, inside) and _named(holder) for holder in holders):
            continue
        closing = _closing(ways, circle)
        if not _calls(ways, circle) and closing.agent is not None and closing.agent.attended is not False:
            continue  # one conversation goes to and fro, before the eyes of whoever has it
        endless(closing, world)


def endless(closing: Delegation, world: World) -> None:
    """State that nothing bounds how often the way that closes a circle is gone."""
    limit = Limit(closing.value)
    limit.root, limit.tier, limit.format, limit.order = closing.root, closing.tier, closing.format, closing.order
    limit.where = f"{closing.where}.depth"
    limit.agent = limit.owner = closing.agent
    limit.dimension, limit.name, limit.unbounded, limit.origin = "depth", closing.to, True, "circle"
    world.facts.append(limit)
    if closing.agent is not None:
        closing.agent.facts.append(limit)


def _calls(ways: _Ways, circle: list[str]) -> bool:
    """Somebody in the circle calls another, which opens a run of its own, instead of handing the conversation over."""
    return any(fact.way == "call" and fact.to in circle for name in circle for fact in ways[name])


def _closing(ways: _Ways, circle: list[str]) -> Delegation:
    """The handover that leads back to an agent of the circle which stands earlier in the file, the last of them."""
    place = {name: number for number, name in enumerate(circle)}
    back = [fact for name in circle for fact in ways[name] if fact.to in place and place[fact.to] < place[name]]
    return max(back, key=lambda fact: fact.order)


def _components(ways: _Ways) -> list[list[str]]:
    """The sets of two or more agents each of which leads to each other, in the order of the file."""
    reached = {name: _reached(name, ways) for name in ways}
    found: list[list[str]] = []
    seen: set[str] = set()
    for name in ways:
        circle = [other for other in ways if other in reached[name] and name in reached[other]]
        if len(circle) > 1 and name not in seen:
            found.append(circle)
            seen.update(circle)
    return found


def _reached(name: str, ways: _Ways) -> set[str]:
    found, waiting = set[str](), [name]
    while waiting:
        for fact in ways[waiting.pop()]:
            if fact.to not in found:
                found.add(fact.to)
                waiting.append(fact.to)
    return found


def _ends(agent: Agent) -> bool:
    return any(isinstance(fact, Limit) and fact.dimension in _ENDS and not fact.unbounded and not fact.absurd for fact in agent.facts)


def _named(holder: Agent) -> bool:
    """The team has a bound, or a finding of its own says that it has none."""
    return any(isinstance(fact, Limit) and fact.dimension in _ENDS for fact in holder.facts)


def _holds(holder: Agent, inside: list[Agent]) -> bool:
    """The team is written around all agents of the circle."""
    span = holder.value.span if holder.value is not None else None
    return span is not None and all(agent.value is not None and span.start <= agent.value.span.start
                                    and agent.value.span.end <= span.end for agent in inside)
