"""Docker Agent: permission patterns and the names of other agents.

A pattern is `tool`, `tool:argument=glob…` or a glob over tools, and `*` matches anything, `;` and line ends too. An allowed
command that ends in its only `*` is a prefix up to the end of a word, and covers no line of several commands.
Source: github.com/docker/docker-agent pkg/permissions/permissions.go, commandAllowMatches, checked 2026-11-30.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.scope import command_glob, command_prefix, everything, path_glob, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_GATEWAY = ("mcp-", "code-mode")
_FILES = {"read_file": "fs.read", "read_multiple_files": "fs.read", "list_directory": "fs.read", "write_file": "fs.write",
          "edit_file": "fs.write", "create_directory": "fs.write"}


def rule(value: Value, context: Context) -> list[Fields]:
    """One permission pattern."""
    text = value.text.strip()
    tool, _, rest = text.partition(":")
    if tool in ("mcp", "*") or not tool:
        return [_tool(text)] if text != "*" else [_shell(text, "*", allows=True), {"text": text, "tool": "*", "scope": everything("tool")}]
    arguments = dict(part.split("=", 1) for part in rest.split(":") if "=" in part)
    if tool == "shell":
        allows = value.parent is not None and value.parent.key == "allow"
        return [_shell(text, arguments.get("cmd", "*"), allows=allows)]
    if tool in _FILES:
        path = arguments.get("path", "*")
        scope = everything("path") if path == "*" else path_glob(path, base=".")
        return [{"text": text, "tool": tool, "capability": _FILES[tool], "scope": scope}]
    return [_tool(text)]


def _shell(text: str, pattern: str, *, allows: bool) -> Fields:
    if pattern in ("*", "**"):
        return {"text": text, "tool": "shell", "capability": "exec.shell", "scope": everything("command"), "breadth": "all"}
    literal = pattern.removesuffix("*")
    if allows and literal != pattern and not any(sign in literal for sign in "*?[\\"):
        words = literal.rstrip()
        return {"text": text, "tool": "shell", "capability": "exec.shell", "literal": words, "open_tail": True,
                "scope": command_prefix(words, boundary=True, ignore_case=True)}
    scope = command_glob(pattern, space_star_boundary=False)
    return {"whole_line": allows and "*" in pattern, "text": text, "tool": "shell", "capability": "exec.shell", "scope": scope,
            "literal": pattern.split("*", 1)[0].rstrip(), "open_tail": "*" in pattern}


def _tool(text: str) -> Fields:
    found: Fields = {"text": text, "tool": text, "scope": tool_glob(text)}
    if text.startswith(_GATEWAY):
        found["server"] = "MCP_DOCKER"  # the tools by which the gateway changes what it offers have names of their own
    return found


def offered(value: Value, context: Context) -> list[Fields]:
    """A toolset that comes with the product, narrowed by `tools` and `readonly`: what the agent has, asked for unless a rule approves it."""
    if value.parent is not None and (held := value.parent.get("readonly")) is not None and held.data is True:
        return []
    named = value.parent.get("tools") if value.parent is not None else None
    names = {each.text for each in named.items} if named is not None else set()
    if value.text == "shell":
        kept = not names or "shell" in names or "run_background_job" in names
        return [{"text": "shell", "tool": "shell", "capability": "exec.shell", "breadth": "all", "via": "tool",
                 "scope": everything("command")}] if kept else []
    if names and not any(_FILES.get(name) == "fs.write" for name in names):
        return []
    return [{"text": value.text, "tool": value.text, "capability": "fs.write", "breadth": "all", "via": "tool",
             "scope": everything("path")}]


def other(value: Value, context: Context) -> list[Fields]:
    """An agent of this file, or one that is fetched: `owner/name`, with a registry, a tag or a digest, or a URL."""
    text = value.text.strip()
    found: Fields = {"to": text}
    if "/" in text:
        found["remote"] = True
        found["bounded"] = "@sha256:" in text
    return [found]
