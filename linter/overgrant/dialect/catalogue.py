"""Dialects: which files are manifests, of which product, and how to read them.

The catalogue is data: one file per product in `knowledge/products/`. A format's path globs decide
first; a few bytes (`marks`) decide where a name is used by others too. The part of the path before
the glob is the root: the directory from which the product loads the file.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from overgrant.read.knowledge import compiled, home, load, names

Row = dict[str, Any]
MANY = 16
ROW_KEYS = frozenset("id title paths syntax schema module tier marks marks-all set root unread versions checked source "
                     "reads skips late power".split())


class Format:
    """One row of the catalogue.

    id       stable name, as in `overgrant formats`
    product  slug; the product's policy is `policy(product)`
    syntax   see `overgrant.read`
    schema   name of the schema, or empty when `module` reads the file
    module   `dialect` module whose `read(document, context)` handles a graph that no schema can
    tier     whose word the file is
    marks    byte strings of which one must occur (`marks_all`: all must)
    skips    path globs of files that are somebody else's, although `paths` fits
    late     it takes what no other format takes
    power    False for text that carries no power by itself (instructions)
    """

    def __init__(self, product: str, row: Row) -> None:
        self.product = product
        self.id: str = row["id"]
        self.title: str = row.get("title") or row["id"]
        self.paths: list[str] = row["paths"]
        self.syntax: str = row["syntax"]
        self.schema: str = row.get("schema", "")
        self.module: str = row.get("module", "")
        self.tier: str = row.get("tier", "project")
        self.marks = [each.encode() for each in row.get("marks", ())]
        self.marks_all = [each.encode() for each in row.get("marks-all", ())]
        self.skips: list[str] = row.get("skips", [])
        self.settings: dict[str, Any] = row.get("set", {})
        self.root: str = row.get("root", "")
        self.power: bool = row.get("power", True)
        self.late: bool = row.get("late", False)
        self.row = row

    def __repr__(self) -> str:
        return f"Format({self.id})"

    def accepts(self, data: bytes) -> bool:
        """The content marks agree with the bytes of a file."""
        head = data[:262_144]
        if not all(mark in head for mark in self.marks_all):
            return False
        if len(self.marks) > MANY:
            return _any_of(tuple(self.marks)).search(head) is not None
        return not self.marks or any(mark in head for mark in self.marks)


@cache
def _any_of(marks: tuple[bytes, ...]) -> re.Pattern[bytes]:
    """One pattern for many marks, grouped by their first word: one pass over a file instead of one for each."""
    groups: dict[bytes, list[bytes]] = {}
    for mark in marks:
        word, blank, rest = mark.partition(b" ")
        groups.setdefault(word + blank if blank else b"", []).append(rest if blank else word)
    return re.compile(b"|".join(re.escape(word) + b"(?:" + b"|".join(_ended(rest, bool(word)) for rest in sorted(rests)) + b")"
                                for word, rests in sorted(groups.items())))


def _ended(rest: bytes, several: bool) -> bytes:
    """The end of a mark of several words is the end of a word, too, unless the mark ends in something else."""
    return re.escape(rest) + (rb"\b" if several and rest[-1:].isalnum() else b"")


def glob_regex(glob: str) -> str:
    """A path glob as a regular expression over POSIX paths: `**/` any directories, `*` and `?` within a name."""
    out, at = "", 0
    while at < len(glob):
        if glob.startswith("**/", at):
            out, at = out + "(?:[^/]+/)*", at + 3
        elif glob.startswith("**", at):
            out, at = out + ".*", at + 2
        elif glob[at] == "*":
            out, at = out + "[^/]*", at + 1
        elif glob[at] == "?":
            out, at = out + "[^/]", at + 1
        elif glob[at] == "{":
            end = glob.index("}", at)
            out += "(?:" + "|".join(glob_regex(each) for each in glob[at + 1:end].split(",")) + ")"
            at = end + 1
        else:
            out, at = out + re.escape(glob[at]), at + 1
    return out


class Catalogue:
    """All formats, with a quick test on the path."""

    def __init__(self, rows: dict[str, list[Row]]) -> None:
        self.formats = [Format(product, row) for product, each in rows.items() for row in each]
        self._by_name: dict[str, list[tuple[str, Format]]] = {}
        self._by_suffix: dict[str, list[tuple[str, Format]]] = {}
        for format in self.formats:
            for glob in format.paths:
                self._index(glob, format)

    def _index(self, glob: str, format: Format) -> None:
        name = glob.rsplit("/", 1)[-1]
        if not any(sign in name for sign in "*?{"):
            self._by_name.setdefault(name.lower(), []).append((glob, format))
            return
        endings = [name]
        if "{" in name:
            head, rest = name.split("{", 1)
            inner, tail = rest.split("}", 1)
            endings = [head + each + tail for each in inner.split(",")]
        for ending in endings:
            if not any(sign in ending for sign in "*?"):
                self._by_name.setdefault(ending.lower(), []).append((glob, format))
                continue
            suffix = ending.rsplit(".", 1)[-1] if "." in ending else ""
            self._by_suffix.setdefault("" if "*" in suffix else suffix.lower(), []).append((glob, format))

    def candidates(self, path: str) -> list[tuple[Format, str]]:
        """The formats whose globs match a path, in the catalogue's order, each with the root's path."""
        name = path.rsplit("/", 1)[-1].lower()
        near = list(self._by_name.get(name, ()))
        near += self._by_suffix.get(name.rsplit(".", 1)[-1] if "." in name else "", ())
        if "" in self._by_suffix and "." in name:
            near += self._by_suffix[""]
        found = []
        lower = path.lower()
        for glob, format in near:
            if not all(piece in lower for piece in _pieces(glob)):
                continue
            match = _pattern(glob).fullmatch(path)
            if match is not None and not any(_pattern(each).fullmatch(path) for each in format.skips):
                found.append((format, match.group(1).rstrip("/") or "."))
        return sorted(found, key=lambda each: each[0].late)

    def is_candidate(self, path: str) -> bool:
        """Some format's glob matches; the content has not been looked at."""
        return bool(self.candidates(path))

    def recognise(self, path: str, data: bytes) -> tuple[Format, str] | None:
        """The format of a file and the path of its root, or None."""
        return next(((format, root) for format, root in self.candidates(path) if format.accepts(data)), None)


