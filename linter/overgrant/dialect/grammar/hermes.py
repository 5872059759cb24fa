"""Hermes: modes of approval, patterns of commands, what its container is given.

Source: NousResearch/hermes-agent website/docs/user-guide/security.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar import mount
from overgrant.scope import command_prefix, command_regex
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_SPECIAL = frozenset("\\^$.|+(){}")


def mode(value: Value, context: Context) -> list[Fields]:
    """`approvals.mode`; YAML 1.1 reads `off` as false."""
    text = "off" if value.data is False else value.text
    return [{"name": "approvals.mode", "text": text, "meaning": "mode"}]


def unattended(value: Value, context: Context) -> list[Fields]:
    """`cron_mode` and its like: what happens where nobody can be asked."""
    if value.text != "approve":
        return []
    return [{"name": str(value.key), "text": value.text, "meaning": "approvals-off",
             "gives": "where nobody can be asked, dangerous commands run", "instead": "Write `deny`."}]


def denied(value: Value, context: Context) -> list[Fields]:
    """One entry of `approvals.deny`: a glob over the whole command, without regard to case, in every mode.

    A program that is named without a path is every program of that name.
    """
    text = value.text.strip()
    anywhere = "(?:[^ ]*/)?" if text[:1].isalnum() and "/" not in text.split(" ")[0] else ""
    pattern = anywhere + "".join(".*" if char == "*" else "." if char == "?" else f"\\{char}" if char in _SPECIAL else char for char in text)
    return [{"text": text, "tool": "terminal", "capability": "exec.shell", "scope": command_regex(pattern, "python", True, True)}]


def approved(value: Value, context: Context) -> list[Fields]:
    """One entry of `command_allowlist`: a sort of dangerous command that somebody has approved for good."""
    text = value.text.strip()
    return [{"text": text, "tool": "terminal", "capability": "exec.shell", "scope": command_prefix(text, boundary=True),
             "literal": text, "open_tail": True}]


def volume(value: Value, context: Context) -> list[Fields]:
    """One entry of `terminal.docker_volumes`."""
    return mount.volume(value.text)
