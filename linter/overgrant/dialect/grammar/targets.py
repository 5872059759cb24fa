"""Files that a command line writes, moves away or deletes, as far as its arguments and redirects name them.

Which argument of a program is the file is data (`writers` in `knowledge/paths.yaml`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from overgrant.dialect.grammar.paths import Touch, touched

MOST = 40  # commands of one line that are looked at


def touches(line: str, roots: Collection[str] = (), *, redirects: bool = True) -> list[Touch]:
    """The control files that a line changes, in order. `roots` are texts that stand for the workspace's folder."""
    found: list[Touch] = []
    for path in named(line, redirects=redirects):
        found += _touches(_plain(path, roots))
    return list({(touch.what, touch.example): touch for touch in found}.values())


def named(line: str, *, redirects: bool = True) -> Iterator[str]:
    """The paths as written."""
    from overgrant.dialect.grammar.launch import every, understand
    from overgrant.dialect.grammar.shell import parse

    for simple in parse(line).commands[:MOST]:
        if redirects:
            yield from (redirect.target.text for redirect in simple.redirects
                        if redirect.op.lstrip("0123456789&").startswith(">") and not redirect.target.text.isdigit())
        for process in every(understand(simple)):
            yield from _arguments(process.head, [word.text for word in process.argv[1:]])


def _arguments(head: str, words: list[str]) -> Iterator[str]:
    entry = _writers().get(head)
    if entry is None or "needs" in entry and not any(word.startswith(tuple(entry["needs"])) for word in words):
        return
    files = [word for word in words if not word.startswith("-")]
    if entry["files"] == "last":
        yield from files[-1:] if len(files) > 1 else ()
    elif entry["files"] == "after-first":
        yield from files[1:]
    elif entry["files"] == "of":
        yield from (word[3:] for word in words if word.startswith("of="))
    else:
        yield from files


def _plain(path: str, roots: Collection[str]) -> str:
    for home in ("$HOME/", "${HOME}/"):
        path = "~/" + path[len(home):] if path.startswith(home) else path
    for root in roots:
        path = "." + path[len(root):] if path.startswith(root + "/") else path
    return path


def _touches(path: str) -> list[Touch]:
    from overgrant.scope import path_glob

    if not path.strip("*/. ") or path.startswith(("/dev/", "$")) or len(path) > 1000:
        return []
    for folder in (False, True):
        scope = path_glob(path, base=".", directory=folder or path.endswith("/"))
        found = [touch for touch in touched(scope, held=False) if touch.kind == "control"]
        if found:
            return found
    return []


@cache
def _writers() -> dict[str, dict[str, Any]]:
    from overgrant.read.knowledge import load

    return {head: entry for entry in load("paths")["writers"] for head in entry["heads"]}
