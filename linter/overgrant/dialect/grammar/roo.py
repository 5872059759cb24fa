"""Roo Code: prefixes of commands, and the tool groups of its modes.

Sources: RooCodeInc/Roo-Code src/core/auto-approval/commands.ts (a prefix without regard to case or word
boundary; the longest of both lists wins, deny when they are equally long) and docs.roocode.com/features/custom-modes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar import whole
from overgrant.pattern import later
from overgrant.scope import command_prefix, everything
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_GROUPS = {"read": "fs.read", "edit": "fs.write", "command": "exec.shell"}
_ENDING = later(r"\\\.(?:[\w?]{1,40}|\([\w|?:()]{1,200}\))$")


def command(value: Value, context: Context) -> list[Fields]:
    """One entry of `allowedCommands` or `deniedCommands`: what a command begins with, or `*`."""
    text = value.text.strip()
    shared: Fields = {"text": text, "capability": "exec.shell", "tool": "command"}
    if text == "*":
        return [{**shared, "scope": everything("command"), "breadth": "all", "literal": "", "open_tail": True}]
    return [{**shared, "scope": command_prefix(text, boundary=False, ignore_case=True), "literal": text, "open_tail": True}]


def missing(value: Value, context: Context) -> list[Fields]:
    """The slug of a mode: tools of a group that the mode does not list are not there at all."""
    mode = value.parent
    groups = mode.get("groups") if mode is not None else None
    if groups is None or groups.kind != "list":
        return []
    named = {(item.items[0] if item.kind == "list" and item.items else item).text for item in groups.items
             if item.kind in ("str", "list")}
    return [{"text": name, "tool": name, "capability": capability, "scope": whole.scope_of(capability), "breadth": "all"}
            for name, capability in _GROUPS.items() if name not in named]


def files(value: Value, context: Context) -> list[Fields]:
    """`fileRegex` of the group `edit`: an expression that is found anywhere in a path, unless it is anchored."""
    text = value.text
    if not _ENDING.search(text):
        return []
    return [{"text": text, "state": "malformed", "suggestion": f"{text}$",
             "why": "it is not anchored at the end, so it also matches a name that goes on, such as one that ends in `.sh`"}]
