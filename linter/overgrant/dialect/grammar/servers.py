"""Known tool servers: what they can do as shipped, and whether a launch makes them do less.

Servers are data: knowledge/servers.yaml. A package, an image or a host tells which server it is; the
name under which somebody configured it is a hint of confidence `low`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from overgrant.dialect.grammar.endpoint import Endpoint

LEGS = ("untrusted-input", "private-data", "outlet")

_FALSE = frozenset(("", "0", "false", "no", "off", "f", "n"))


class Known:
    """A known server.

    name        its name here; `role` its sort: filesystem, shell, browser, database, proxy …
    effects     words of `overgrant.model.EFFECTS`, as shipped
    legs        words of `LEGS`: what it adds to a session
    narrower    the way to less power, as an imperative; empty when none is known
    roots       it is given directories to work in
    proxy       it forwards to another server, so that its effects are not the whole
    confidence  `low` when only the configured name says so, else `high`
    source      where its power is documented
    """

    __slots__ = ("_entry", "confidence", "effects", "legs", "name", "narrower", "proxy", "role", "roots", "source")

    def __init__(self, entry: dict[str, Any], confidence: Literal["low", "high"]) -> None:
        self._entry = entry
        self.name: str = entry["name"]
        self.role: str = entry["role"]
        self.effects: tuple[str, ...] = tuple(entry["effects"])
        self.legs: tuple[str, ...] = tuple(entry["legs"])
        self.narrower: str = entry.get("narrower", "")
        self.roots = "roots" in entry
        self.proxy: bool = entry.get("proxy", False)
        self.confidence = confidence
        self.source: str = entry["source"]

    def __repr__(self) -> str:
        return f"Known({self.name}, {self.confidence})"

    def tool(self, name: str) -> tuple[str, ...] | None:
        """The effects of one of its tools; None for a tool that is not known."""
        effects = self._entry.get("tools", {}).get(name)
        return None if effects is None else tuple(effects)

    def is_narrow(self, words: Sequence[str], env: Mapping[str, str], url: str = "",
                  headers: Mapping[str, str] | None = None) -> bool | None:
        """Whether it is started so that it changes nothing; None when no way to do so is known.

        words  the launch's words, `docker run -e NAME=value` included
        """
        if self._entry.get("read-only"):
            return True
        narrow = self._entry.get("narrow")
        if narrow is None:
            return None
        if _stands(narrow, words, env, url, headers or {}):
            return True
        unless = narrow.get("unless")
        return unless is not None and not _stands(unless, words, env, url, headers or {})

    def joins(self, words: Sequence[str], env: Mapping[str, str]) -> str:
        """What makes it drive the browser in which the user is signed in; empty where it has a browser of its own."""
        joins = self._entry.get("joins", {})
        if joins.get("always"):
            return self.name
        for flag in joins.get("flags", ()):
            if _flag(flag, words):
                return str(flag)
        for option in joins.get("profiles", ()):
            for index, word in enumerate(words):
                name, joined, value = word.partition("=")
                if name == option and _own_profile(value if joined else "".join(words[index + 1:index + 2])):
                    return value if joined else words[index + 1]
        return next((name for name in joins.get("env", ()) if _variable(name, words, env)), "")

    def only_by(self, effect: str, tools: Collection[str]) -> bool:
        """Of its known tools that have an effect, all are among these; false where none is known to have it."""
        having = [name for name, effects in self._entry.get("tools", {}).items() if effect in effects]
        return bool(having) and all(name in tools for name in having)

    def is_bounded(self, words: Sequence[str], env: Mapping[str, str], url: str = "",
                   headers: Mapping[str, str] | None = None) -> bool | None:
        """Whether it is started with a limit on its tools or on where it acts; None when no such limit is known."""
        bounds = self._entry.get("bounds")
        return None if bounds is None else _stands(bounds, words, env, url, headers or {})

    def root_arguments(self, words: Sequence[str], package: str) -> list[str]:
        """The directories that the launch's words give it: those behind the word that names the package."""
        roots = self._entry.get("roots", {})
        if any(_flag(flag, words) for flag in roots.get("everything", ())):
            return ["/"]
        start = next((index for index, word in enumerate(words) if package and package in word), None)
        if start is None:
            return []
        found: list[str] = []
        rest = list(words[start + 1:])
        for index, word in enumerate(rest):
            name, joined, value = word.partition("=")
            if name in roots.get("options", ()):
                found += [value] if joined else rest[index + 1:index + 2]
            elif roots.get("arguments") and word and not word.startswith("-"):
                found.append(word)
        return found


def known(*, package: str = "", image: str = "", url_host: str = "", name: str = "") -> Known | None:
    """The known server, by the surest of the signs given; None when it is unknown.

    package   name without version, as its registry spells it
    image     container image, with or without tag and digest
    url_host  host of a remote server
    name      the key under which it is configured; used only when nothing else is given
    """
    entry = None
    if package:
        entry = _index()["packages"].get(_package(package))
    if entry is None and image:
        entry = _index()["images"].get(_image(image))
    if entry is None and url_host:
        entry = next((found for host in _hosts(url_host) if (found := _index()["hosts"].get(host))), None)
    if entry is not None:
        return Known(entry, "high")
    if name and not (package or image or url_host):
        entry = _index()["aliases"].get(name.lower())
    return None if entry is None else Known(entry, "low")


def reads_by_name(*names: str) -> bool:
    """A server's name or host says that it looks things up (`docs`, `search`); a weak hint."""
    import re

    from overgrant.read.knowledge import load

    words = {word for name in names for word in re.split(r"[^a-z0-9]+", name.lower())}
    return not words.isdisjoint(load("servers")["reading-names"]["words"])


