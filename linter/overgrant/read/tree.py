"""Which files are read: what git tracks or would track, and recognised configuration that git ignores.

Products load a file whether git knows it or not, so an ignored one counts (and says so). Other
people's code, submodules, links that leave the tree and things that are no files are not read, and
every one of them is named, with how many recognised files it hides where that is known.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from overgrant.read import git
from overgrant.read.knowledge import load

MOST_FILES = 200_000   # files looked at in a walk
MOST_IGNORED = 20_000  # files looked at in directories that git ignores
MOST_DEPTH = 64        # directories in one path of a walk
MOST_PEEKED = 5_000    # files whose first bytes are looked at, because their names say nothing
PEEKED = 2_048         # bytes that are looked at

Recognise = Callable[[str], bool]
Peek = Callable[[str, bytes], bool]


class Entry(NamedTuple):
    """A file to read.

    path      relative to the working directory, with `/`
    absolute  where it is opened
    tracked   in git's index; none where git was not asked or gives no answer
    ignored   by git: it is loaded all the same, by its owner only
    named     on the command line, itself or by a directory that git was told to ignore
    example   below a directory of examples, seen from the directory that was named
    size      in bytes
    """

    path: str
    absolute: str
    tracked: bool | None
    ignored: bool
    named: bool
    example: bool
    size: int


class Skipped(NamedTuple):
    """Something that is not read.

    why         `vendored`, `generated`, `submodule`, `repository` (inside this one), `link` (leaves the
                tree, or leads nowhere), `special` (no regular file), `denied`, `limit`
    recognised  how many recognised files are known to stand there; none if nobody looked
    """

    path: str
    why: Literal["vendored", "generated", "submodule", "repository", "link", "special", "denied", "limit"]
    recognised: int | None = None


class Found:
    """What `discover` found.

    files    sorted by path; each real file once
    notes    sentences about how the search went, for the person
    skipped  what is not read, by path
    seen     how many files were looked at, by path at least
    missing  paths of the command line where nothing is
    """

    __slots__ = ("files", "missing", "notes", "seen", "skipped")

    def __init__(self) -> None:
        self.files: list[Entry] = []
        self.notes: list[str] = []
        self.skipped: list[Skipped] = []
        self.seen = 0
        self.missing: list[str] = []


def folder_names(kind: Literal["vendored", "generated", "caches", "examples"]) -> frozenset[str]:
    """Lower-case directory names of one kind, from `knowledge/folders.yaml`."""
    return frozenset(name.lower() for name in load("folders")[kind]["names"])


def is_example(path: str) -> bool:
    """True below a directory of examples, tests or documentation; the path is relative, with `/`.

    What stands in a dot-directory (`.claude/skills/docs/`) is loaded as it is, whatever its parts are called.
    """
    known = folder_names("examples")
    for part in path.split("/")[:-1]:
        if part.startswith(".") and part not in (".", ".."):
            return False
        if part.lower() in known:
            return True
    return False


def discover(paths: Sequence[str], *, recognise: Recognise, cwd: str, ask_git: bool = False,
             may_be: Recognise | None = None, begins: Peek | None = None) -> Found:
    """The files to read for the paths of a command line; none means the working directory.

    paths      files and directories, absolute or relative to `cwd`
    recognise  says by a path alone (relative to `cwd`, with `/`) whether some product loads it
    may_be     says of another path that the first bytes of the file decide, and `begins` decides by them
    ask_git    ask git about files that are named one by one, too; otherwise git is started for directories only

    A file named on the command line is read whatever it is called and whatever git says of it.
    """
    search = _Search(recognise, os.path.abspath(cwd))
    if may_be is not None and begins is not None:
        search.may_be, search.begins = may_be, begins
    given = [os.path.normpath(os.path.join(search.cwd, path)) for path in paths or ["."]]
    folders = [path for path in given if os.path.isdir(path)]
    for path in given:
        if path in folders:
            continue
        if os.path.lexists(path):
            search.name(path, ask_git=ask_git)
        else:
            search.found.missing.append(search.shown(path))
    for path in dict.fromkeys(folders):
        search.enter(path)
    return search.finish()


def read_bytes(entry: Entry, most: int) -> bytes | None:
    """At most `most + 1` bytes of the file, so that the caller sees that there are more.

    None for what is no regular file any more; raises `OSError` for one that cannot be opened.
    """
    handle = os.open(entry.absolute, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
                     | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0))
    with open(handle, "rb") as stream:
        return stream.read(most + 1) if stat.S_ISREG(os.fstat(handle).st_mode) else None


class _Candidate(NamedTuple):
    path: str
    tracked: bool | None
    ignored: bool
    named: bool
    root: str


class _Search:
    """One run of `discover`."""

    def __init__(self, recognise: Recognise, cwd: str) -> None:
        self.recognise = recognise
        self.may_be: Recognise = lambda path: False
        self.begins: Peek = lambda path, data: False
        self.peeked = 0
        self.cwd = cwd
        self.found = Found()
        self.candidates: list[_Candidate] = []
        self.closed = folder_names("vendored")
        self.built = folder_names("generated")
        self.caches = folder_names("caches")
        self.budget = MOST_FILES
        self.parts: dict[str, str | None] = {}
        self.hidden: dict[str, tuple[Literal["vendored", "generated"], int | None]] = {}

    def shown(self, path: str) -> str:
        """A path as every output has it."""
        try:
            return os.path.relpath(path, self.cwd).replace(os.sep, "/")
        except ValueError:  # another drive
            return path.replace(os.sep, "/")

    def skip(self, path: str, why: Literal["submodule", "repository", "link", "special", "denied", "limit"]) -> None:
        """Name what is not read."""
        self.found.skipped.append(Skipped(self.shown(path), why))

    def name(self, path: str, *, ask_git: bool) -> None:
        """A file that stands on the command line."""
        self.found.seen += 1
        inside = path.startswith(os.path.join(self.cwd, ""))
        tracked, ignored = None, False
        if ask_git:
            folder, base = os.path.split(path)
            known = git.listing(folder)
            if not isinstance(known, git.GitRefused):
                of = {file.path: file.tracked for file in known.files}
                tracked, ignored = of.get(base, False), base not in of
        self.candidates.append(_Candidate(path, tracked, ignored, True, self.cwd if inside else os.path.dirname(path)))

    def enter(self, root: str) -> None:
        """A directory that stands on the command line, or the working directory."""
        known = git.listing(root)
        if isinstance(known, git.GitRefused):
            if known.why != "none":
                self.found.notes.append(f"{known.reason}; every file below `{self.shown(root)}` is looked at instead")
            self.walk(root, root)
            return
        if not known.files and self.ignored_whole(root, known):
            self.walk(root, root, named=True)
            return
        for file in known.files:
            self.listed(root, file)
        self.budget, kept = MOST_IGNORED, self.budget
        for path in known.ignored:
            self.overlooked(root, path)
        if self.budget <= 0:
            self.found.notes.append(f"directories that git ignores hold more than {MOST_IGNORED} files; "
                                    "the rest of them is not looked at")
        self.budget = kept

    @staticmethod
    def ignored_whole(root: str, known: git.Listing) -> bool:
        """Git shows nothing of a directory that holds something: it is ignored itself, or inside `.git`."""
        return "./" in known.ignored or (not known.ignored and bool(os.listdir(root)))

    def listed(self, root: str, file: git.Listed) -> None:
        """A file that git tracks or would track."""
        if file.mode == git.SUBMODULE or file.path.endswith("/"):
            self.skip(os.path.join(root, file.path), "submodule" if file.mode else "repository")
            return
        self.found.seen += 1
        folder = file.path.rpartition("/")[0]
        if folder not in self.parts:
            self.parts[folder] = self.closed_part(folder + "/", self.closed)
        recognised = self.recognise(self.shown_under(root, file.path))
        if closed := self.parts[folder]:
            self.hide(os.path.join(root, closed), "vendored", recognised)
        elif recognised or self.peek(self.shown_under(root, file.path), os.path.join(root, file.path)):
            self.candidates.append(_Candidate(os.path.join(root, file.path), file.tracked, False, False, root))
        elif file.mode == git.LINK or not file.tracked:
            path = os.path.join(root, file.path)
            if os.path.islink(path):
                self.follow(root, path, tracked=file.tracked, ignored=False)

    def peek(self, shown: str, path: str) -> bool:
        """The first bytes of a file whose name says nothing are those of a format that files of any name have."""
        if not self.may_be(shown):
            return False
        self.peeked += 1
        if self.peeked > MOST_PEEKED:
            if self.peeked == MOST_PEEKED + 1:
                self.found.notes.append(f"more than {MOST_PEEKED} files might be workflows by their endings; the rest is not looked at")
            return False
        try:
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
                             | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0))
            try:
                return self.begins(shown, os.read(handle, PEEKED))
            finally:
                os.close(handle)
        except OSError:
            return False

    def shown_under(self, root: str, path: str) -> str:
        """`shown`, for the many: without a look at the working directory for each."""
        return path if root == self.cwd else self.shown(os.path.join(root, path))

    @staticmethod
    def closed_part(path: str, names: frozenset[str]) -> str | None:
        """The part of a path up to the first directory of such a name."""
        parts = path.split("/")
        for at, part in enumerate(parts[:-1]):
            if part.lower() in names:
                return "/".join(parts[:at + 1])
        return None

    def hide(self, path: str, why: Literal["vendored", "generated"], recognised: bool | None) -> None:
        """A directory that is not entered, with one more file in it that would have been read."""
        _, count = self.hidden.get(path, (why, None))
        self.hidden[path] = (why, count if recognised is None else (count or 0) + recognised)

    def overlooked(self, root: str, path: str) -> None:
        """What git ignores: a file, or a directory with `/` at its end."""
        parts = {part.lower() for part in path.rstrip("/").split("/")}
        if parts & self.caches:
            return
        if parts & (self.closed | self.built):
            where = self.closed_part(path.rstrip("/") + "/", self.closed | self.built)
            if where:
                self.hide(os.path.join(root, where), "vendored" if parts & self.closed else "generated", None)
            return
        absolute = os.path.join(root, path.rstrip("/"))
        if path.endswith("/"):
            self.walk(root, absolute, ignored=True)
            return
        self.found.seen += 1
        if self.recognise(self.shown_under(root, path)):
            self.candidates.append(_Candidate(absolute, False, True, False, root))
        elif os.path.islink(absolute):
            self.follow(root, absolute, tracked=False, ignored=True)

    def follow(self, root: str, path: str, *, tracked: bool | None, ignored: bool) -> None:
        """A link to a directory of the same tree: products load what stands behind it under the link's name."""
        if not os.path.isdir(path):
            return
        target = os.path.realpath(path)
        if not within(target, os.path.realpath(root)):
            self.skip(path, "link")
        elif not within(os.path.realpath(os.path.dirname(path)), target):
            self.walk(root, path, ignored=ignored, tracked=tracked, links=False)

    def walk(self, root: str, folder: str, *, ignored: bool = False, named: bool = False,
             tracked: bool | None = None, links: bool = True) -> None:
        """Every recognised file below a directory; without `links`, none that is reached through a further link."""
        waiting = [(folder, 0)]
        tracked = False if ignored and tracked is None else tracked
        while waiting:
            here, depth = waiting.pop()
            prefix = self.shown(here)
            prefix = "" if prefix == "." else prefix + "/"
            for item in self.items(here):
                path = item.path
                if item.is_symlink() and os.path.isdir(path):
                    if links:
                        self.follow(root, path, tracked=tracked, ignored=ignored)
                elif item.is_dir(follow_symlinks=False):
                    if self.enterable(path, item.name) and depth < MOST_DEPTH:
                        waiting.append((path, depth + 1))
                    elif depth >= MOST_DEPTH:
                        self.skip(path, "limit")
                else:
                    if self.budget <= 0:
                        self.exhausted(folder, ignored=ignored)
                        return
                    self.budget -= 1
                    self.found.seen += 1
                    if self.recognise(prefix + item.name) or not ignored and self.peek(prefix + item.name, path):
                        self.candidates.append(_Candidate(path, tracked, ignored, named, root))

    def items(self, folder: str) -> list[os.DirEntry[str]]:
        """A directory's entries, sorted; one that may not be read is named."""
        try:
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda item: item.name)
        except OSError:
            self.skip(folder, "denied")
            return []

    def enterable(self, path: str, name: str) -> bool:
        """False for a directory that a walk passes by; other people's code is named."""
        low = name.lower()
        if low in self.caches:
            return False
        if low in self.closed or low in self.built:
            self.hide(path, "vendored" if low in self.closed else "generated", None)
            return False
        return True

    def exhausted(self, folder: str, *, ignored: bool) -> None:
        """There is more than a walk looks at."""
        if not ignored:
            self.skip(folder, "limit")
            self.found.notes.append(f"`{self.shown(folder)}` holds more than {MOST_FILES} files; "
                                    "the rest is not looked at")

    def finish(self) -> Found:
        """Each real file once, and only files of the tree."""
        found, real = self.found, dict[tuple[int, int], str]()
        roots = {item.root: os.path.realpath(item.root) for item in self.candidates}
        # whoever was named comes first, then real files before links to them
        order = sorted(dict.fromkeys(self.candidates), key=lambda item: (not item.named, os.path.islink(item.path),
                                                                         item.ignored, item.path))
        for item in order:
            state = self.state(item, roots[item.root])
            if state is None or (state.st_ino and (state.st_dev, state.st_ino) in real):
                continue
            real[state.st_dev, state.st_ino] = item.path
            shown = self.shown(item.path)
            example = is_example(os.path.relpath(item.path, item.root).replace(os.sep, "/"))
            found.files.append(Entry(shown, item.path, item.tracked, item.ignored, item.named, example, state.st_size))
        found.files.sort(key=lambda entry: entry.path)
        found.skipped += [Skipped(self.shown(path), why, count) for path, (why, count) in self.hidden.items()]
        found.skipped = sorted(set(found.skipped), key=lambda item: (item.path, item.why))
        return found

    def state(self, item: _Candidate, root: str) -> os.stat_result | None:
        """The file behind a candidate; none if it is gone, leaves the tree or is no file."""
        real = os.path.realpath(item.path)
        if not within(real, root):
            self.skip(item.path, "link")
            return None
        try:
            state = os.stat(real)
        except OSError:
            if os.path.islink(item.path):
                self.skip(item.path, "link")
            return None  # tracked and deleted
        if not stat.S_ISREG(state.st_mode):
            if not stat.S_ISDIR(state.st_mode):
                self.skip(item.path, "special")
            return None
        return state


def within(path: str, folder: str) -> bool:
    """True for a path at or below a directory; both are absolute and without links."""
    return path == folder or path.startswith(os.path.join(folder, ""))
