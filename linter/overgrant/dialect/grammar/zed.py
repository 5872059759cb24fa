"""Zed: expressions per tool in `agent.tool_permissions`, found anywhere in the text unless they are anchored.

Source: zed.dev/docs/ai/tool-permissions. Expressions are of Rust's engine and without regard to case unless the rule says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar import whole
from overgrant.nfa import anything, concat, literal
from overgrant.pathtext import WORKSPACE_NAMES
from overgrant.regex import Unsupported, from_regex
from overgrant.scope import Scope, command_regex, everything, path_glob, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_DECISIONS = {"allow": "allow", "confirm": "ask", "deny": "deny"}
_EVERYTHING = frozenset(("", ".*", "^.*", ".*$", "^.*$", ".", ".+", "^.+$", "^"))
_GIVES = "every command, edit, fetch and server's tool that no rule names runs without asking"


def pattern(value: Value, context: Context) -> list[Fields]:
    """The `pattern` of a rule; the tool is the key around its list."""
    rule = value.parent
    tool = rule.parent.parent if rule is not None and rule.parent is not None else None
    name = str(tool.key) if tool is not None else ""
    beside = rule.get("case_sensitive") if rule is not None else None
    folded = beside is None or beside.data is not True
    text = value.text
    entry = whole.tools("zed").get(name)
    if entry is None:
        return [_named(name, text)]
    capability = entry["capability"]
    fields: Fields = {"text": text, "tool": name, "capability": capability}
    if text in _EVERYTHING:
        return [{**fields, "scope": whole.scope_of(capability, name), "breadth": "all", "literal": "", "open_tail": True}]
    if capability == "exec.shell":
        listed = str(rule.parent.key) if rule is not None and rule.parent is not None else ""
        return [{**fields, "scope": command_regex(text, "rust", False, folded), **each}
                for each in begin(text, listed == "always_allow")]
    if capability.startswith("fs."):
        return [{**fields, "scope": _path(text, folded)}]
    return [{**fields, "scope": _host(text, folded)}]


def begin(text: str, allows: bool) -> list[Fields]:
    """Without an anchor any command matches that carries the text somewhere, such as in a comment."""
    if not text.startswith(("^", r"\A")):
        return [{}] if not allows else [
            {"breadth": "all", "literal": "", "open_tail": True,
             "witness": "it has no `^`, so any command with such a text in it matches"}]
    plain = text.removeprefix("^").removeprefix(r"\A").replace(r"\s+", " ").replace(r"\s", " ").replace(r"\b", "").replace(r"\.", ".")
    start = _plain(plain)
    group = re.match(r"\((?:\?:)?([\w /@:=.|-]{1,300})\)", plain[len(start):])
    tail = not text.endswith("$")
    if group is None:
        return [{"literal": start, "open_tail": tail}]
    after = _plain(plain[len(start) + group.end():])
    return [{"literal": start + each + after, "open_tail": tail} for each in group.group(1).split("|")[:32]]


def _plain(text: str) -> str:
    """The characters at the beginning that stand for themselves."""
    found = re.match(r"[\w /@:=.-]{0,200}(?![*?{])", text)
    return found.group() if found is not None else ""


def _path(text: str, folded: bool) -> Scope:
    """An expression over the path from the folder of the project."""
    found = from_regex(text, flavour="rust", anchored=False, ignore_case=folded)
    inside = literal("".join(f"/{name}" for name in WORKSPACE_NAMES) + "/")
    nfa = found.reason if isinstance(found, Unsupported) else concat(inside, found)
    return Scope("path", text, nfa, key=("regex", folded), root=tuple(WORKSPACE_NAMES))


def _host(text: str, folded: bool) -> Scope:
    """An expression over a URL: its host can only be told where the expression begins with the scheme."""
    start = re.match(r"\^https?\??:(?:\\?/){2}", text)
    if start is None:
        return everything("host")
    rest = text[start.end():].partition("/")[0].removesuffix("\\").removesuffix("$")
    found = from_regex(f"^{rest}", flavour="rust", anchored=False, ignore_case=folded)
    whole_host = bool(rest) and text[start.end() + len(rest):].startswith(("/", "\\/", "$"))
    nfa = found.reason if isinstance(found, Unsupported) else found if not whole_host else _whole(rest, folded)
    return Scope("host", text, nfa, key=("regex", folded))


def _whole(rest: str, folded: bool) -> Any:
    found = from_regex(rest, flavour="rust", anchored=True, ignore_case=folded)
    return found.reason if isinstance(found, Unsupported) else found


def _named(name: str, text: str) -> Fields:
    """A rule over a server's tool, `mcp:server:tool`; its input is no text, so only the tool as a whole can be meant."""
    _, _, rest = name.partition(":")
    server, _, tool = rest.partition(":")
    return {"text": text, "server": server, "tool": tool or name, "scope": tool_glob(name), "breadth": "exact", "state": "ignored",
            "why": "rules with a pattern are not looked at for tools of a server"}


def tool_default(value: Value, context: Context) -> list[Fields]:
    """The `default` of one tool."""
    tool = value.parent
    name = str(tool.key) if tool is not None else ""
    decision = _DECISIONS[value.text]
    shared: Fields = {"rank": "default", "decision": decision, "text": value.text}
    if name not in whole.tools("zed"):
        server, _, rest = name.removeprefix("mcp:").partition(":")
        return [{**shared, "server": server, "tool": rest or name, "scope": tool_glob(name), "breadth": "exact"}]
    return [{**whole.grant("zed", name), **shared, **_inside(name, decision)}]


def _inside(name: str, decision: str) -> Fields:
    if decision == "allow" and whole.tools("zed")[name]["capability"].startswith("fs."):
        return {"scope": path_glob("**", base="."), "breadth": "tree", "via": ""}
    return {}


def default(value: Value, context: Context) -> list[Fields]:
    """The `default` of all tools that have none of their own."""
    beside = value.parent.get("tools") if value.parent is not None else None
    own = {name for name, each in (beside.entries.items() if beside is not None and beside.kind == "map" else ())
           if each.kind == "map" and "default" in each.entries}
    decision = _DECISIONS[value.text]
    shared: Fields = {"rank": "default", "decision": decision, "text": value.text}
    found: list[Fields] = [{**whole.grant("zed", name), **shared, "breadth": "tree", "via": "", "open_tail": False,
                            **_inside(name, decision)}
                           for name in ("terminal", "edit_file", "fetch") if name not in own]
    servers = tuple(tool_glob(name) for name in sorted(own) if name.startswith("mcp:"))
    found.append({**shared, "tool": "*", "scope": Scope("tool", "mcp:*", concat(literal("mcp:"), anything())), "without": servers,
                  "breadth": "family"})
    if decision == "allow":
        found.append({"@kind": "setting", "name": "default", "text": "allow", "meaning": "approvals-off", "gives": _GIVES,
                      "instead": "Write `confirm`, and approve what needs no look."})
    return found


def older(value: Value, context: Context) -> list[Fields]:
    """`always_allow_tool_actions: true`, as it was called before 0.224."""
    return [{"name": str(value.key), "text": "true", "meaning": "approvals-off", "gives": "every tool runs without asking",
             "instead": "Remove it, and use `tool_permissions`."}]
