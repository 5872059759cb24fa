"""Scopes: what a pattern covers, as a language that can be compared with another.

A scope is exact < prefix < tree < family < all. Its breadth and every comparison follow from the set of
items it matches, never from how the pattern is spelt, so `covers(a, b)` implies `a.breadth >= b.breadth`
within one language. A question that has no sure answer says so: `Answer.UNDECIDABLE`.

Paths live in one canonical space, so that anchors compare: `/etc/passwd` is itself, the home directory is
`/home/~`, the workspace `/home/~/src/workspace`, `C:\\` is `/c:/`. A witness that is a path is canonical;
`show` turns it back for people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NoReturn

from overgrant import automaton as fa
from overgrant import shortcut
from overgrant.automaton import NFA
from overgrant.breadth import Breadth, breadth_of
from overgrant.globtext import stars
from overgrant.hosttext import host_item, host_nfa, is_loopback, is_private
from overgrant.pathtext import (
    HOME,
    MAX_CHOICES,
    TEMPORARY,
    WORKSPACE,
    WORKSPACE_NAMES,
    Place,
    below,
    canonical,
    choices,
    is_bare,
    is_directory,
    literal_count,
    path_nfa,
    shared_names,
    show,
    step_down,
)

if TYPE_CHECKING:
    from overgrant.regex import Anchored, Flavour

__all__ = [
    "HOME", "LANGUAGES", "WORKSPACE", "Answer", "Breadth", "Place", "Scope", "command_exact", "command_glob", "command_prefix",
    "command_regex", "common", "covers", "everything", "host_glob", "is_loopback", "is_private", "name_glob", "overlaps",
    "path_glob", "show", "tool_glob", "union_covers",
]

LANGUAGES = ("command", "path", "host", "tool", "name")
_NO_PLACE = "The path starts at a place that is not known before it runs."
_TOO_LONG = f"The pattern is longer than {fa.MAX_PATTERN} characters or needs too many states."
_breadths: dict[tuple[object, ...], Breadth] = {}


class Answer(Enum):
    """Yes, no, or not known; compare with `is`, because undecidable must never pass for no."""

    YES = "yes"
    NO = "no"
    UNDECIDABLE = "undecidable"

    def __bool__(self) -> NoReturn:
        raise TypeError("an Answer is no truth value: compare it with `is Answer.YES`")


def _answer(known: bool | None) -> Answer:
    return Answer.UNDECIDABLE if known is None else Answer.YES if known else Answer.NO


class Scope:
    """An immutable set of items of one language; made by the functions of this module.

    `reason` says in a sentence why the scope cannot be compared, None where it can.
    """

    __slots__ = ("_breadth", "_key", "_language", "_nfa", "_pattern", "_reason", "_root", "_total")

    def __init__(self, language: str, pattern: str, nfa: NFA | str, *, key: tuple[object, ...] = (),
                 root: Sequence[str] = (), total: bool = False) -> None:
        self._language = language
        self._pattern = pattern
        self._nfa = None if isinstance(nfa, str) else nfa
        self._reason = nfa if isinstance(nfa, str) else None
        self._key = (language, pattern, *key)
        self._root = tuple(root)
        self._total = total
        self._breadth: Breadth | None = None

    @property
    def language(self) -> str:
        """`command`, `path`, `host`, `tool` or `name` (a cloud action, an OAuth scope)."""
        return self._language

    @property
    def pattern(self) -> str:
        """The pattern as a person writes it."""
        return self._pattern

    @property
    def reason(self) -> str | None:
        """Why the scope cannot be compared; None if it can."""
        return self._reason

    @property
    def breadth(self) -> Breadth:
        """See `Breadth`; a scope that cannot be compared counts as TREE (paths) or FAMILY."""
        if self._breadth is None:
            quick = self._quick_breadth() if self._nfa is not None and not self._total else None
            self._breadth = self._full_breadth() if quick is None else Breadth(quick)
        return self._breadth

    def _full_breadth(self) -> Breadth:
        known = self._key, self._root, self._total
        if known not in _breadths:  # many files of a tree say the same
            _breadths[known] = breadth_of(self._language, self._nfa)
        return _breadths[known]

    def _quick_breadth(self) -> int | None:
        if self._nfa is not None and self._nfa.only is not None:
            return 0
        if self._key[2:] in (("glob", True), ("glob", False)) and self._language == "command":
            return shortcut.command(self._pattern)
        if self._language == "path" and self._key[4:] == (False, False, False):
            return shortcut.path(self._pattern, self._root, WORKSPACE_NAMES, self._key[3] is True)
        return None

    def matches(self, item: str) -> Answer:
        """Whether one concrete item, written as usual (`src/x.py`, `git status`, `a.com:443`), is in the scope."""
        text = _item(self._language, item)
        if self._total:
            return Answer.YES
        if self._nfa is None or text is None:
            return Answer.UNDECIDABLE
        return _answer(fa.matches(self._nfa, text))

    def witness_beyond(self, other: Scope) -> str | None:
        """A short item that this scope matches and `other` does not; None if there is none or none is known."""
        if self._nfa is None or other._total:
            return None
        if other._language != self._language:
            return self._written(fa.example(self._nfa))
        return None if other._nfa is None else self._written(_found((self,), (other,)))

    def _written(self, text: str | None) -> str | None:
        return "/" if text == "" and self._language == "path" else text

    @property
    def beyond_workspace(self) -> Answer:
        """Whether a path scope matches something outside the workspace."""
        if self._language != "path" or self._nfa is None:
            return Answer.UNDECIDABLE
        try:
            return _answer(fa.search([self._nfa, *_valid("path")], [below(WORKSPACE)]) is not None)
        except fa.Undecidable:
            return Answer.UNDECIDABLE

    @property
    def place(self) -> Place:
        """The smallest place that holds all of a path scope.

        `home` is the home directory itself or a directory between it and the workspace, `filesystem` the
        root, the parent of all homes or a whole drive, `elsewhere` a specific directory or file outside
        the workspace; `unknown` for other languages and for paths that cannot be compared.
        """
        if self._language != "path" or self._nfa is None:
            return "unknown"
        workspace, root = WORKSPACE_NAMES, self._root
        if root[:len(workspace)] == workspace:
            return "workspace"
        if root == workspace[:len(root)]:
            return "home" if len(root) > 1 else "filesystem"
        return "filesystem" if len(root) == 1 and root[0].endswith(":") else "elsewhere"

    @property
    def is_temporary(self) -> bool:
        """Whether all of a path scope is in a directory for temporary files."""
        start = "/" + "/".join(self._root) + "/"
        return self._nfa is not None and any(start.startswith(f"{each}/") for each in TEMPORARY)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scope) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Scope({self._language} {self._pattern!r})"


# --- comparisons ----------------------------------------------------------------------------------------------

def covers(a: Scope, b: Scope) -> Answer:
    """Whether every item of `b` is in `a`. Scopes of different languages: no, unless `a` is `everything(...)`."""
    if a == b or a._total:
        return Answer.YES
    if _apart(a, b):
        return Answer.NO
    # most pairs differ in every item, and one item is enough to see it
    if a._language == b._language and (item := _sample(b)) is not None and a.matches(item) is Answer.NO:
        return Answer.NO
    return union_covers([a], b)


def _apart(a: Scope, b: Scope) -> bool:
    """Two path scopes that begin in different directories have nothing in common."""
    if a._language != "path" or b._language != "path" or a._nfa is None or b._nfa is None or a._total or b._total:
        return False
    shared = min(len(a._root), len(b._root))
    return a._root[:shared] != b._root[:shared]


@lru_cache(maxsize=4096)
def _sample(scope: Scope) -> str | None:
    """An item of the scope that its text shows: the wildcards left out, or filled; None where that is no item."""
    for filler in ("", "x"):
        item = scope.pattern.replace("**", "*").replace("*", filler).replace("//", "/")
        if scope.matches(item) is Answer.YES:
            return item
    return None


def union_covers(parts: Sequence[Scope], b: Scope) -> Answer:
    """Whether every item of `b` is in one of `parts`."""
    if any(part._total or part == b for part in parts):
        return Answer.YES
    same = tuple(part for part in parts if part._language == b._language)
    known = tuple(part for part in same if part._nfa is not None)
    # what cannot be compared still is within everything
    whole = b if b._nfa is not None else everything(b._language)
    included = _includes(known, whole) if known else _includes((), whole)
    if included is True:
        return Answer.YES
    unsure = included is None or b._nfa is None or len(known) < len(same)
    return Answer.UNDECIDABLE if unsure and same else Answer.NO


@lru_cache(maxsize=4096)
def _search(inside: tuple[Scope, ...], outside: tuple[Scope, ...]) -> str | None:
    # of one language; raises Undecidable
    sets = ([scope._nfa for scope in scopes if scope._nfa is not None] for scopes in (inside, outside))
    return fa.search([*next(sets), *_valid(inside[0]._language)], next(sets))


def _found(inside: tuple[Scope, ...], outside: tuple[Scope, ...]) -> str | None:
    try:
        return _search(inside, outside)
    except fa.Undecidable:
        return None


def _includes(parts: tuple[Scope, ...], b: Scope) -> bool | None:
    try:
        return _search((b,), parts) is None
    except fa.Undecidable:
        return None


def overlaps(a: Scope, b: Scope) -> Answer:
    """Whether some item is in both. Different languages: no, unless one is `everything(...)`."""
    if _apart(a, b):
        return Answer.NO
    inside = _both(a, b)
    if inside is None:
        return Answer.NO
    if any(scope._nfa is None for scope in inside):
        return Answer.UNDECIDABLE
    try:
        return _answer(_search(inside, ()) is not None)
    except fa.Undecidable:
        return Answer.UNDECIDABLE


def common(a: Scope, b: Scope) -> str | None:
    """A short item that both match; None if there is none or none is known."""
    if _apart(a, b):
        return None
    inside = _both(a, b)
    if inside is None or any(scope._nfa is None for scope in inside):
        return None
    return inside[0]._written(_found(inside, ()))


def _both(a: Scope, b: Scope) -> tuple[Scope, ...] | None:
    """What an item of both must be in; None where the languages keep them apart."""
    if a._language == b._language:
        return (a, b)
    return (b,) if a._total else (a,) if b._total else None


# --- breadth --------------------------------------------------------------------------------------------------

# --- commands, tools, names -----------------------------------------------------------------------------------

def everything(language: str) -> Scope:
    """Every item; covers scopes of every language."""
    if language not in LANGUAGES:
        raise ValueError(f"no language {language!r}")
    nfa = fa.star(step_down()) if language == "path" else fa.anything()
    return Scope(language, "/**" if language == "path" else "*", nfa, key=("everything",), total=True)


def _built(language: str, pattern: str, make: Callable[[], NFA | str], key: tuple[object, ...] = ()) -> Scope:
    return Scope(language, pattern, _attempt(pattern, make), key=key)


def _attempt(pattern: str, make: Callable[[], NFA | str]) -> NFA | str:
    try:
        return make() if len(pattern) <= fa.MAX_PATTERN else _TOO_LONG
    except fa.TooLarge:
        return _TOO_LONG


def command_glob(pattern: str, *, space_star_boundary: bool) -> Scope:
    """A command pattern in which `*` stands for any characters, spaces included; `\\*` is a star.

    With `space_star_boundary` a last ` *` also matches the bare command: `ls *` matches `ls` and `ls -a`, not `lsof`.
    """
    def make() -> NFA:
        text, tail = pattern, fa.concat()
        if space_star_boundary and text.endswith(" *"):
            text, tail = text[:-2], fa.optional(fa.concat(fa.literal(" "), fa.anything()))
        return fa.concat(*stars(text, fa.anything(), escapes=True), tail)

    return _built("command", pattern, make, ("glob", space_star_boundary))


def command_prefix(words: str, *, boundary: bool, ignore_case: bool = False) -> Scope:
    """Commands that begin with `words`; with `boundary` only at the end of a word (`git` is not `gitk`)."""
    def make() -> NFA:
        tail = fa.optional(fa.concat(fa.literal(" "), fa.anything())) if boundary else fa.anything()
        return fa.concat(fa.literal(words, ignore_case=ignore_case), tail)

    return _built("command", words + (" *" if boundary else "*"), make, ("prefix", ignore_case))


def command_exact(text: str) -> Scope:
    """One command, character for character."""
    return _built("command", text, lambda: fa.literal(text), ("exact",))


def command_regex(pattern: str, flavour: Flavour, anchored: Anchored, ignore_case: bool) -> Scope:
    """Commands in which a regular expression finds a match (see `regex.from_regex`)."""
    from overgrant.regex import Unsupported, from_regex

    def make() -> NFA | str:
        found = from_regex(pattern, flavour=flavour, anchored=anchored, ignore_case=ignore_case)
        return found.reason if isinstance(found, Unsupported) else found

    return _built("command", pattern, make, ("regex", flavour, anchored, ignore_case))


def tool_glob(pattern: str) -> Scope:
    """Tool names: `Read`, `mcp__server__*`, `server/*`, `server:tool`, `@server`, `*`.

    A server named alone (`mcp__server`, `@server`) stands for all its tools. `*` does not cross the `/` or `:`
    between server and tool, unless it is the whole pattern.
    """
    text = pattern.strip()

    def make() -> NFA:
        if text and not text.strip("*"):
            return fa.anything()
        at = min((found for mark in "/:" if (found := text.find(mark)) >= 0), default=len(text))
        head, tail = text[:at + 1], text[at + 1:]
        name = fa.concat(*stars(head, fa.star(fa.any_except("/:"))), *stars(tail, fa.anything()))
        inside = fa.anything()
        if text.startswith("@") and at == len(text):
            return fa.concat(name, fa.optional(fa.concat(fa.literal("/"), inside)))
        if text.startswith("mcp__") and "__" not in text[5:] and "*" not in text and len(text) > 5:
            return fa.concat(name, fa.optional(fa.concat(fa.literal("__"), inside)))
        return name

    return _built("tool", pattern, make)


def name_glob(pattern: str, *, ignore_case: bool = False) -> Scope:
    """A cloud action or OAuth scope (`s3:Get*`, `repo`, an address); `*` stands for any characters."""
    return _built("name", pattern, lambda: fa.concat(*stars(pattern, fa.anything(), ignore_case=ignore_case)),
                  (ignore_case,))


# --- hosts ----------------------------------------------------------------------------------------------------

def host_glob(pattern: str, *, apex: bool = False) -> Scope:
    """Hosts, without regard to case: `example.com`, `*.example.com`, `example.com:443`, `[::1]:8080`, `*`.

    A leading `*.` is subdomains at any depth, and with `apex` the domain itself; a leading `**.` or `.` includes
    the domain. Any other `*` stays within one label. Without a port every port matches. A scheme is dropped;
    a path or an address range cannot be compared.
    """
    text = pattern.strip().lower().rpartition("://")[2]
    host, _, path = text.partition("/")

    def make() -> NFA | str:
        if path.strip("*"):
            return "The pattern names a path or an address range, not only a host."
        if "@" in host:
            return "The pattern has a user name before the host."
        return fa.anything() if host and not host.strip("*") else host_nfa(host, apex)

    return _built("host", pattern, make, (apex,))


# --- paths ----------------------------------------------------------------------------------------------------

def path_glob(pattern: str, *, base: str = ".", anchor_anywhere: bool = False, literal: bool = False,
              directory: bool = False, braces: bool = False) -> Scope:
    """Paths in the manner of gitignore, with one canonical place for every anchor.

    `**` crosses directories, `*`, `?` and `[...]` stay within a name. A last `/` or `/**`, a directory that is
    known as one (`~`, `..`, `/`, `C:\\`) and the option `directory` mean the directory with all that is below.
    A relative pattern starts at `base` (written as a person would, or canonical); with `anchor_anywhere` a bare
    name (`.env`, `build/`) matches at any depth below it. `literal` switches wildcards off, `braces` makes
    `{a,b}` a choice. `.` and `..` are resolved as written. A variable other than home, workspace
    and temporary directory makes the scope undecidable.
    """
    roots: list[list[str]] = []

    def make() -> NFA | str:
        start = canonical(base, WORKSPACE_NAMES, concrete=True)
        texts = choices(pattern) if braces and not literal else [pattern]
        if start is None or texts is None:
            return f"The pattern has more than {MAX_CHOICES} choices." if start is not None else _NO_PLACE
        parts = []
        for text in texts:
            segments = canonical(text, [*start, "**"] if anchor_anywhere and is_bare(text) else start)
            if segments is None:
                return _NO_PLACE
            tree = directory or is_directory(text, segments)
            fixed = len(segments) if literal else len(shared_names([start, segments]))
            parts.append(path_nfa(segments, fixed, tree))
            roots.append([segment for number, segment in enumerate(segments)
                          if number < max(fixed, literal_count(segments))])
        return fa.union(*parts)

    nfa = _attempt(pattern, make)
    return Scope("path", pattern, nfa, key=(base, anchor_anywhere, literal, directory, braces), root=shared_names(roots))


@cache
def _valid(language: str) -> tuple[NFA, ...]:
    """What every item of a language is in besides its patterns: no path has a name `.` or `..`."""
    if language != "path":
        return ()
    other, rest = fa.any_except("/."), fa.any_except("/")
    name = fa.union(fa.concat(other, fa.star(rest)), fa.concat(fa.literal("."), other, fa.star(rest)),
                    fa.concat(fa.literal(".."), fa.plus(rest)))
    return (fa.star(fa.concat(fa.literal("/"), name)),)


def _item(language: str, item: str) -> str | None:
    if language == "host":
        return host_item(item)
    if language != "path":
        return item
    segments = canonical(item, WORKSPACE_NAMES, concrete=True)
    return None if segments is None else "".join(f"/{segment}" for segment in segments)

