"""Crush: names of tools that need no approval, `tool` or `tool:action`.

Source: charmbracelet/crush internal/permission/permission.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar import whole
from overgrant.scope import tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]


def tool(value: Value, context: Context) -> list[Fields]:
    """One entry of `allowed_tools` or `disabled_tools`; names are compared as they are."""
    text = value.text.strip()
    name = text.partition(":")[0]
    own = whole.canonical("crush", name)
    if own:
        return [{**whole.grant("crush", own), "text": text}]
    server, _, rest = name.removeprefix("mcp_").partition("_") if name.startswith("mcp_") else ("", "", name)
    fields: Fields = {"text": text, "server": server, "tool": rest or name, "scope": tool_glob(name), "breadth": "exact"}
    if "*" in name:
        fields.update(state="ignored", why="a star is no pattern here, so it is the name of no tool")
    return [fields]
