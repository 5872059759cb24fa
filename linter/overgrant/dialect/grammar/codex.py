"""Codex: sandbox modes, permission profiles, approvals of servers' tools, required rules.

Sources: developers.openai.com/codex/config-reference, developers.openai.com/codex/agent-approvals-security and
developers.openai.com/codex/rules.
"""

from __future__ import annotations

import shlex
from itertools import islice, product
from typing import TYPE_CHECKING, Any

from overgrant.scope import command_prefix, everything, host_glob, path_glob, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
MOST = 64  # alternatives that one rule may multiply out to
DECISIONS = {"allow": "allow", "prompt": "ask", "forbidden": "deny"}
_OPEN = (":danger-full-access", ":danger-no-sandbox")
_ACCESS = {"read": ("fs.read", "allow"), "write": ("fs.write", "allow"), "none": ("fs.read", "deny"), "deny": ("fs.read", "deny")}


def sandbox(value: Value, context: Context) -> list[Fields]:
    """`sandbox_mode`: what holds commands; without a word on the network there is none."""
    if value.text == "danger-full-access":
        return [{"type": "none", "enabled": False}]
    return [{"type": "sandbox", "enabled": True}]


def granular(value: Value, context: Context) -> list[Fields]:
    """`sandbox_approval` beside `rules`: false refuses what it is about, true asks."""
    rules = value.parent.get("rules") if value.parent is not None else None
    if rules is None or (value.data is True and rules.data is not True):
        return [{"text": "granular"}]
    return [{"text": "granular-asks" if value.data is True else "granular-rules" if rules.data is True else "granular-refuses"}]


def inherited(value: Value, context: Context) -> list[Fields]:
    """What a subagent has by its own `sandbox_mode`: with any but `read-only` it changes files."""
    if value.text == "read-only":
        return []
    return [{"text": value.text, "tool": value.text, "capability": "fs.write", "scope": everything("path"), "breadth": "all", "via": "tool"}]


def network(value: Value, context: Context) -> list[Fields]:
    """`network_access`: any host, in the mode that the table is for."""
    table = value.parent
    above = table.parent.get("sandbox_mode") if table is not None and table.parent is not None else None
    if value.data is not True or above is not None and above.text != "workspace-write":
        return []
    return [{"network": "any", "hosts": ("*",)}]


def filesystem(value: Value, context: Context) -> list[Fields]:
    """One path of a permission profile, if it is the profile that is used."""
    access = _ACCESS.get(value.text)
    if access is None or not _chosen(value):
        return []
    path = str(value.key)
    if path == ":minimal":
        return []
    capability, decision = access
    whole = path in (":root", "/")
    inside = path in (":project_roots", ":workspace_roots", ":cwd", ".")
    scope = everything("path") if whole else path_glob("**", base=".") if inside else path_glob(path, base=".", directory="*" not in path)
    return [{"text": path, "capability": capability, "decision": decision, "scope": scope}]


def domain(value: Value, context: Context) -> list[Fields]:
    """One host of a permission profile, if it is the profile that is used."""
    if value.text not in ("allow", "deny") or not _chosen(value):
        return []
    return [{"text": str(value.key), "decision": value.text, "scope": host_glob(str(value.key))}]


def _chosen(value: Value) -> bool:
    """The profile that a statement belongs to is the one that `default_permissions` names, or one that it is made from."""
    here: Value | None = value
    while here is not None and here.parent is not None and here.parent.key != "permissions":
        here = here.parent
    if here is None or here.parent is None:
        return False
    profiles, top = here.parent, here.parent.parent
    named = top.get("default_permissions") if top is not None else None
    for _ in range(len(profiles.entries) + 1):
        if named is None or named.text == here.key:
            return named is not None
        named = profiles.get(named.text, "extends")
    return False


def extends(value: Value, context: Context) -> list[Fields]:
    """What a profile is made from, where that is the built-in one without a sandbox."""
    return [{"text": value.text}] if value.text in _OPEN and _chosen(value) else []


def app(value: Value, context: Context) -> list[Fields]:
    """Every tool of one connected app."""
    name = str(value.parent.key) if value.parent is not None else ""
    return [{"text": name, "server": name, "tool": "*", "scope": tool_glob(f"{name}/*"), "breadth": "family"}]


def approved(value: Value, context: Context) -> list[Fields]:
    """`tools.NAME.approval_mode` of a server: that tool runs unasked."""
    name = str(value.parent.key) if value.parent is not None else ""
    return [{"text": name, "tool": name, "scope": tool_glob(name), "breadth": "exact"}]


def deny_read(value: Value, context: Context) -> list[Fields]:
    """One path that nobody may read."""
    return [{"text": value.text, "capability": "fs.read", "scope": path_glob(value.text, base=".", directory="*" not in value.text)}]


def required(value: Value, context: Context) -> list[Fields]:
    """The decision of a required rule; its pattern stands beside it: tables with `token` or `any_of`."""
    rule = value.parent
    pattern = rule.get("pattern") if rule is not None else None
    if pattern is None or pattern.kind != "list":
        return []
    words: list[list[str]] = []
    for item in pattern.items:
        choice = item.get("any_of") if item.kind == "map" else item
        single = item.get("token") if item.kind == "map" else None
        listed = choice.items if choice is not None and choice.kind == "list" else [single or choice or item]
        words.append([each.text for each in listed if each.kind == "str"])
    return [{**fields, "decision": DECISIONS[value.text]} for fields in prefixes(words)]


def prefixes(words: list[list[str]]) -> list[Fields]:
    """The fields of a rule over the first words of a command, each a choice; one set for each combination."""
    found: list[Fields] = []
    for tokens in islice(product(*words), MOST):
        text = " ".join(shlex.quote(token) if any(sign in token for sign in " \t\n;|&") else token for token in tokens)
        if text:
            # a rule is over whole words: more words may follow, but none of them goes on
            found.append({"text": text, "scope": command_prefix(text, boundary=True), "literal": f"{text} ", "open_tail": True,
                          "breadth": "prefix", "tool": "shell"})
    return found
