"""Say what happens when an agent tries something, and which rule decides."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import click

from overgrant.command._common import beside, gather
from overgrant.command._session import Choice, configured, open_session

if TYPE_CHECKING:
    from overgrant.model import Agent, Fact, World


@click.command("can", short_help="Ask what happens when an agent tries something, and why.")
@click.argument("agent")
@click.argument("action")
@click.option("--root", default=".", show_default=True, help="The directory whose files are the configuration.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--expect", type=click.Choice(["allow", "ask", "deny", "unknown"]), help="Exit 1 on another answer.")
@configured
@click.option("--user", is_flag=True, help="With the configuration of this user and of an administrator, outside the tree.")
@click.option("--unattended", is_flag=True, help="Nobody is there to be asked.")
def command(choice: Choice, agent: str, action: str, root: str, style: str, expect: str | None, user: bool, unattended: bool) -> int:
    """Say what happens when AGENT tries ACTION, and which rule decides.

    \b
    overgrant can claude "npm run build"
    overgrant can claude "read ~/.ssh/id_rsa"
    overgrant can claude "write .claude/settings.json"
    overgrant can claude "fetch https://example.com/x"
    overgrant can claude mcp:github.create_issue
    """
    from overgrant.power.action import parse
    from overgrant.power.decide import decide
    from overgrant.power.merge import decide_policy, rules_of
    from overgrant.power.offered import servers_of
    from overgrant.run import analyse

    try:
        act = parse(action)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None
    os.chdir(root)
    session = open_session(choice)
    inputs = gather((), user=user).inputs
    analysis = analyse([file for file in inputs if not file.example], session.plan, find=beside)
    world = analysis.world
    found = _agent(agent, world)
    if unattended:
        found.attended = False
    policy = decide_policy(found)
    grants = rules_of(found, world)
    answer = decide(found, grants, act, policy, servers_of(found, world))
    assumed = _assumed(found, world) + _broken(found, world)
    also = _around(found, world) if answer.decision in ("deny", "ask") else []
    if style == "json":
        click.echo(json.dumps({
            "version": 1, "agent": found.title, "action": action, "decision": _word(answer.decision),
            "deciding": _fact(answer.grant, answer.why) if answer.grant is not None else None,
            "assumed": assumed, "also": also}, indent=2))
    else:
        _print(found, action, answer.decision, answer.grant, answer.why, assumed, also)
    return int(expect is not None and expect != _word(answer.decision))


def _word(decision: str) -> str:
    return decision if decision in ("allow", "ask", "deny") else "ask" if decision == "model-reviewed" else "unknown"


def _agent(name: str, world: World) -> Agent:
    for agent in world.agents:
        if name in (agent.name, agent.title) and (agent.root.path == "." or name == agent.title):
            return agent
    from overgrant.dialect.catalogue import policy
    from overgrant.model import Agent, Root
    from overgrant.read.knowledge import names

    if policy(name):
        agent = Agent()
        agent.name, agent.product, agent.root = str(policy(name).get("host", name)), name, Root(".", name)
        return agent
    from difflib import get_close_matches

    known = ", ".join(f"`{agent.title}`" for agent in world.agents) or "none"
    close = get_close_matches(name, {*(agent.title for agent in world.agents), *(each.rsplit("/", 1)[-1] for each in names("products"))}, 1)
    hint = f" Did you mean `{close[0]}`?" if close else ""
    raise click.UsageError(f"There is no agent `{name}` here. Agents here: {known}.{hint}")


def _fact(fact: Fact, why: str) -> dict[str, object]:
    span = fact.span()
    return {"path": fact.path, "line": span.begin[0] if span else 1, "text": getattr(fact, "text", ""), "why": why}


def _around(agent: Agent, world: World) -> list[dict[str, object]]:
    """Grants that reach the same by another way: open execution that nothing contains."""
    from overgrant.model import Grant
    from overgrant.power.reach import opens

    if agent.containment is not None and agent.containment.effective:
        return []
    return [_fact(grant, f"`{grant.witness or grant.text}` reaches the same another way") for grant in agent.grants
            if isinstance(grant, Grant) and grant.decision == "allow" and grant.state == "effective"
            and opens(grant)]


def _assumed(agent: Agent, world: World) -> list[str]:
    version = world.assumed.version(agent.product)
    mode = agent.mode or "default"
    from overgrant.dialect.catalogue import policy

    trust = policy(agent.product).get("decide", {}).get("trust", "the folder is trusted")
    return [*([f"{agent.product} {version}"] if version else []), f"mode {mode}", str(trust)]


def _broken(agent: Agent, world: World) -> list[str]:
    """What the product reads nothing of, and what is said above counts all the same."""
    from overgrant.model import Unread

    return [f"`{fact.path}` counts as far as it can be read ({fact.what})" for fact in world.of("unread")
            if isinstance(fact, Unread) and fact.root == agent.root and fact.type == "unreadable"]


def _print(agent: Agent, action: str, decision: str, grant: Fact | None, why: str, assumed: list[str],
           also: list[dict[str, object]]) -> None:
    from overgrant.template import safe

    click.echo(f"{decision}: {safe(agent.title)} {safe(action)}")
    if grant is not None:
        span = grant.span()
        click.echo(f"  {safe(grant.path)}:{span.begin[0] if span else 1}: {safe(why)}")
    else:
        click.echo(f"  {safe(why)}")
    for way in also:
        click.echo(f"  but {safe(str(way['path']))}:{way['line']}: {safe(str(way['why']))}")
    click.echo(safe(f"  assumed: {', '.join(assumed)}"))
