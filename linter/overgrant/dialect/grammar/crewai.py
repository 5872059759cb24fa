"""CrewAI: tool servers named by an address in an agent's `mcps`, business applications in its `apps`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.scope import everything, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]


def server(value: Value, context: Context) -> list[Fields]:
    """`https://host/mcp`, with `#tool` for one tool of it; a slug names a server of the vendor's platform."""
    address, _, tool = value.text.partition("#")
    if "://" not in address:
        return []
    name = address.split("://", 1)[1].split("/", 1)[0]
    found: Fields = {"name": name, "url": value.part(0, len(address))}
    if tool:
        found["offers"] = (tool,)
    return [found]


def app(value: Value, context: Context) -> list[Fields]:
    """An application of the vendor's platform with all its actions, or one action: `gmail`, `gmail/send_email`."""
    name, slash, action = value.text.strip().partition("/")
    if slash:
        return [{"text": value.text, "server": name, "tool": action, "scope": tool_glob(action)}]
    return [{"text": name, "server": name, "tool": "*", "scope": everything("tool"), "breadth": "family"}]
