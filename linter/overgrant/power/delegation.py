"""Power: who can start or hand over to whom, and what that gives which the first one was not given.

An agent that is started with its approvals off may do what its starter may not. An agent that promises to look
only, or is refused the shell, has it again if it can start somebody who has.
"""

from __future__ import annotations

from overgrant.dialect.catalogue import policy
from overgrant.model import Agent, Delegation, Fact, Grant, Hook, Server, World
from overgrant.power.reach import opens
from overgrant.value import Value

# What an agent can do through another: capability → as it is said.
_SAID = {"exec.shell": "run commands", "exec.code": "run code", "fs.write": "change files", "fs.delete": "delete files"}
PROMISES = {"read-only": tuple(_SAID), "no-write": ("fs.write", "fs.delete"), "no-code-change": ("fs.write", "fs.delete"),
             "no-exec": ("exec.shell", "exec.code")}
SAYS = {"read-only": "says that it only reads", "no-write": "says that it changes nothing",
         "no-code-change": "says that it changes no code", "no-exec": "says that it runs nothing"}
_DENIALS = {"exec.shell": "may not run commands", "fs.write": "may not change files"}


def derive(world: World) -> None:
    """Add what starts an agent with its approvals off, and say of every way to another agent what it adds."""
    for fact in list(world.facts):
        if isinstance(fact, (Grant, Hook, Server)) and fact.agent is not None and not fact.agent.bypasses:
            _starts(fact, world)
    for agent in world.agents:
        missing, why, said = _missing(agent)
        if missing:
            _ways(agent, missing, why, said, world)


# --- approvals off ---------------------------------------------------------------------------------


def _starts(fact: Grant | Hook | Server, world: World) -> None:
    line = _line(fact)
    if "-" not in line and "spawns" not in fact.at:
        return  # only an option waives approvals
    from overgrant.dialect.grammar import agentcli

    for product, flag, gives in agentcli.unchecked(line):
        at = fact.at.get("spawns") or fact.at.get("command") or fact.value
        _add(fact, at, world, way="spawn", to=str(policy(product).get("title", product)), witness=flag, exceeds=(gives,))
        return
    if isinstance(fact, Hook) and (place := fact.at.get("spawns")) is not None:
        for product, flag, gives in agentcli.unchecked(place.text):
            _add(fact, place, world, way="spawn", to=str(policy(product).get("title", product)), witness=flag, exceeds=(gives,))
            return


def _line(fact: Grant | Hook | Server) -> str:
    """The command line that the fact lets run, if it is a fixed one."""
    if getattr(fact, "state", "") != "effective":
        return ""
    if isinstance(fact, Server):
        import shlex

        from overgrant.power.servers import words_of

        words = [word.text for word in words_of(fact)]
        return words[0] if len(words) == 1 else shlex.join(words)
    if isinstance(fact, Hook):
        return fact.command
    if fact.decision != "allow" or fact.capability != "exec.shell" or fact.scope is None or fact.breadth == "all" or opens(fact):
        return ""
    return fact.scope.pattern if fact.scope.language == "command" else ""


# --- more than its own ---------------------------------------------------------------------------------


def _missing(agent: Agent) -> tuple[set[str], str, Value | None]:
    """What the agent promises not to do or is refused as a whole, how that is said, and where."""
    own = _powers(agent)
    promised = {each for claim in agent.claims for each in PROMISES.get(claim, ())}
    if promised and not promised & own:
        claim = next(claim for claim in agent.claims if claim in PROMISES)
        return promised, SAYS[claim], agent.at.get("claims")
    refused = [grant for grant in agent.grants if grant.decision == "deny" and grant.breadth == "all"
               and grant.rank == "rule" and grant.state == "effective" and grant.capability in _DENIALS]
    if any(grant.capability == "exec.shell" and grant.state == "effective" and grant.decision in ("allow", "inherit")
           and grant.breadth == "all" for grant in agent.grants):
        # a shell of its own changes files already
        refused = [grant for grant in refused if grant.capability != "fs.write"]
    if agent.type in ("host", "step", "command") or not refused:
        return set(), "", None  # what is refused to a whole run is refused to whomever it starts
    return {grant.capability for grant in refused}, _DENIALS[refused[0].capability], refused[0].value


def _powers(agent: Agent) -> set[str]:
    if agent.tools_from in ("inherited", "all"):
        return set(_SAID)
    return {grant.capability for grant in agent.grants if grant.capability in _SAID and grant.state == "effective"
            and grant.decision in ("allow", "inherit", "ask") and (grant.breadth == "all" or grant.via == "tool")}


def _ways(agent: Agent, missing: set[str], why: str, said: Value | None, world: World) -> None:
    others = {other.name: other for other in world.agents if other.root == agent.root and other is not agent}
    for fact in list(agent.facts):
        if isinstance(fact, Delegation) and not fact.by_code and fact.to in others and (fact.way == "call" or fact.automatic):
            more = _powers(others[fact.to]) & missing
            if more:
                fact.exceeds, fact.why = _words(more), why
                _places(fact, said, next((grant.value for grant in others[fact.to].grants if grant.capability in more), None))
        elif isinstance(fact, Grant) and fact.capability == "agent.spawn" and fact.decision in ("allow", "inherit") and (
                fact.state == "effective" and fact.breadth != "prefix" and "(" not in fact.text):
            general = policy(agent.product).get("general-agent", "")
            more = set(missing) if general else {each for other in others.values() for each in _powers(other)} & missing
            if more:
                added = _add(fact, fact.value, world, way="any", to=general,
                             exceeds=_words(more), why=why)
                _places(added, said, None)


def _places(fact: Delegation, said: Value | None, given: Value | None) -> None:
    if said is not None:
        fact.at["why"] = said
    if given is not None:
        fact.at["exceeds"] = given


def _words(capabilities: set[str]) -> tuple[str, ...]:
    return tuple(said for capability, said in _SAID.items() if capability in capabilities and capability in (
        "exec.shell", "fs.write") or capability in capabilities and len(capabilities) == 1)


def _add(fact: Fact, at: Value | None, world: World, *, way: str, to: str, exceeds: tuple[str, ...], why: str = "",
         witness: str = "") -> Delegation:
    added = Delegation(at)
    added.root, added.tier, added.format, added.where = fact.root, fact.tier, fact.format, fact.where
    added.agent, added.order, added.owner = fact.agent, fact.order, fact
    added.way, added.to, added.exceeds, added.why, added.witness = way, to, exceeds, why, witness
    world.facts.append(added)
    if fact.agent is not None:
        fact.agent.facts.append(added)
    return added
