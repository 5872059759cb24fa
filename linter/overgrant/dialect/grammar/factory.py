"""Factory Droid: lists of commands, and the tools of its subagents.

Sources: docs.factory.ai/droid-cli/settings and docs.factory.ai/cli/configuration/custom-droids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.dialect.catalogue import policy
from overgrant.dialect.grammar import whole
from overgrant.scope import command_prefix, everything, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]


def command(value: Value, context: Context) -> list[Fields]:
    """One entry of `commandAllowlist` or `commandDenylist`: a command, or what one begins with."""
    text = value.text.strip()
    shared: Fields = {"text": text, "tool": "Execute", "capability": "exec.shell"}
    if text in ("*", ""):
        return [{**shared, "scope": everything("command"), "breadth": "all", "literal": "", "open_tail": True}]
    bare = text.rstrip("*").rstrip()
    return [{**shared, "scope": command_prefix(bare, boundary=True), "literal": bare, "open_tail": True}]


def tools(value: Value, context: Context) -> list[Fields]:
    """One tool, or a group of tools, that a subagent has."""
    text = value.text.strip()
    names = policy("factory")["groups"].get(text, [text])
    own = [name for each in names for name in whole.matching("factory", each)]
    if not own:
        return [{"text": text, "tool": text, "scope": tool_glob(text), "breadth": "exact"}]
    return [{**whole.grant("factory", name), "text": text} for name in own]


