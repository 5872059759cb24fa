"""Scopes: what a pattern covers, as a language that can be compared with another.

A scope is exact < prefix < tree < family < all. Its breadth and every comparison follow from the set of
items it matches, never from how the pattern is spelt, so `covers(a, b)` implies `a.breadth >= b.breadth`
within one language. A question that has no sure answer says so: `Answer.UNDECIDABLE`.

Paths live in one canonical space, so that anchors compare: `/etc/passwd` is itself, the home directory is
`/home/~`, the workspace `/home/~/src/workspace`, `C:\\` is `/c:/`. A witness that is a path is canonical;
`show` turns it back for people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum, IntEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, NoReturn

from overgrant import automaton as fa
from overgrant import shortcut
from overgrant.automaton import NFA

if TYPE_CHECKING:
    from overgrant.regex import Anchored, Flavour

Place = Literal["workspace", "home", "filesystem", "elsewhere", "unknown"]

LANGUAGES = ("command", "path", "host", "tool", "name")
HOME = "/home/~"
WORKSPACE = "/home/~/src/workspace"
_WORKSPACE_NAMES = ("home", "~", "src", "workspace")
_VARIABLES = {
    **dict.fromkeys(("HOME", "USERPROFILE", "userHome"), HOME),
    **dict.fromkeys(("workspaceFolder", "workspaceRoot", "CLAUDE_PROJECT_DIR", "PWD"), WORKSPACE),
    **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), "/tmp"),
}
_TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm", "/var/folders", "/private/tmp", "/private/var/tmp",
              "/private/var/folders")
_SPECIAL = tuple("*?[]{}!# \\")
_MAX_CHOICES = 64
_BREADTH_WORK = 100_000  # every grant has its breadth asked, so a hostile file must not make it dear
_NO_PLACE = "The path starts at a place that is not known before it runs."
_TOO_LONG = f"The pattern is longer than {fa.MAX_PATTERN} characters or needs too many states."


class Breadth(IntEnum):
    """How much of its language a scope covers; a larger scope is never narrower.

    EXACT   finitely many items
    PREFIX  endlessly many, and none of the forms below: `git push *`, `src/*.py`, `mcp__github__get_*`
    TREE    everything below some directory or domain: `src/**`, `*.example.com`
    FAMILY  one program with any arguments, or any program with a fixed end (`git *`, `* --version`); the whole
            home directory or a drive, or a fixed end anywhere on the machine; a top-level domain; all of a
            server's tools; all of a service's actions
    ALL     every ordinary item of the language
    """

    EXACT = 0
    PREFIX = 1
    TREE = 2
    FAMILY = 3
    ALL = 4


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
            self._breadth = _breadth(self._language, self._nfa) if quick is None else Breadth(quick)
        return self._breadth

    def _quick_breadth(self) -> int | None:
        if self._nfa is not None and self._nfa.only is not None:
            return 0
        if self._key[2:] in (("glob", True), ("glob", False)) and self._language == "command":
            return shortcut.command(self._pattern)
        if self._language == "path" and self._key[4:] == (False, False, False):
            return shortcut.path(self._pattern, self._root, _WORKSPACE_NAMES, self._key[3] is True)
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
            return _answer(fa.search([self._nfa, *_valid("path")], [_below(WORKSPACE)]) is not None)
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
        workspace, root = _WORKSPACE_NAMES, self._root
        if root[:len(workspace)] == workspace:
            return "workspace"
        if root == workspace[:len(root)]:
            return "home" if len(root) > 1 else "filesystem"
        return "filesystem" if len(root) == 1 and root[0].endswith(":") else "elsewhere"

    @property
    def is_temporary(self) -> bool:
        """Whether all of a path scope is in a directory for temporary files."""
        start = "/" + "/".join(self._root) + "/"
        return self._nfa is not None and any(start.startswith(f"{each}/") for each in _TEMPORARY)

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

_Holds = Callable[[NFA], bool]


def _all_of(probe: NFA) -> _Holds:
    return lambda nfa: fa.search([probe], [nfa], _BREADTH_WORK) is None


def _after(prefixes: NFA, tail: NFA) -> _Holds:
    return lambda nfa: fa.opens_after(nfa, prefixes, tail, _BREADTH_WORK)


def _before(heads: NFA, suffixes: NFA) -> _Holds:
    return lambda nfa: fa.opens_before(nfa, heads, suffixes, _BREADTH_WORK)


@cache
def _levels(language: str) -> tuple[tuple[Breadth, _Holds], ...]:
    """What a language must contain to have a breadth, widest first.

    Each test asks whether the scope contains one set out of a list of sets, so a larger scope passes
    whatever a smaller one passes: breadth cannot fall when a scope grows.
    """
    low = fa.one_of(((97, 122),))
    word = fa.plus(low)

    def then(mark: str) -> NFA:
        return fa.concat(fa.literal(mark), word)

    if language == "command":
        return ((Breadth.ALL, _all_of(fa.concat(word, fa.star(then(" "))))),
                (Breadth.FAMILY, _after(fa.plus(fa.any_except(" \t\n")), fa.plus(then(" ")))),
                (Breadth.FAMILY, _before(word, fa.anything())))
    if language == "path":
        below = fa.plus(then("/"))
        whole = fa.union(fa.literal(HOME), fa.concat(fa.literal("/"), low, fa.literal(":")))
        return ((Breadth.ALL, _all_of(below)), (Breadth.FAMILY, _after(whole, below)),
                (Breadth.FAMILY, _before(below, fa.anything())),
                (Breadth.TREE, _after(fa.plus(_inside()), below)))
    if language == "host":
        host = fa.concat(word, fa.star(then(".")))
        port = fa.optional(fa.concat(fa.literal(":"), fa.plus(fa.any_except(".:"))))
        top = fa.concat(fa.optional(fa.concat(fa.literal("."), fa.plus(fa.any_except(".:")))), port)
        return ((Breadth.ALL, _all_of(host)), (Breadth.FAMILY, _before(host, top)),
                (Breadth.TREE, _before(host, fa.anything())))
    if language == "tool":
        part = fa.plus(fa.any_except("/:@_"))
        server = fa.concat(part, fa.star(fa.concat(fa.literal("_"), part)))
        marks = fa.one_of(fa.chars_of("/:"))
        servers = fa.union(fa.concat(fa.literal("mcp__"), server, fa.literal("__")),
                           fa.concat(fa.optional(fa.literal("@")), server, marks))
        return (Breadth.ALL, _all_of(word)), (Breadth.FAMILY, _after(servers, word))
    service = fa.concat(fa.plus(fa.any_except(":/.")), fa.one_of(fa.chars_of(":/.")))
    return (Breadth.ALL, _all_of(fa.concat(word, then(":")))), (Breadth.FAMILY, _after(service, word))


def _breadth(language: str, nfa: NFA | None) -> Breadth:
    unknown = Breadth.TREE if language == "path" else Breadth.FAMILY
    if nfa is None:
        return unknown
    try:
        if fa.is_finite(nfa, _BREADTH_WORK):
            return Breadth.EXACT
        return next((breadth for breadth, holds in _levels(language) if holds(nfa)), Breadth.PREFIX)
    except fa.Undecidable:
        return unknown


# --- commands, tools, names -----------------------------------------------------------------------------------

def everything(language: str) -> Scope:
    """Every item; covers scopes of every language."""
    if language not in LANGUAGES:
        raise ValueError(f"no language {language!r}")
    nfa = fa.star(_inside()) if language == "path" else fa.anything()
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
        return fa.concat(*_stars(text, fa.anything(), escapes=True), tail)

    return _built("command", pattern, make, ("glob", space_star_boundary))


def _stars(text: str, wild: NFA, *, escapes: bool = False, ignore_case: bool = False) -> Iterable[NFA]:
    """The parts of a glob whose only wildcard is `*`; a run of stars counts once."""
    at, starred = 0, False
    while at < len(text):
        if text[at] == "*":
            if not starred:
                yield wild
            starred = True
        else:
            starred = False
            at += escapes and text[at] == "\\" and text[at + 1:at + 2] in ("*", "\\")
            yield fa.literal(text[at], ignore_case=ignore_case)
        at += 1


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
        name = fa.concat(*_stars(head, fa.star(fa.any_except("/:"))), *_stars(tail, fa.anything()))
        inside = fa.anything()
        if text.startswith("@") and at == len(text):
            return fa.concat(name, fa.optional(fa.concat(fa.literal("/"), inside)))
        if text.startswith("mcp__") and "__" not in text[5:] and "*" not in text and len(text) > 5:
            return fa.concat(name, fa.optional(fa.concat(fa.literal("__"), inside)))
        return name

    return _built("tool", pattern, make)


def name_glob(pattern: str, *, ignore_case: bool = False) -> Scope:
    """A cloud action or OAuth scope (`s3:Get*`, `repo`, an address); `*` stands for any characters."""
    return _built("name", pattern, lambda: fa.concat(*_stars(pattern, fa.anything(), ignore_case=ignore_case)),
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
        return fa.anything() if host and not host.strip("*") else _host(host, apex)

    return _built("host", pattern, make, (apex,))


def _host(text: str, apex: bool) -> NFA:
    name, port = _split_port(text)
    ports = fa.repeat(fa.one_of(((48, 57),)), 1, 5)
    end = fa.concat(fa.literal(":"), ports if port == "*" else fa.literal(port))
    if not port:
        end = fa.optional(fa.concat(fa.literal(":"), ports))
    if name == "*":
        return fa.concat(fa.anything(), end)
    mark = next((mark for mark in ("**.", "*.", ".") if name.startswith(mark)), "")
    inner = fa.any_except(".:/[]@")
    below = fa.concat(fa.plus(inner), fa.literal("."))
    lead = {"": fa.concat(), "*.": fa.star(below) if apex else fa.plus(below)}.get(mark, fa.star(below))
    parts: list[NFA] = []
    for number, label in enumerate(name[len(mark):].split(".")):
        parts.append(fa.literal("." if number else ""))
        parts.extend([fa.plus(inner)] if label and not label.strip("*") else _stars(label, fa.star(inner)))
    return fa.concat(lead, *parts, end)


def _split_port(text: str) -> tuple[str, str]:
    """Host and port; an IPv6 address gets the brackets that addresses in URLs have."""
    if text.startswith("["):
        name, _, port = text.partition("]")
        return name + "]", port.removeprefix(":")
    if text.count(":") > 1:
        return f"[{text}]", ""
    name, _, port = text.partition(":")
    return name.removesuffix("."), port


def _host_item(item: str) -> str:
    name, port = _split_port(item.strip().lower().rpartition("://")[2].partition("/")[0])
    return f"{name}:{port}" if port else name


def is_loopback(host: str) -> bool:
    """Whether a host, with or without port, is this machine's own."""
    name = _split_port(_host_item(host))[0].strip("[]")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_private(host: str) -> bool:
    """Whether a host is not on the public internet: private, link-local and loopback addresses, local names."""
    name = _split_port(_host_item(host))[0].strip("[]")
    # RFC 6762 (.local), RFC 8375 (home.arpa), ICANN's reservation of .internal in 2024, names in common use
    if is_loopback(host) or name.endswith((".local", ".internal", ".lan", ".home.arpa", ".intranet", ".corp")):
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(name).is_private
    except ValueError:
        return False


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
        start = _canonical(base, _WORKSPACE_NAMES, concrete=True)
        texts = _choices(pattern) if braces and not literal else [pattern]
        if start is None or texts is None:
            return f"The pattern has more than {_MAX_CHOICES} choices." if start is not None else _NO_PLACE
        parts = []
        for text in texts:
            segments = _canonical(text, [*start, "**"] if anchor_anywhere and _is_bare(text) else start)
            if segments is None:
                return _NO_PLACE
            tree = directory or _is_directory(text, segments)
            fixed = len(segments) if literal else len(_shared([start, segments]))
            parts.append(_path(segments, fixed, tree))
            roots.append([segment for number, segment in enumerate(segments)
                          if number < max(fixed, _literal_count(segments))])
        return fa.union(*parts)

    nfa = _attempt(pattern, make)
    return Scope("path", pattern, nfa, key=(base, anchor_anywhere, literal, directory, braces), root=_shared(roots))


