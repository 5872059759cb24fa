"""Power: what an agent in code gains by handing over, and agents that start each other without an end.

A child counts with what it does unasked and uncontained; its parent with everything that it has in any form.
"""

from __future__ import annotations

from typing import NamedTuple

from overgrant.model import Agent, Delegation, Grant, Tool, World
from overgrant.power.circles import endless
from overgrant.power.delegation import PROMISES, SAYS
from overgrant.value import Value

Powers = dict[str, Value | None]  # capability → where it is given

_SAID = {"exec.shell": "run commands", "exec.code": "run code", "fs.write": "change files", "fs.delete": "delete files",
         "db.write": "change databases", "infra.mutate": "change infrastructure", "money.move": "move money"}
_RUNS = ("exec.shell", "exec.code")
# what is more than whoever has a list of tools of its own was given
_HEAVY = (*_RUNS, "infra.mutate", "money.move")
_ALSO = {"read-only": ("db.write", "infra.mutate", "money.move")}


class Way(NamedTuple):
    """A power behind a way: which, where it is given, and the names of the agents on the way."""

    capability: str
    place: Value | None
    names: tuple[str, ...]


def derive(world: World) -> None:
    """Fill `exceeds` and `adds` of the ways between agents in code, and state circles of agents that start each other."""
    ways = [fact for fact in world.of("delegation") if isinstance(fact, Delegation) and fact.by_code and fact.agent is not None]
    if not ways:
        return
    book = _Book(world, ways)
    for fact in ways:
        _judge(fact, book)
    _circles(ways, world)


class _Book:
    """The agents of code by what identifies them, their tools, and their ways."""

    def __init__(self, world: World, ways: list[Delegation]) -> None:
        self.tools: dict[tuple[str, int, int], list[Tool]] = {}
        for tool in world.of("tool"):
            if isinstance(tool, Tool) and tool.key is not None:
                self.tools.setdefault(tool.key, []).append(tool)
        made = [agent for agent in world.agents if agent.key is not None or agent.type == "framework"]
        keys = {agent.key: agent for agent in made if agent.key is not None}
        self.ways: dict[int, list[Delegation]] = {}
        for fact in ways:
            fact.other = fact.other or (keys.get(fact.key) if fact.key is not None else _named(fact, made))
            self.ways.setdefault(id(fact.agent), []).append(fact)

    def powers(self, agent: Agent, *, asked: bool, depth: int = 3) -> Powers:
        """What an agent does unasked, or with `asked` in any form; with the tools of what only holds tools."""
        found: Powers = {}
        if agent.tools_from == "all" or asked and (agent.everything or agent.tools_from == "inherited"):
            found.update(dict.fromkeys(_SAID))
        boxed = agent.containment is not None and agent.containment.effective and not asked
        for fact in agent.facts:
            if isinstance(fact, Grant) and fact.state == "effective" and fact.capability in _SAID and (
                    fact.breadth == "all" or fact.via == "tool") and fact.decision in ("allow", "inherit", *(("ask",) if asked else ())):
                found.setdefault(fact.capability, fact.value)
            elif isinstance(fact, Tool) and fact.key is None:
                self._tool(fact, found, asked=asked, gate=False)
        for key, gate in agent.holds:
            for tool in self.tools.get(key, ()):
                self._tool(tool, found, asked=asked, gate=gate)
        for way in self.ways.get(id(agent), ()) if depth else ():
            if way.way == "tools" and way.other is not None:
                for capability, place in self.powers(way.other, asked=asked, depth=depth - 1).items():
                    found.setdefault(capability, place)
        return {each: place for each, place in found.items() if not boxed or each not in _RUNS}

    def _tool(self, tool: Tool, found: Powers, *, asked: bool, gate: bool) -> None:
        if tool.capability not in _SAID or tool.guarded or (tool.contained and not asked):
            return
        if asked or not (gate or tool.consent == "ask"):
            found.setdefault(tool.capability, tool.value)

    def behind(self, fact: Delegation) -> list[Way]:
        """The powers that a way leads to, nearest first, also through further agents."""
        found: list[Way] = []
        seen: set[int] = {id(fact.agent)}
        waiting: list[tuple[Agent | None, tuple[str, ...]]] = [(fact.other, (fact.to,))]
        while waiting and len(seen) < 200:
            agent, names = waiting.pop(0)
            if agent is None or id(agent) in seen:
                continue
            seen.add(id(agent))
            found += [Way(each, place, names) for each, place in self.powers(agent, asked=False).items()]
            waiting += [(way.other, (*names, way.to)) for way in self.ways.get(id(agent), ())
                        if way.way in ("call", "handoff") and not way.asked]
        return found


