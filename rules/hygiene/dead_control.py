"""Offers what was probably meant, where the grammar knows it."""

from __future__ import annotations

from collections.abc import Iterator

from overgrant.model import Fact, World
from overgrant.rule import Hit


def check(subject: Fact, world: World) -> Iterator[Hit]:
    """One hit, with the remedy in words."""
    meant = str(getattr(subject, "suggestion", ""))
    lock = getattr(subject, "what", "") == "lock"
    instead = f"Write `{meant}`." if meant else (
        "Set it in the managed settings of the organisation." if lock else "Write it in the form that the product reads.")
    yield Hit(words={"instead": instead})
