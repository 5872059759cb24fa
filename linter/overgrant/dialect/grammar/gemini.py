"""Gemini CLI's tool lists and policy rules; Qwen Code, its fork, writes the same lists.

Sources: google-gemini/gemini-cli docs/reference/policy-engine.md and docs/reference/configuration.md. The
highest priority wins: a policy's tier is its base, the rule's priority a thousandth of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar import whole
from overgrant.pattern import later
from overgrant.scope import Scope, command_prefix, command_regex, everything, path_glob, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_ENTRY = later(r"([A-Za-z_*][\w*-]*)(?:\((.*)\))?", re.DOTALL)
_BASES = {"managed": 5, "user": 4, "project": 3, "local": 3, "example": 3, "distributed": 2}
_DECISIONS = {"allow": "allow", "deny": "deny", "ask_user": "ask"}
_UNSAID: Fields = {"rank": "default", "state": "shadowed"}  # what another statement already says
_MOST_LOOKED_AT = 200  # rules of one file
# where lists of settings stand among the priorities of the user's tier (packages/core/src/policy/config.ts)
_LISTS = {"exclude": 4.4, "excludeTools": 4.4, "confirmationRequired": 4.35, "allowed": 4.3, "allowedTools": 4.3}


def entry(value: Value, context: Context) -> list[Fields]:
    """One entry of `tools.allowed`, `tools.exclude` or `tools.confirmationRequired`: a tool, or `tool(prefix)`."""
    text = value.text.strip()
    here = str(value.parent.key) if value.parent is not None else ""
    found = _ENTRY.fullmatch(text)
    if found is None:
        return [{"text": text, "capability": "", "state": "malformed", "why": "it is no `tool` or `tool(prefix)`"}]
    name, prefix = found.groups()
    top = value
    while top.parent is not None:
        top = top.parent
    split = _split_wrongly(name, top.get("mcpServers"))
    stated = [{"text": text, "priority": _LISTS.get(here, 4.0), **each, **split} for each in _tool(name, prefix, context)]
    if name == "*" and here in ("allowed", "allowedTools"):
        stated.append({"@kind": "setting", "name": f"tools.{here}" if here == "allowed" else here, "text": text, "meaning": "approvals-off"})
    return stated


def offered(value: Value, context: Context) -> list[Fields]:
    """One tool of an agent's list: what it has, not what runs unasked."""
    names = [each.strip() for each in value.text.split(",")] if value.key in ("tools", "disallowedTools") else [value.text.strip()]
    found: list[Fields] = []
    for name in filter(None, names):
        for each in [name] if name == "*" or not whole.canonical(context.product, name) else [whole.canonical(context.product, name)]:
            entry = whole.tools(context.product).get(each)
            if entry is None:
                found += [{"text": name, **fields} for fields in _tool(name, None, context)]
            else:
                found.append({"text": name, "tool": each, "capability": entry["capability"], "breadth": "all", "via": "tool",
                              "scope": whole.scope_of(entry["capability"], each)})
    return found


_INJECTED = later(r"!\{((?:[^{}]|\{\{?[^{}]{0,200}\}\}?){1,4000})\}")


def injected(value: Value, context: Context) -> list[Fields]:
    """A command inside the prompt of a command: `!{…}`. Arguments in it are quoted, so nothing is pasted in."""
    return [{"command": match[1].strip(), "@value": value.part(match.start(1), match.end(1))}
            for match in _INJECTED.finditer(value.text)]


def _split_wrongly(name: str, servers: Value | None) -> Fields:
    """The name of a tool is cut at the first underscore, so a server with one in its name is never meant."""
    listed = servers.entries if servers is not None and servers.kind == "map" else {}
    meant = next((each for each in listed if "_" in each and name.startswith(f"mcp_{each}_")), None)
    if meant is None:
        return {}
    return {"state": "malformed", "why": f"the name of server `{meant}` is cut at its first `_`, so it matches no tool"}


def _tool(name: str, prefix: str | None, context: Context) -> list[Fields]:
    if name == "*":
        return [{"tool": "*", "capability": "", "scope": everything("tool"), "breadth": "all"}]
    known = whole.canonical(context.product, name)
    if not known:
        parts = _server(name)
        scope = tool_glob(f"{parts['server']}/{parts['tool']}" if "server" in parts else name)
        return [{"capability": "", "scope": scope, **parts}]
    fields = whole.grant(context.product, known)
    if prefix is None or fields["capability"] != "exec.shell":
        return [fields]
    bare = prefix.strip().removesuffix(":*").removesuffix("*").rstrip()
    if not bare:
        return [fields]
    return [{**fields, "breadth": None, "scope": command_prefix(bare, boundary=True), "literal": bare, "open_tail": True}]