def _named(fact: Delegation, made: list[Agent]) -> Agent | None:
    """The agent of a name: of the same module before others of the root."""
    same = [agent for agent in made if agent.name == fact.to and agent.root == fact.root and agent is not fact.agent]
    return next((agent for agent in same if agent.path == fact.path), same[0] if len(same) == 1 else None)


def _judge(fact: Delegation, book: _Book) -> None:
    agent = fact.agent
    if agent is None or fact.asked or fact.way == "tools" or agent.type == "server":
        return
    own = set(book.powers(agent, asked=True))
    own |= set(_SAID) if not own.isdisjoint(_RUNS) else set()
    more = [way for way in book.behind(fact) if way.capability not in own]
    promise = next((claim for claim in agent.claims if claim in PROMISES), "")
    broken = [way for way in more if way.capability in (*PROMISES.get(promise, ()), *_ALSO.get(promise, ()))]
    if promise and broken and not _hands_over(agent, fact.to):
        fact.exceeds, fact.why = _words(broken), SAYS[promise]
        _through(fact, broken[0], "exceeds")
        if "claims" in agent.at:
            fact.at["why"] = agent.at["claims"]
    elif fact.way in ("call", "handoff") and (heavy := [way for way in more if way.capability in _HEAVY and len(way.names) == 1]):
        fact.adds = _words(heavy)
        _through(fact, heavy[0], "adds")


def _through(fact: Delegation, way: Way, field: str) -> None:
    fact.witness = " → ".join(way.names)
    if way.place is not None:
        fact.at[field] = way.place


def _words(ways: list[Way]) -> tuple[str, ...]:
    said = list(dict.fromkeys(_SAID[way.capability] for way in ways))
    # whoever runs commands does the rest with them
    return tuple(said[:1]) if any(way.capability in _RUNS for way in ways) else tuple(said)


def _hands_over(agent: Agent, name: str) -> bool:
    """The agent's own text says that others do it: then it is meant."""
    from overgrant.power.claims import hands_over

    return len(name) > 2 and name.lower() in agent.purpose.lower() or hands_over(agent.purpose)


# --- circles -----------------------------------------------------------------------------------------


def _circles(ways: list[Delegation], world: World) -> None:
    """Each call opens a run with bounds of its own: agents that call each other multiply them."""
    calls = [fact for fact in ways if fact.way == "call" and not fact.bounded and not fact.asked and fact.other is not None]
    after: dict[int, list[Delegation]] = {}
    for fact in calls:
        after.setdefault(id(fact.agent), []).append(fact)
    said: set[int] = set()
    for fact in calls:
        ring = _ring(fact, after)
        if ring and said.isdisjoint(ring):
            said |= ring
            endless(fact, world)


def _ring(first: Delegation, after: dict[int, list[Delegation]]) -> set[int]:
    """The agents of a circle that a call closes; empty if it closes none."""
    home = id(first.agent)
    waiting, seen = [first], set[int]()
    while waiting:
        fact = waiting.pop()
        here = id(fact.other)
        if here == home:
            return seen | {home}
        if here not in seen:
            seen.add(here)
            waiting += after.get(here, ())
    return set()