def show(item: str) -> str:
    """A canonical path as people write it: `src/x.py`, `~/.ssh/id_rsa`, `C:\\Users`, `/etc/passwd`."""
    if item == WORKSPACE:
        return "."
    if item.startswith(WORKSPACE + "/"):
        return item[len(WORKSPACE) + 1:]
    if item == HOME or item.startswith(HOME + "/"):
        return "~" + item[len(HOME):]
    if item[2:3] == ":" and item[3:4] in ("", "/"):
        return item[1].upper() + ":" + (item[3:].replace("/", "\\") or "\\")
    return item or "/"


@cache
def _valid(language: str) -> tuple[NFA, ...]:
    """What every item of a language is in besides its patterns: no path has a name `.` or `..`."""
    if language != "path":
        return ()
    other, rest = fa.any_except("/."), fa.any_except("/")
    name = fa.union(fa.concat(other, fa.star(rest)), fa.concat(fa.literal("."), other, fa.star(rest)),
                    fa.concat(fa.literal(".."), fa.plus(rest)))
    return (fa.star(fa.concat(fa.literal("/"), name)),)


def _inside() -> NFA:
    # a step down: a slash and a name
    return fa.concat(fa.literal("/"), fa.plus(fa.any_except("/")))


def _below(directory: str) -> NFA:
    return fa.concat(fa.literal(directory), fa.star(_inside()))


