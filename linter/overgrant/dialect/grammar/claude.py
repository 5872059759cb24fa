"""Claude Code's permission rules: `Tool`, `Tool(specifier)`, `mcp__server__tool`.

Source: code.claude.com/docs/en/permissions. What tool names mean is data (`tools` in
`knowledge/products/claude.yaml`), so a new tool is a change there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from overgrant.dialect.catalogue import policy
from overgrant.pattern import later
from overgrant.scope import Scope, command_exact, command_glob, everything, host_glob, path_glob, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
ELSEWHERE = "project-skill"  # a skill in a folder of some other product
_RULE = later(r"([A-Za-z_*][\w*-]*)\s*(?:\((.*)\))?", re.DOTALL)
_SYSTEM = ("etc", "usr", "var", "home", "users", "root", "opt", "tmp", "private", "proc", "dev", "mnt", "volumes",
           "applications", "library", "srv", "bin", "sbin")


def rule(value: Value, context: Context) -> list[Fields]:
    """One entry of `permissions.allow`, `ask` or `deny`."""
    decision = "allow" if _list_of(value) == "allow" else "guard"
    fields = parse(value.text, decision, context.tier)
    secret = _secret(value)
    return [fields, *secret]


def _list_of(value: Value) -> str:
    here = value.parent
    return str(here.key) if here is not None and here.key in ("allow", "ask", "deny") else "allow"


def _secret(value: Value) -> list[Fields]:
    from overgrant.dialect.grammar.common import secret

    return [{**found, "@kind": "secret", "source": "permission rule"} for found in secret(value, None)]


def parse(text: str, decision: str, tier: str = "project") -> Fields:
    """The fields of a grant that a rule states. `decision` is `allow`, or `guard` for ask and deny."""
    fields: Fields = {"text": text}
    bare = text.strip()
    if bare.startswith(("mcp__", "*")):
        return {**fields, **_tool_name(bare, decision)}
    match = _RULE.fullmatch(bare)
    if match is None:
        return {**fields, "state": "malformed", "why": "it is no `Tool` or `Tool(specifier)`", "capability": ""}
    name, inner = match.groups()
    if "*" in name:
        return {**fields, **_tool_name(bare, decision)}
    tool = policy("claude").get("tools", {}).get(name)
    if tool is None:
        return {**fields, "tool": name, "capability": "", **_unknown(name)}
    fields.update(tool=name, capability=tool.get("capability", ""))
    if inner is not None and not inner.strip():
        return {**fields, "state": "malformed", "why": "its parentheses are empty"}
    if inner is not None and (parameter := _parameter(inner.strip(), tool, decision)) is not None:
        return {**fields, **parameter}
    return {**fields, **_SPECIFIERS[tool["specifier"]](name, tool, inner, decision, tier)}


def _unknown(name: str) -> Fields:
    import difflib

    known = policy("claude").get("tools", {})
    close = difflib.get_close_matches(name, known, 1, 0.8) or [each for each in known if each.lower() == name.lower()]
    if not close:
        return {"scope": tool_glob(name), "breadth": "exact"}
    return {"state": "misspelt", "why": f"there is no tool `{name}`", "suggestion": close[0]}


def _tool_name(name: str, decision: str) -> Fields:
    if "(" in name:
        return {"capability": "", "tool": name.split("(")[0], "state": "ignored",
                "why": "a rule for a server's tool takes no parentheses", "suggestion": name.split("(")[0]}
    parts = name.split("__")
    server = parts[1] if len(parts) > 1 and parts[0] == "mcp" else ""
    if decision == "allow" and ("*" in server or not name.startswith("mcp__") or not server):
        return {"capability": "", "tool": name, "state": "ignored",
                "why": "an allow rule takes a wildcard only behind the name of a server (`mcp__SERVER__*`)"}
    pattern = name if len(parts) > 2 else f"{name}__*"
    breadth = "exact" if len(parts) > 2 and "*" not in name else "prefix" if len(parts) > 2 and parts[2] != "*" else (
        "family" if server and "*" not in server else "all")
    tool = parts[2] if len(parts) > 2 else "*"
    return {"capability": "", "tool": tool, "server": server, "scope": tool_glob(pattern), "breadth": breadth}


def _command(name: str, tool: Fields, inner: str | None, decision: str, tier: str) -> Fields:
    if inner is None or inner.strip() in ("*", ":*"):
        return {"scope": everything("command"), "breadth": "all", "literal": "", "open_tail": True}
    text = inner.strip()
    if ":*" in text[:-2]:
        return {"scope": command_exact(text), "breadth": "exact", "state": "malformed",
                "why": "`:*` works only at the end; here the colon is matched as it stands",
                "suggestion": f"{name}({text.split(':*')[0]} *)"}
    if text.endswith(":*"):
        text = text[:-2] + " *"
    # the space before a trailing star is a word boundary where the star is the only one
    scope = command_glob(text, space_star_boundary=text.count("*") == 1)
    head, star, _ = text.partition("*")
    fields: Fields = {"scope": scope, "literal": head, "open_tail": bool(star)}
    if star and decision == "allow" and name == "Bash" and _several(text):
        return {**fields, "state": "ignored",
                "why": "each command of a line is held against the rules for itself, and a wildcard covers no `&&`, `;` or pipe"}
    return fields


def _several(text: str) -> bool:
    """Whether a pattern is written for a line of several commands."""
    if not any(mark in text for mark in ("&&", "|", ";")):
        return False
    from overgrant.dialect.grammar.shell import parse

    line = parse(text.replace("*", "x"))
    inside = [(one.start, one.end) for one in line.commands]
    outer = [one for one in line.commands if not any(start <= one.start and one.end <= end and (start, end) != (one.start, one.end)
                                                     for start, end in inside)]
    return not line.problems and len(outer) > 1


def _parameter(text: str, tool: Fields, decision: str) -> Fields | None:
    """`Bash(run_in_background:true)` is a rule on a parameter, in ask and deny alone; on the command itself it is ignored."""
    name, colon, value = text.partition(":")
    name = name.strip()
    if not colon or name not in tool.get("parameters", ()) and name != tool.get("primary"):
        return None
    scope: Fields = {"scope": command_exact(text), "breadth": "exact"}
    if name == tool.get("primary"):
        return {**scope, "state": "ignored", "why": f"`{name}` cannot be matched as a parameter", "suggestion": value.strip()}
    if decision == "allow":
        return {**scope, "state": "ignored", "why": "only an ask or deny rule can match a parameter"}
    return {**scope, "literal": "", "open_tail": False, "rank": "rule"}


def classifier(value: Value, context: Context) -> list[Fields]:
    """An entry of a list of the auto mode's own rules; said once, where the list does not keep the built-in ones."""
    rules = value.parent.items if value.parent is not None and value.parent.kind == "list" else [value]
    if value is not rules[0] or any(rule.text.strip() == "$defaults" for rule in rules):
        return []
    if context.tier in ("project", "local"):
        # said once, where the whole set of rules is ignored
        return [{"text": value.text, "meaning": "classifier", "state": "effective"}]
    return [{"text": value.text}]


