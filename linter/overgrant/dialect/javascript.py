"""JavaScript and TypeScript that register tools: recognised by a look at the bytes, counted, and not read."""

from __future__ import annotations

import re
from functools import cache

MOST = 262_144  # bytes of a file that are looked at


@cache
def _endings() -> tuple[tuple[str, ...], tuple[str, ...]]:
    from overgrant.read.knowledge import load

    data = load("javascript")
    return tuple(data["suffixes"]), tuple(data["skips"])


def is_script(path: str) -> bool:
    """The name of a file says that it holds JavaScript or TypeScript, and no test."""
    suffixes, skips = _endings()
    name = path.lower()
    return name.endswith(suffixes) and not name.endswith(skips)


@cache
def _patterns() -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    from overgrant.read.knowledge import load

    data = load("javascript")
    packages = b"|".join(re.escape(each.encode()) + (rb"[\w./-]{0,80}" if each.endswith("/") else rb"(?:/[\w./-]{0,80})?")
                         for each in data["packages"])
    calls = b"|".join((rb"" if each.startswith(".") else rb"\b") + re.escape(each.encode()) for each in data["calls"])
    return re.compile(rb"""(?:from|import|require\()\s{0,3}["'](?:""" + packages + rb""")["']"""), re.compile(
        rb"(?:" + calls + rb")\s{0,3}(?:<[^>\n]{0,80}>)?\(")


def registers_tools(data: bytes) -> bool:
    """The bytes import a framework and call what makes a tool."""
    package, call = _patterns()
    head = data[:MOST]
    return package.search(head) is not None and call.search(head) is not None


def note(paths: list[str]) -> str:
    """What coverage says of such files."""
    count = len(paths)
    rest = ", ".join(f"`{path}`" for path in paths[1:4]) + (f" and {count - 4} more" if count > 4 else "")
    return f"{count} file{'s' if count != 1 else ''} in JavaScript or TypeScript register{'' if count != 1 else 's'} tools: not read" + (
        f" (also {rest})" if rest else "")
