"""Reader: TOML."""

from __future__ import annotations

from overgrant.read.base import Limits
from overgrant.text import Source
from overgrant.value import Document


def parse(source: Source, limits: Limits) -> Document:
    """The document of a source."""
    return Document(source, None)
