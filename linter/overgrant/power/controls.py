"""Power: protective statements that protect nothing, dead statements, and who gets past a deny."""

from __future__ import annotations

from typing import Any

from overgrant.model import Agent, Control, Grant, World
from overgrant.power.action import READ, WRITE
from overgrant.power.merge import decide_policy, rules_of
from overgrant.power.reach import opens
from overgrant.scope import Answer, covers

_DEAD = ("ignored", "malformed", "misspelt")
_MOST_WIDE = 20  # of the widest statements only the last ones are compared: a hostile file may hold thousands


def derive(world: World) -> None:
    """Mark duplicates and what another statement decides first; turn dead guards into controls."""
    for agent in world.agents:
        rules = [grant for grant in rules_of(agent, world) if grant.rank == "rule"]
        own = [grant for grant in rules if grant.agent is agent]
        policy = decide_policy(agent)
        ordered = [grant for grant in own if _engine(grant, policy) == "last-match"]
        for grant in own:
            if _engine(grant, policy) == "deny-ask-allow":
                _shadow(grant, rules)
        if ordered:
            _overtaken(ordered, str(policy.get("every-tool", "")))
        for grant in own:
            if grant.decision in ("deny", "ask"):
                _guard(agent, grant, own, world)


def _engine(grant: Grant, policy: dict[str, Any]) -> str:
    """How statements like this one win over each other."""
    sort = {"fs.write": WRITE, "fs.read": READ}.get(grant.capability, "")
    return str(policy.get("engines", {}).get(sort, policy.get("engine", "")))


def _shadow(grant: Grant, rules: list[Grant]) -> None:
    if grant.state != "effective" or grant.scope is None:
        return
    for other in rules:
        if other is grant or other.state in _DEAD or other.scope is None or other.tool != grant.tool:
            continue
        if other.scope.language != grant.scope.language or other.server != grant.server:
            continue
        if other.decision == grant.decision:
            if other.text == grant.text and other.path == grant.path and other.order < grant.order:
                grant.duplicate, grant.by = True, other
            continue
        outranks = ("deny", "ask", "allow").index
        if other.decision in ("deny", "ask") and grant.decision in ("ask", "allow") and \
                outranks(other.decision) < outranks(grant.decision) and covers(other.scope, grant.scope) is Answer.YES:
            grant.state, grant.by = "shadowed", other
            grant.why = f"`{other.text}` is decided first and covers it"
            return


def _overtaken(rules: list[Grant], every: str) -> None:
    """Where the last match wins, a statement is dead that a later one covers."""
    wide = [grant for grant in rules if grant.scope is not None and grant.state not in _DEAD and (
        grant.breadth != "exact" or _every(grant, every))][-_MOST_WIDE:]
    for grant in rules:
        later = next((other for other in wide if other.order > grant.order and other.decision != grant.decision
                      and (_every(other, every) or _spans(other, grant))), None)
        if later is not None and grant.state == "effective":
            grant.state, grant.by = "ignored", later
            grant.why = f"`{later.text}` stands after it, and the last match wins"


def _every(grant: Grant, every: str) -> bool:
    return grant.tool == every and not grant.server


def _spans(other: Grant, grant: Grant) -> bool:
    if grant.scope is None or other.scope is None or (other.capability, other.tool) != (grant.capability, grant.tool):
        return False
    return covers(other.scope, grant.scope) is Answer.YES


def _guard(agent: Agent, grant: Grant, rules: list[Grant], world: World) -> None:
    """A deny or ask that has no effect, or that another grant walks around, is a control of its own."""
    state, why, witness = grant.state, grant.why, ""
    if state == "effective" and grant.decision == "deny" and grant.capability in ("fs.read", "fs.write"):
        around = next((other for other in rules if other.decision == "allow" and other.state == "effective"
                       and opens(other) and not _held(agent, grant)), None)
        if around is not None and grant.tool != "sandbox":
            grant.by = around
            state, why = "bypassed", f"`{around.text}` reaches the file through another program"
            witness = around.witness
    if state == "effective":
        return
    control = Control(grant.value)
    control.at, control.root, control.tier = dict(grant.at), grant.root, grant.tier
    control.agent, control.order, control.where, control.format = grant.agent, grant.order, grant.where, grant.format
    control.what, control.text, control.state, control.why = grant.decision, grant.text, state, why
    control.suggestion, control.witness, control.by = grant.suggestion, witness, grant.by
    world.facts.append(control)


def _held(agent: Agent, grant: Grant) -> bool:
    """The sandbox holds the same path, so that no program gets around the rule."""
    box = agent.containment
    if box is None or not box.effective or grant.scope is None:
        return False
    return any(other.tool == "sandbox" and other.scope is not None and other.capability == grant.capability
               and covers(other.scope, grant.scope) is Answer.YES for other in agent.grants)
