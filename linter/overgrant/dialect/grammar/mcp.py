"""Tools of servers in the clients' own lists: `tool`, `*`, `server:tool`, `server/*`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.dialect.catalogue import policy
from overgrant.scope import everything, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]


def tool(value: Value, context: Context) -> list[Fields]:
    """One tool of the server around it, or all of them."""
    if _elsewhere(context):
        return []
    text = value.text.strip()
    if text in ("*", "all"):
        return all_tools(value)
    return [{"text": text, "tool": text, "scope": tool_glob(text), "breadth": "prefix" if "*" in text else "exact"}]


def all(value: Value, context: Context) -> list[Fields]:
    """A switch that approves every tool of the server around it."""
    return [] if _elsewhere(context) else all_tools(value)


def _elsewhere(context: Context) -> bool:
    """The product takes approvals of tools from its settings alone, whatever stands beside a server."""
    return bool(policy(context.root.product).get("approvals-in-settings"))


def all_tools(value: Value) -> list[Fields]:
    """Every tool of a server, also those that it offers later."""
    return [{"text": value.text if value.kind == "str" else str(value.key), "tool": "*", "scope": everything("tool"),
             "breadth": "family"}]