def _path(name: str, tool: Fields, inner: str | None, decision: str, tier: str) -> Fields:
    if inner is None or inner.strip() in ("*", "**"):
        everywhere = inner is None
        if everywhere and tool.get("bare") == "lists":
            return {"scope": tool_glob(name), "breadth": "exact", "capability": ""}
        scope = everything("path") if everywhere else path_glob("**", base=".")
        return {"scope": scope, "breadth": "all" if everywhere else "tree", "via": "tool" if everywhere else ""}
    text = inner.strip()
    scope, problem = path_scope(text, decision, tier)
    fields: Fields = {"scope": scope}
    if tool.get("paths") == "ignored":
        use = tool["use"]
        return {**fields, "state": "ignored", "why": f"paths on `{name}` are never consulted",
                "suggestion": f"{use}({text})"}
    if problem:
        return {**fields, "state": "malformed", "why": problem, "suggestion": f"{name}(/{text})"}
    return fields


def path_scope(text: str, decision: str, tier: str) -> tuple[Scope, str]:
    """The scope of a path specifier (gitignore syntax, four anchors) and what is wrong with it, if anything.

    `//x` is the filesystem root, `~/x` home, `/x` the folder of the settings, anything else the
    working directory. A bare name matches at any depth; a leading folder does so in ask and deny.
    """
    if text.startswith("//"):
        return path_glob(text[1:], base="/"), ""
    if text.startswith("~"):
        return path_glob(text, base="~"), ""
    if text.startswith("/"):
        first = text.strip("/").split("/")[0].lower()
        base = "~/.claude" if tier == "user" else "."
        problem = (f"`/{first}` is read from the settings' own folder; the filesystem root is `//{first}`"
                   if first in _SYSTEM else "")
        return path_glob("./" + text[1:], base=base), problem
    if text[1:3] in (":\\", ":/"):
        return path_glob(text, base="/"), ""
    anywhere = "/" not in text.removeprefix("./").rstrip("/") or decision == "guard" and text.count("/") == 1 and \
        text.endswith("/**")
    return path_glob(text, base=".", anchor_anywhere=anywhere and not text.startswith("./")), ""


