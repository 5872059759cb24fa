"""Offers what was probably meant, where the grammar knows it."""

from __future__ import annotations

from collections.abc import Iterator

from overgrant.model import Fact, World
from overgrant.rule import Hit


def check(subject: Fact, world: World) -> Iterator[Hit]:
    """One hit, with the remedy in words."""
    meant = str(getattr(subject, "suggestion", ""))
    yield Hit(words={"instead": f"Write `{meant}`, or remove the rule." if meant else "Remove the rule."})
