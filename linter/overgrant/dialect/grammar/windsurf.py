"""Windsurf: commands that run by themselves, and commands that always ask.

Source: docs.windsurf.com/windsurf/terminal#command-auto-execution.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.scope import command_prefix, everything
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]


def command(value: Value, context: Context) -> list[Fields]:
    """One entry of a list: the words that a command begins with."""
    text = value.text.strip()
    shared: Fields = {"text": text, "tool": "terminal", "capability": "exec.shell"}
    if text in ("", "*"):
        return [{**shared, "scope": everything("command"), "breadth": "all", "literal": "", "open_tail": True}]
    return [{**shared, "scope": command_prefix(text, boundary=True), "literal": text, "open_tail": True}]
