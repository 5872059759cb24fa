"""LibreChat: patterns of tools that need approval or none, `mcp:<server>:<tool>` or a tool's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.scope import everything, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]


def rule(value: Value, context: Context) -> list[Fields]:
    """One pattern."""
    text = value.text.strip()
    if text.startswith("mcp:"):
        server, _, tool = text[4:].partition(":")
        tool = tool or "*"
        return [{"text": text, "server": server, "tool": tool, "scope": everything("tool") if tool == "*" else tool_glob(tool),
                 "breadth": "family" if tool == "*" else "prefix" if "*" in tool else "exact"}]
    return [{"text": text, "tool": text, "scope": tool_glob(text)}]