@cache
def _pieces(glob: str) -> tuple[str, ...]:
    """Text that every path of a glob holds; looking for it is quicker than making a pattern of the glob."""
    return tuple(piece.lower() for piece in re.split(r"\*\*/|[*?]|\{[^}]*\}", glob) if len(piece) > 1)


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(r"((?:[^/]+/)*?)" + glob_regex(glob), re.IGNORECASE)


def compile_catalogue() -> dict[str, list[Row]]:
    """The rows of all products as plain data. Raises `ValueError` for a row that says something unknown."""
    rows: dict[str, list[Row]] = {}
    for name in names("products"):
        product = load(name)
        slug = name.rsplit("/", 1)[-1]
        rows[slug] = product.get("formats", [])
        for row in rows[slug]:
            if wrong := set(row) - ROW_KEYS:
                raise ValueError(f"{name}: a format has no key {sorted(wrong)[0]!r}")
    return rows


_HOUSE: dict[str, dict[str, Any]] = {}


def furnish(products: dict[str, dict[str, Any]]) -> None:
    """Also know an organisation's products, behind the tool's own; replaces those of an earlier call. See `house`."""
    _HOUSE.clear()
    _HOUSE.update(products)
    catalogue.cache_clear()
    policy.cache_clear()


@cache
def catalogue() -> Catalogue:
    """The catalogue: what comes with the tool, then what `furnish` added."""
    rows = compiled("catalogue", sorted((home("knowledge") / "products").glob("*.yaml")), compile_catalogue)
    return Catalogue({**rows, **{slug: product["formats"] for slug, product in _HOUSE.items()}})


@cache
def policy(product: str) -> dict[str, Any]:
    """A product's own data: engine, modes, built-in decisions, protected paths. Empty for an unknown product."""
    name = f"products/{product}"
    return _HOUSE.get(product) or (load(name) if name in names("products") else {})


def files_regex(known: Catalogue, *, python: bool = False) -> str:
    """A regular expression that finds every path some format takes, for `files:` of a pre-commit hook.

    python  for source files in Python, which have a hook of their own
    """
    globs = {glob for format in known.formats if (format.syntax == "python") is python for glob in format.paths}
    return "(?i)(^|/)(" + "|".join(sorted(glob_regex(glob.removeprefix("**/")).replace("\\-", "-") for glob in globs)) + ")$"
