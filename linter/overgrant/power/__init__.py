"""Power: all facts → agents with effective power. Nothing here names a product; what a product does is data."""

from __future__ import annotations

from overgrant.model import Fact, World
from overgrant.power.merge import Assumptions, merge


def build(facts: list[Fact], assumed: Assumptions | None = None) -> World:
    """The world of one run: facts in order, merged within roots, with everything derived that rules match on."""
    from overgrant.power import (
        claims,
        commands,
        contain,
        controls,
        delegation,
        files,
        flow,
        govern,
        hooks,
        limits,
        link,
        reach,
        servers,
        settings,
    )

    world = merge(facts, assumed or Assumptions())
    for step in (settings, claims, contain, servers, commands, files, hooks, limits, reach, govern, delegation, flow, controls, link):
        step.derive(world)
    from overgrant.power import instructions

    instructions.derive(world)
    return world
