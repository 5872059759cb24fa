"""opencode's permissions: tool → action, or tool → pattern → action; the order of the keys decides.

Sources: opencode.ai/v1/docs/permissions and opencode.ai/v1/docs/agents; anomalyco/opencode packages/opencode/src/permission.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar import whole
from overgrant.dialect.grammar.pin import npm
from overgrant.scope import Scope, command_glob, everything, host_glob, path_glob, tool_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_GIVES = "every command, edit, fetch and server's tool runs without asking"
_OUTSIDE = "external_directory"
_OLDER = {"shell": "bash", "subagent": "task"}  # what the second version calls otherwise


def rule(value: Value, context: Context) -> list[Fields]:
    """One action: of a tool (`"bash": "ask"`), of a pattern of a tool (`"git *": "allow"`), or of everything."""
    if value.kind != "str":
        return []
    name, pattern = _route(value)
    action = value.text
    if name == "*":
        return _everything(value, action)
    return [{**fields, "decision": action} for fields in _grants(name, pattern, action, value, context)]


def effect(value: Value, context: Context) -> list[Fields]:
    """One rule of the ordered list of the second version: its action and resource stand beside its effect."""
    rule = value.parent
    action, resource = (rule.get("action"), rule.get("resource")) if rule is not None else (None, None)
    if action is None or resource is None:
        return []
    name, pattern = _OLDER.get(action.text, action.text), resource.text
    if name == "*":
        return _everything(value, value.text) if pattern == "*" else []
    found = _grants(name, pattern, value.text, value, context)
    shown = action.text if pattern == "*" else pattern
    return [{**fields, "text": shown, "decision": value.text, "@value": rule} for fields in found]


def _route(value: Value) -> tuple[str, str]:
    """Which tool and which of its patterns an action stands for."""
    key = str(value.key)
    if key == "permission":
        return "*", "*"
    above = str(value.parent.key) if value.parent is not None else ""
    return (key, "*") if above == "permission" else (above, key)


def _everything(value: Value, action: str) -> list[Fields]:
    found: list[Fields] = [{"text": "*", "tool": "*", "capability": "", "decision": action, "scope": everything("tool"),
                            "breadth": "all"}]
    shell = value.parent.get("bash") if value.parent is not None and value.key != "permission" else None
    if action == "allow" and shell is None:
        found.append({"@kind": "setting", "name": "permission", "text": action, "meaning": "approvals-off", "gives": _GIVES})
    return found


def _grants(name: str, pattern: str, action: str, value: Value, context: Context) -> list[Fields]:
    text = name if name == str(value.key) else pattern
    tool = whole.tools(context.product).get(whole.canonical(context.product, name))
    if name == _OUTSIDE:
        scope = everything("path") if pattern == "*" else _path(pattern)
        fields = {"text": text, "tool": name, "scope": scope, "breadth": scope.breadth.name.lower()}
        return [{**fields, "capability": "fs.read"}, {**fields, "capability": "fs.write"}]
    if tool is None:
        return [{"text": text, "capability": "", "scope": tool_glob(name), **_server(name, value)}]
    capability = tool["capability"]
    fields = {"text": text, "tool": name, "capability": capability}
    if pattern == "*":
        return [{**fields, **_whole(name, capability, action)}]
    return [{**fields, **_part(capability, pattern)}]


def _whole(name: str, capability: str, action: str) -> Fields:
    if capability.startswith("fs.") and action == "allow":
        # what lies outside the working directory has a permission of its own; reading inside is the default
        return {"scope": path_glob("**", base="."), "breadth": "tree"}
    fields: Fields = {"scope": whole.scope_of(capability, name)}
    if capability in whole.LANGUAGES:
        fields.update(breadth="all", literal="", open_tail=True)
    return fields


def _part(capability: str, pattern: str) -> Fields:
    if capability == "exec.shell":
        return {"scope": command_glob(pattern, space_star_boundary=True), "literal": pattern.partition("*")[0].partition("?")[0],
                "open_tail": "*" in pattern}
    if capability.startswith("fs."):
        return {"scope": _path(pattern)}
    if capability == "net.egress":
        host = (pattern.partition("://")[2] or pattern).split("/")[0]
        return {"scope": everything("host") if host in ("*", "") else host_glob(host)}
    return {"scope": tool_glob(pattern)}


def _path(pattern: str) -> Scope:
    """`*` crosses directories, and a pattern that begins with one matches at any depth."""
    text = pattern.replace("$HOME", "~", 1) if pattern.startswith("$HOME") else pattern
    if text in ("*", "**"):
        return path_glob("**", base=".")
    # a star at the begin of a name stands for directories, too
    text = "/".join("**" if part == "*" else f"**/{part}" if part.startswith("*") and at else part
                    for at, part in enumerate(text.split("/")))
    return path_glob(text, base=".", anchor_anywhere=text.startswith("*") and "/" not in text)


def _server(name: str, value: Value) -> Fields:
    """A tool of a server is called `server_tool`; the servers that the file names tell where the name ends."""
    top = value
    while top.parent is not None:
        top = top.parent
    servers = _servers(top)
    server = max((each for each in servers if name == each or name.startswith((f"{each}_", f"{each}*"))), key=len, default="")
    if not server and _guarded(value, top):
        server = name.removesuffix("*").removesuffix("_") if name.endswith("_*") else ""
    tool = name[len(server):].lstrip("_") or "*" if server else name
    return {"server": server, "tool": tool, "breadth": "family" if tool == "*" else "prefix" if "*" in tool else "exact"}


def _servers(top: Value) -> list[str]:
    listed = top.get("mcp")
    found = dict(listed.entries) if listed is not None and listed.kind == "map" else {}
    newer = found.get("servers")
    if newer is not None and newer.kind == "map" and "type" not in newer.entries:
        found.update(newer.entries)
    return [str(each) for each in found]


def _guarded(value: Value, top: Value) -> bool:
    """Something asks or refuses where no rule speaks; else a rule that allows gives no more than the product's default."""
    here: Value | None = value
    while here is not None:
        for held in (here.get("permission"), here.get("permissions")):
            star = held.get("*") if held is not None and held.kind == "map" else held
            if star is not None and (star.text in ("ask", "deny") or any(
                    (each := item.get("action")) is not None and each.text == "*" for item in star.items)):
                return True
        here = here.parent
    return False


