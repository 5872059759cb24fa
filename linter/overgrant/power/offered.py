"""Power: which tools of which servers an agent has at all: servers that are switched off, lists that the client takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from overgrant.model import Agent, Grant, Server, World
from overgrant.power.action import TOOL, Act
from overgrant.scope import Answer, everything, tool_glob
from overgrant.value import Value


def servers_of(agent: Agent, world: World) -> list[Server]:
    """The servers that an agent may call: its own and, for everybody but the host, those of its host."""
    return [server for server in world.of("server") if isinstance(server, Server) and server.root == agent.root
            and server.agent is not None and (server.agent is agent or server.agent.type == "host")]


def switch_off(world: World, policies: dict[str, dict[str, Any]]) -> None:
    """Servers that another statement of the same root switches off, or leaves out of the list of those that start."""
    loads = [grant for grant in world.of("grant") if isinstance(grant, Grant) and grant.capability == "tool.load"]
    for server in world.of("server"):
        if not isinstance(server, Server) or not loads:
            continue
        mine = [grant for grant in loads if grant.root == server.root and grant.state == "effective"]
        only = policies.get(server.root.product, {}).get("only-servers", "")
        listed = [grant for grant in mine if grant.where == only] if only else []
        off = next((grant for grant in mine if grant.decision == "deny" and grant.text == server.name), None)
        if off is None and listed and not any(grant.text == server.name for grant in listed):
            off = listed[0]
        if off is not None:
            server.disabled = True
            if off.value is not None:
                server.at.setdefault("disabled", off.value)


def absent(servers: Sequence[Server], grants: Sequence[Grant], act: Act) -> tuple[Grant, str] | None:
    """What keeps a tool from the agent, whatever is approved, and why; None where it has the tool or nobody knows."""
    if act.sort != TOOL:
        return None
    name, _, tool = act.text.partition(".")
    found = [server for server in servers if server.name == name and server.state == "effective"]
    if not found:
        return None
    if all(server.disabled for server in found):
        return _said(found[0], "disabled", name), f"the server `{name}` is switched off"
    for server in found:
        if server.offers and not any(tool_glob(each).matches(tool) is Answer.YES for each in server.offers):
            return _said(server, "offers", ", ".join(server.offers)), f"the client takes only the tools listed of `{name}`"
    hidden = next((grant for grant in grants if grant.decision == "deny" and grant.owner in found and grant.state != "ignored"
                   and grant.scope is not None and grant.scope.matches(tool) is Answer.YES), None)
    return (hidden, f"`{hidden.text}` takes the tool out of the server's list") if hidden is not None else None


def _said(server: Server, field: str, text: str) -> Grant:
    at: Value | None = server.at.get(field) or server.value
    grant = Grant(at)
    grant.root, grant.tier, grant.format, grant.where = server.root, server.tier, server.format, server.where
    grant.text, grant.decision, grant.scope = text, "deny", everything("tool")
    return grant
