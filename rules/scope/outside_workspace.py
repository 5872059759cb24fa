"""Says in words what a broad path reaches, which no template can."""

from __future__ import annotations

from collections.abc import Iterator

from overgrant.model import Fact, World
from overgrant.rule import Hit

REACH = {"home": "the home directory or a folder above the workspace", "filesystem": "the whole filesystem"}
VERB = {"fs.read": "read", "fs.write": "change", "fs.delete": "delete"}


def check(subject: Fact, world: World) -> Iterator[Hit]:
    """One hit, with the reach in words."""
    yield Hit(words={"reach": REACH[getattr(subject, "place", "home")],
                     "verb": VERB[getattr(subject, "capability", "fs.read")]})
