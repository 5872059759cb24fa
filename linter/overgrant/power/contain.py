"""Power: what contains an agent's processes, and whether it holds."""

from __future__ import annotations

from overgrant.model import Containment, World


def derive(world: World) -> None:
    """Say of each containment whether it is effective and what network it leaves."""
    for fact in world.of("containment"):
        if isinstance(fact, Containment):
            _judge(fact, world)


def _judge(box: Containment, world: World) -> None:
    box.weak = tuple(dict.fromkeys((*box.weak, *(
        setting.name for setting in world.beside(box, "setting")
        if getattr(setting, "meaning", "") == "sandbox-weakened" and getattr(setting, "state", "") == "effective"
        and hasattr(setting, "name")))))
    if box.fails_closed is not None:
        box.fails_open = not box.fails_closed
    if box.enabled and not box.network:
        box.network = "any" if "*" in box.hosts else "listed" if box.hosts else "none"
    broad = any(path.strip() in ("/", "//", "~", "~/", "$HOME", "/**", "//**", "~/**") for path in box.writes)
    box.effective = bool(box.enabled) and not box.weak and not box.escape and box.network != "any" and not broad