def tool(value: Value, context: Context) -> list[Fields]:
    """One entry of the older `tools` map: false takes a tool away; true leaves what the permissions say."""
    if value.data is not False:
        return _offered(str(value.key), value, context) if value.data is True else []
    name = str(value.key)
    name = "edit" if name in ("write", "patch", "multiedit") else name
    if name == "*":
        return [{"text": "*", "tool": "*", "capability": "", "decision": "deny", "scope": everything("tool"), "breadth": "all"}]
    return [{**fields, "decision": "deny"} for fields in _grants(name, "*", "deny", value, context)]


def _offered(name: str, value: Value, context: Context) -> list[Fields]:
    """A tool that the list of an agent names: it has it, as far as the permissions let it."""
    entry = whole.tools(context.product).get(whole.canonical(context.product, name))
    if entry is None or entry["capability"] not in whole.LANGUAGES or value.parent is None or value.parent.parent is None \
            or value.parent.parent.parent is None and value.source.path.endswith((".json", ".jsonc")):
        return []
    return [{"text": name, "tool": name, "capability": entry["capability"], "decision": "inherit", "breadth": "all", "via": "tool",
             "scope": whole.scope_of(entry["capability"])}]


def plugin(value: Value, context: Context) -> list[Fields]:
    """A plugin: a package that is installed and run when opencode starts, or a file of the tree."""
    text = value.text.strip()
    if text.startswith(("./", "../", "/", "~", "file:")):
        return []
    package = npm(text)
    return [{"name": f"{package.name.split('/')[-1]} (plugin)" if "://" in package.name else f"{package.name} (plugin)",
             "type": "extension", "package": package.name, "version": package.version, "pin": package.pin,
             "ecosystem": package.ecosystem, "source": "git" if package.ecosystem == "git" else "registry"}]
