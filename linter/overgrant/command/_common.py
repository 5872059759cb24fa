"""What several commands need: the rules, the files, the configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from overgrant.read.knowledge import compiled, home
from overgrant.rule import Rule

if TYPE_CHECKING:
    from overgrant.read.tree import Found
    from overgrant.run import Input


def builtin_rules() -> list[Rule]:
    """The rules that come with the tool, compiled."""
    from overgrant.rulefile import compile_rules, load_compiled

    folder = home("rules")
    return load_compiled(compiled("rules", [folder], lambda: compile_rules(folder)), folder)


def gather(paths: tuple[str, ...]) -> tuple[list[Input], Found]:
    """The files that the paths of a command line name, read, and how the search went.

    A file that is named alone is judged together with the other files of its root, which are read
    and not reported.
    """
    from overgrant.dialect.catalogue import catalogue
    from overgrant.read.tree import discover

    known = catalogue()
    found = discover(paths, recognise=known.is_candidate, cwd=os.getcwd())
    if found.missing:
        raise click.UsageError(f"There is no file or directory `{found.missing[0]}`.")
    inputs = [_input(entry.path, entry.absolute, local=entry.ignored, example=entry.example) for entry in found.files]
    have = {file.path for file in inputs}
    for path in companions(have):
        inputs.append(_input(path, os.path.abspath(path), local=False, example=False, shown=False))
    return inputs, found


def companions(paths: set[str]) -> list[str]:
    """The other files of the roots that these files belong to: those with a fixed name that exist."""
    from overgrant.dialect.catalogue import catalogue

    known = catalogue()
    roots = {(format.product, root) for path in paths for format, root in known.candidates(path)}
    found: set[str] = set()
    for product, root in roots:
        for format in known.formats:
            if format.product != product:
                continue
            for glob in format.paths:
                path = os.path.normpath(os.path.join(root, glob)).replace(os.sep, "/")
                if not any(sign in glob for sign in "*?{") and path not in paths and os.path.isfile(path) \
                        and not os.path.islink(path):
                    found.add(path)
    return sorted(found)


def _input(path: str, absolute: str, *, local: bool, example: bool, shown: bool = True) -> Input:
    from overgrant.run import MOST_BYTES, Input

    try:
        with open(absolute, "rb") as stream:
            data: bytes | None = stream.read(MOST_BYTES + 1)
        why = ""
    except OSError as error:
        data, why = None, f"it cannot be opened ({error.strerror})"
    return Input(path, data, local=local, example=example, shown=shown, why=why)


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
    for folder in (home("rules"), Path()):
        file = folder / rule.path
        if file.is_file():
            return file.read_text(encoding="utf-8")
    return ""