def _host(name: str, tool: Fields, inner: str | None, decision: str, tier: str) -> Fields:
    text = (inner or "*").strip()
    if inner is not None and not text.startswith("domain:") and text != "*":
        return {"scope": host_glob(text), "state": "malformed", "why": "it has no `domain:` before the host",
                "suggestion": f"{name}(domain:{text})"}
    host = text.removeprefix("domain:").strip()
    if host in ("*", ""):
        return {"scope": everything("host"), "breadth": "all"}
    return {"scope": host_glob(host)}


def _name(name: str, tool: Fields, inner: str | None, decision: str, tier: str) -> Fields:
    if inner is None or inner.strip() == "*":
        return {"scope": everything("tool"), "breadth": "all"}
    return {"scope": tool_glob(inner.strip())}


_SPECIFIERS = {"command": _command, "path": _path, "host": _host, "name": _name}


def directory(value: Value, context: Context) -> list[Fields]:
    """One entry of `permissions.additionalDirectories`: read without asking, and edited like the workspace."""
    text = value.text.strip()
    scope = path_glob(text.rstrip("/") + "/**" if text != "/" else "/**", base=".")
    return [{"text": text, "tool": "additionalDirectories", "capability": capability, "scope": scope}
            for capability in ("fs.read",)]


def sandbox_path(value: Value, context: Context) -> list[Fields]:
    """A path of `sandbox.filesystem`: here `/x` is absolute, unlike in Read and Edit rules."""
    text = value.text.strip()
    return [{"text": text, "scope": path_glob(text[1:] if text.startswith("//") else text, base=".")}]


def tools(value: Value, context: Context) -> list[Fields]:
    """A tool list of a frontmatter: names or rules, separated by commas or spaces outside parentheses."""
    found: list[Fields] = []
    for start, end in pieces(value.text):
        part = value.part(start, end)
        fields = parse(part.text, "allow", context.tier)
        if fields.get("state") == "misspelt" and context.format == ELSEWHERE:
            # another product has tools of other names
            fields = {"text": part.text, "tool": part.text, "capability": "", "scope": tool_glob(part.text), "breadth": "exact"}
        found.append({**fields, "@value": part})
    return found


def available(value: Value, context: Context) -> list[Fields]:
    """The tool list of a subagent: what it has, not what it may do unasked; parentheses restrict nothing here."""
    return [_whole(value.part(start, end)) for start, end in pieces(value.text)]


def taken(value: Value, context: Context) -> list[Fields]:
    """The tools that a subagent does not get; with or without parentheses, the whole tool goes."""
    found: list[Fields] = []
    for start, end in pieces(value.text):
        part = value.part(start, end)
        name = part.text.partition("(")[0].strip()
        found.append({**parse(name, "guard", context.tier), "text": part.text, "@value": part})
    return found


def removed(value: Value, context: Context) -> list[Fields]:
    """A list of tools that an agent does not get; a rule in parentheses refuses those calls alone."""
    found: list[Fields] = []
    for start, end in pieces(value.text):
        part = value.part(start, end)
        found.append({**parse(part.text, "guard", context.tier), "@value": part})
    return found


def _whole(part: Value) -> Fields:
    name = part.text.partition("(")[0].strip()
    fields: Fields = {"text": part.text, "tool": name, "breadth": "all", "capability": "", "@value": part}
    if name.startswith("mcp__"):
        steps = name.split("__", 2)
        tool = steps[2] if len(steps) > 2 else "*"
        return {**fields, "server": steps[1], "tool": tool, "breadth": "family" if tool == "*" else "exact"}
    return {**fields, "capability": policy("claude").get("tools", {}).get(name, {}).get("capability", "")}


def pieces(text: str) -> list[tuple[int, int]]:
    """The places of the entries of a list written as one text; parentheses and quotes hold together."""
    found, depth, start = [], 0, -1
    for at, sign in enumerate(text):
        if sign in ", \t\n" and depth == 0:
            if start >= 0:
                found.append((start, at))
            start = -1
            continue
        depth += (sign == "(") - (sign == ")" and depth > 0)
        if start < 0:
            start = at
    if start >= 0:
        found.append((start, len(text)))
    return found