def target(words: Sequence[str]) -> str:
    """The URL that a proxy in this launch forwards to, or an empty string."""
    return next((word.partition("=")[2] if word.startswith("-") else word for word in words
                 if "://" in word.partition("=")[2 if word.startswith("-") else 0]), "")


def owner_of_url(text: str) -> str:
    """The user of a database URL that owns everything in a database on another machine; empty otherwise."""
    from overgrant.dialect.grammar.endpoint import classify

    scheme, mark, rest = text.partition("://")
    user = rest.partition("@")[0].partition(":")[0]
    if not mark or "@" not in rest or user not in _accounts()["users"] or scheme.partition("+")[0] not in _accounts()["schemes"]:
        return ""
    place = classify("x://" + rest.partition("/")[0].rpartition("@")[2])
    return user if _elsewhere(place) else ""


def owner_variable(name: str, text: str, host: str) -> str:
    """What a variable says about an account that owns everything: a user's name beside a host, or a key that no row rule binds."""
    from overgrant.dialect.grammar.endpoint import classify

    accounts = _accounts()
    if any(name.upper().endswith(end) for end in accounts["keys"]):
        return "service_role"
    if text in accounts["users"] and any(name.upper().endswith(end) for end in accounts["variables"]):
        return text if host and _elsewhere(classify(f"x://{host}")) else ""
    return ""


def _elsewhere(place: Endpoint) -> bool:
    return bool(place.host) and not (place.loopback or place.private or place.local_name or place.placeholder or place.everywhere)


def secret_path(url: str) -> tuple[int, int] | None:
    """The part of a URL that lets in whoever knows it, where the server has no other key."""
    from overgrant.dialect.grammar.endpoint import classify
    from overgrant.dialect.grammar.secret import looks_drawn

    host = classify(url).host
    entry = next((found for each in _hosts(host) if (found := _index()["hosts"].get(each))), None) if host else None
    if entry is None or not entry.get("secret-path"):
        return None
    path = url.partition("?")[0]
    at = url.index("://") + 3 + len(host)
    for segment in path[at:].split("/"):
        if looks_drawn(segment):
            start = url.index(segment, at)
            return start, start + len(segment)
    return None


# --- conditions ------------------------------------------------------------------------------------


def _stands(signs: Mapping[str, Any], words: Sequence[str], env: Mapping[str, str], url: str,
            headers: Mapping[str, str]) -> bool:
    return (any(_flag(flag, words) for flag in signs.get("flags", ()))
            or any(_variable(name, words, env) for name in signs.get("env", ()))
            or any(_in_url(part, url) for part in signs.get("url", ()))
            or any(_header(name, headers) for name in signs.get("headers", ())))


def _flag(flag: str, words: Sequence[str]) -> bool:
    name, joined, wanted = flag.partition("=")
    for index, word in enumerate(words):
        own, given, value = word.partition("=")
        if own != name:
            continue
        if not joined:
            return not given or value.lower() not in _FALSE
        if not given:
            value = words[index + 1] if index + 1 < len(words) else ""
        if value == wanted:
            return True
    return False


def _variable(name: str, words: Sequence[str], env: Mapping[str, str]) -> bool:
    if name in env:
        return env[name].strip().lower() not in _FALSE
    return any(word.partition("=")[0].removeprefix("--env=") == name and word.partition("=")[2].lower() not in _FALSE
               for word in words if "=" in word)


def _in_url(part: str, url: str) -> bool:
    path, _, query = url.partition("?")
    if "=" in part:
        wanted = part.lower()
        return any(pair.lower() == wanted or (wanted.endswith("=") and pair.lower().startswith(wanted))
                   for pair in query.partition("#")[0].split("&"))
    if part.endswith("/"):
        return part in path
    return path.rstrip("/").endswith(part) or f"{part}/" in path


def _header(name: str, headers: Mapping[str, str]) -> bool:
    return any(own.lower() == name.lower() and value.strip().lower() not in _FALSE for own, value in headers.items())


def _own_profile(path: str) -> bool:
    from overgrant.dialect.grammar.paths import touched
    from overgrant.scope import path_glob

    return any(touch.what == "browser-profile" for touch in touched(path_glob(path, base=".", directory=True)))


# --- data ------------------------------------------------------------------------------------------


def _package(name: str) -> str:
    if name.startswith("git+"):
        return name.partition("@")[0].removesuffix(".git").lower()
    return name.strip().lower()


def _image(name: str) -> str:
    name = name.partition("@")[0]
    head, slash, last = name.rpartition("/")
    name = f"{head}{slash}{last.partition(':')[0]}".lower()
    return name.removeprefix("docker.io/").removeprefix("library/")


def _hosts(host: str) -> Iterator[str]:
    host = host.lower().rstrip(".")
    yield host
    while "." in host:
        host = host.partition(".")[2]
        yield "." + host


@cache
def _accounts() -> dict[str, Any]:
    from overgrant.read.knowledge import load

    data: dict[str, Any] = load("servers")["accounts"]
    return data


@cache
def _index() -> dict[str, dict[str, dict[str, Any]]]:
    from overgrant.read.knowledge import load

    index: dict[str, dict[str, dict[str, Any]]] = {"packages": {}, "images": {}, "hosts": {}, "aliases": {}}
    for entry in load("servers")["servers"]:
        for sign, names in index.items():
            for name in entry.get(sign, ()):
                names.setdefault(name.lower(), entry)
    return index
