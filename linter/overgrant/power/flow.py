"""Power: what strangers' words reach: an agent that anybody can start, or that reads what anybody writes."""

from __future__ import annotations

from overgrant.model import Agent, Flow, Grant, Setting, World
from overgrant.power.reach import opens

_MUTATES = ("code.publish", "infra.mutate", "agent.configure")


def derive(world: World) -> None:
    """Fill `sink` and `unattended` of the flows into agents, and say which opened doors lead to nothing."""
    for agent in world.agents:
        if agent.type not in ("step", "workflow"):
            continue
        reached = sinks(agent)
        for fact in agent.facts:
            if isinstance(fact, Flow):
                fact.unattended = agent.attended is False
                fact.sink = fact.sink or ", ".join(reached)
            elif isinstance(fact, Setting) and fact.meaning == "open-actors" and not reached:
                fact.meaning = "open-actors-without-power"
            elif isinstance(fact, Setting) and fact.meaning == "secret-in-job" and not _runs(agent):
                fact.meaning = "secret-out-of-reach"
            elif isinstance(fact, Setting) and fact.meaning == "download-and-run" and fact.name == "prompt" and not _shell(agent):
                fact.meaning = "download-out-of-reach"


def sinks(agent: Agent) -> list[str]:
    """The powers of an agent that matter once somebody else speaks to it, in words."""
    runs = _runs(agent)
    found = ["any shell command"] if runs else []
    found += [f"`{grant.text}`" for grant in agent.grants if grant.tool == "job token" and grant.capability in _MUTATES
              and (runs or grant.decision == "allow")]
    if runs:
        found += [f"the secret `{fact.text}`" for fact in agent.facts
                  if isinstance(fact, Setting) and fact.meaning == "secret-in-job"]
    return list(dict.fromkeys(found))


def _runs(agent: Agent) -> bool:
    """It may run programs that do whatever their arguments say, and nothing holds them."""
    if agent.containment is not None and agent.containment.effective:
        return False
    return any(_open(grant) for grant in agent.grants)


def _shell(agent: Agent) -> bool:
    return any(_open(grant) for grant in agent.grants)


def _open(grant: Grant) -> bool:
    return grant.state == "effective" and grant.decision in ("allow", "inherit") and (
        opens(grant) or grant.capability == "exec.shell" and grant.breadth == "all")
