"""Auggie: one list of rules over tools, of which the first that matches decides.

Source: docs.augmentcode.com/cli/permissions. A rule for `launch-process` may have an expression over the whole line, which
matches anywhere in it unless it is anchored; a server's tool is written `tool_server`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar import whole
from overgrant.dialect.grammar.zed import begin
from overgrant.scope import command_regex, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_DECISIONS = {"allow": "allow", "deny": "deny", "ask-user": "ask", "webhook-policy": "unknown", "script-policy": "unknown"}


def rule(value: Value, context: Context) -> list[Fields]:
    """The `permission.type` of a rule; its tool and its expression stand beside `permission`."""
    entry = value.parent.parent if value.parent is not None else None
    tool = _said(entry, "toolName", "tool-name")
    decision = _DECISIONS.get(value.text)
    if entry is None or tool is None or tool.kind != "str" or decision is None:
        return []
    shared: Fields = {"decision": decision, "text": tool.text, "@value": tool}
    name = next(iter(whole.matching("augment", tool.text)), "")
    if not name:
        made, _, server = tool.text.partition("_")
        return [{**shared, "tool": made, "server": server, "capability": "", "scope": tool_glob(tool.text)}]
    pattern = _said(entry, "shellInputRegex", "shell-input-regex")
    if pattern is None or whole.tools("augment")[name]["capability"] != "exec.shell":
        return [{**shared, **whole.grant("augment", name)}]
    return [{**shared, "tool": name, "capability": "exec.shell", "text": pattern.text, "@value": pattern,
             "scope": command_regex(pattern.text, "js", False, False), **begin(pattern.text, True)[0]}]


def _said(entry: Value | None, *names: str) -> Value | None:
    """A field under the first of its names that is there; files of the first versions write them with hyphens."""
    return next((said for name in names if (said := entry.get(name)) is not None), None) if entry is not None else None