def _item(language: str, item: str) -> str | None:
    if language == "host":
        return _host_item(item)
    if language != "path":
        return item
    segments = _canonical(item, _WORKSPACE_NAMES, concrete=True)
    return None if segments is None else "".join(f"/{segment}" for segment in segments)


def _canonical(written: str, start: Sequence[str], *, concrete: bool = False) -> list[str] | None:
    """The names of a written path from the root down, `.` and `..` resolved; None if where it starts is unknown.

    A `concrete` path is no pattern: a `$` or a bracket inside it is part of a name.
    """
    text = written
    if not concrete or not written.startswith("/"):  # else it may be canonical already
        expanded = _expanded(written.strip(), concrete)
        if expanded is None:
            return None
        text = _slashes(expanded)
    names = [] if text.startswith("/") else list(start)
    for name in text.split("/"):
        if name == "..":
            if "**" in names[-1:] and not concrete:
                return None  # up from anywhere is nowhere in particular
            del names[-1:]
        elif name not in ("", "."):
            names.append(name)
    return names


def _expanded(text: str, concrete: bool) -> str | None:
    """The path with a home, workspace or temporary directory at its start spelt out; None for other variables."""
    import re

    if text.startswith("~"):
        # another user's home
        return HOME + text[1:] if text[1:2] in ("", "/", "\\") else None
    place = ""
    if lead := re.match(r"\$\{([^}]*)\}|\$((?:env:)?\w+)|%([A-Za-z_]\w*)%", text):
        name = lead[1] or lead[2] or lead[3] or ""
        text = text[lead.end():]
        known = _VARIABLES.get(name.removeprefix("env:"))
        if known is None or text[:1] not in ("", "/", "\\"):
            return None
        place = known
    if not concrete and re.search(r"\$[\w({]|%[A-Za-z_]\w*%|\{\{", text):
        return None
    return place + text


