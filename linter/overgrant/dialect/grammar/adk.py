"""Agent Development Kit: a tool is the dotted name of something that is imported, so it may be any function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.read.knowledge import load
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_WIDE = {"exec.shell": "shell", "exec.code": "interpreter"}


def tool(value: Value, context: Context) -> list[Fields]:
    """A function that runs whatever it is given, named as a tool; nothing for one that is not known to."""
    name = value.text.strip()
    qualified = name if "." in name else f"builtins.{name}"
    for row in load("sinks")["sinks"]:
        if row["capability"] in _WIDE and qualified in row["names"]:
            return [{"text": name, "tool": name, "capability": row["capability"], "breadth": "all", "runs": _WIDE[row["capability"]]}]
    return []
