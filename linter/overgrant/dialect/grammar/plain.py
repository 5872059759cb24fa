"""Patterns as most products write them, for formats without a grammar of their own: one pattern in a text.

`*` stands for anything; a text without it is meant as it stands. Organisations' schemas use these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.scope import command_exact, command_glob, everything, host_glob, path_glob, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_ANY = ("*", "**", "all")


def command(value: Value, context: Context) -> list[Fields]:
    """A command line, `*` for anything."""
    text = value.text.strip()
    if text in _ANY:
        return [{"text": text, "scope": everything("command"), "breadth": "all"}]
    if "*" not in text:
        return [{"text": text, "scope": command_exact(text), "literal": text, "open_tail": False}]
    literal = text.split("*", 1)[0].rstrip()
    return [{"text": text, "scope": command_glob(text, space_star_boundary=True), "literal": literal, "open_tail": True}]


def path(value: Value, context: Context) -> list[Fields]:
    """A path below the root, an absolute one or one below `~`, with `*` and `**`; alone, they stand for every file."""
    text = value.text.strip()
    if text in _ANY:
        return [{"text": text, "scope": everything("path"), "breadth": "all"}]
    return [{"text": text, "scope": path_glob(text, base=".")}]


def host(value: Value, context: Context) -> list[Fields]:
    """A host or a pattern over hosts."""
    text = value.text.strip()
    if text in _ANY:
        return [{"text": text, "scope": everything("host"), "breadth": "all"}]
    return [{"text": text, "scope": host_glob(text)}]


def tool(value: Value, context: Context) -> list[Fields]:
    """The name of a tool or a pattern over names."""
    text = value.text.strip()
    return [{"text": text, "tool": text, "scope": everything("tool") if text in _ANY else tool_glob(text)}]
