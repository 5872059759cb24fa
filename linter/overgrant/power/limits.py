"""Power: bounds, and which of them bound nothing."""

from __future__ import annotations

from overgrant.model import Limit, World


def derive(world: World) -> None:
    """Say of every limit whether it is absurd: so high that it bounds nothing."""
    from overgrant.read.knowledge import load

    absurd = load("limits").get("absurd", {})
    for limit in world.of("limit"):
        if isinstance(limit, Limit):
            bound = absurd.get(limit.dimension)
            limit.absurd = limit.absurd or (
                limit.explicit and limit.amount is not None and bound is not None and limit.amount >= bound)
            limit.origin = limit.origin or ("file" if limit.explicit else "default")
