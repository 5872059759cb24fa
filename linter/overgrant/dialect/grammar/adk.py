"""Agent Development Kit: a tool is the dotted name of something that is imported, so it may be any function.

A name that may be a function of the tree is a reference to its code (`overgrant.dialect.references` follows it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_WIDE = {"exec.shell": "shell", "exec.code": "interpreter"}


def tool(value: Value, context: Context) -> list[Fields]:
    """A function that runs whatever it is given, named as a tool; nothing for one that is not known to."""
    name = value.text.strip()
    from overgrant.read.knowledge import load, names

    qualified = name if "." in name else f"builtins.{name}"
    for row in (row for each in names("sinks") for row in load(each)["sinks"]):
        if row["capability"] in _WIDE and row["form"] != "contained" and qualified in row["names"]:
            return [{"text": name, "tool": name, "capability": row["capability"], "breadth": "all", "runs": _WIDE[row["capability"]]}]
    parts = name.split(".")
    if len(parts) > 1 and len(parts) < 12 and all(part.isidentifier() for part in parts):
        return [{"@kind": "delegation", "to": name, "way": "code"}]
    return []
