"""Rules: the difference in power between two trees, by what is in effect and never by text.

What an agent may do in one tree and not in the other is a gain; so is a protection that is gone. An agent is the same one when
its name, product and root are. Losses are the gains of the way back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from overgrant.model import (
    BREADTHS,
    Agent,
    Containment,
    Delegation,
    Fact,
    Flow,
    Grant,
    Hook,
    Launch,
    Limit,
    Secret,
    Server,
    Setting,
    Tool,
    World,
)
from overgrant.rule import SEVERITIES, Finding
from overgrant.scope import Answer, Scope, covers

NETWORKS = {"none": 0, "listed": 1, "": 1, "any": 2}
STARTERS = {"": 0, "owner": 0, "collaborators": 1, "anyone": 2}
DECISIONS = {"ask": 1, "model-reviewed": 2, "allow": 3}
MOST_COMPARED = 40  # patterns of one kind: a hostile file may hold thousands
NOW = "\0"  # in the words for a protection: `now ` when it is new, `no longer ` when it is gone
STRICT = {"model-reviewed": 1, "ask": 2, "deny": 3}


class Power(NamedTuple):
    """One thing that an agent may do, or that holds it.

    kind        `allow`, `server`, `hook` …; a key of `gains` in `knowledge/severity.yaml`
    name        what must be the same to be compared
    level       how much it is; more covers less
    scope       what it extends to, where that is a pattern
    capability  the power, or an empty string
    what        in words, for a person
    """

    kind: str
    name: str
    level: float
    scope: Scope | None
    capability: str
    what: str
    fact: Fact
    witness: str = ""


class Change(NamedTuple):
    """A gain or a loss. `side` says in which of the two trees the place is."""

    agent: str
    capability: str
    what: str
    path: str
    line: int
    side: str
    witness: str
    severity: str


class Side(NamedTuple):
    """One of the two trees: its world, and the findings in it."""

    world: World
    findings: list[Finding]


def gains(base: Side, head: Side) -> list[Change]:
    """What agents may do in `head` and not in `base`, the worst first."""
    return _changes(base, head, ("base", "head"), "no longer ")


def losses(base: Side, head: Side) -> list[Change]:
    """What agents may no longer do."""
    return _changes(head, base, ("head", "base"), "now ")


def _changes(base: Side, head: Side, sides: tuple[str, str], now: str) -> list[Change]:
    before = {_key(agent): agent for agent in base.world.agents}
    after = {_key(agent): agent for agent in head.world.agents}
    found: dict[tuple[Any, ...], Change] = {}
    nobody = Agent()  # what a product gives an agent of which no file speaks
    for key in sorted({*before, *after}):
        old, new = before.get(key, nobody), after.get(key, nobody)
        held = _Held(_powers(old))
        free = held.any_of("uncontained")
        for power in _powers(new):
            if free and power.kind in ("sandbox", "network"):
                continue  # nothing held it before, so what its sandbox lets through is no more
            if not held.cover(power):
                _note(found, new if new is not nobody else old, power, sides[1], head.findings)
        if new is nobody and old.type != "host":
            continue  # the agent is gone, not what held it
        kept = _Held(_controls(new))
        for control in _controls(old):
            if not kept.cover(control):
                _note(found, old, control._replace(what=control.what.replace(NOW, now)), sides[0], ())
    return sorted(found.values(), key=lambda each: (-SEVERITIES.index(each.severity), each.path, each.line, each.what))


def _key(agent: Agent) -> tuple[str, str, str]:
    return agent.root.path, agent.root.product, agent.name


def _note(found: dict[tuple[Any, ...], Change], agent: Agent, power: Power, side: str, findings: Iterable[Finding]) -> None:
    path, line = _place(power.fact, agent)
    change = Change(agent.title, power.capability, power.what, path, line, side, power.witness, _severity(power, findings))
    found.setdefault((change.agent, change.what, path, line), change)


def _severity(power: Power, findings: Iterable[Finding]) -> str:
    said = [finding.severity for finding in findings if finding.fact is power.fact and finding.rule.family != "hygiene"]
    if said:
        return max(said, key=SEVERITIES.index)
    from overgrant.read.knowledge import load

    table = load("severity")["gains"][power.kind]
    return str(table if isinstance(table, str) else table.get(getattr(power.fact, "breadth", ""), table["else"]))


def _covers(old: Power, new: Power) -> bool:
    if (old.kind, old.name) != (new.kind, new.name) or old.level < new.level:
        return False
    if old.scope is None or new.scope is None:
        return old.scope is None and (new.scope is None or old.level > new.level)
    if old.scope.language != new.scope.language:
        return False
    return covers(old.scope, new.scope) is Answer.YES or getattr(old.fact, "text", 0) == getattr(new.fact, "text", 1)


class _Held:
    """What an agent has, to be asked whether it covers something; of many patterns only the widest are compared."""

    def __init__(self, powers: Iterable[Power]) -> None:
        self._by: dict[tuple[str, str], list[Power]] = {}
        for power in powers:
            self._by.setdefault((power.kind, power.name), []).append(power)
        self._same = {(*key, getattr(each.fact, "text", None)): each for key, alike in self._by.items()
                      for each in sorted(alike, key=lambda each: each.level)}
        for key, alike in self._by.items():
            if len(alike) > MOST_COMPARED:
                self._by[key] = sorted(alike, key=lambda each: -BREADTHS.index(getattr(each.fact, "breadth", "") or "all"))[:MOST_COMPARED]

    def any_of(self, kind: str) -> bool:
        """There is something of this kind."""
        return any(key[0] == kind for key in self._by)

    def cover(self, power: Power) -> bool:
        """Something that is there covers this."""
        same = self._same.get((power.kind, power.name, getattr(power.fact, "text", None)))
        return (same is not None and _covers(same, power)) or any(_covers(each, power) for each in self._by.get((power.kind, power.name), ()))


# --- what there is to compare ------------------------------------------------------------------------


def _powers(agent: Agent) -> Iterator[Power]:
    if level := STARTERS.get(agent.started_by, 0):
        yield Power("started-by", "", level, None, "", f"{agent.started_by} can start it", agent)
    if agent.attended is False:
        yield Power("unattended", "", 1, None, "", "nobody watches its runs", agent)
    if agent.tools_from in ("inherited", "all", "rest"):
        yield Power("tools", "", 1, None, "tool.load", "it has every tool that its host has", agent)
    for fact in agent.facts:
        if fact.path or fact.owner is not None:
            yield from _OF[fact.kind](fact) if fact.kind in _OF else ()
    box = agent.containment
    if box is None or not box.effective:
        yield Power("uncontained", "", 1, None, "", "no sandbox holds it", box or agent)
    if box is not None:
        yield from _box(box)


def _grant(fact: Fact) -> Iterator[Power]:
    assert isinstance(fact, Grant)
    if fact.state != "effective" or fact.decision not in DECISIONS or fact.rank == "default":
        return
    level, text = DECISIONS[fact.decision], fact.text or fact.tool
    name = fact.capability if fact.scope is not None else f"{fact.capability} {fact.server} {fact.tool} {text}"
    if fact.decision != "ask":
        how = "without asking" if fact.decision == "allow" else "if a model agrees"
        yield Power("allow", name, level, fact.scope, fact.capability, f"`{text}` {how}", fact, fact.witness)


def _server(fact: Fact) -> Iterator[Power]:
    assert isinstance(fact, Server)
    if fact.disabled or fact.state != "effective":
        return
    runs = fact.url or " ".join([fact.command, *(word.text for word in fact.args)]).strip() or fact.image
    yield Power("server", f"{fact.name} {runs}", 1, None, "tool.load", f"tool server `{fact.name}`" + (f": `{runs}`" if runs else ""), fact)
    if fact.trusted:
        yield Power("server", f"{fact.name} trusted", 1, None, "tool.load", f"every tool of server `{fact.name}` without asking", fact)
    for root in fact.roots:
        yield Power("server", f"{fact.name} root {root}", 1, None, "fs.write", f"server `{fact.name}` may use `{root}`", fact)
    for escape in fact.escapes:
        yield Power("server", f"{fact.name} escape {escape}", 1, None, "exec.shell", f"server `{fact.name}` leaves its container: `{escape}`", fact)


def _hook(fact: Fact) -> Iterator[Power]:
    assert isinstance(fact, Hook)
    if fact.state == "effective" and (fact.command or fact.url):
        runs = fact.command or fact.url
        yield Power("hook", f"{fact.event} {fact.matcher} {runs}", 1, None, "exec.shell", f"`{runs}` runs at {fact.event or 'start'}", fact)


def _limit(fact: Fact) -> Iterator[Power]:
    assert isinstance(fact, Limit)
    unbounded = fact.unbounded or fact.disabled or fact.amount is None
    amount = float("inf") if unbounded else float(fact.amount or 0)
    said = "no bound" if unbounded else f"up to {_amount(amount)}"
    yield Power("limit", fact.name or fact.dimension, amount, None, "", f"{said} on {fact.dimension} (`{fact.name or fact.dimension}`)", fact)


def _amount(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else f"{number:g}"


def _setting(fact: Fact) -> Iterator[Power]:
    assert isinstance(fact, Setting)
    if fact.state == "effective" and fact.gives:
        yield Power("setting", f"{fact.name} {fact.meaning} {fact.text}", 1, None, "", fact.gives, fact)


def _tool(fact: Fact) -> Iterator[Power]:
    assert isinstance(fact, Tool)
    effects = ", ".join(fact.effects)
    yield Power("tool", f"{fact.name} {effects} {fact.consent == 'ask'}", 1, None, fact.capability,
                f"tool `{fact.name}`" + (f" ({effects})" if effects else ""), fact, fact.witness)


def _launch(fact: Fact) -> Iterator[Power]:
    assert isinstance(fact, Launch)
    waived = f" with `{fact.bypass}`" if fact.bypass else ""
    yield Power("launch", f"{fact.product} {fact.bypass}", 1, None, "agent.spawn", f"starts `{fact.product}`{waived}", fact)


def _delegation(fact: Fact) -> Iterator[Power]:
    assert isinstance(fact, Delegation)
    whom = f"`{fact.to}`" if fact.to else "other agents"
    yield Power("delegation", f"{fact.to} {fact.way}", 1, None, "agent.spawn", f"may hand over to {whom}", fact)


def _flow(fact: Fact) -> Iterator[Power]:
    assert isinstance(fact, Flow)
    yield Power("flow", f"{fact.source} {fact.sink}", 0 if fact.gated else 1, None, "input.untrusted", f"{fact.source} reaches {fact.sink}", fact)


def _secret(fact: Fact) -> Iterator[Power]:
    assert isinstance(fact, Secret)
    yield Power("secret", f"{fact.name} {fact.provider}", 1, None, "secret.read", f"a credential in `{fact.name or fact.source}`", fact)


def _box(box: Containment) -> Iterator[Power]:
    yield Power("network", "", NETWORKS.get(box.network, 1), None, "net.egress", "its sandbox lets it reach " + (
        "any host" if box.network == "any" else "the hosts of a list"), box)
    for kind, name, capability, items, said in (
            ("sandbox", "host", "net.egress", box.hosts, "its sandbox lets it reach `{}`"),
            ("sandbox", "write", "fs.write", box.writes, "its sandbox lets it write `{}`"),
            ("sandbox", "out", "exec.shell", box.excluded, "`{}` runs outside its sandbox"),
            ("sandbox", "socket", "exec.shell", box.sockets, "its sandbox lets it use the socket `{}`"),
            ("sandbox", "weak", "", box.weak, "its sandbox is weaker: `{}`")):
        for item in items:
            yield Power(kind, f"{name} {item}", 1, None, capability, said.format(item), box)
    if box.escape:
        yield Power("sandbox", "escape", 1, None, "exec.shell", "it may leave its sandbox by asking", box)


_OF: dict[str, Callable[[Fact], Iterator[Power]]] = {
    "grant": _grant, "server": _server, "hook": _hook, "limit": _limit, "setting": _setting, "tool": _tool, "launch": _launch,
    "delegation": _delegation, "flow": _flow, "secret": _secret}


def _controls(agent: Agent) -> Iterator[Power]:
    """What holds an agent, as far as it holds: rules that refuse or ask, guards, bounds."""
    for fact in agent.facts:
        if isinstance(fact, Grant) and fact.state == "effective" and fact.decision in STRICT and fact.rank != "default":
            name = fact.capability if fact.scope is not None else f"{fact.capability} {fact.server} {fact.tool} {fact.text}"
            said = {"deny": "denied", "ask": "asked for"}.get(fact.decision, "reviewed")
            yield Power("control", name, STRICT[fact.decision], fact.scope, fact.capability, f"`{fact.text}` is {NOW}{said}", fact)
        elif isinstance(fact, Hook) and fact.guard and fact.outcome != "never-blocks" and fact.state == "effective":
            name = f"{fact.event} {fact.matcher} {fact.command}"
            yield Power("guard", name, 1, None, "", f"the guard `{fact.command}` at {fact.event} is {NOW}there", fact)
        elif isinstance(fact, Limit) and fact.explicit and fact.amount is not None and not fact.unbounded and not fact.absurd:
            name = fact.name or fact.dimension
            yield Power("bound", name, 1, None, "", f"the bound `{name}` of {_amount(fact.amount)} is {NOW}there", fact)


# --- one line for each ---------------------------------------------------------------------------------

HELD = "held"  # the capability of a line that says what holds an agent


def lines(world: World) -> dict[str, tuple[str, int]]:
    """Every power and protection of every agent as one line of text, with its place; sorted, so that two runs agree."""
    found: dict[str, tuple[str, int]] = {}
    for agent in world.agents:
        for power in _powers(agent):
            found.setdefault(_line(agent, power.capability or "-", power.what), _place(power.fact, agent))
        for control in _controls(agent):
            found.setdefault(_line(agent, HELD, control.what.replace(NOW, "")), _place(control.fact, agent))
    return dict(sorted(found.items()))


def _line(agent: Agent, capability: str, what: str) -> str:
    from overgrant.template import safe

    return safe("\t".join((agent.title, capability, " ".join(what.split()))).replace("\t", "  "))


def _place(fact: Fact, agent: Agent) -> tuple[str, int]:
    span = next((span for each in (fact, fact.owner, agent, *agent.facts) if each is not None and (span := each.span()) is not None), None)
    return (span.source.path, span.begin[0]) if span is not None else (fact.path, 1)


def drift(locked: Iterable[str], world: World) -> tuple[dict[str, tuple[str, int]], list[str], list[str]]:
    """What a world has beyond what was approved, protections that are gone, and approved powers that are gone.

    What an approved power of the same agent covers is nothing more.
    """
    known, here = set(locked), lines(world)
    more = {line: place for line, place in here.items() if line not in known and f"  {HELD}  " not in line}
    if more:
        for agent in world.agents:
            powers = [(_line(agent, power.capability or "-", power.what), power) for power in _powers(agent)]
            approved = _Held(power for line, power in powers if line in known)
            for line, power in powers:
                if line in more and approved.cover(power):
                    del more[line]
    gone = sorted(known - set(here))
    return more, [line for line in gone if f"  {HELD}  " in line], [line for line in gone if f"  {HELD}  " not in line]
