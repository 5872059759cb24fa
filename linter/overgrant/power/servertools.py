"""Power: what a grant over a server's tools gives: the effects of the tools that its pattern covers and the client offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from overgrant.model import Grant, Root, Server, World

if TYPE_CHECKING:
    from overgrant.dialect.grammar.servers import Known

# what a server that is told to be read-only does not do
_CHANGES = frozenset(("writes-files", "deletes-files", "destroys", "publishes", "deploys", "installs", "sends", "changes-permissions",
                      "database-write", "moves-money", "cloud", "runs-code", "persists"))


class Offers:
    """The servers of a world by root and name, and the tools that a client hides of each."""

    def __init__(self, world: World) -> None:
        self.servers: dict[tuple[Root, str], Server] = {}
        self.hidden: dict[int, set[str]] = {}
        for server in world.of("server"):
            if isinstance(server, Server):
                self.servers.setdefault((server.root, server.name), server)
        for grant in world.of("grant"):
            if isinstance(grant, Grant) and grant.decision == "deny" and isinstance(grant.owner, Server):
                self.hidden.setdefault(id(grant.owner), set()).add(grant.tool)


def effects(grant: Grant, offers: Offers) -> None:
    """Fill the effects of a grant over the tools of a server."""
    if isinstance(grant.owner, Server) and not grant.server:
        grant.server = grant.owner.name
    server = offers.servers.get((grant.root, grant.server))
    if server is not None and server.disabled and isinstance(grant.owner, Server) and grant.decision == "allow":
        grant.state, grant.why = "shadowed", "the server is switched off"
    from overgrant.dialect.grammar.servers import known, reads_by_name

    package, host = (server.package, server.host) if server is not None else ("", "")
    entry = known(package=package, image=package, url_host=host, name=grant.server) if grant.server else None
    if grant.tool and "*" not in grant.tool and grant.tool != "oauth scope":
        grant.effects = _of_tool(grant.tool, entry)
    elif entry is not None:
        grant.effects = _of_all(server, entry, offers.hidden.get(id(server), set())) or ("reads-data",)
    elif grant.server and reads_by_name(grant.server, host):
        grant.effects = ("reads-data",)


def _of_tool(tool: str, entry: Known | None) -> tuple[str, ...]:
    from overgrant.dialect.grammar.tools import effects_of_name

    known = entry.tool(tool) if entry is not None else None
    if known is not None:
        return known or ("reads-data",)
    return tuple(effects_of_name(tool)[0])


def _of_all(server: Server | None, entry: Known, hidden: set[str]) -> tuple[str, ...]:
    """The effects of a whole server, without those of tools that the client hides or does not take."""
    if server is None:
        return entry.effects
    if server.offers and not any("*" in each for each in server.offers):
        return tuple(dict.fromkeys(effect for tool in server.offers for effect in _of_tool(tool, entry)))
    left = tuple(effect for effect in entry.effects if not entry.only_by(effect, hidden))
    return tuple(effect for effect in left if effect not in _CHANGES) if server.read_only else left
