"""Cursor: entries of the command line's permissions and of the lists of what runs by itself.

Sources: cursor.com/docs/cli/reference/permissions and cursor.com/docs/reference/permissions. `Shell(x)` means the
program, so `Shell(git)` is every command of git; `Shell(curl:*)` names its arguments behind a colon.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from overgrant.pattern import later
from overgrant.scope import command_glob, command_prefix, everything, host_glob, path_glob, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_ENTRY = later(r"([A-Za-z]+)\((.*)\)", re.DOTALL)
_TOOLS = {"shell": "Shell", "read": "Read", "write": "Write", "webfetch": "WebFetch", "mcp": "Mcp"}


def entry(value: Value, context: Context) -> list[Fields]:
    """One entry of `permissions.allow` or `permissions.deny`."""
    text = value.text.strip()
    found = _ENTRY.fullmatch(text)
    if found is None or found[1] not in _TOOLS.values():
        close = _TOOLS.get(found[1].lower(), "") if found is not None else ""
        return [{"text": text, "capability": "", "state": "malformed", "suggestion": text.replace(found[1], close, 1) if found and close
                 else "", "why": "it is none of `Shell(…)`, `Read(…)`, `Write(…)`, `WebFetch(…)` and `Mcp(…)`"}]
    tool, inner = found[1], found[2].strip()
    if tool == "Shell":
        return [{"text": text, "tool": tool, "capability": "exec.shell", **_command(inner), **_line(inner)}]
    if tool == "Mcp":
        return _tools_of(text, inner, value)
    if tool == "WebFetch":
        scope = everything("host") if inner in ("*", "**", "") else host_glob(inner)
        return [{"text": text, "tool": tool, "capability": "net.egress", "scope": scope}]
    return [{"text": text, "tool": tool, "capability": "fs.read" if tool == "Read" else "fs.write", **_path(inner)}]


def _path(inner: str) -> Fields:
    if inner in ("", "**", "*", "**/*"):
        # a relative pattern starts at the workspace
        return {"scope": path_glob("**", base="."), "breadth": "tree"}
    return {"scope": path_glob(inner, base=".", anchor_anywhere="/" not in inner)}


def _command(inner: str) -> Fields:
    base, colon, args = inner.partition(":")
    if base in ("", "*", "**") and args in ("", "*", "**"):
        return {"scope": everything("command"), "breadth": "all", "literal": "", "open_tail": True}
    if colon and args not in ("*", "**"):
        text = f"{base} {args}"
        return {"scope": command_glob(text, space_star_boundary=True), "literal": text.partition("*")[0], "open_tail": "*" in text}
    if "*" in base or "?" in base:
        return {"scope": command_glob(f"{base} *", space_star_boundary=True), "literal": base.partition("*")[0], "open_tail": True}
    return {"scope": command_prefix(base, boundary=True), "literal": base, "open_tail": True}


def _line(inner: str) -> Fields:
    """A line of several commands: each command is compared by itself, so no command is like it."""
    if not any(sign in inner for sign in ("&&", "||", ";", "|")):
        return {}
    return {"state": "malformed", "why": "it is a line of several commands, and an entry names the program of one"}


def listed(value: Value, context: Context) -> list[Fields]:
    """One entry of `terminalAllowlist`: the beginning of a command."""
    return [{"text": value.text, **_command(value.text.strip())}]


def server(value: Value, context: Context) -> list[Fields]:
    """One entry of `mcpAllowlist`: `server:tool`, `server:*`, `*:*`."""
    return _tools_of(value.text, value.text.strip(), value)


def _tools_of(text: str, inner: str, value: Value) -> list[Fields]:
    fields = _server(inner)
    if fields["breadth"] != "all" or value.parent is None or value.parent.key == "deny":
        return [{"text": text, **fields}]
    return [{"text": text, **fields}, {"@kind": "setting", "name": text, "text": text, "meaning": "servers-approved-wholesale"}]


def _server(inner: str) -> Fields:
    name, colon, tool = inner.partition(":")
    if not colon and "," in inner:
        server, _, rest = (part.strip() for part in inner.partition(","))
        return {"capability": "", "tool": inner, "scope": tool_glob(inner), "breadth": "exact", "state": "malformed",
                "suggestion": f"Mcp({server}:{'*' if rest == '**' else rest})", "why": "a colon stands between a server and its tool"}
    tool = tool or "*"
    if name in ("*", "") and tool == "*":
        return {"capability": "", "tool": "*", "scope": everything("tool"), "breadth": "all"}
    return {"capability": "", "server": name, "tool": tool, "scope": tool_glob(f"{name}:{tool}"),
            "breadth": "family" if tool == "*" else "prefix" if "*" in tool else "exact"}


def sandbox(value: Value, context: Context) -> list[Fields]:
    """`insecure_none`: there is no sandbox, whatever stands beside it."""
    return [{"type": "none", "enabled": False}]


def network(value: Value, context: Context) -> list[Fields]:
    """`networkPolicy.default` is `allow`: every host that is not denied."""
    return [{"type": "sandbox", "network": "any", "hosts": ("*",)}]
