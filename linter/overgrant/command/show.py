"""Show the agents of a tree and their power."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from overgrant.command._common import beside, gather
from overgrant.command._session import Choice, configured, open_session

if TYPE_CHECKING:
    from overgrant.model import Agent, Fact

KINDS = ("grant", "server", "hook", "limit", "control", "containment", "delegation", "launch")
MOST = 40


@click.command("show", short_help="Show the agents and what each may do, without judging.")
@click.argument("paths", nargs=-1, metavar="[PATH…]")
@click.option("--agent", "name", help="Only this agent.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@configured
@click.option("--user", is_flag=True, help="With the configuration of this user and of an administrator, outside the tree.")
@click.option("--all", "every", is_flag=True, help="Show every statement, not the first ones of each kind.")
def command(choice: Choice, paths: tuple[str, ...], name: str | None, style: str, user: bool, every: bool) -> None:
    """Show the agents below PATH and what each may do, without judging it."""
    from overgrant.run import analyse

    session = open_session(choice)
    world = analyse(gather(paths, excludes=session.config.excludes, user=user).inputs, session.plan, find=beside).world
    agents = [_agent(agent) for agent in world.agents if name in (None, agent.name, agent.title)]
    if name is not None and not agents:
        known = ", ".join(f"`{agent.title}`" for agent in world.agents) or "none"
        raise click.UsageError(f"There is no agent `{name}` here. Agents here: {known}.")
    if style == "json":
        click.echo(json.dumps({"version": 1, "agents": agents}, indent=2))
    elif not agents:
        click.echo("no agents: no agent configuration found")
    else:
        click.echo("\n\n".join(_text(agent, len(agents) if every else MOST, every) for agent in agents))


def _agent(agent: Agent) -> dict[str, Any]:
    """An agent as plain data; what it may do by kind, in the order of its files."""
    held: dict[str, Any] = {
        "agent": agent.title, "name": agent.name, "product": agent.product, "root": agent.root.path,
        "kind": agent.type, "tier": agent.tier, "attended": agent.attended, "mode": agent.mode or None,
        "started_by": agent.started_by or None, "tools_from": agent.tools_from or None,
        "contained": agent.containment.effective if agent.containment is not None else None}
    for kind in KINDS:
        facts = [_fact(fact) for fact in agent.facts if fact.kind == kind and fact.path]
        if facts:
            held[f"{kind}s"] = facts
    return held


def _fact(fact: Fact) -> dict[str, Any]:
    from overgrant.model import FIELDS

    span = fact.span()
    said = {name: getattr(fact, name.replace("-", "_"), None) for name in FIELDS[fact.kind]}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()
             if isinstance(value, (str, bool, int, float, tuple)) and value not in ("", ())}
    for name in ("product", "format", "explicit"):
        plain.pop(name, None)
    return {"path": fact.path, "line": span.begin[0] if span is not None else 1, **plain}


def _text(agent: dict[str, Any], most: int, every: bool) -> str:
    from overgrant.template import safe

    about = [f"{agent['product']} {agent['kind']}"]
    about += [f"mode {agent['mode']}"] if agent["mode"] else []
    about += ["nobody watches"] if agent["attended"] is False else []
    about += ["in a sandbox"] if agent["contained"] else []
    lines = [safe(f"{agent['agent']}: {', '.join(about)}")]
    for decision in ("allow", "model-reviewed", "ask", "deny"):
        grants = [each for each in agent.get("grants", ()) if each.get("decision") == decision]
        lines += _rows(decision, [(_grant(each), each) for each in grants], most, every)
    for kind in KINDS[1:]:
        lines += _rows(kind, [(_words(kind, each) + _state(each), each) for each in agent.get(f"{kind}s", ())],
                       most, every)
    return "\n".join(lines)


def _rows(word: str, rows: list[tuple[str, dict[str, Any]]], most: int, every: bool) -> list[str]:
    from overgrant.template import clean, safe

    out = [f"  {word if not number else '':14} {clean(text)}  {safe(each['path'])}:{each['line']}"
           for number, (text, each) in enumerate(rows if every else rows[:most])]
    return out if every or len(rows) <= most else [*out, f"  {'':14} and {len(rows) - most} more (--all)"]


def _state(fact: dict[str, Any]) -> str:
    state = fact.get("state", "effective")
    return "" if state == "effective" else f", {state}: {fact.get('why', '')}".rstrip(": ")


def _grant(fact: dict[str, Any]) -> str:
    return f"{fact.get('text', '')} ({fact.get('capability', '')}{_state(fact)})"


def _words(kind: str, fact: dict[str, Any]) -> str:
    names = {"server": ("name", "command", "url"), "hook": ("event", "command"), "limit": ("dimension", "amount"),
             "control": ("what", "text"), "containment": ("type",), "delegation": ("to",), "launch": ("command",)}[kind]
    return " ".join(str(fact[name]) for name in names if name in fact)