def _slashes(text: str) -> str:
    """Windows spellings with slashes: `C:\\x` is `/c:/x`, `\\\\server\\x` is `/unc:/server/x`."""
    if len(text) > 1 and text[0].isascii() and text[0].isalpha() and text[1] == ":" and text[2:3] in ("", "/", "\\"):
        return f"/{text[0].lower()}:/" + text[2:].replace("\\", "/")
    if text.startswith("\\\\"):
        return "/unc:" + text[1:].replace("\\", "/")
    if text.startswith((".\\", "..\\", HOME + "\\", WORKSPACE + "\\", "/tmp\\")):
        return text.replace("\\", "/")
    out = []
    for number, char in enumerate(text):
        # elsewhere a backslash before a wildcard takes its meaning away, as in gitignore
        escapes = text[number + 1:number + 2] in _SPECIAL or (number and text[number - 1] == "\\")
        out.append("/" if char == "\\" and not escapes else char)
    return "".join(out)


def _is_bare(text: str) -> bool:
    name = text.strip().removesuffix("/**").rstrip("/\\")
    return "/" not in name and name[:1] not in ("~", "$", "%", "") and name not in (".", "..") and name[1:2] != ":"


def _is_directory(text: str, names: Sequence[str]) -> bool:
    """Whether a pattern says or is known to mean a directory with what is below it."""
    spelt = text.strip()
    if spelt.endswith(("/", "\\")) or spelt.replace("\\", "/").rpartition("/")[2] in ("", ".", ".."):
        return True
    return tuple(names) == _WORKSPACE_NAMES[:len(names)] or (len(names) == 1 and names[0].endswith(":"))


