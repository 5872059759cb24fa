"""What a path scope touches: places of credentials, and files that govern agents.

The places are data: knowledge/paths.yaml. A broad scope (`./**`, `~`) touches whatever lies in it,
without naming any of it; findings speak of what a scope names and fold the rest into the broad grant.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from overgrant.pattern import later

if TYPE_CHECKING:
    from overgrant.scope import Scope

WHATS = ("permissions", "hooks", "servers", "instructions", "skills", "ci", "linter", "startup", "audit")

# directories that say nothing about what lies in them
_GENERIC = frozenset((
    "", ".", "..", "~", "*", "**", "etc", "var", "run", "usr", "proc", "lib", "log", "spool", "home", "root", "user",
    "share", "bin", "src", "config", "data", "settings", ".config", ".local", "library", "application support",
    "appdata", "roaming", "local", "microsoft", "private", "state", "secrets.d", "db"))
_SPLIT = later(r"[/\\{},]+")
_WILD = later(r"[*?\[]")
_VARIABLE = later(r"\$\{[^}]*\}|\$(?:env:)?\w+|%\w+%")


class Touch(NamedTuple):
    """One kind of place that a scope reaches.

    kind       `sensitive` or `control`
    what       sensitive: the kind of credential (`ssh-keys`); control: a word of `WHATS`
    product    control: whose file it is; `git`, `shell`, `ci` and the like for what governs everybody
    example    a path that the scope covers and that is such a place, as people write it
    holds      sensitive: what is in it, as half a sentence
    protected  control: how the product guards it whatever is granted, as half a sentence; else empty
    since      control: the version that guards it; empty when not known
    source     where the place is documented
    named      the scope speaks of this place, and does not merely contain it
    """

    kind: Literal["sensitive", "control"]
    what: str
    product: str
    example: str
    holds: str
    protected: str
    since: str
    source: str
    named: bool


class _Place(NamedTuple):
    kind: Literal["sensitive", "control"]
    entry: dict[str, Any]
    paths: tuple[str, ...]
    keys: tuple[str, ...]
    example: str


@lru_cache(1024)
def touched(scope: Scope, *, held: bool = True) -> tuple[Touch, ...]:
    """What a scope over paths touches, named places first; empty for other languages.

    Without `held`, places that the scope merely contains are left out, which is much quicker.
    A scope that cannot be compared (an unknown variable) touches what its text names.
    """
    if scope.language != "path":
        return ()
    named: list[Touch] = []
    inside: list[Touch] = []
    said = _segments(scope.pattern)
    for place in _places():
        example = _named(scope, place, said)
        if example:
            named.append(_touch(place, example, named=True))
        elif held and _contains(scope, place):
            inside.append(_touch(place, place.example.removeprefix("./"), named=False))
    return (*named, *inside)


def sensitive(path: str) -> Touch | None:
    """The sensitive place that a single path is, if any; `path` as written, relative to the workspace."""
    from overgrant.scope import path_glob

    scope = path_glob(path, literal=True)
    return next((touch for touch in touched(scope) if touch.kind == "sensitive"), None)


def governing(product: str, what: str) -> str:
    """A file that governs a product in a way (`permissions`), as people write it; empty when none is known."""
    return next((place.example.removeprefix("./") for place in _places() if place.kind == "control"
                 and place.entry.get("product") == product and place.entry["what"] == what), "")


def foremost(touches: Iterable[Touch]) -> Touch | None:
    """Of several control files the one whose change gives most: permissions before instructions before records."""
    order = tuple(_governs())
    return min((touch for touch in touches if touch.kind == "control"), key=lambda touch: order.index(touch.what)
               if touch.what in order else len(order), default=None)


def governs(touch: Touch, product: str) -> str:
    """What a control file is about, for an agent of a product: `its own permissions`."""
    from overgrant.dialect.catalogue import policy

    said = _governs().get(touch.what, "")
    if isinstance(said, str):
        return said
    title = str(policy(touch.product).get("title", ""))
    return str(said["own"]) if touch.product == product or not title else str(said["other"]).format(product=title)


@cache
def _governs() -> dict[str, Any]:
    from overgrant.read.knowledge import load

    return dict(load("paths")["governs"])


def precious() -> str:
    """A file that holds credentials on most machines."""
    return next((place.example for place in _places() if place.kind == "sensitive"
                 and place.example.startswith("~/")), "")


def _touch(place: _Place, example: str, *, named: bool) -> Touch:
    entry = place.entry
    guard = entry.get("protected") or {}
    return Touch(place.kind, entry["what"], entry.get("product", ""), example, entry.get("holds", ""),
                 guard.get("how", ""), guard.get("since", ""), entry["source"], named)


def _named(scope: Scope, place: _Place, said: tuple[tuple[str, bool], ...]) -> str:
    """A path of the place that the scope covers, if its text speaks of the place; else empty."""
    for path, key in zip(place.paths, place.keys):
        if not any(_speaks(segment, wild, key) for segment, wild in said):
            continue
        example = _common(scope, path)
        if example and not _harmless(scope, place, example):
            return path.removeprefix("./") if _concrete(path) else _shown(scope, place, example)
    return ""


def _speaks(segment: str, wild: bool, key: str) -> bool:
    if key.startswith("*"):
        end = key.rpartition("*")[2]
        return segment.endswith(end)
    head = _WILD.split(key, maxsplit=1)[0]
    if wild:
        own = _WILD.split(segment, maxsplit=1)[0]
        return len(own) > 2 and (head.startswith(own) or (head != key and own.startswith(head)))
    return segment == key or (head != key and len(head) > 2 and segment.startswith(head))


def _contains(scope: Scope, place: _Place) -> bool:
    from overgrant.scope import Answer, Breadth

    if scope.breadth < Breadth.TREE:
        return False
    return scope.matches(place.example) is Answer.YES


def _common(scope: Scope, path: str) -> str:
    from overgrant.scope import Answer, common, overlaps, show

    if _concrete(path) and scope.reason is None:
        return path.removeprefix("./") if scope.matches(path) is Answer.YES else ""
    if (item := _single(scope)) is not None:
        return item if _glob(path).matches(item) is Answer.YES else ""
    # the search for a witness answers the question too, where it can be answered
    if (witness := common(scope, _glob(path))) is not None:
        return show(witness)
    return "" if overlaps(scope, _glob(path)) is Answer.NO else path


@lru_cache(256)
def _single(scope: Scope) -> str | None:
    """The one path of a scope without wildcards, as people write it."""
    from overgrant.scope import Breadth, command_exact, show

    if scope.breadth is not Breadth.EXACT or _WILD.search(scope.pattern):
        return None
    item = scope.witness_beyond(command_exact("-"))
    return show(item) if item is not None else None


def _harmless(scope: Scope, place: _Place, example: str) -> bool:
    """Whether all that the scope covers here is on the place's list of harmless look-alikes."""
    from overgrant.scope import Answer, covers

    return any(_glob(path).matches(example) is Answer.YES and covers(_glob(path), scope) is Answer.YES
               for path in place.entry.get("except", ()))


