"""Dialects: which files are manifests, of which product, and how to read them.

The catalogue is data: one file per product in `knowledge/products/`. A format's path globs decide
first; a few bytes (`marks`) decide where a name is used by others too. The part of the path before
the glob is the root: the directory from which the product loads the file.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import Any

from overgrant.read.knowledge import compiled, home, load, names

Row = dict[str, Any]
MANY = 16
HEAD = 2_048  # bytes that are enough to tell a file which may have any name
NEVER = frozenset(("package.json", "package-lock.json", "tsconfig.json", "composer.json", "manifest.json", "pnpm-lock.yaml"))
ROW_KEYS = frozenset("id title paths syntax schema module tier marks marks-all set root unread versions checked source "
                     "reads skips late power anywhere head over".split())
TOLD = frozenset(("title", "unread", "versions", "checked", "source", "reads"))
"""What only people are told of a row; no run needs it."""


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
    anywhere endings of files that may have any name and lie anywhere: their first bytes hold one of `head`
    over     names of a file that another beside it takes the place of, by the name of that other
    late     it takes what no other format takes
    power    False for text that carries no power by itself (instructions)
    """

    def __init__(self, product: str, row: Row) -> None:
        self.product = product
        self.id: str = row["id"]
        self.paths: list[str] = row["paths"]
        self.syntax: str = row["syntax"]
        self.schema: str = row.get("schema", "")
        self.module: str = row.get("module", "")
        self.tier: str = row.get("tier", "project")
        self.marks = [each.encode() for each in row.get("marks", ())]
        self.marks_all = [each.encode() for each in row.get("marks-all", ())]
        self.skips: list[str] = row.get("skips", [])
        self.anywhere: list[str] = row.get("anywhere", [])
        self.head = [each.encode() for each in row.get("head", ())]
        self.settings: dict[str, Any] = row.get("set", {})
        self.root: str = row.get("root", "")
        self.power: bool = row.get("power", True)
        self.late: bool = row.get("late", False)
        self.over: dict[str, str] = row.get("over", {})

    def __repr__(self) -> str:
        return f"Format({self.id})"

    def begins(self, data: bytes) -> bool:
        """The first bytes of a file say that it may be of this format, whatever its name is."""
        head = data[:HEAD]
        return any(mark in head for mark in self.head)

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
    """All formats, with a quick test on the path; what one row means is worked out when somebody asks for it.

    made  what `tabled` says of the rows
    """

    def __init__(self, made: dict[str, Any]) -> None:
        self._rows: list[tuple[str, Row]] = made["rows"]
        self._by_name: dict[str, list[tuple[str, int]]] = made["names"]
        self._by_suffix: dict[str, list[tuple[str, int]]] = made["suffixes"]
        self._anywhere: dict[str, list[int]] = made["anywhere"]
        self._formats: dict[int, Format] = {}

    @property
    def formats(self) -> list[Format]:
        """All of them, in the catalogue's order."""
        return [self._format(number) for number in range(len(self._rows))]

    def of(self, product: str) -> list[Format]:
        """The formats of one product."""
        return [self._format(number) for number, (slug, _) in enumerate(self._rows) if slug == product]

    def _format(self, number: int) -> Format:
        if number not in self._formats:
            self._formats[number] = Format(*self._rows[number])
        return self._formats[number]

    def candidates(self, path: str) -> list[tuple[Format, str]]:
        """The formats whose globs match a path, in the catalogue's order, each with the root's path.

        A glob for which a product's own folder (`.github`) would be the root comes after those that name the folder.
        """
        name = path.rsplit("/", 1)[-1].lower()
        near = list(self._by_name.get(name, ()))
        near += self._by_suffix.get(name.rsplit(".", 1)[-1] if "." in name else "", ())
        if "" in self._by_suffix and "." in name:
            near += self._by_suffix[""]
        found = []
        lower = path.lower()
        for glob, number in near:
            if not all(piece in lower for piece in _pieces(glob)):
                continue
            match = _pattern(glob).fullmatch(path)
            if match is None:
                continue
            format = self._format(number)
            if not any(_pattern(each).fullmatch(path) for each in format.skips):
                found.append((format, match.group(1).rstrip("/") or "."))
        return sorted(found, key=lambda each: (each[0].late, each[1].rsplit("/", 1)[-1].startswith(".") and each[1] != "."))

    def is_candidate(self, path: str) -> bool:
        """Some format's glob matches; the content has not been looked at."""
        return bool(self.candidates(path))

    def may_be(self, path: str) -> bool:
        """No glob says what the file is, but its first bytes may; see `begins`."""
        name = path.rsplit("/", 1)[-1].lower()
        return name.rsplit(".", 1)[-1] in self._anywhere and name not in NEVER

    def begins(self, path: str, data: bytes) -> bool:
        """The first bytes of a file whose name says nothing are those of some format."""
        return any(self._format(each).begins(data) for each in self._anywhere.get(path.rsplit(".", 1)[-1].lower(), ()))

    def recognise(self, path: str, data: bytes) -> tuple[Format, str] | None:
        """The format of a file and the path of its root, or None."""
        found = next(((format, root) for format, root in self.candidates(path) if format.accepts(data)), None)
        if found is None and self.may_be(path):
            others = map(self._format, self._anywhere[path.rsplit(".", 1)[-1].lower()])
            found = next(((format, path.rpartition("/")[0] or ".") for format in others if format.begins(data) and format.accepts(data)), None)
        return found