def _server(name: str) -> Fields:
    """`mcp_server_tool`, split at the first underscore after the prefix; `server__tool` is the older form."""
    rest = name.removeprefix("mcp_")
    if rest != name:
        server, _, tool = rest.partition("_")
    elif "__" in name:
        server, _, tool = name.partition("__")
    else:
        return {"tool": name, "breadth": "exact"}
    tool = tool or "*"
    return {"server": server, "tool": tool, "breadth": "family" if tool == "*" else "prefix" if "*" in name else "exact"}


# --- policies ------------------------------------------------------------------------------------


def policy(value: Value, context: Context) -> list[Fields]:
    """The decision of a policy rule; tools, commands, modes and priority stand beside it."""
    rule = value.parent
    decision = _DECISIONS.get(value.text)
    if rule is None or decision is None:
        return []
    number = rule.get("priority")
    amount = number.data if number is not None and isinstance(number.data, int) else 0
    shared: Fields = {"decision": decision, "priority": _BASES.get(context.tier, 3) + amount / 1000,
                      **_inert(rule, decision, context)}
    found: list[Fields] = [{**shared, **each} for each in _conditions(rule, context)]
    for unsaid in found[1:] if shared.get("state") == "ignored" else ():
        unsaid.update(_UNSAID)
    return found


def _inert(rule: Value, decision: str, context: Context) -> Fields:
    modes = rule.get("modes")
    named = [item.text for item in modes.items] if modes is not None and modes.kind == "list" else []
    if context.tier in ("project", "local"):
        return {"state": "ignored", "why": "Gemini CLI does not load policies of a workspace, so no rule of this file holds"} \
            if _stands_for_all(rule) else _UNSAID
    if context.tier == "distributed" and (decision == "allow" or "yolo" in named):
        return {"state": "ignored", "why": "an extension's policy may not allow"}
    return {"rank": "default", "state": "shadowed"} if named and "default" not in named else {}


def _stands_for_all(rule: Value) -> bool:
    """A file that is not loaded is one mistake, said once: of what it refuses if it refuses anything."""
    rules = rule.parent.items[:_MOST_LOOKED_AT] if rule.parent is not None else []
    refusal = next((other for other in rules if (said := other.get("decision")) is not None and _DECISIONS.get(said.text) in ("deny", "ask")), None)
    return rule is (refusal or next(iter(rules), rule))


def _texts(value: Value | None) -> list[Value]:
    if value is None:
        return []
    return [item for item in (value.items if value.kind == "list" else [value]) if item.kind == "str"]


def _conditions(rule: Value, context: Context) -> list[Fields]:
    if prefixes := [each for each in _texts(rule.get("commandPrefix")) if each.text]:
        return [{"text": each.text, "@value": each, "tool": "run_shell_command", "capability": "exec.shell",
                 "literal": each.text, "scope": command_prefix(each.text, boundary=True), "open_tail": True}
                for each in prefixes]
    if expressions := _texts(rule.get("commandRegex")):
        return [{"text": each.text, "@value": each, "tool": "run_shell_command", "capability": "exec.shell",
                 "scope": command_regex(each.text, "js", "start", False), "literal": _start(each.text),
                 "open_tail": True} for each in expressions]
    server = rule.get("mcpName")
    names = _texts(rule.get("toolName"))
    if server is not None:
        tools = names or [server]
        return [{"text": f"{server.text}:{each.text}" if names else server.text, "@value": each, "capability": "",
                 "server": server.text, "tool": each.text if names else "*",
                 "breadth": "exact" if names and "*" not in each.text else "family",
                 "scope": tool_glob(f"{server.text}/{each.text if names else '*'}")} for each in tools]
    partial = "argsPattern" in rule.entries or "toolAnnotations" in rule.entries
    # which calls are meant depends on arguments, so whether one is meant is not decided
    return [{"text": each.text, "@value": each, **fields, **(_partly(fields["scope"]) if partial else {})}
            for each in names for fields in _tool(each.text, None, context)]


def _partly(scope: Scope) -> Fields:
    return {"scope": Scope(scope.language, "", "it depends on the arguments"), "breadth": "prefix"}


def _start(pattern: str) -> str:
    """The plain characters that an expression begins with."""
    found = re.match(r"[\w /@:=-]*(?![*?{])", pattern)
    return found.group() if found is not None else ""


def directory(value: Value, context: Context) -> list[Fields]:
    """One entry of `context.includeDirectories`: a folder that belongs to the workspace from then on."""
    text = value.text.strip()
    scope = path_glob(text, base=".", directory=True)
    return [{"text": text, "tool": "includeDirectories", "capability": "fs.read", "scope": scope}]
