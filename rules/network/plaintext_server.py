"""Points at the address."""

from __future__ import annotations

from collections.abc import Iterator

from overgrant.model import Fact, World
from overgrant.rule import Hit


def check(subject: Fact, world: World) -> Iterator[Hit]:
    """One hit at the URL."""
    at = subject.at.get("url")
    yield Hit(primary=at.span if at is not None else None)
