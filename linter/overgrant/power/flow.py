"""Power: what strangers' words reach: an agent that anybody can start, or that reads what anybody writes."""

from __future__ import annotations

from overgrant.model import Agent, Control, Delegation, Flow, Grant, Setting, World
from overgrant.power.merge import rules_of
from overgrant.power.reach import opens

MAX_IMPORTS = 2000
_ORDERS = ("told-to-download", "starts-unasked-agent")  # what a text tells an agent to do in a shell
_MUTATES = ("code.publish", "infra.mutate", "agent.configure")


def derive(world: World) -> None:
    """Fill `sink` and `unattended` of the flows into agents, and say which opened doors lead to nothing."""
    _callers(world)
    _imports(world)
    for agent in world.agents:
        if agent.type == "subagent" and agent.tools_from == "named" and not any(map(_open, agent.grants)):
            for fact in agent.facts:
                if isinstance(fact, Setting) and fact.meaning in _ORDERS:
                    fact.meaning = "order-out-of-reach"
        if agent.type not in ("step", "workflow"):
            continue
        _listed(agent, world)
        reached = sinks(agent, world)
        for fact in agent.facts:
            if isinstance(fact, Flow):
                fact.unattended = agent.attended is False
                fact.sink = fact.sink or ", ".join(reached)
            elif isinstance(fact, Setting) and fact.meaning == "open-actors" and not reached:
                fact.meaning = "open-actors-without-power"
            elif isinstance(fact, Setting) and fact.meaning == "secret-in-job" and not _runs(agent, world):
                fact.meaning = "secret-out-of-reach"
            elif isinstance(fact, Setting) and fact.meaning == "download-and-run" and fact.name == "prompt" and not _shell(agent, world):
                fact.meaning = "download-out-of-reach"


def _callers(world: World) -> None:
    """Who starts a caller starts what it calls, where the called one does not say it itself."""
    order = ("", "owner", "collaborators", "anyone")
    for call in world.of("delegation"):
        if not isinstance(call, Delegation) or call.way != "call" or call.agent is None:
            continue
        base = "" if call.root.path == "." else call.root.path + "/"
        for agent in world.agents:
            if agent.type != "step" or agent.path not in (f"{base}{call.to}", f"{base}{call.to}/action.yml",
                                                          f"{base}{call.to}/action.yaml"):
                continue
            _handed(agent, call.agent)
            who = call.agent.started_by
            guarded = any(isinstance(fact, Control) and fact.what == "guard" for fact in agent.facts)
            if guarded or order.index(who) <= order.index(agent.started_by):
                continue
            agent.started_by = who
            event = call.agent.at.get("started_by")
            if who == "anyone" and event is not None:
                _opened(world, agent, call, str(event.key if isinstance(event.key, str) and event.key != "on" else event.text))

    # a job that only calls is no principal
    world.agents = [agent for agent in world.agents if not agent.facts or agent.key is not None or any(
        not (isinstance(fact, (Delegation, Flow)) and fact.way in ("call", "handed over")) for fact in agent.facts)]


def _handed(agent: Agent, caller: Agent) -> None:
    """A prompt that holds an input holds what the caller puts into it."""
    given = {fact.source for fact in caller.facts if isinstance(fact, Flow) and fact.way == "handed over"}
    for fact in agent.facts:
        if isinstance(fact, Flow) and fact.way == "input" and fact.source in given:
            fact.way = "prompt"


def _imports(world: World) -> None:
    """What a workflow imports is its own, and so is what that imports: tools, hosts; whoever starts it starts that too."""
    order = ("", "owner", "collaborators", "anyone")
    named: dict[str, list[str]] = {}
    importers: dict[int, Agent] = {}
    for call in world.of("delegation"):
        if isinstance(call, Delegation) and call.way == "import" and call.agent is not None:
            named.setdefault(call.path, []).append(call.to)
            importers[id(call.agent)] = call.agent
    by_path: dict[str, list[Agent]] = {}
    for agent in world.agents if named else ():
        by_path.setdefault(agent.path, []).append(agent)
    left = MAX_IMPORTS
    for importer in importers.values():
        borrowed = {id(grant): grant for grant in importer.borrows}
        for path in _below(importer.path, named)[:left]:
            left -= 1
            for agent in by_path.get(path, ()):
                borrowed.update((id(grant), grant) for grant in agent.grants)
                box, other = importer.containment, agent.containment
                if box is not None and other is not None and other.explicit and other.network == "any":
                    box.effective = False
                if order.index(importer.started_by) > order.index(agent.started_by):
                    agent.started_by = importer.started_by
        importer.borrows = tuple(borrowed.values())


