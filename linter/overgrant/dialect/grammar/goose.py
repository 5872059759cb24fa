"""Goose: names of tools in permission.yaml, `extension__tool`.

Source: block/goose crates/goose/src/config/permission.rs.
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
    """One tool by its full name; names are compared as they are, so a star matches nothing."""
    text = value.text.strip()
    own = whole.canonical("goose", text)
    if own:
        return [{**whole.grant("goose", own), "text": text}]
    server, _, name = text.partition("__")
    fields: Fields = {"text": text, "server": server if name else "", "tool": name or text, "scope": tool_glob(text), "breadth": "exact"}
    if "*" in text:
        fields.update(state="ignored", why="a star is no pattern here, so it is the name of no tool")
    return [fields]


def extension(value: Value, context: Context) -> list[Fields]:
    """The name of an extension that is part of the product: what its tools can do."""
    return [{"text": value.text, **whole.grant("goose", name)} for name, entry in whole.tools("goose").items()
            if entry.get("extension") == value.text]
