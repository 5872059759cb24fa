"""Agents of Amazon Q Developer and Kiro: approved tools, settings of tools, permission rules.

Sources: github.com/aws/amazon-q-developer-cli docs/agent-format.md and docs/built-in-tools.md;
kiro.dev/docs/custom-agents/configuration-reference and kiro.dev/docs/permissions. Names of tools are data.
"""

from __future__ import annotations

from os.path import commonprefix
from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar import whole
from overgrant.dialect.grammar.starts import beginnings, choice
from overgrant.scope import Scope, command_glob, command_regex, everything, host_glob, path_glob, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
# capabilities of permission rules; groups stand for several
_CAPABILITIES = {"shell": ("exec.shell",), "fs_read": ("fs.read",), "fs_write": ("fs.write",),
                 "filesystem": ("fs.read", "fs.write"), "web_fetch": ("net.egress",), "web_search": ("input.untrusted",),
                 "web": ("net.egress", "input.untrusted"), "subagent": ("agent.spawn",), "skill": ("tool.load",), "mcp": ("",),
                 "all": ("exec.shell", "fs.read", "fs.write", "net.egress", "")}


def allowed(value: Value, context: Context) -> list[Fields]:
    """One entry of `allowedTools`: a tool, a glob over tools, `@server`, `@server/tool`."""
    text = value.text.strip()
    if text == "*":
        return [{"text": text, "capability": "", "tool": "*", "state": "ignored",
                 "why": "`allowedTools` takes no `*` for every tool"}]
    if text == "@builtin":
        return [{"text": text, **whole.grant(context.product, name)} for name in whole.tools(context.product)]
    if text in ("@*", "@*/*"):
        return [{"text": text, "capability": "", "tool": "*", "scope": everything("tool"), "breadth": "all"},
                {"@kind": "setting", "name": text, "text": text, "meaning": "servers-approved-wholesale"}]
    if text.startswith("@"):
        server, slash, tool = text[1:].partition("/")
        breadth = "family" if not slash or tool == "*" else "prefix" if "*" in text else "exact"
        return [{"text": text, "capability": "", "server": server, "tool": tool or "*", "scope": tool_glob(text),
                 "breadth": breadth}]
    found = [{"text": text, **whole.grant(context.product, name)} for name in whole.matching(context.product, text)]
    return found or [{"text": text, "capability": "", "tool": text, "scope": tool_glob(text), "breadth": "exact"}]


def offered(value: Value, context: Context) -> list[Fields]:
    """One entry of `tools` that names a tool: what the agent has, asked for unless something approves it."""
    name = whole.canonical(context.product, value.text.strip())
    entry = whole.tools(context.product).get(name, {})
    if entry.get("capability") not in whole.LANGUAGES:
        return []
    return [{"text": value.text, "tool": name, "capability": entry["capability"], "breadth": "all", "via": "tool",
             "scope": whole.scope_of(entry["capability"])}]


def _tool_of(value: Value) -> str:
    """The key under `toolsSettings` that a setting stands under."""
    here: Value | None = value
    while here is not None and here.parent is not None and here.parent.key != "toolsSettings":
        here = here.parent
    return str(here.key) if here is not None else ""


def command(value: Value, context: Context) -> list[Fields]:
    """One entry of `allowedCommands` or `deniedCommands`: a regular expression over the whole command line."""
    text = value.text
    scope = command_regex(text, "rust", True, False)
    inner = text.removeprefix("^")
    inner = inner if inner.endswith("\\$") else inner.removesuffix("$")
    choices = beginnings(f"^(?:{inner})$" if choice(inner) else f"^{inner}$")
    if scope.reason is not None:
        choices = [(commonprefix([head for head, _ in choices]), True)]
    return [{"text": text, "capability": "exec.shell", "tool": _tool_of(value), "scope": scope, "literal": head,
             "open_tail": tail} for head, tail in choices]


def path(value: Value, context: Context) -> list[Fields]:
    """One entry of `allowedPaths` or `deniedPaths`: gitignore globs; a folder stands for what is below it."""
    tool = _tool_of(value)
    entry = whole.tools(context.product).get(whole.canonical(context.product, tool), {})
    return [{"text": value.text, "capability": entry.get("capability", "fs.write"), "tool": tool, "scope": _paths(value.text)}]


