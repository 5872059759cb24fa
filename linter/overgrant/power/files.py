"""Power: how far the paths of a grant reach, and which sensitive or governing files they name."""

from __future__ import annotations

from overgrant.dialect.catalogue import policy
from overgrant.model import Agent, Grant, World
from overgrant.scope import Answer, Scope, covers, path_glob

_REACH = {"home": "the home directory", "filesystem": "the filesystem", "workspace": "the workspace"}


def derive(world: World) -> None:
    """Fill `place` and `touches` of every path grant; a grant that the product overrules is ignored."""
    for grant in world.of("grant"):
        if isinstance(grant, Grant) and grant.scope is not None and grant.scope.language == "path":
            _reach(grant)
    for agent in world.agents:
        _once(agent)


def _once(agent: Agent) -> None:
    """A tool without a path says what an open shell says already, and what the one before it in the same file says."""
    contained = agent.containment is not None and agent.containment.effective
    shell = not contained and any(grant.capability == "exec.shell" and grant.breadth == "all" and _stands(grant)
                                  for grant in agent.grants)
    first: dict[tuple[str, str], Grant] = {}
    for grant in agent.grants:
        if grant.via != "tool" or not _stands(grant) or grant.capability not in ("fs.read", "fs.write"):
            continue
        before = first.setdefault((grant.capability, grant.path), grant)
        if before is not grant and grant.value is not None:
            before.links.append((grant.value, "so does this rule"))
        grant.duplicate = True if shell or before is not grant else grant.duplicate


def _stands(grant: Grant) -> bool:
    return grant.decision == "allow" and grant.state == "effective" and grant.rank == "rule"


def _reach(grant: Grant) -> None:
    from overgrant.dialect.grammar.paths import foremost, governs, touched

    scope = grant.scope
    assert scope is not None
    grant.place = "filesystem" if grant.breadth == "all" else scope.place
    grant.reach = _REACH.get(grant.place, "")
    if grant.decision in ("deny", "ask"):
        return
    if grant.capability == "fs.write" and grant.decision == "allow" and _undecided(grant.root.product, scope):
        return
    touches = touched(scope, held=False)
    if grant.tool == "server root" and any(touch.kind == "sensitive" for touch in touches):
        touches = tuple(touch for touch in touches if touch.kind == "sensitive")
    grant.touches = tuple(dict.fromkeys(f"{touch.kind}:{touch.what}" for touch in touches))
    if grant.capability in ("fs.write", "fs.delete") and grant.decision == "allow":
        # what the product itself guards is not in reach of a rule
        touches = tuple(touch for touch in touches if touch.kind != "control" or not overruled(
            path_glob(touch.example, base="."), grant.root.product))
        grant.touches = tuple(dict.fromkeys(f"{touch.kind}:{touch.what}" for touch in touches))
    first = foremost(touches) if grant.capability in ("fs.write", "fs.delete") else None
    grant.governs = governs(first, grant.root.product) if first is not None else ""
    if touches and not grant.witness:
        grant.witness = (first or touches[0]).example
    if grant.decision == "allow" and grant.capability == "fs.write" and _overruled(grant):
        grant.state = "ignored"
        grant.why = "the product asks for every write there, whatever a rule says"


def _undecided(product: str, scope: Scope) -> bool:
    """Whether a rule for these files counts is not known: nothing is said of it."""
    protected = policy(product).get("decide", {}).get("protected", {})
    return any(covers(path_glob(each, base="."), scope) is Answer.YES for each in protected.get("undecided", ()))


def _overruled(grant: Grant) -> bool:
    """Every path of the grant is protected by the product itself."""
    return grant.scope is not None and overruled(grant.scope, grant.root.product)


def overruled(scope: Scope, product: str) -> bool:
    """The product asks for every write of the scope, whatever is granted."""
    protected = policy(product).get("decide", {}).get("protected", {})
    if not any(covers(path_glob(each, base="."), scope) is Answer.YES for each in protected.get("paths", ())):
        return False
    # a folder below that is written like any other makes no rule for the whole useful
    return not any(covers(path_glob(each, base="."), scope) is Answer.YES for each in protected.get("except", ()))
