"""Power: files that govern an agent, reached by other ways than an edit rule.

A command that is approved names one; a server's tool writes where the product itself would ask; a sandbox lets
one be written. A grant that reaches everything is not looked at: what follows from it is said there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from overgrant.dialect.catalogue import policy
from overgrant.dialect.grammar.paths import Touch, foremost, governs, touched
from overgrant.model import Containment, Grant, Server, World
from overgrant.power.files import overruled
from overgrant.power.reach import opens
from overgrant.scope import Answer, Scope, path_glob

if TYPE_CHECKING:
    from overgrant.value import Value

_WRITES = ("writes-files", "deletes-files")
_BESIDE_CACHES = "package-credentials"  # they lie in the folders that every build keeps what it downloads in


def derive(world: World) -> None:
    """Fill `touches`, `governs` and `witness` of command and server grants; add grants for what a sandbox leaves open."""
    for agent in list(world.agents):
        if agent.containment is not None and agent.containment.enabled:
            _sandbox(agent.containment, world)
    for grant in world.of("grant"):
        if not isinstance(grant, Grant) or grant.decision != "allow" or grant.state != "effective":
            continue
        if grant.capability == "exec.shell" and grant.breadth != "all" and not opens(grant):
            _command(grant)
        elif grant.server and not isinstance(grant.owner, Server) and set(grant.effects) & set(_WRITES):
            _server(grant, world)


def _command(grant: Grant) -> None:
    from overgrant.dialect.grammar.targets import touches

    if grant.scope is None or grant.scope.language != "command" or not set(grant.effects) & {*_WRITES, "destroys"}:
        return
    product = grant.root.product
    # a product that decides on redirects by itself does so whatever the command's rule says
    own = policy(product).get("decide", {}).get("redirects") == "written-files"
    found = [touch for touch in touches(grant.scope.pattern, redirects=not own)
             if not overruled(path_glob(touch.example, base="."), product)]
    if (first := foremost(found)) is not None:
        grant.touches = tuple(f"control:{touch.what}" for touch in found)
        grant.governs, grant.witness = governs(first, product), first.example


def _server(grant: Grant, world: World) -> None:
    """A tool that writes below a folder of the server, approved in advance, where the product itself protects a file."""
    product = grant.root.product
    protected = policy(product).get("decide", {}).get("protected", {}).get("paths", ())
    if not protected:
        return
    for root in world.beside(grant, "grant"):
        if not isinstance(root, Grant) or root.server != grant.server or root.tool != "server root" or root.capability != "fs.write":
            continue
        scope = root.scope
        first = foremost(touch for touch in _held(scope) if overruled(path_glob(touch.example, base="."), product)) if scope else None
        if first is None:
            continue
        said = f"rewrite {governs(first, product)} (`{first.example}`), where the product itself would ask"
        if grant.breadth in ("family", "all"):
            grant.implied = [*grant.implied, said]
        else:
            grant.touches, grant.governs, grant.witness = ("walks-around",), governs(first, product), first.example
            if root.value is not None:
                grant.at["governs"] = root.value
        return


def _held(scope: Scope) -> list[Touch]:
    return [touch for touch in touched(scope, held=True) if touch.kind == "control"]


def _sandbox(box: Containment, world: World) -> None:
    """What runs in the sandbox reads and writes these folders without a question."""
    for field in ("writes", "reads"):
        stated = box.at.get(field)
        items = stated.items if stated is not None and stated.kind == "list" else [stated] if stated is not None else []
        for item in items:
            if item.kind == "str" and item.text in getattr(box, field):
                _opened(box, item, field == "writes", world)


def _opened(box: Containment, item: Value, writes: bool, world: World) -> None:
    """One folder of a sandbox: the files that govern it, else the credentials that it is named for."""
    scope = path_glob(item.text.removeprefix("/") if item.text.startswith("//") else item.text, base=".", directory=True)
    if scope.place in ("home", "filesystem"):
        return
    touches = touched(scope, held=False)
    found = [touch for touch in touches if touch.kind == "control"] if writes else []
    first = foremost(touch for touch in found if not overruled(path_glob(touch.example, base="."), box.root.product))
    if first is None:
        found = [touch for touch in touches if touch.kind == "sensitive" and touch.what != _BESIDE_CACHES]
        if not found or scope.place != "elsewhere":
            return
        first = found[0]
    grant = Grant(item)
    grant.root, grant.tier, grant.format, grant.where = box.root, box.tier, box.format, box.where
    grant.agent, grant.order, grant.owner = box.agent, box.order, box
    grant.text, grant.tool, grant.capability, grant.scope = item.text, "sandbox", "fs.write" if writes else "fs.read", scope
    grant.breadth, grant.decision = scope.breadth.name.lower(), "allow"
    grant.touches, grant.witness = tuple(f"{each.kind}:{each.what}" for each in found), first.example
    if first.kind == "control":
        grant.governs = governs(first, box.root.product)
    grant.place = scope.place if scope.place != "unknown" else "elsewhere"
    # it is no rule that decides a call
    grant.rank, grant.state = "default", "effective" if scope.matches(first.example) is not Answer.NO else "ignored"
    world.facts.append(grant)
    if box.agent is not None:
        box.agent.facts.append(grant)