def _paths(text: str) -> Scope:
    return path_glob(text.strip(), base=".", directory=not text.strip().endswith("/**"), anchor_anywhere="*" in text)


def service(value: Value, context: Context) -> list[Fields]:
    """One entry of `allowedServices` or `deniedServices`: every action of an AWS service."""
    text = value.text.strip()
    return [{"text": text, "capability": "infra.mutate", "tool": _tool_of(value), "scope": tool_glob(f"{text}:*"),
             "breadth": "all" if text == "*" else "family"}]


def url(value: Value, context: Context) -> list[Fields]:
    """One entry of `trusted` or `blocked`: a regular expression over URLs."""
    text = value.text.strip()
    scope = everything("host") if text in (".*", "^.*$", ".+") else Scope("host", text, "it is an expression over URLs")
    return [{"text": text, "capability": "net.egress", "tool": _tool_of(value), "scope": scope}]


def automatic(value: Value, context: Context) -> list[Fields]:
    """The command of a hook that stands in a file of its own; what starts it stands beside its action."""
    hook = value.parent.parent if value.parent is not None else None
    if hook is None:
        return []
    event = hook.get("trigger") or hook.get("when", "type")
    matcher = hook.get("matcher")
    return [{"command": value, "event": event.text if event is not None else "", "matcher": matcher.text if matcher is not None else ""}]


# --- permission rules ----------------------------------------------------------------------------


def match(value: Value, context: Context) -> list[Fields]:
    """One entry of `match` of a permission rule; capability, effect and exceptions stand beside it."""
    rule = value.parent.parent if value.parent is not None else None
    if rule is None or rule.kind != "map":
        return []
    return _rule(rule, value.text, context)


def capability(value: Value, context: Context) -> list[Fields]:
    """The capability of a permission rule: without `match`, the rule speaks of all of it."""
    rule = value.parent
    if rule is None or "match" in rule.entries:
        return []
    return _rule(rule, "", context)


def _rule(rule: Value, pattern: str, context: Context) -> list[Fields]:
    effect, name = rule.get("effect"), rule.get("capability")
    if effect is None or name is None or effect.text not in ("allow", "ask", "deny"):
        return []
    without = rule.get("exclude")
    found: list[Fields] = []
    for each in _CAPABILITIES.get(name.text, ()):
        fields: Fields = {"text": pattern or name.text, "capability": each, "decision": effect.text, "tool": name.text,
                          "scope": _scope(each, pattern)}
        if without is not None and without.kind == "list":
            fields["without"] = tuple(_scope(each, item.text) for item in without.items if item.kind == "str")
        if each == "exec.shell":
            fields.update(literal=pattern.partition("*")[0], open_tail=not pattern or "*" in pattern)
        if each == "" and pattern:
            server, _, tool = pattern.partition("/")
            fields.update(server=server, tool=tool or "*", breadth="family" if tool in ("", "*") else "exact")
        if fields["scope"] == whole.scope_of(each) and each in whole.LANGUAGES:
            fields.update(breadth="all", via="tool" if each.startswith("fs.") else "")
        found.append(fields)
    return found or [{"text": name.text, "capability": "", "tool": name.text, "state": "malformed",
                      "why": f"there is no capability `{name.text}`", "decision": effect.text}]


def _scope(capability: str, pattern: str) -> Scope:
    if pattern in ("", "*"):
        return whole.scope_of(capability)
    if capability == "exec.shell":
        return command_glob(pattern, space_star_boundary=False)
    if capability in ("fs.read", "fs.write"):
        return path_glob(pattern, base=".", anchor_anywhere="/" not in pattern)
    if capability == "net.egress":
        host = pattern.partition("://")[2] or pattern
        return host_glob(host.split("/")[0])
    return tool_glob(f"@{pattern}") if capability == "" else tool_glob(pattern)


def refused(value: Value, context: Context) -> list[Fields]:
    """`denyByDefault`: what no list allows is refused instead of asked for."""
    return [{"text": "denyByDefault", "capability": "exec.shell", "tool": _tool_of(value), "scope": everything("command"),
             "breadth": "all", "rank": "default"}]
