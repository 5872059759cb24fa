"""Grants over a whole tool: what a product's tool gives when nothing narrows it.

A product's `tools` in `knowledge/products/<slug>.yaml` say what its tools are called and what they can do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from overgrant.dialect.catalogue import policy
from overgrant.scope import Answer, Scope, everything, path_glob, tool_glob

Fields = dict[str, Any]
LANGUAGES = {"exec.shell": "command", "fs.read": "path", "fs.write": "path", "fs.delete": "path", "net.egress": "host"}


def tools(product: str) -> dict[str, Fields]:
    """The product's own tools: canonical name → its entry."""
    found: dict[str, Fields] = policy(product).get("tools", {})
    return found


def canonical(product: str, name: str) -> str:
    """The name under which the product's table has a tool, or an empty string."""
    for each, entry in tools(product).items():
        if name == each or name in entry.get("aliases", ()):
            return each
    return ""


def matching(product: str, pattern: str) -> Iterator[str]:
    """The canonical names of the product's own tools that a name or glob covers."""
    scope = tool_glob(pattern) if "*" in pattern or "?" in pattern else None
    for each, entry in tools(product).items():
        names = (each, *entry.get("aliases", ()))
        if pattern in names or scope is not None and any(scope.matches(name) is Answer.YES for name in names):
            yield each


def scope_of(capability: str, name: str = "*") -> Scope:
    """Everything that a capability reaches; for a tool without a language of its own, the tool's name."""
    language = LANGUAGES.get(capability)
    return everything(language) if language else tool_glob(name)


def grant(product: str, name: str) -> Fields:
    """The fields of a grant over one of the product's own tools, without any bound."""
    entry = tools(product).get(name, {})
    capability = entry.get("capability", "")
    fields: Fields = {"tool": name, "capability": capability, "scope": scope_of(capability, name)}
    if capability in LANGUAGES:
        fields.update(breadth="all", literal="", open_tail=True)
    if entry.get("within") == "workspace":
        fields.update(scope=path_glob("**", base="."), breadth="tree")
    elif capability.startswith("fs."):
        fields["via"] = "tool"
    if entry.get("trusted"):
        fields["rank"] = "default"
    return fields
