"""Power: protective statements that protect nothing, dead statements, and who gets past a deny."""

from __future__ import annotations

from typing import Any

from overgrant.model import BREADTHS, Agent, Control, Grant, World
from overgrant.power.action import READ, WRITE
from overgrant.power.merge import decide_policy, rules_of
from overgrant.power.reach import opens
from overgrant.scope import Answer, covers

_DEAD = ("ignored", "malformed", "misspelt")
_OUTRANKS = {"deny": ("ask", "allow"), "ask": ("allow",)}
_MOST_GUARDS = 200
_MOST_WIDE = 20  # of the widest statements only the last ones are compared: a hostile file may hold thousands


def derive(world: World) -> None:
    """Mark duplicates and what another statement decides first; turn dead guards into controls."""
    for agent in world.agents:
        rules = [grant for grant in rules_of(agent, world) if grant.rank == "rule"]
        own = [grant for grant in rules if grant.agent is agent]
        _twins(own)
        policy = decide_policy(agent)
        ordered = [grant for grant in own if _engine(grant, policy) == "last-match"]
        _shadow(rules, {id(grant) for grant in own if _engine(grant, policy) == "deny-ask-allow"})
        if ordered:
            _overtaken(ordered, str(policy.get("every-tool", "")))
        around = [rule for rule in own if rule.decision == "allow" and rule.state == "effective" and opens(rule)]
        for grant in own:
            if grant.decision in ("deny", "ask") and not (around and _is_file_deny(grant) and not _held(agent, grant)):
                _dead(grant, world)
        if around:
            _walked_around([grant for grant in own if _is_file_deny(grant) and not _held(agent, grant)], around[0], world)


def _twins(rules: list[Grant]) -> None:
    """A dead statement beside the one that it should have been loses nothing."""
    said = {(rule.decision, rule.text): rule for rule in rules if rule.state == "effective"}
    for grant in rules:
        if grant.state not in _DEAD or not grant.suggestion:
            continue
        stronger = (decision for decision, weaker in _OUTRANKS.items() if grant.decision in weaker)
        twin = next((said[each, grant.suggestion] for each in (grant.decision, *stronger) if (each, grant.suggestion) in said), None)
        if twin is not None:
            grant.state, grant.by, grant.why = "shadowed", twin, f"`{twin.text}` says it already"


def _engine(grant: Grant, policy: dict[str, Any]) -> str:
    """How statements like this one win over each other."""
    sort = {"fs.write": WRITE, "fs.read": READ}.get(grant.capability, "")
    return str(policy.get("engines", {}).get(sort, policy.get("engine", "")))


def _shadow(rules: list[Grant], wanted: set[int]) -> None:
    """Deny is looked at before ask, ask before allow: a statement that an earlier one covers is dead."""
    held: dict[tuple[str, str, str], list[Grant]] = {}
    for rule in rules:
        if rule.state not in _DEAD and rule.scope is not None:
            held.setdefault((rule.tool, rule.server, rule.scope.language), []).append(rule)
    for alike in held.values():
        guards = [rule for rule in alike if rule.decision in _OUTRANKS]
        # one exact statement covers no other, so a hostile list of thousands is compared with its widest ones only
        wide = sorted((rule for rule in guards if rule.breadth != "exact"), key=lambda rule: -BREADTHS.index(rule.breadth))[:_MOST_GUARDS]
        same = {(rule.decision, rule.text): rule for rule in reversed(guards)}
        earlier: dict[tuple[str, str, str], Grant] = {}
        for grant in alike:
            if id(grant) in wanted and grant.state == "effective":
                _outranked(grant, wide, same)
                if (other := earlier.get((grant.decision, grant.text, grant.path))) is not None:
                    grant.duplicate, grant.by = True, grant.by or other
            earlier[grant.decision, grant.text, grant.path] = grant


def _outranked(grant: Grant, wide: list[Grant], same: dict[tuple[str, str], Grant]) -> None:
    over = [decision for decision in _OUTRANKS if grant.decision in _OUTRANKS[decision]]
    named = [same[decision, grant.text] for decision in over if (decision, grant.text) in same]
    for other in [*named, *(rule for rule in wide if rule.decision in over)]:
        if other.scope is not None and grant.scope is not None and covers(other.scope, grant.scope) is Answer.YES:
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
    _together([grant for grant in rules if grant.decision == "allow" and grant.state == "ignored" and grant.by is not None])


def _together(dead: list[Grant]) -> None:
    """What one later statement overtakes is one mistake, said where that one stands: moving it is the repair."""
    groups: dict[int, list[Grant]] = {}
    for grant in dead:
        groups.setdefault(id(grant.by), []).append(grant)
    for first, *rest in groups.values():
        later = first.by
        if rest and later is not None and later.value is not None:
            first.others, first.why = str(len(rest)), first.why.replace(" it,", " them,")
            first.links = [(grant.value, "has no effect") for grant in (first, *rest) if grant.value is not None]
            for grant in (first, *rest):
                grant.at["state"] = later.value


def _every(grant: Grant, every: str) -> bool:
    return grant.tool == every and not grant.server


def _spans(other: Grant, grant: Grant) -> bool:
    if grant.scope is None or other.scope is None or (other.capability, other.tool) != (grant.capability, grant.tool):
        return False
    return covers(other.scope, grant.scope) is Answer.YES


def _is_file_deny(grant: Grant) -> bool:
    return (grant.decision == "deny" and grant.state == "effective" and grant.capability in ("fs.read", "fs.write")
            and grant.tool != "sandbox")


def _walked_around(denies: list[Grant], opening: Grant, world: World) -> None:
    """Files that are denied and that an approved program reaches: one cause, so one control that names the others."""
    if not denies:
        return
    first, *others = denies
    control = _control(first, world)
    more = f", and so it is with {len(others)} more" if others else ""
    control.state, control.why = "bypassed", f"`{opening.text}` reaches the file through another program{more}"
    control.witness = opening.witness
    control.links = [(grant.value, "does not hold either") for grant in others if grant.value is not None]
    for grant in denies:
        grant.by = opening
    control.by = opening


def _dead(grant: Grant, world: World) -> None:
    """A deny or ask that has no effect is a control of its own."""
    if grant.state != "effective":
        control = _control(grant, world)
        control.state, control.why, control.suggestion, control.by = grant.state, grant.why, grant.suggestion, grant.by


def _control(grant: Grant, world: World) -> Control:
    control = Control(grant.value)
    control.at, control.root, control.tier = dict(grant.at), grant.root, grant.tier
    control.agent, control.order, control.where, control.format = grant.agent, grant.order, grant.where, grant.format
    control.what, control.text, control.suggestion = grant.decision, grant.text, grant.suggestion
    world.facts.append(control)
    return control


def _held(agent: Agent, grant: Grant) -> bool:
    """The sandbox holds the same path, so that no program gets around the rule."""
    box = agent.containment
    if box is None or not box.effective or grant.scope is None:
        return False
    return any(other.tool == "sandbox" and other.scope is not None and other.capability == grant.capability
               and covers(other.scope, grant.scope) is Answer.YES for other in agent.grants)
