"""Path patterns as in `.gitignore`, for our own files: which paths a configuration or a waiver speaks of.

The patterns come from the scanned tree, so matching takes time in proportion to pattern times path:
parts of a path are matched one by one, and `**` by a table instead of by trying.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase


class Pattern:
    """One pattern.

    text      as written
    negated   it starts with `!`: what it matches is taken out again
    folder    it ends with `/`: it matches directories only, and so what is below them
    anchored  it has a `/` before its end: it starts at the base; otherwise it matches at any depth
    """

    __slots__ = ("anchored", "folder", "negated", "parts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.negated = text.startswith("!")
        body = text.removeprefix("!")
        if body.startswith("\\") and body[1:2] in ("!", "#", " "):
            body = body[1:]
        self.folder = body.endswith("/")
        body = body.rstrip("/")
        self.anchored = "/" in body
        parts = [part.replace("[^", "[!") for part in body.split("/") if part not in ("", ".")]
        if not self.anchored and parts:
            parts.insert(0, "**")
        self.parts = [part for at, part in enumerate(parts) if part != "**" or at == 0 or parts[at - 1] != "**"]

    def matches(self, path: list[str], *, folder: bool) -> bool:
        """The pattern matches exactly this path, given by its parts."""
        if not self.parts or (self.folder and not folder):
            return False
        # here[n] says whether the parts so far match the first n parts of the path
        here = [True] + [False] * len(path)
        for at, part in enumerate(self.parts):
            if part == "**":
                below = at == len(self.parts) - 1 and at > 0  # `a/**` is what is below `a`, not `a`
                reached, row = False, []
                for held in here:
                    row.append(reached if below else reached or held)
                    reached = reached or held
                here = row
            else:
                here = [False] + [held and fnmatchcase(name, part) for held, name in zip(here, path)]
        return here[-1]


def parse(lines: Iterable[str]) -> list[Pattern]:
    """The patterns of some lines; empty ones and comments are left out."""
    return [Pattern(line) for line in map(str.strip, lines) if line and not line.startswith("#")]


def matches(patterns: list[Pattern], path: str) -> bool:
    """Whether patterns match a relative path with `/`, or a directory above it. The last pattern that matches wins."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    for length in range(1, len(parts) + 1):
        folder, held = length < len(parts), False
        for pattern in patterns:
            if pattern.matches(parts[:length], folder=folder):
                held = not pattern.negated
        if held:
            return True
    return False
