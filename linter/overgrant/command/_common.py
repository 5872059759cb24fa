"""What several commands need: the rules, the files, the configuration."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from overgrant.read.knowledge import compiled, home
from overgrant.rule import Rule

if TYPE_CHECKING:
    from overgrant.read.tree import Skipped
    from overgrant.run import Input


def builtin_rules() -> list[Rule]:
    """The rules that come with the tool, compiled."""
    from overgrant.rulefile import compile_rules, load_compiled

    folder = home("rules")
    return load_compiled(compiled("rules", [folder], lambda: compile_rules(folder)), folder)


class Wrong(click.ClickException):
    """Configuration or rules do not hold; one message for each mistake, exit code 2."""

    exit_code = 2

    def __init__(self, messages: Iterable[str]) -> None:
        self.messages = list(messages)
        super().__init__("\n".join(self.messages))

    def show(self, file: Any = None) -> None:
        """Print the messages as they are: each begins with its place."""
        click.echo(self.message, file=file, err=file is None)


def save(path: str, text: str, what: str, *, new: bool = False) -> None:
    """Write a text to a file. Raises `Wrong` where that fails; `new` refuses a file that is there."""
    try:
        with open(path, "x" if new else "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        raise Wrong([f"{path}: {what} cannot be written ({error.strerror})"]) from None


class Gathered(NamedTuple):
    """The files of a command line.

    inputs    what is read, with the other files of the roots of files that are named alone
    seen      how many files the search walked over
    notes     how the search went, and what it left out
    excluded  paths of files that carry power and that the configuration leaves out
    """

    inputs: list[Input]
    seen: int
    notes: list[str]
    excluded: list[str]


def gather(paths: tuple[str, ...], *, excludes: Callable[[str], bool] | None = None,
           given: dict[str, bytes] | None = None, user: bool = False) -> Gathered:
    """The files that the paths of a command line name, read, and how the search went.

    A file that is named alone is judged together with the other files of its root, which are read
    and not reported.

    excludes  says of a path that the configuration leaves it out
    given     content by path for files that are not read from the disk (standard input)
    user      also the configuration of this user and of an administrator, which lies outside the tree
    """
    from overgrant.dialect.catalogue import catalogue
    from overgrant.dialect.javascript import is_script
    from overgrant.read.tree import Found, discover, is_example
    from overgrant.run import Input

    known, given = catalogue(), given or {}
    found = Found() if given and not paths else discover(
        paths, recognise=lambda path: known.is_candidate(path) or is_script(path) or _is_aside(path), cwd=os.getcwd(),
        may_be=known.may_be, begins=known.begins)
    if found.missing:
        raise click.UsageError(f"There is no file or directory `{found.missing[0]}`.")
    inputs = [_input(entry.path, entry.absolute, local=entry.ignored, example=entry.example)
              for entry in found.files if entry.path not in given]
    inputs += [Input(path, data) for path, data in given.items()]
    apart = [item for item in found.skipped if item.why in CLOSED and known.is_candidate(item.path)]
    inputs += [Input(item.path, None, example=is_example(item.path), why=CLOSED[item.why][0], instead=CLOSED[item.why][1]) for item in apart]
    excluded = []
    if excludes is not None:
        left_out = [file for file in inputs if excludes(file.path)]
        inputs = [file for file in inputs if not excludes(file.path)]
        for file in left_out:
            format = known.recognise(file.path, file.data or b"")
            if format is not None and format[0].power:
                excluded.append(file.path)
    whole = [path for path in paths or (() if given else (".",)) if os.path.isdir(path)]
    if not any(os.path.normpath(path) == "." for path in whole):
        for path in companions({file.path for file in inputs}):
            if excludes is None or not excludes(path):
                inputs.append(_input(path, os.path.abspath(path), local=False, example=False, shown=False))
    notes = found.notes + _passed_by(item for item in found.skipped if item not in apart)
    if user:
        from overgrant.command import _user

        own = _user.inputs(os.getcwd())
        inputs = _user.of_tree(inputs, own, os.getcwd()) + own
        notes.append(_user.note(own))
    return Gathered(inputs, found.seen + len(given), notes, excluded)


def beside(path: str, folder: str) -> bytes | None:
    """The bytes of a regular file that another file names; None for anything else, and for what leaves the folder through links."""
    from overgrant.read.tree import within
    from overgrant.run import MOST_BYTES

    if not os.path.isfile(path) or not within(os.path.realpath(path), os.path.realpath(folder)):
        return None
    try:
        with open(path, "rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError:
        return None


WHY = {"vendored": "other people's code", "generated": "generated", "submodule": "submodule",
       "repository": "a repository of its own", "link": "a link out of the tree", "special": "no regular file",
       "denied": "permission denied", "limit": "too deep or too many"}
NAMED = 5
# a product may read what stands there, and nobody knows what that is
CLOSED = {"link": ("it is a link out of the tree, or to nothing", "Put the file itself here, or remove the link."),
          "special": ("it is no regular file", "Put a file here, or remove it.")}


def _passed_by(skipped: Iterable[Skipped]) -> list[str]:
    """One sentence for each reason why something is not read."""
    by: dict[str, list[Skipped]] = {}
    for item in skipped:
        by.setdefault(item.why, []).append(item)
    notes = []
    for why, items in by.items():
        names = ", ".join(f"`{item.path}`" for item in items[:NAMED])
        rest = f" and {len(items) - NAMED} more" if len(items) > NAMED else ""
        count = sum(item.recognised or 0 for item in items)
        hidden = f"; {count} file{'s' if count != 1 else ''} of agents in there" if count else ""
        notes.append(f"not read, {WHY[why]}: {names}{rest}{hidden}")
    return notes


MOST_COMPANIONS = 500  # files that are read with those of a command line
MOST_LISTED = 5000     # files looked at for one pattern


def companions(paths: set[str]) -> list[str]:
    """The other files of the roots that these files belong to, as far as they exist.

    Files with fixed names are looked for; for patterns only the directories are listed in which the
    product of that root keeps such files.
    """
    from overgrant.dialect.catalogue import catalogue

    known = catalogue()
    roots = {(format.product, root) for path in paths for format, root in known.candidates(path)}
    found: set[str] = set()
    for product, root in sorted(roots):
        for format in known.of(product):
            for glob in format.paths:
                for path in _matching(root, glob):
                    if path not in paths and len(found) < MOST_COMPANIONS and any(
                            here == root for _, here in known.candidates(path)):
                        found.add(path)
    return sorted(found | _asides(paths))


def _is_aside(path: str) -> bool:
    """The file says which versions Python code runs with."""
    from overgrant.dialect.code.versions import is_aside

    return is_aside(path)


def _asides(paths: set[str]) -> set[str]:
    """The files that say which versions Python code runs with, in its directory and in those above it."""
    folders = {path.rpartition("/")[0] for path in paths if path.endswith((".py", ".ipynb")) and not path.startswith(("../", "/"))}
    if not folders:
        return set()
    from overgrant.dialect.code.versions import LOCKS, RANGES

    for folder in list(folders):
        while folder:
            folder = folder.rpartition("/")[0]
            folders.add(folder)
    named = {f"{folder}/{name}".lstrip("/") for folder in folders for name in (*LOCKS, *RANGES, "requirements.txt")}
    return {path for path in named - paths if os.path.isfile(path) and not os.path.islink(path)}


def _matching(root: str, glob: str) -> Iterator[str]:
    """Regular files that a glob may mean below a root; none for one that could lie anywhere below it."""
    parts = glob.split("/")
    at = next((n for n, part in enumerate(parts) if any(sign in part for sign in "*?{")), len(parts))
    path = os.path.normpath(os.path.join(root, *parts[:at])).replace(os.sep, "/")
    if at == len(parts):
        if os.path.isfile(path) and not os.path.islink(path):
            yield path
    elif at or "**" not in glob:
        yield from listed(path, "**" in glob, len(parts) - at)


def listed(folder: str, deep: bool, depth: int) -> Iterator[str]:
    """Regular files in a directory, sorted, to a depth (any, within bounds, when `deep`); links are not followed."""
    waiting, left = [(folder, 1)], MOST_LISTED
    while waiting and left > 0:
        here, level = waiting.pop()
        try:
            with os.scandir(here) as entries:
                items = sorted(entries, key=lambda item: item.name)
        except OSError:
            continue
        left -= len(items)
        for item in items:
            if item.is_file(follow_symlinks=False):
                yield os.path.normpath(item.path).replace(os.sep, "/")
            elif item.is_dir(follow_symlinks=False) and level < (8 if deep else depth):
                waiting.append((item.path, level + 1))


UNOPENED = "Make it readable for whoever runs the check."


def _input(path: str, absolute: str, *, local: bool, example: bool, shown: bool = True) -> Input:
    from overgrant.run import MOST_BYTES, Input

    try:
        with open(absolute, "rb") as stream:
            data: bytes | None = stream.read(MOST_BYTES + 1)
        why = ""
    except OSError as error:
        data, why = None, f"it cannot be opened ({error.strerror})"
    return Input(path, data, local=local, example=example, shown=shown, why=why, instead=UNOPENED if why else "")


def colour(stream_is_terminal: bool) -> bool:
    """`FORCE_COLOR` and `NO_COLOR` decide; otherwise a terminal gets colour."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream_is_terminal and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Columns of the terminal, between 60 and 120."""
    try:
        columns = int(os.environ.get("COLUMNS", 0)) or os.get_terminal_size(1).columns
    except (OSError, ValueError):
        columns = 100
    return max(60, min(120, columns))


def rule_text(rule: Rule) -> str:
    """The Markdown of a rule."""
    try:
        with open(rule.path, encoding="utf-8") as stream:
            return stream.read()
    except OSError:
        return ""
