"""Continue: policies of its command line, `Tool` or `Tool(pattern)`; blocks of its hub.

Sources: docs.continue.dev/cli/tool-permissions; continuedev/continue extensions/cli/src/permissions/permissionChecker.ts
(a star crosses everything, the pattern is of the whole line) and precedenceResolver.ts (exclude, ask, allow in this order).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar import whole
from overgrant.scope import command_exact, command_glob, everything, path_glob, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_GIVES = "every command, edit and server's tool runs without asking"


def rule(value: Value, context: Context) -> list[Fields]:
    """One entry of `allow`, `ask` or `exclude`."""
    text = value.text.strip()
    above = str(value.parent.key) if value.parent is not None else ""
    if text == "*":
        found: list[Fields] = [{"text": "*", "tool": "*", "capability": "", "scope": everything("tool"), "breadth": "all"}]
        if above == "allow":
            found.append({"@kind": "setting", "name": "allow", "text": "*", "meaning": "approvals-off", "gives": _GIVES})
        return found
    split = re.fullmatch(r"(\w{1,60})\((.{1,2000})\)", text, re.DOTALL)
    name = split.group(1) if split is not None else text
    own = [each for each in whole.matching("continuedev", name) if whole.tools("continuedev")[each]["capability"]]
    if not own:
        server, _, tool = text.removeprefix("mcp__").partition("__")
        return [{"text": text, "server": server if tool else "", "tool": tool or text, "scope": tool_glob(text),
                 "breadth": "prefix" if "*" in text else "exact"}]
    if split is None:
        return [{**whole.grant("continuedev", each), "text": text} for each in own]
    return [{"text": text, "tool": own[0], **_part(whole.tools("continuedev")[own[0]]["capability"], split.group(2))}]


def _part(capability: str, pattern: str) -> Fields:
    if capability == "exec.shell":
        wild = "*" in pattern or "?" in pattern
        return {"capability": capability, "literal": pattern.partition("*")[0].partition("?")[0], "open_tail": wild,
                "scope": command_glob(pattern, space_star_boundary=False) if wild else command_exact(pattern)}
    if capability.startswith("fs."):
        return {"capability": capability, "scope": path_glob("**" if pattern == "*" else pattern, base=".")}
    return {"capability": capability, "scope": whole.scope_of(capability)}


def block(value: Value, context: Context) -> list[Fields]:
    """`uses: owner/name` of a server's block: code that the hub serves, in the version that it has at the moment."""
    name, _, version = value.text.partition("@")
    if name.startswith(("file:", ".", "/")):
        return []
    return [{"name": name, "type": "extension", "package": name, "version": version, "ecosystem": "other", "source": "registry",
             "pin": "exact" if version and version != "latest" else "latest"}]
