"""Power: what a grant over a server's tools gives: the effects of the tools that its pattern covers and the client offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from overgrant.model import Grant, Server, World

if TYPE_CHECKING:
    from overgrant.dialect.grammar.servers import Known

# what a server that is told to be read-only does not do
_CHANGES = frozenset(("writes-files", "deletes-files", "destroys", "publishes", "deploys", "installs", "sends", "changes-permissions",
                      "database-write", "moves-money", "cloud", "runs-code", "persists"))


def effects(grant: Grant, world: World) -> None:
    """Fill the effects of a grant over the tools of a server."""
    if isinstance(grant.owner, Server) and not grant.server:
        grant.server = grant.owner.name
    server = next((each for each in world.beside(grant, "server")
                   if isinstance(each, Server) and each.name == grant.server), None)
    if server is not None and server.disabled and isinstance(grant.owner, Server) and grant.decision == "allow":
        grant.state, grant.why = "shadowed", "the server is switched off"
    from overgrant.dialect.grammar.servers import known, reads_by_name

    package, host = (server.package, server.host) if server is not None else ("", "")
    entry = known(package=package, image=package, url_host=host, name=grant.server) if grant.server else None
    if grant.tool and "*" not in grant.tool and grant.tool != "oauth scope":
        grant.effects = _of_tool(grant.tool, entry)
    elif entry is not None:
        grant.effects = _of_all(grant, server, entry, world) or ("reads-data",)
    elif grant.server and reads_by_name(grant.server, host):
        grant.effects = ("reads-data",)


def _of_tool(tool: str, entry: Known | None) -> tuple[str, ...]:
    from overgrant.dialect.grammar.tools import effects_of_name

    known = entry.tool(tool) if entry is not None else None
    if known is not None:
        return known or ("reads-data",)
    return tuple(effects_of_name(tool)[0])


def _of_all(grant: Grant, server: Server | None, entry: Known, world: World) -> tuple[str, ...]:
    """The effects of a whole server, without those of tools that the client hides or does not take."""
    if server is None:
        return entry.effects
    if server.offers and not any("*" in each for each in server.offers):
        return tuple(dict.fromkeys(effect for tool in server.offers for effect in _of_tool(tool, entry)))
    hidden = {each.tool for each in world.beside(grant, "grant")
              if isinstance(each, Grant) and each.decision == "deny" and each.owner is server}
    left = tuple(effect for effect in entry.effects if not entry.only_by(effect, hidden))
    return tuple(effect for effect in left if effect not in _CHANGES) if server.read_only else left
