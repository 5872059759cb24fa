"""Ground: the breadth of the patterns that people write most, read off their text.

The automaton decides the same in some milliseconds; a hook on one file has few of those. A test
holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Sequence

_SIGNS = frozenset("*?[]{}\\!#$%")


def command(pattern: str) -> int | None:
    """0 exact, 1 prefix, 3 family, 4 all, for a command pattern with at most one star, at its end; else None."""
    if "\\" in pattern or pattern != pattern.strip() or not pattern:
        return None
    if "*" not in pattern:
        return 0
    if pattern == "*":
        return 4
    words = pattern.removesuffix("*")
    if "*" in words or not words.strip().isprintable():
        return None
    return 3 if len(words.split()) == 1 else 1


def path(pattern: str, root: Sequence[str], workspace: Sequence[str], anywhere: bool) -> int | None:
    """0 exact, 1 prefix, 2 tree, for a path without signs, with stars in names, or with `/**` at its end; else None.

    `root` are the names of the scope's literal part, `workspace` those of the workspace; `anywhere` says that a bare
    name matches at any depth.
    """
    if pattern in ("**", "./**") and tuple(root) == tuple(workspace):
        return 2
    body = pattern.removesuffix("/**")
    names = body.split("/")
    if _SIGNS & set(body.replace("*", "")) or "**" in body or not root or names[-1].strip("*") in ("", ".", "..", "~"):
        return None
    above = tuple(workspace[:len(root)]) == tuple(root)
    if anywhere and len(names) == 1 and above and len(root) == len(workspace):
        return 1 if body == pattern else None
    if above and "*" not in body or any(":" in name for name in root[:1]) or anywhere:
        return None
    if "*" in body:
        return 1 if body == pattern and not above else None
    return 2 if body != pattern else 0


def tool(pattern: str) -> int | None:
    """0 for a plain name; None for one that may be a server's."""
    return 0 if pattern.replace("_", "a").isalnum() and "__" not in pattern else None