def _below(path: str, named: dict[str, list[str]]) -> list[str]:
    """The files that a file imports, directly or through others, without itself."""
    found: dict[str, None] = {}
    todo = list(named[path])
    while todo and len(found) < MAX_IMPORTS:
        here = todo.pop(0)
        if here not in found and here != path:
            found[here] = None
            todo += named.get(here, ())
    return list(found)


def _opened(world: World, agent: Agent, call: Delegation, event: str) -> None:
    flow = Flow(call.value)
    flow.root, flow.tier, flow.format, flow.order, flow.where = agent.root, call.tier, call.format, call.order, call.where
    flow.agent = flow.owner = agent
    flow.source, flow.way = f"`{event}` and the job that calls it here", "trigger"
    agent.facts.append(flow)
    world.facts.append(flow)


def _listed(agent: Agent, world: World) -> None:
    """What a product gives where no list of tools says otherwise is not given where the project's own settings list them."""
    hosts = [host for host in world.agents if host.root == agent.root and host.type == "host"] if agent.product else []
    refused = next((grant for host in hosts for grant in host.grants if grant.decision in ("deny", "ask") and grant.breadth == "all"
                    and grant.capability == "exec.shell" and grant.state == "effective" and grant.rank == "rule"), None)
    for grant in agent.grants if refused is not None else ():
        if grant.rank == "default" and grant.capability == "exec.shell" and not agent.bypasses:
            grant.state, grant.by, grant.why = "shadowed", refused, "the project's own settings refuse it"
    lists = [fact for host in world.agents if host.root == agent.root and host.type == "host" for fact in host.facts
             if isinstance(fact, Control) and fact.what == "tools" and fact.value is not None]
    if not lists:
        return
    from overgrant.dialect.grammar.agentcli import call as tool_rule

    if any(tool_rule(item.text)["capability"] == "exec.shell" and "breadth" in tool_rule(item.text)
                        for fact in lists if fact.value is not None for item in fact.value.items):
        return
    for grant in agent.grants:
        if grant.rank == "default" and grant.capability == "exec.shell" and grant.state == "effective":
            grant.state, grant.by, grant.why = "shadowed", lists[0], f"`{lists[0].text}` lists the tools that there are"


def sinks(agent: Agent, world: World) -> list[str]:
    """The powers of an agent that matter once somebody else speaks to it, in words."""
    runs = _runs(agent, world)
    found = ["any shell command"] if runs else []
    found += [f"`{grant.text}`" for grant in agent.grants if grant.tool == "job token" and grant.capability in _MUTATES
              and (runs or grant.decision == "allow")]
    if runs:
        found += [f"the secret `{fact.text}`" for fact in agent.facts
                  if isinstance(fact, Setting) and fact.meaning == "secret-in-job"]
    return list(dict.fromkeys(found))


def _runs(agent: Agent, world: World) -> bool:
    """It may run programs that do whatever their arguments say, and nothing holds them."""
    if agent.containment is not None and agent.containment.effective:
        return False
    return _shell(agent, world)


def _shell(agent: Agent, world: World) -> bool:
    """By its own statements, those of what it imports, or those of the project's settings, which the run reads too."""
    return any(_open(grant) for grant in (*rules_of(agent, world), *agent.borrows))


def _open(grant: Grant) -> bool:
    return grant.state == "effective" and grant.decision in ("allow", "inherit") and (
        opens(grant) or grant.capability == "exec.shell" and grant.breadth == "all")
