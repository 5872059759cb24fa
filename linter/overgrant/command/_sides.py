"""A tree to compare with: a directory, or a revision of the repository, read without checking it out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from overgrant.command._common import Wrong, beside, gather

if TYPE_CHECKING:
    from overgrant.command._session import Session
    from overgrant.result import Result
    from overgrant.run import Analysis


def read(name: str, session: Session) -> tuple[Result, Analysis]:
    """What the rules find in a directory or a revision. Raises a usage error for anything else."""
    from overgrant.run import lint

    if os.path.isdir(name):
        here = os.getcwd()
        os.chdir(name)
        try:
            gathered = gather((), excludes=session.config.excludes)
            return lint(gathered.inputs, session.plan, seen=gathered.seen, find=beside)
        finally:
            os.chdir(here)
    return _revision(name, session)


def _revision(name: str, session: Session) -> tuple[Result, Analysis]:
    from overgrant.dialect.catalogue import catalogue
    from overgrant.read.git import LINK, SUBMODULE, GitRefused, blobs, tree_files
    from overgrant.read.tree import MOST_PEEKED, PEEKED, folder_names, is_example
    from overgrant.run import MOST_BYTES, Input, lint

    listed = tree_files(os.getcwd(), name)
    if isinstance(listed, GitRefused):
        raise click.UsageError(f"`{name}` is no directory, and no revision that can be read: {listed.reason}.")
    known, aside = catalogue(), folder_names("vendored")
    files = {path: file.blob for path, file in listed.items() if file.mode not in (LINK, SUBMODULE)}
    wanted = {path: blob for path, blob in files.items()
              if known.is_candidate(path) and aside.isdisjoint(path.split("/")[:-1]) and not session.config.excludes(path)}
    loose = [path for path in files if path not in wanted and known.may_be(path)
             and aside.isdisjoint(path.split("/")[:-1]) and not session.config.excludes(path)][:MOST_PEEKED]
    held = blobs(os.getcwd(), [*wanted.values(), *(files[path] for path in loose)], most=MOST_BYTES)
    if isinstance(held, GitRefused):
        raise Wrong([f"{name}: {held.reason}"])
    wanted.update((path, files[path]) for path in loose if known.begins(path, (held.get(files[path]) or b"")[:PEEKED]))
    inputs = [Input(path, held.get(blob), example=is_example(path), why="it is too large, or not in this clone")
              for path, blob in wanted.items()]

    def find(path: str, folder: str) -> bytes | None:
        found = blobs(os.getcwd(), [files[path]], most=MOST_BYTES) if path in files else {}
        return None if isinstance(found, GitRefused) else found.get(files.get(path, ""))

    return lint(inputs, session.plan, seen=len(listed), find=find)
