"""Power: which grants the sessions of an agent never used, and the commands that they did use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from overgrant.dialect.evidence import is_example
from overgrant.dialect.trace import Trace
from overgrant.model import Agent, Grant, World
from overgrant.power.action import Act, acts
from overgrant.power.decide import Policy, speaks
from overgrant.power.merge import decide_policy, rules_of
from overgrant.scope import Answer

TWICE = 2      # uses after which a command is an example
FAMILY = 3     # different commands with the same two first words that stand for all of them
MOST = 8


def derive(world: World, traces: Sequence[Trace]) -> None:
    """Fill `used` and `sessions` of the rules of every host agent of which there are sessions, and the world's `uses`."""
    for product in dict.fromkeys(trace.product for trace in traces):
        own = [trace for trace in traces if trace.product == product]
        sessions = frozenset().union(*(trace.sessions for trace in own))
        uses = Counter(use for trace in own for use in trace.uses)
        hosts = [agent for agent in world.agents if agent.type == "host" and agent.product == product]
        single: Counter[Act] = Counter()
        for use, times in uses.items():
            for act in acts(Act(*use), decide_policy(hosts[0]) if hosts else {})[0]:
                single[act] += times
        world.uses[product] = _commands(single)
        for agent in hosts:
            _mark(agent, world, list(single), len(sessions))


def _mark(agent: Agent, world: World, single: list[Act], sessions: int) -> None:
    policy = decide_policy(agent)
    for grant in rules_of(agent, world):
        if grant.decision == "allow" and grant.rank == "rule" and grant.state == "effective" and _is_seen(grant):
            grant.used = any(_covers(grant, act, policy) for act in single)
            grant.sessions = float(sessions)


def _is_seen(grant: Grant) -> bool:
    """A use of it would stand in a session as an act that can be matched."""
    return grant.scope is not None and (grant.capability in ("exec.shell", "fs.read", "fs.write", "net.egress") or bool(grant.server))


def _covers(grant: Grant, act: Act, policy: Policy) -> bool:
    return speaks(grant, act, policy, guard=False) is not Answer.NO


def _commands(single: Counter[Act]) -> list[str]:
    """Commands that were used again and again, most used first; `head sub *` for several that begin alike."""
    texts = Counter[str]()
    for act, times in single.items():
        if act.sort == "command":
            texts[act.stripped[-1] if act.stripped else act.text] += times
    families: dict[str, list[str]] = {}
    for text in texts:
        families.setdefault(" ".join(text.split()[:2]), []).append(text)
    wide = {start for start, members in families.items()
            if len(members) >= FAMILY and " " in start and is_example(start, tail=True)}
    found = Counter({f"{start} *": sum(texts[text] for text in families[start]) for start in wide})
    found.update({text: times for text, times in texts.items() if times >= TWICE and " ".join(text.split()[:2]) not in wide
                  and is_example(text)})
    return [text for text, _ in sorted(found.items(), key=lambda each: (-each[1], each[0]))]


def examples(world: World, grant: Grant) -> Iterable[str]:
    """Commands of the sessions that a grant covers; those with a star only where the product writes them so."""
    found = [text for text in world.uses.get(grant.root.product, ())
             if grant.scope is not None and grant.scope.matches(text.removesuffix(" *")) is Answer.YES]
    return found[:MOST]
