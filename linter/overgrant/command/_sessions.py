"""The files of `--trace`: sessions that agents left behind, wherever they lie; read only when they are named."""

from __future__ import annotations

import os
from collections.abc import Iterable

import click

from overgrant.run import Input

MOST_FILES = 5_000
MOST_BYTES = 64 * 1024 * 1024


def inputs(paths: Iterable[str]) -> list[Input]:
    """The sessions below some paths. Raises `UsageError` for a path that is not there."""
    found: dict[str, Input] = {}
    for path in paths:
        if not os.path.exists(path):
            raise click.UsageError(f"There is no session at `{path}`.")
        names = _files(path)
        if not names:
            raise click.UsageError(f"There is no file `*.jsonl` below `{path}`.")
        if len(names) > MOST_FILES:
            found[path] = Input(path, None, why=f"only {MOST_FILES} of the {len(names)} sessions in it are read", session=True)
        for name in names[:MOST_FILES]:
            found.setdefault(os.path.realpath(name), _input(name))
    return list(found.values())


def _files(path: str) -> list[str]:
    """A file itself; of a folder the files of JSON lines below it."""
    if not os.path.isdir(path):
        return [path]
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names
                  if name.endswith(".jsonl"))


def _input(file: str) -> Input:
    path = os.path.relpath(file).replace(os.sep, "/") if not os.path.isabs(file) else file.replace(os.sep, "/")
    try:
        with open(file, "rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        return Input(path, None, why=f"it cannot be opened ({error.strerror})", session=True)
    if len(data) > MOST_BYTES:
        return Input(path, None, why=f"it is larger than {MOST_BYTES // 1024 // 1024} MiB", session=True)
    return Input(path, data, session=True)
