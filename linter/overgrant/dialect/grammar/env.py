"""What environment variables in an agent's files mean for its power.

Names, conditions and sentences are data: knowledge/environment.yaml. The meaning words are a closed
list, `MEANINGS`. A credential in a variable is no business of this module (`secret.find`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from overgrant.pattern import later

MEANINGS = ("trust-off", "endpoint", "code-injection", "tls-off", "trust-change", "approvals-off", "sandbox-off", "limit",
            "audit-off", "log-leak")

_WORKSPACE = (
    "${workspaceFolder}", "${workspaceRoot}", "${CLAUDE_PROJECT_DIR}", "$CLAUDE_PROJECT_DIR", "${PWD}", "$PWD")
_OPERATORS = later(r"[;|&`\n]|\$\(")
_NUMBER = later(r"[+-]?\d{1,18}(?:\.\d{1,18})?")


class EnvFact(NamedTuple):
    """What setting a variable to this value means.

    meaning    one of `MEANINGS`; conditions on the value are already applied
    gives      the power, as half a sentence: "it …"; of a limit only where `absurd`
    instead    what to do, as an imperative
    source     where the meaning is documented
    dimension  of a limit: what it bounds, a word of `overgrant.model.DIMENSIONS`
    amount     of a limit: its value, in the variable's own unit
    absurd     of a limit: so high that it bounds nothing
    """

    meaning: str
    gives: str
    instead: str
    source: str
    dimension: str = ""
    amount: float | None = None
    absurd: bool = False


def meaning(name: str, value: str, beside: Sequence[str] = ()) -> EnvFact | None:
    """What the variable means with this value, or None when it carries no power of its own.

    A value that is only known when the agent runs (`${OTHER}`) has no meaning of its own. `beside` are the words
    of the command that it is set for: the directory whose code that command runs anyway adds nothing.
    """
    entry = _entry(name)
    if entry is None:
        return None
    if beside:
        entry = {**entry, "beside": beside}
    value = value.strip()
    said = EnvFact(entry["meaning"], entry["gives"], entry["instead"], entry["source"])
    if entry["meaning"] == "limit":
        if not _NUMBER.fullmatch(value):
            return None
        from overgrant.read.knowledge import load

        amount, unit = float(value), entry.get("unit", 1)
        than = entry.get("than") or load("limits")["high"][entry["dimension"]]
        return said._replace(dimension=entry["dimension"], amount=amount, absurd=amount / unit > than)
    return said if _CONDITIONS[entry.get("when", "set")](value, entry) else None


# --- conditions on values --------------------------------------------------------------------------


def _true(value: str, entry: dict[str, Any]) -> bool:
    return value.lower() in ("1", "true", "yes", "on", "y", "t", "always", "all")


def _false(value: str, entry: dict[str, Any]) -> bool:
    return value.lower() in ("0", "false", "no", "off", "n", "f", "none", "disabled", "never")


def _set(value: str, entry: dict[str, Any]) -> bool:
    return bool(value) and not _unknown(value)


def _is(value: str, entry: dict[str, Any]) -> bool:
    return value.lower() in entry["values"]


def _contains(value: str, entry: dict[str, Any]) -> bool:
    # a space behind, so that an option at the end is an option too
    return any(part.lower() in f"{value.lower()} " for part in entry["values"])


def _unofficial(value: str, entry: dict[str, Any]) -> bool:
    from overgrant.dialect.grammar.endpoint import classify

    return any(place.host and not (place.loopback or place.known)
               for place in map(classify, re.split(r"[\s,|]+", value)) if place.host not in ("direct", "off", "none")
               ) and not _variable(value)


def _remote(value: str, entry: dict[str, Any]) -> bool:
    from overgrant.dialect.grammar.endpoint import classify

    place = classify(value)
    return bool(place.host) and not place.loopback and not _variable(value)


def _variable(value: str) -> bool:
    """The name of a variable or a secret in place of an address, as Copilot's servers are given theirs."""
    return re.fullmatch(r"[A-Z][A-Z0-9]*+(?:_[A-Z0-9]++)++", value.strip()) is not None


def _not_workspace(value: str, entry: dict[str, Any]) -> bool:
    parts = re.split(r"[:;](?![\\/])", value)
    return any(part and not _unknown(part) and not _in_workspace(part) and not _runs_from(part, entry) for part in parts)


def _runs_from(directory: str, entry: dict[str, Any]) -> bool:
    """The command beside the variable runs code of this directory, or of one around it that it was told to work in."""
    place = directory.replace("\\", "/").rstrip("/")
    words = [word.replace("\\", "/").rstrip("/") for word in entry.get("beside", ())]
    return place.count("/") > 1 and any(
        word == place or word.startswith(f"{place}/") or (word.count("/") > 1 and place.startswith(f"{word}/")) for word in words)


def _workspace_first(value: str, entry: dict[str, Any]) -> bool:
    for part in value.split(":"):
        if part.startswith(("$PATH", "${PATH", "${env:PATH", "/usr", "/bin", "/sbin", "/opt")):
            return False
        if part != "~" and not part.startswith(("~/", "$HOME", "${HOME", "%")) and _in_workspace(part):
            return True
    return False


def _script(value: str, entry: dict[str, Any]) -> bool:
    return value != "/dev/null" and ("/" in value or value.startswith((".", "~", "$")))


def _config(value: str, entry: dict[str, Any]) -> bool:
    """A file where others write, as the workspace is; one of the home directory is its owner's own."""
    return _set(value, entry) and value.lower() != "nul" and (_in_workspace(value) or value.startswith(("/tmp/", "/var/tmp/")))


def _command(value: str, entry: dict[str, Any]) -> bool:
    return _OPERATORS.search(value) is not None or value.startswith(("./", "../", *_WORKSPACE))


def _in_workspace(path: str) -> bool:
    for name in _WORKSPACE:
        path = path.replace(name, ".", 1) if path.startswith(name) else path
    if path.startswith(("/", "~", "\\", "$", "%")) or path[1:2] == ":":
        return False
    depth = 0
    for step in path.replace("\\", "/").split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(step, 1)
        if depth < 0:
            return False
    return True


def _unknown(value: str) -> bool:
    return value.startswith(("${", "$", "{{", "{env:")) and not value.startswith(_WORKSPACE)


_CONDITIONS: dict[str, Callable[[str, dict[str, Any]], bool]] = {
    "set": _set, "true": _true, "false": _false, "zero": lambda value, entry: value == "0", "is": _is,
    "contains": _contains, "unofficial": _unofficial, "remote": _remote, "not-workspace": _not_workspace,
    "workspace-first": _workspace_first, "script": _script, "config": _config, "command": _command}


# --- data ------------------------------------------------------------------------------------------


@cache
def _names() -> dict[str, dict[str, Any]]:
    from overgrant.read.knowledge import load

    return {name: entry for entry in load("environment")["variables"] for name in entry["names"]}


@cache
def _patterns() -> list[tuple[str, str, dict[str, Any]]]:
    parts = ((name.partition("*"), entry) for name, entry in _names().items() if "*" in name)
    return [(head, tail, entry) for (head, _, tail), entry in parts]


def _entry(name: str) -> dict[str, Any] | None:
    exact = _names().get(name)
    if exact is not None:
        return exact
    return next((entry for head, tail, entry in _patterns()
                 if name.startswith(head) and name.endswith(tail) and len(name) > len(head) + len(tail)), None)
