"""Amp: one list of rules, of which the first that matches decides.

Source: ampcode.com/manual/appendix#permissions-configuration. A condition is a glob in which a star is any text, an
expression between slashes, or a list of either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar import whole
from overgrant.scope import Scope, command_exact, command_glob, command_regex, everything, path_glob, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_DECISIONS = {"allow": "allow", "ask": "ask", "reject": "deny", "delegate": "unknown"}
_CONDITIONS = {"exec.shell": ("cmd", "command"), "fs.read": ("path",), "fs.write": ("path",), "net.egress": ("url",)}
_GIVES = "a rule for every tool allows everything that no rule before it names"


def rule(value: Value, context: Context) -> list[Fields]:
    """The `action` of a rule; its tool and its conditions stand beside it."""
    entry = value.parent
    tool = entry.get("tool") if entry is not None else None
    decision = _DECISIONS.get(value.text)
    if entry is None or tool is None or decision is None:
        return []
    shared: Fields = {"decision": decision, "text": tool.text, "@value": tool}
    context_of = entry.get("context")
    if context_of is not None and context_of.text == "subagent":
        shared.update(rank="default", state="shadowed", why="it is for subagents only")
    matches = entry.get("matches")
    conditions = matches.entries if matches is not None and matches.kind == "map" else {}
    if tool.text.strip("*") == "" and not conditions:
        found: list[Fields] = [{**shared, "tool": "*", "capability": "", "scope": everything("tool"), "breadth": "all"}]
        if decision == "allow" and value.key == "action":
            found.append({"@kind": "setting", "@value": tool, "name": "amp.permissions", "text": "*", "meaning": "approvals-off",
                          "gives": _GIVES})
        return found
    own = [each for each in whole.matching("amp", tool.text) if whole.tools("amp")[each]["capability"]]
    if not own:
        return [{**shared, **_server(tool.text), "scope": None if conditions else tool_glob(tool.text)}]
    return [{**shared, **fields} for name in own for fields in _own(name, conditions)]


def listed(value: Value, context: Context) -> list[Fields]:
    """One entry of the older `amp.commands.allowlist`: a command, or a pattern in which a star is any text."""
    text = value.text.strip()
    shared: Fields = {"text": text, "tool": "Bash", "capability": "exec.shell"}
    if text.strip("*") == "":
        return [{**shared, "scope": everything("command"), "breadth": "all", "literal": "", "open_tail": True}]
    if "*" in text:
        return [{**shared, "scope": command_glob(text, space_star_boundary=False), "literal": text.partition("*")[0],
                 "open_tail": text.endswith("*")}]
    return [{**shared, "scope": command_exact(text), "literal": text}]


def _server(text: str) -> Fields:
    server, _, name = text.removeprefix("mcp__").partition("__")
    tool = name or ("*" if text.startswith("mcp__") else text)
    return {"server": server if text.startswith("mcp__") else "", "tool": tool,
            "breadth": "family" if tool == "*" else "prefix" if "*" in tool else "exact"}


def _own(name: str, conditions: dict[str, Value]) -> list[Fields]:
    capability = whole.tools("amp")[name]["capability"]
    if not conditions:
        return [whole.grant("amp", name)]
    known = next((conditions[key] for key in _CONDITIONS.get(capability, ()) if key in conditions), None)
    fields: Fields = {"tool": name, "capability": capability}
    if known is None or len(conditions) > 1:
        return [{**fields, "scope": Scope(whole.LANGUAGES.get(capability, "tool"), name, "other arguments decide, too")}]
    items = known.items if known.kind == "list" else [known]
    return [{**fields, "text": item.text, "@value": item, **_part(capability, item.text)} for item in items if item.kind == "str"]


def _part(capability: str, text: str) -> Fields:
    if text == "*":
        return {"scope": whole.scope_of(capability), "breadth": "all", "literal": "", "open_tail": True}
    if len(text) > 2 and text.startswith("/") and text.endswith("/") and capability == "exec.shell":
        return _expression(text[1:-1])
    if capability == "exec.shell":
        if "*" not in text:
            return {"scope": command_exact(text), "literal": text, "open_tail": False}
        return {"scope": command_glob(text, space_star_boundary=False), "literal": text.partition("*")[0], "open_tail": True}
    if capability.startswith("fs."):
        return {"scope": path_glob(text.replace("*", "**") if text.endswith("/*") else text, base=".")}
    return {"scope": Scope("host", text, "an address is matched as a whole, and only its host is known here")}


def _expression(pattern: str) -> Fields:
    from overgrant.dialect.grammar.zed import begin

    return {"scope": command_regex(pattern, "js", False, False), **begin(pattern, True)[0]}


def all_allowed(value: Value, context: Context) -> list[Fields]:
    """`amp.dangerouslyAllowAll`: whether anything asks."""
    return [{"name": str(value.key), "text": str(value.data).lower(), "meaning": "mode"}]


def server_rule(value: Value, context: Context) -> list[Fields]:
    """The `action` of a rule of `amp.mcpPermissions`, which says what servers may be started."""
    entry = value.parent
    matches = entry.get("matches") if entry is not None else None
    conditions = matches.entries if matches is not None and matches.kind == "map" else {}
    wide = [key for key, each in conditions.items() if each.kind == "str" and each.text == "*"]
    if value.text != "allow" or len(wide) != len(conditions) or not conditions:
        return []
    return [{"name": "amp.mcpPermissions", "text": ", ".join(wide), "meaning": "servers-approved-wholesale",
             "gives": "every server that a project names starts without a question", "instead": "Name the servers."}]
