"""The configuration of this user and of an administrator, which lies outside the tree; read only when it is asked for."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from overgrant.command._common import UNOPENED, listed
from overgrant.dialect.catalogue import catalogue, glob_regex
from overgrant.read.knowledge import load
from overgrant.run import MOST_BYTES, Input

SYSTEMS = {"darwin": "macos", "win32": "windows"}
MOST_NAMED = 8
DEPTH = 4  # levels of folders below the fixed part of a pattern


def inputs(cwd: str) -> list[Input]:
    """The files of `knowledge/user.yaml` that exist here, by path from the working directory."""
    found: dict[str, Input] = {}
    for entry in (each for places in load("user").values() for each in places):
        if entry.get("system") in (None, SYSTEMS.get(sys.platform, "linux")):
            for file, known in _files(entry, os.environ):
                path = _shown(file, cwd)
                found.setdefault(path, _input(path, file, known, entry["tier"]))
    return list(found.values())


def _files(entry: dict[str, Any], environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Absolute paths of the regular files that an entry means, each with the path by which the catalogue knows it."""
    moved, names = entry.get("moved", {}), entry.get("as", {})
    elsewhere = environment.get(moved.get("variable", ""), "")
    for stated in entry["paths"]:
        path, known = stated, stated.removeprefix("~").lstrip("/")
        if elsewhere and path.startswith(moved["from"] + "/"):
            path = os.path.abspath(elsewhere).replace(os.sep, "/") + path.removeprefix(moved["from"])
        path = os.path.expanduser(path).replace(os.sep, "/")
        parts = path.split("/")
        at = next((number for number, part in enumerate(parts) if any(sign in part for sign in "*{")), len(parts))
        if at == len(parts):
            if os.path.isfile(path):
                yield path, names.get(parts[-1], known)
            continue
        pattern = re.compile(glob_regex("/".join(parts[at:])))
        folder = "/".join(parts[:at])
        for file in listed(folder, "**" in path, len(parts) - at if "**" not in path else DEPTH):
            below = os.path.relpath(file, folder).replace(os.sep, "/")
            if pattern.fullmatch(below):
                yield file, names.get(parts[-1], known.removesuffix("/".join(parts[at:])) + below)


def _shown(file: str, cwd: str) -> str:
    try:
        return os.path.relpath(file, cwd).replace(os.sep, "/")
    except ValueError:  # another drive
        return file.replace(os.sep, "/")


def _input(path: str, file: str, known: str, tier: str) -> Input:
    try:
        with open(file, "rb") as stream:
            return Input(path, stream.read(MOST_BYTES + 1), tier=tier, known=known)
    except OSError as error:
        return Input(path, None, why=f"it cannot be opened ({error.strerror})", instead=UNOPENED, tier=tier, known=known)


def of_tree(files: list[Input], user: list[Input], cwd: str) -> list[Input]:
    """The files of the tree without those that are also the user's: a check of the home directory sees each once."""
    outside = {os.path.realpath(os.path.join(cwd, each.path)) for each in user}
    return [file for file in files if os.path.realpath(os.path.join(cwd, file.path)) not in outside]


def note(user: list[Input]) -> str:
    """One sentence for the summary: which of these files take part."""
    known = catalogue()
    read = [each.path for each in user if each.data is None or known.recognise(each.known, each.data) is not None]
    if not read:
        return "this user has no configuration of agents outside the tree"
    more = f" and {len(read) - MOST_NAMED} more" if len(read) > MOST_NAMED else ""
    return "with the configuration of this user: " + ", ".join(f"`{path}`" for path in read[:MOST_NAMED]) + more
