"""Scopes and roles of OAuth and clouds that give more than one task needs: knowledge/oauth.yaml."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, NamedTuple


class Broad(NamedTuple):
    """A broad scope.

    provider  whose scope it is, as far as its spelling tells
    gives     the power, as half a sentence: "it …"
    narrower  a scope or a way to less, as an imperative
    write     it changes something, and does not only read
    source    where the scope is documented
    """

    provider: str
    gives: str
    narrower: str
    write: bool
    source: str


@lru_cache(1024)
def broad(scope: str, *, provider: str = "") -> Broad | None:
    """What a broad scope gives; None for a narrow or unknown one.

    provider  its slug where the place tells (`github`); several providers use the same short words
              (`api`, `admin`), and without it only the first in the data is meant
    """
    scope = scope.strip()
    if not scope or len(scope) > 512:
        return None
    entries = [entry for entry in _exact().get(scope, ()) if provider in ("", entry["provider"])]
    if not entries:
        entries = [entry for entry in _patterned() if provider in ("", entry["provider"]) and _fits(entry, scope)]
    if not entries:
        return None
    entry = entries[0]
    return Broad(entry["provider"], entry["gives"], entry["narrower"], entry["write"], entry["source"])


def _fits(entry: dict[str, Any], scope: str) -> bool:
    if any(_glob(pattern, scope) for pattern in entry.get("except", ())):
        return False
    # `s3:*` is a whole service; `repo:*` of another provider or `s3:Get*` is not
    if entry.get("only") == "service":
        head, colon, tail = scope.partition(":")
        return colon == ":" and tail == "*" and head.replace("-", "").isalnum() and head.islower()
    return any(_glob(pattern, scope) for pattern in entry["patterns"])


def _glob(pattern: str, text: str) -> bool:
    """`*` for any run of characters, in time linear in pattern and text for each star."""
    parts = pattern.split("*")
    if len(parts) == 1:
        return pattern == text
    head, *middle, tail = parts
    if len(text) < len(head) + len(tail) or not text.startswith(head) or not text.endswith(tail):
        return False
    at, end = len(head), len(text) - len(tail)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


# --- data ------------------------------------------------------------------------------------------


@cache
def _exact() -> dict[str, list[dict[str, Any]]]:
    from overgrant.read.knowledge import load

    exact: dict[str, list[dict[str, Any]]] = {}
    for entry in load("oauth")["scopes"]:
        for scope in entry.get("scopes", ()):
            exact.setdefault(scope, []).append(entry)
    return exact


@cache
def _patterned() -> list[dict[str, Any]]:
    from overgrant.read.knowledge import load

    return [entry for entry in load("oauth")["scopes"] if "patterns" in entry]
