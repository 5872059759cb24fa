"""Files that facts name: the scripts that hooks run, wherever they lie below the hook's root.

A product's own folder for scripts is in the catalogue; any other script is only known by the command that runs it.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from overgrant.dialect.catalogue import Format, policy
from overgrant.model import Fact, Hook, Root

SCRIPT = "hook-script"


def scripts(facts: Iterable[Fact]) -> list[tuple[Root, str]]:
    """The scripts that hooks run, each with the hook's root: paths from the working directory, none above the root."""
    found: dict[tuple[Root, str], None] = {}
    for fact in facts:
        if isinstance(fact, Hook) and fact.type != "script":
            for script in of(fact):
                path = posixpath.normpath(script)
                if path and not path.startswith(("/", "../", "~", "$")) and path not in ("..", "."):
                    found[fact.root, posixpath.normpath(posixpath.join(fact.root.path, path))] = None
    return list(found)


def of(hook: Hook) -> Iterator[str]:
    """The scripts in a hook's command, as far as its text can say relative to the hook's root."""
    from overgrant.dialect.grammar.launch import every, understand_line

    data = policy(hook.root.product).get("hooks", {})
    for started in understand_line(line_of(hook)):
        for process in every(started):
            if process.script:
                yield inside(process.script, data)


def line_of(hook: Hook) -> str:
    """A hook's command as one line of a shell; a list of words is quoted."""
    said = hook.at.get("command")
    if not hook.command and said is not None and said.kind == "list":
        return shlex.join(word.text for word in said.items)
    return " ".join([hook.command, *(word.text for word in hook.args if word.kind not in ("map", "list"))])


def inside(script: str, data: dict[str, Any]) -> str:
    """A script's path relative to its root; `data` is what the product says about hooks."""
    for name in data.get("roots", ()):
        if script.startswith(name):
            return script[len(name):].lstrip("/")
    return script.removeprefix("./")


@cache
def script_format(product: str) -> Format:
    """How a script that a hook of a product names is read."""
    return Format(product, {"id": SCRIPT, "title": "script that a hook runs", "paths": [], "syntax": "text", "module": "script",
                            "power": False})
