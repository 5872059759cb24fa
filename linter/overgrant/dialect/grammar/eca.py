"""ECA: approvals by selector, with anchored expressions over arguments, tools made of commands, hooks.

Source: editor-code-assistant/eca docs/config/tools.md. A selector is a tool (`eca__shell_command` or `shell_command`), a server
(all its tools) or `server__tool`; an expression holds for a whole argument, and a line of several commands is not taken apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar import whole
from overgrant.pattern import later
from overgrant.scope import Scope, command_regex, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_PLACE = later(r"\{\{\s*([\w-]{1,60})\s*\}\}")
_ALL = frozenset((".*", "(.*)", "^.*$", ".+", "(?s).*"))
_GIVES = "every command, edit and server's tool that no list names runs without asking"
MOST = 200


def entry(value: Value, context: Context) -> list[Fields]:
    """One selector of `allow`, `ask` or `deny`, with the expressions that its arguments must match."""
    matchers = value.get("argsMatchers")
    selector = str(value.key or "")
    if matchers is None or not matchers.entries:
        return [{**each, "text": selector} for each in _tools(selector)]
    found: list[Fields] = []
    for name, listed in matchers.entries.items():
        for each in listed.items[:MOST]:
            found += [{"text": each.text, "@value": each, **fields, **_argument(fields, name, each.text)} for fields in _tools(selector)]
    return found


def tool(value: Value, context: Context) -> list[Fields]:
    """One entry of `disabledTools`."""
    return [{**each, "text": value.text} for each in _tools(value.text)]


def default(value: Value, context: Context) -> list[Fields]:
    """`byDefault`: what happens to calls that no list names."""
    shared: Fields = {"rank": "default", "decision": value.text, "text": value.text}
    found: list[Fields] = [{**whole.grant("eca", name), **shared, "breadth": "tree", "via": "", "open_tail": False}
                           for name, each in whole.tools("eca").items() if each["capability"]]
    found.append({**shared, "tool": "*", "scope": tool_glob("*__*"), "breadth": "family"})
    if value.text == "allow":
        found.append({"@kind": "setting", "name": "byDefault", "text": "allow", "meaning": "approvals-off", "gives": _GIVES})
    return found


def _tools(selector: str) -> list[Fields]:
    name = selector.removeprefix("eca__")
    if own := whole.canonical("eca", name):
        return [whole.grant("eca", own)]
    if selector == "eca":
        return [whole.grant("eca", each) for each in whole.tools("eca")]
    server, mark, rest = selector.partition("__")
    return [{"capability": "", "server": server, "tool": rest or "*", "scope": tool_glob(f"{server}__{rest or '*'}"),
             "breadth": "exact" if mark else "family"}]


def _argument(fields: Fields, name: str, text: str) -> Fields:
    if text in _ALL:
        return {}
    if name == "command" and fields["capability"] == "exec.shell":
        plain = text.removeprefix("^").removeprefix("(?s)")
        start = re.match(r"[\w /@:=-]*(?![*?{])", plain)
        literal = start.group() if start is not None else ""
        return {"scope": command_regex(text, "python", True, False), "breadth": None, "literal": literal,
                "open_tail": literal != plain.removesuffix("$")}
    language = fields["scope"].language
    return {"scope": Scope(language, "", "it depends on the arguments"), "breadth": "prefix"}


def command(value: Value, context: Context) -> list[Fields]:
    """The command of a tool of the project's own: what the model writes takes the place of `{{name}}` before the shell reads the line."""
    place = _PLACE.search(value.text)
    return [{"command": value.text, "injects": place.group() if place is not None else ""}]