@cache
def _pieces(glob: str) -> tuple[str, ...]:
    """Text that every path of a glob holds; looking for it is quicker than making a pattern of the glob."""
    return tuple(piece.lower() for piece in re.split(r"\*\*/|[*?]|\{[^}]*\}", glob) if len(piece) > 1)


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(r"((?:[^/]+/)*?)" + glob_regex(glob), re.IGNORECASE)


def compile_catalogue() -> dict[str, Any]:
    """The table of all products' rows. Raises `ValueError` for a row that says something unknown."""
    rows: list[tuple[str, Row]] = []
    for name in names("products"):
        for row in load(name).get("formats", []):
            if wrong := set(row) - ROW_KEYS:
                raise ValueError(f"{name}: a format has no key {sorted(wrong)[0]!r}")
            rows.append((name.rsplit("/", 1)[-1], row))
    return tabled(rows)


def tabled(rows: list[tuple[str, Row]]) -> dict[str, Any]:
    """What a run needs of rows, as plain data: `rows` themselves, and which of them may fit a name or a suffix.

    `names` and `suffixes` hold pairs of a glob and the number of its row; `anywhere` has the rows of files that may have any
    name, by their endings.
    """
    by_name: dict[str, list[tuple[str, int]]] = {}
    by_suffix: dict[str, list[tuple[str, int]]] = {}
    anywhere: dict[str, list[int]] = {}
    for number, (_, row) in enumerate(rows):
        for ending in row.get("anywhere", ()):
            anywhere.setdefault(ending, []).append(number)
        for glob in row["paths"]:
            for ending in _endings(glob.rsplit("/", 1)[-1]):
                suffix = ending.rsplit(".", 1)[-1].lower() if "." in ending else ""
                if not any(sign in ending for sign in "*?"):
                    by_name.setdefault(ending.lower(), []).append((glob, number))
                else:
                    by_suffix.setdefault("" if "*" in suffix else suffix, []).append((glob, number))
    kept = [(slug, {key: value for key, value in row.items() if key not in TOLD}) for slug, row in rows]
    return {"rows": kept, "names": by_name, "suffixes": by_suffix, "anywhere": anywhere}


def _endings(name: str) -> list[str]:
    """The names that the first `{a,b}` of a glob's last part stands for."""
    if "{" not in name:
        return [name]
    head, rest = name.split("{", 1)
    inner, tail = rest.split("}", 1)
    return [head + each + tail for each in inner.split(",")]


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
    made = compiled("catalogue", [os.path.join(home("knowledge"), "products")], compile_catalogue)
    own = [(slug, row) for slug, product in _HOUSE.items() for row in product["formats"]]
    return Catalogue(tabled([*made["rows"], *own]) if own else made)


@cache
def policy(product: str) -> dict[str, Any]:
    """A product's own data: engine, modes, built-in decisions, protected paths. Empty for an unknown product."""
    try:
        return _HOUSE.get(product) or load(f"products/{product}")
    except FileNotFoundError:
        return {}


def row_of(format: Format) -> Row:
    """Everything that a format's file says of it, with what only people are told."""
    rows: list[Row] = policy(format.product)["formats"]
    return next(row for row in rows if row["id"] == format.id)


def files_regex(known: Catalogue, *, python: bool = False) -> str:
    """A regular expression that finds every path some format takes, for `files:` of a pre-commit hook.

    python  for source files in Python, which have a hook of their own
    """
    globs = {glob for format in known.formats if (format.syntax == "python") is python for glob in format.paths}
    return "(?i)(^|/)(" + "|".join(sorted(glob_regex(glob.removeprefix("**/")).replace("\\-", "-") for glob in globs)) + ")$"
