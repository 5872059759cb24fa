"""Power: all facts → agents with effective power. Nothing here names a product; what a product does is data."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from overgrant.model import Fact, Grant, World
from overgrant.power.merge import Assumptions, merge


def build(facts: list[Fact], assumed: Assumptions | None = None) -> World:
    """The world of one run: facts in order, merged within roots, with everything derived that rules match on."""
    world = merge(facts, assumed or Assumptions())
    for name, needed in _STEPS:
        if needed is None or needed(world):
            import_module(f"overgrant.power.{name}").derive(world)
    return world


def _has(kind: str) -> Callable[[World], bool]:
    return lambda world: any(True for _ in world.of(kind))


def _changes(world: World) -> bool:
    """Some grant changes files by a command or a tool."""
    return any(isinstance(grant, Grant) and not _CHANGES.isdisjoint(grant.effects) for grant in world.of("grant"))


_CHANGES = frozenset(("writes-files", "deletes-files", "destroys"))
# In this order; a step whose facts are not there is not even imported: most runs look at one small file.
_STEPS: tuple[tuple[str, Callable[[World], bool] | None], ...] = (
    ("settings", None), ("claims", lambda world: any(agent.purpose or agent.type != "host" for agent in world.agents)),
    ("contain", None), ("servers", _has("server")), ("commands", None), ("files", None), ("hooks", _has("hook")), ("limits", None),
    ("reach", None),
    ("govern", lambda world: any(agent.containment is not None for agent in world.agents) or _changes(world)),
    ("delegation", None), ("handover", _has("delegation")), ("circles", _has("delegation")), ("flow", None), ("controls", None),
    ("link", lambda world: any(agent.path.endswith((".py", ".ipynb")) for agent in world.agents)), ("instructions", None))
