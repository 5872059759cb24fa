"""OpenClaw: approvals of commands in two layers, tool policy by names, groups and profiles, the sandbox's mounts.

Sources: docs.openclaw.ai/tools/exec-approvals, /gateway/config-tools, /gateway/security.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.dialect.catalogue import policy
from overgrant.dialect.grammar import mount, whole
from overgrant.scope import command_glob, command_prefix, everything, path_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_GIVES = "every command runs on the host, and nobody is asked"


def execution(value: Value, context: Context) -> list[Fields]:
    """`security` (what may run) with its neighbour `ask` (who is asked); the stricter of two files counts."""
    security, ask = _pair(value)
    text = f"{security}/{ask}"
    fields: Fields = {"text": text, "tool": "exec", "capability": "exec.shell", "scope": everything("command"), "breadth": "all"}
    if security == "deny":
        return [{**fields, "decision": "deny"}]
    if ask == "always":
        return [{**fields, "decision": "ask"}]
    if security == "allowlist":
        return [{**fields, "rank": "default", "decision": "ask" if ask == "on-miss" else "deny"}]
    if security != "full":
        return []
    return [{"@kind": "setting", "name": str(value.key), "text": text, "meaning": "approvals-off", "gives": _GIVES,
             "instead": "Write `security: \"allowlist\"` and `ask: \"on-miss\"`."}]


def asking(value: Value, context: Context) -> list[Fields]:
    """`ask` without a `security` beside it: the product's default for that is `full`."""
    beside = value.parent.get("security") if value.parent is not None else None
    return [] if beside is not None else execution(value, context)


def _pair(value: Value) -> tuple[str, str]:
    above = value.parent
    security, ask = (above.get(name) if above is not None else None for name in ("security", "ask"))
    return security.text if security is not None else "full", ask.text if ask is not None else "off"


def program(value: Value, context: Context) -> list[Fields]:
    """An entry of the list of approved programs: a glob over the path that the program resolves to."""
    text = value.text.strip()
    name = text.rpartition("/")[2]
    shared: Fields = {"text": text, "tool": "exec", "capability": "exec.shell"}
    if "/" not in text:
        return [{**shared, "scope": command_prefix(text, boundary=True), "state": "ignored",
                 "why": "an entry without a path matches no program"}]
    wild = "*" in text or "?" in text
    scope = command_glob(f"{text} *", space_star_boundary=True) if wild else command_prefix(text, boundary=True)
    found: list[Fields] = [{**shared, "scope": scope}]
    if "*" not in name and "?" not in name:
        found[0].update(literal=text if not wild else name, open_tail=True)
        found.append({**shared, "scope": command_prefix(name, boundary=True), "decision": "unknown"})
    return found


def stream(value: Value, context: Context) -> list[Fields]:
    """An entry of `safeBins`: a program by its name."""
    text = value.text.strip()
    return [{"text": text, "tool": "exec", "capability": "exec.shell", "scope": command_prefix(text, boundary=True),
             "literal": text, "open_tail": True}]


def denied(value: Value, context: Context) -> list[Fields]:
    """One entry of `tools.deny`: a tool, a glob or a group. A file stays writable until every tool that writes is gone."""
    names = _expand(value.text)
    listed = {name for item in (value.parent.items if value.parent is not None else []) if item.kind == "str"
              for name in _expand(item.text)}
    return [{**_lost(name, listed), "text": value.text} for name in sorted(names)]


def _lost(name: str, listed: set[str]) -> Fields:
    capability = whole.tools("openclaw")[name]["capability"]
    able = {each for each, entry in whole.tools("openclaw").items() if entry["capability"] == capability}
    if not able <= listed:
        capability = ""
    return {"tool": name, "capability": capability, "scope": whole.scope_of(capability, name), "breadth": "all"}


def _expand(text: str) -> set[str]:
    groups = policy("openclaw")["groups"]
    found: set[str] = set()
    for name in groups.get(text, [text]):
        found.update(whole.matching("openclaw", name))
    return found


def allowed(value: Value, context: Context) -> list[Fields]:
    """`tools.allow` by its first entry: what a list does not name is gone."""
    if value.key != 0 or value.parent is None:
        return []
    names = {name for item in value.parent.items if item.kind == "str" for name in _expand(item.text)}
    return _without(names, value.text)


def profile(value: Value, context: Context) -> list[Fields]:
    """`tools.profile`: a list of tools with a name; `alsoAllow` beside it adds to it."""
    listed = policy("openclaw")["profiles"].get(value.text)
    if listed is None:
        return []
    more = value.parent.get("alsoAllow") if value.parent is not None else None
    names = {name for each in listed for name in _expand(each)}
    names |= {name for item in (more.items if more is not None else []) if item.kind == "str" for name in _expand(item.text)}
    return _without(names, value.text)


def _without(names: set[str], text: str) -> list[Fields]:
    """Denials of the powers that no tool among `names` has."""
    held = {whole.tools("openclaw")[name]["capability"] for name in names}
    return [{"text": text, "tool": "*", "capability": capability, "scope": whole.scope_of(capability), "breadth": "all"}
            for capability in ("exec.shell", "fs.read", "fs.write", "net.egress") if capability not in held]


def workspace(value: Value, context: Context) -> list[Fields]:
    """`tools.fs.workspaceOnly`: file tools refuse what lies outside."""
    inside = path_glob(".", base=".", directory=True)
    return [{"text": "workspaceOnly", "tool": "fs", "capability": capability, "scope": everything("path"), "without": (inside,),
             "breadth": "all"} for capability in ("fs.read", "fs.write")]


def sender(value: Value, context: Context) -> list[Fields]:
    """One entry of a list of people; the star is everybody."""
    if value.text.strip() != "*":
        return []
    name = str(value.parent.key) if value.parent is not None and isinstance(value.parent.key, str) else "allowFrom"
    return [{"name": name, "text": "*", "meaning": "open-actors", "gives": "everybody who can send a message",
             "instead": "Name the people, or use pairing."}]


def bind(value: Value, context: Context) -> list[Fields]:
    """One entry of the sandbox's `binds`: `HOST:CONTAINER[:ro]`."""
    return mount.volume(value.text)