def _concrete(path: str) -> bool:
    return not _WILD.search(path) and path.startswith(("./", "~/", "/"))


def _shown(scope: Scope, place: _Place, example: str) -> str:
    """The place's own example where the scope covers it: a shortest witness is correct and says little."""
    from overgrant.scope import Answer

    return place.example.removeprefix("./") if scope.matches(place.example) is Answer.YES else example


def _segments(pattern: str) -> tuple[tuple[str, bool], ...]:
    parts = (part.lower() for part in _SPLIT.split(_VARIABLE.sub("", pattern[:4096])))
    return tuple((part, _WILD.search(part) is not None) for part in parts if part not in _GENERIC)


# --- data ------------------------------------------------------------------------------------------


@cache
def _places() -> tuple[_Place, ...]:
    from overgrant.read.knowledge import load

    data = load("paths")
    return tuple(_place("sensitive", entry) for entry in data["sensitive"]) \
        + tuple(_place("control", entry) for entry in data["control"])


def _place(kind: Literal["sensitive", "control"], entry: dict[str, Any]) -> _Place:
    paths = tuple(entry["paths"])
    example = entry.get("example") or next((path for path in paths if not _WILD.search(path)), paths[0])
    return _Place(kind, entry, paths, tuple(_key(path.split("/")) for path in paths), example)


def _key(segments: Iterable[str]) -> str:
    """The segment that tells the place from others: the first that is not generic, else the last."""
    parts = [part.lower() for part in segments]
    return next((part for part in parts if part not in _GENERIC), parts[-1])


@cache
def _glob(path: str) -> Scope:
    from overgrant.scope import path_glob

    if path.startswith(("./", "~", "/")):
        return path_glob(path)
    return path_glob(path, base="/", anchor_anywhere=True)
