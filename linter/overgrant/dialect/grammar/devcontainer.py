"""Development containers: mounts, options of `docker run`, capabilities.

Source: containers.dev/implementors/json_reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar import mount as mounting
from overgrant.dialect.grammar.container import Mount, container
from overgrant.dialect.grammar.heads import Option
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_PAIRS = ("-v", "--volume", "--mount", "--cap-add", "--security-opt", "--network", "--net", "--pid")


def argument(value: Value, context: Context) -> list[Fields]:
    """One word of `runArgs`; an option's value may be the next word."""
    name, joined, text = value.text.partition("=")
    if not joined and name in _PAIRS:
        text = _next(value)
    facts = container("", [Option(name, text if joined or text else None, 0, 0)])
    said = value.text if joined or not text else f"{name} {text}"
    found = [mounting.setting(said, *each) for each in mounting.walls(facts)]
    return found + [each for mount in facts.mounts for each in mounting.folder(mount)]


def _next(value: Value) -> str:
    words = value.parent.items if value.parent is not None else []
    after = int(value.key) + 1 if isinstance(value.key, int) else len(words)
    return words[after].text if after < len(words) and words[after].kind == "str" else ""


def privileged(value: Value, context: Context) -> list[Fields]:
    """`"privileged": true`."""
    return [mounting.setting("privileged", "sandbox-off", mounting.PRIVILEGED)]


def capability(value: Value, context: Context) -> list[Fields]:
    """One entry of `capAdd`."""
    gives = mounting.capability(value.text)
    return [mounting.setting("capAdd", "sandbox-weakened", gives)] if gives else []


def security(value: Value, context: Context) -> list[Fields]:
    """One entry of `securityOpt`."""
    return [mounting.setting("securityOpt", "sandbox-weakened", mounting.CALLS)] if mounting.unconfined(value.text) else []


def mount(value: Value, context: Context) -> list[Fields]:
    """A mount written as `source=…,target=…,type=bind`."""
    if "type=volume" in value.text.replace(" ", ""):
        return []
    return [each for found in container("", [Option("--mount", value.text, 0, 0)]).mounts for each in mounting.stated(found)]


def source(value: Value, context: Context) -> list[Fields]:
    """The `source` of a mount written as an object."""
    sort = value.parent.get("type") if value.parent is not None else None
    return mounting.stated(Mount(value.text, "", False, 0)) if sort is None or sort.text == "bind" else []
