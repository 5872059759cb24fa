"""Devin CLI: permission rules, `Exec(prefix)`, `Read(glob)`, `Write(glob)`, `Fetch(pattern)`, a tool's name, `mcp__server__tool`.

Source: docs.devin.ai/cli/reference/permissions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar import whole
from overgrant.pattern import later
from overgrant.scope import Scope, command_glob, command_prefix, everything, host_glob, path_glob, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_RULE = later(r"(Exec|Read|Write|Fetch)\((.*)\)", re.DOTALL)
_NOT = "it is no `Exec(…)`, `Read(…)`, `Write(…)`, `Fetch(…)`, tool or `mcp__server__tool`"


def rule(value: Value, context: Context) -> list[Fields]:
    """One entry of `permissions.allow`, `deny` or `ask`."""
    text = value.text.strip()
    if text.startswith("mcp__"):
        return [{"text": text, **_server(text)}]
    found = _RULE.fullmatch(text)
    if found is not None:
        return [{"text": text, "tool": found[1], **_scoped(found[1], found[2].strip())}]
    if (name := next(iter(whole.matching("devin", text)), "")):
        return [{"text": text, **whole.grant("devin", name), "tool": name}]
    close = next((name for name in ("Exec", "Read", "Write", "Fetch") if text.lower().startswith(f"{name.lower()}(")), "")
    return [{"text": text, "capability": "", "state": "malformed", "why": _NOT, "suggestion": close + text[len(close):] if close else ""}]


def tool(value: Value, context: Context) -> list[Fields]:
    """One tool of a subagent's `allowed-tools`; a name that is none of the product's own is kept as it is."""
    text = value.text.strip()
    own = list(whole.matching("devin", text))
    if not own:
        return [{"text": text, **(_server(text) if text.startswith("mcp__") else {"tool": text, "scope": tool_glob(text)})}]
    return [{**whole.grant("devin", name), "text": text} for name in own]


def _server(text: str) -> Fields:
    server, _, tool = text.removeprefix("mcp__").partition("__")
    tool = tool or "*"
    return {"capability": "", "server": server, "tool": tool, "scope": tool_glob(f"mcp__{server}__{tool}"),
            "breadth": "family" if tool == "*" else "prefix" if "*" in tool else "exact"}


def _scoped(kind: str, inner: str) -> Fields:
    if kind == "Exec":
        return {"capability": "exec.shell", **_command(inner)}
    if kind == "Fetch":
        host = re.fullmatch(r"(?:https?://)?([\w.*-]+)(?::\d+)?(/.*)?", inner)
        if inner.strip("*") in ("", "http://", "https://"):
            return {"capability": "net.egress", "scope": everything("host"), "breadth": "all"}
        scope = host_glob(host[1]) if host is not None else Scope("host", inner, "it is no address")
        return {"capability": "net.egress", "scope": scope}
    capability = "fs.read" if kind == "Read" else "fs.write"
    if inner in ("", "*", "**", "**/*"):
        return {"capability": capability, "scope": path_glob("**", base="."), "breadth": "tree"}
    return {"capability": capability, "scope": path_glob(inner, base=".", anchor_anywhere="/" not in inner)}


def _command(inner: str) -> Fields:
    if inner in ("", "*", "**"):
        return {"scope": everything("command"), "breadth": "all", "literal": "", "open_tail": True}
    if "*" in inner:
        return {"scope": command_glob(inner, space_star_boundary=True), "literal": inner.partition("*")[0], "open_tail": True}
    return {"scope": command_prefix(inner, boundary=True), "literal": inner, "open_tail": True}
