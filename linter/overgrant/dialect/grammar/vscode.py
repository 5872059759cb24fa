"""VS Code: what Copilot's agents may run, edit and fetch unasked, and the sandbox for commands.

Sources: code.visualstudio.com/docs/copilot/reference/copilot-settings and microsoft/vscode
terminalChatAgentToolsConfiguration.ts: an entry is the beginning of a command up to the end of a word, or a regular
expression between slashes that is found anywhere unless it is anchored; `false` always asks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar.starts import beginnings
from overgrant.pattern import later
from overgrant.scope import command_regex, everything, host_glob, path_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_EXPRESSION = later(r"/(.*)/([a-z]*)", re.DOTALL)
_SWITCH = "chat.tools.terminal.enableAutoApprove"
# a line that does not begin with something, whatever else it is
_EVERYTHING_BUT = later(r"\^\(\?!((?:[^()]|\([^()]{0,200}\)){1,400})\)(?:\.[*+]\$?)?")
_BROKEN = ("leaves a group open", "ends in the middle", "is not open", "repeats nothing", "wrong way round")


def command(value: Value, context: Context) -> list[Fields]:
    """One entry of `chat.tools.terminal.autoApprove`: true, false, or an object with `approve` and `matchCommandLine`."""
    entry = value.parent if value.key == "approve" and value.parent is not None else value
    key = str(entry.key)
    line = entry.get("matchCommandLine") if entry is not value else None
    shared: Fields = {"text": key, "decision": "allow" if value.data is True else "ask",
                      "whole_line": line is not None and line.data is True, **_off(entry)}
    if not key.strip():
        return []
    found = _EXPRESSION.fullmatch(key)
    if found is None:
        ending = r"\b" if key[-1:].isalnum() or key[-1:] == "_" else ""
        scope = command_regex("^" + _escaped(key) + ending, "js", False, False)
        return [{**shared, "scope": scope, "literal": key, "open_tail": True}]
    pattern, flags = found.groups()
    scope = command_regex(pattern, "js", False, "i" in flags)
    if scope.reason is not None and any(each in scope.reason for each in _BROKEN):
        return [{**shared, "scope": scope, "state": "malformed", "why": "it is no regular expression, so it matches nothing"}]
    if pattern in ("", ".*", "^", "^.*", "^.*$", ".*$", ".+", "^.+", "^.+$", ".", r"[\s\S]*"):
        if pattern == "":
            return []
        return [{**shared, "scope": everything("command"), "breadth": "all", "literal": "", "open_tail": True}]
    if shared["decision"] != "allow":
        return [{**shared, "scope": scope}]
    if (but := _EVERYTHING_BUT.fullmatch(pattern)) is not None:
        without = tuple(command_regex(f"^(?:{each})", "js", False, "i" in flags) for each in but.groups() if each)
        return [{**shared, "scope": everything("command"), "breadth": "all", "literal": "", "open_tail": True, "without": without}]
    return [{**shared, "scope": scope, "literal": head, "open_tail": tail} for head, tail in beginnings(pattern)]


def _off(entry: Value) -> Fields:
    """The switch that takes every entry its meaning."""
    top = entry.parent.parent if entry.parent is not None else None
    switch = top.get(_SWITCH) if top is not None else None
    if switch is None or switch.data is not False:
        return {}
    return {"state": "ignored", "why": f"`{_SWITCH}` is false"}


def _escaped(text: str) -> str:
    return "".join("\\" + sign if sign in r"\.*+?()[]{}|^$/" else sign for sign in text)


def edit(value: Value, context: Context) -> list[Fields]:
    """One entry of `chat.tools.edits.autoApprove`: a glob over files of the workspace."""
    pattern = str(value.key)
    whole = pattern in ("**", "**/*", "*")
    scope = path_glob("**" if whole else pattern, base=".", anchor_anywhere="/" not in pattern, braces=True)
    found: list[Fields] = [{"text": pattern, "decision": "allow" if value.data is True else "ask", "scope": scope}]
    if whole and value.data is True and value.parent is not None:
        behind = list(value.parent.entries.values())[list(value.parent.entries).index(pattern) + 1:]
        if not any(each.data is False for each in behind):
            found.append({"@kind": "setting", "name": "chat.tools.edits.autoApprove", "text": pattern, "meaning": "guards-off",
                          "gives": "`.git`, `package.json`, `.env` and lock files are edited unasked, too",
                          "instead": "Remove it: edits of other files are made unasked without it."})
    return found


def url(value: Value, context: Context) -> list[Fields]:
    """One entry of `chat.tools.urls.autoApprove`: a URL with wildcards; true, false, or an object with `approveRequest`."""
    entry = value.parent if value.key == "approveRequest" and value.parent is not None else value
    pattern = str(entry.key)
    host = (pattern.partition("://")[2] or pattern).partition("/")[0]
    scope = everything("host") if host in ("*", "**") else host_glob(host, apex=True)
    return [{"text": pattern, "decision": "allow" if value.data is True else "ask", "scope": scope}]


def sandbox(value: Value, context: Context) -> list[Fields]:
    """`chat.agent.sandbox.enabled`: what runs in it needs no approval."""
    if value.data is False or value.text == "off":
        return []
    network = "any" if value.text == "allowNetwork" else "listed"
    return [{"type": "sandbox", "enabled": True, "approves": True, "network": network}]