def _literal_count(names: Sequence[str]) -> int:
    return next((number for number, name in enumerate(names) if any(c in "*?[\\" for c in name)), len(names))


def _shared(lists: Sequence[Sequence[str]]) -> list[str]:
    """The names that all lists begin with."""
    out: list[str] = []
    for names in zip(*lists):
        if len(set(names)) > 1:
            break
        out.append(names[0])
    return out


def _choices(text: str) -> list[str] | None:
    """The texts that `{a,b}` stands for, nested ones too; None for more than `_MAX_CHOICES`."""
    done: list[str] = []
    todo = [text]
    while todo:
        each = todo.pop()
        opened, comma, found = -1, False, None
        for at, char in enumerate(each):
            if char == "{" and each[at - 1:at] != "$":
                opened, comma = at, False
            elif char == "," and opened >= 0:
                comma = True
            elif char == "}" and opened >= 0:
                if comma:
                    found = (opened, at)
                    break
                opened = -1
        if found is None:
            done.append(each)
        else:
            low, high = found
            todo.extend(each[:low] + choice + each[high + 1:] for choice in each[low + 1:high].split(","))
        if len(done) + len(todo) > _MAX_CHOICES:
            return None
    return done


def _path(names: Sequence[str], fixed: int, tree: bool) -> NFA:
    """The paths of a pattern whose first `fixed` names are meant literally."""
    parts: list[NFA] = []
    for number, name in enumerate(names):
        if number < fixed:
            parts.append(fa.literal("/" + name))
        elif name != "**":
            parts.append(fa.concat(fa.literal("/"), _name(name)))
        elif names[number - 1:number] != ["**"]:
            parts.append(fa.star(_inside()))
    return fa.concat(*parts, *([fa.star(_inside())] if tree else []))


def _name(text: str) -> NFA:
    """One name of a path pattern: `*`, `?`, `[a-z]`, `[!a-z]`, `\\*`."""
    inner = fa.any_except("/")
    if not text.strip("*"):
        return fa.plus(inner)
    parts: list[NFA] = []
    at, starred = 0, False
    while at < len(text):
        char = text[at]
        at += 1
        if char == "*":
            if not starred:
                parts.append(fa.star(inner))
        elif char == "?":
            parts.append(inner)
        elif char == "[" and (end := text.find("]", at + 1 + (text[at:at + 1] in ("!", "^")))) > 0:
            parts.append(fa.one_of(_members(text[at:end])))
            at = end + 1
        else:
            if char == "\\" and at < len(text):
                char = text[at]
                at += 1
            parts.append(fa.literal(char))
        starred = char == "*" and text[at - 2:at - 1] != "\\"
    return fa.concat(*parts)


def _members(body: str) -> fa.Chars:
    """The set of a bracket; a slash is never in it."""
    inverse = body[0] in "!^"
    body = body[inverse:]
    found: list[fa.Chars] = []
    at = 0
    while at < len(body):
        low = high = body[at]
        if body[at + 1:at + 2] == "-" and at + 2 < len(body):
            high = body[at + 2]
            at += 2
        if low <= high:
            found.append(((ord(low), ord(high)),))
        at += 1
    chars = fa.merge(*found)
    return fa.negate(fa.merge(chars if inverse else fa.negate(chars), fa.chars_of("/")))
