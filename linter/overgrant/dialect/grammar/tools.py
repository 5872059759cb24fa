"""What the name of an unknown tool says that it does: a guess from its verb, marked as one.

Tools of products are data of the product, tools of known servers of the server. The words are data:
knowledge/tools.yaml. The first verb decides, so that `get_delete_status` only reads.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, Literal

from overgrant.pattern import later

_WORD = later(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

# what the objects' `with` means, by the verb's own effects
_SORTS = {
    "running": frozenset(("runs-code",)),
    "deleting": frozenset(("destroys",)),
    "creating": frozenset(("database-write", "writes-files", "deploys", "installs")),
    "writing": frozenset(("database-write", "writes-files", "destroys", "publishes", "deploys", "changes-permissions")),
}


@lru_cache(4096)
def effects_of_name(name: str) -> tuple[tuple[str, ...], Literal["low"]]:
    """The effects that a tool of this name probably has, as words of `overgrant.model.EFFECTS`, and how sure it is.

    Nothing for a name without a known verb: an unknown tool is no harmless one.
    """
    words = words_of(name)
    verb = _verb(words)
    if verb is None:
        return _noun(words), "low"
    at, entry = verb
    effects = list(entry["effects"])
    reads = bool(entry.get("reads"))
    said = frozenset(words[:at] + words[at + 1:])
    for thing in _data()["objects"]:
        if said.isdisjoint(thing["words"]) or not _fits(thing["with"], entry["effects"], reads):
            continue
        if "replace" in thing:
            effects = [one for one in effects if one in ("destroys", "sends", "moves-money")] + thing["replace"]
        else:
            effects += thing["add"]
    return tuple(dict.fromkeys(effects)), "low"


def reads_only(name: str) -> bool | None:
    """Whether the verb of a tool's name only looks; None when the name has no known verb."""
    verb = _verb(words_of(name))
    return None if verb is None else bool(verb[1].get("reads"))


def words_of(name: str) -> list[str]:
    """The words of a name in snake, kebab, dotted or camel case, in lower case; a server's prefix is left out."""
    last = name[:256].rpartition("__")[2] or name[:256]
    last = re.split(r"[/.:]", last)[-1] or last
    return [word.lower() for word in _WORD.findall(last)]


def _verb(words: list[str]) -> tuple[int, dict[str, Any]] | None:
    """The first verb: the first word that is one, unless what precedes it is more than a prefix or a noun."""
    verbs, skip = _verbs(), _skip()
    for index, word in enumerate(words):
        # `email_send`: a word that may be a prefix and a verb is a prefix if a verb follows
        if word in skip and any(later in verbs for later in words[index + 1:]):
            continue
        if word in verbs:
            return index, verbs[word]
    return None


def _noun(words: list[str]) -> tuple[str, ...]:
    return next((tuple(entry["effects"]) for entry in _data()["nouns"]
                 if not frozenset(words).isdisjoint(entry["words"]) or "".join(words) in entry["words"]), ())


def _fits(sort: str, effects: list[str], reads: bool) -> bool:
    if sort == "any":
        return True
    if sort == "reading":
        return reads and "reads-data" in effects
    return not _SORTS[sort].isdisjoint(effects)


# --- data ------------------------------------------------------------------------------------------


@cache
def _data() -> dict[str, Any]:
    from overgrant.read.knowledge import load

    data: dict[str, Any] = load("tools")
    return data


@cache
def _verbs() -> dict[str, dict[str, Any]]:
    verbs: dict[str, dict[str, Any]] = {}
    for entry in _data()["verbs"]:
        for word in entry["words"]:
            verbs.setdefault(word, entry)
    return verbs


@cache
def _skip() -> frozenset[str]:
    return frozenset(_data()["skip"])
