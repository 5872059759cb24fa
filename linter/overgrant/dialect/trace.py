"""Dialects: what an agent did, as the sessions that its product keeps say it; how they look is `knowledge/traces.yaml`.

A session is text that an agent wrote: bounded, never believed about anything but what was called, and nothing of it is shown
but commands that open and change nothing.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from typing import Any, NamedTuple

from overgrant.read.knowledge import load

MOST_LINE = 4 * 1024 * 1024
MOST_USES = 50_000
_HEAD = 65_536


class Use(NamedTuple):
    """One call that did not fail: `sort` is command, read, write, fetch or tool; `text` the command, path, URL or `server.tool`."""

    sort: str
    text: str


class Trace(NamedTuple):
    """What one file tells.

    product   slug of the product that wrote it
    sessions  the names of the sessions in it
    uses      the calls that did not fail, in their order
    skipped   lines that are no JSON, or too long
    """

    product: str
    sessions: frozenset[str]
    uses: list[Use]
    skipped: int


def read(data: bytes) -> Trace | None:
    """The trace in a file, or None when it is no session of a product that is known."""
    head = data[:_HEAD].decode("utf-8", "replace")
    for product, form in load("traces").items():
        if all(mark in head for mark in form["marks"]):
            return _Reader(form).read(product, data)
    return None


class _Reader:
    def __init__(self, form: dict[str, Any]) -> None:
        self.form = form
        self.uses: dict[str, Use] = {}
        self.failed: set[str] = set()
        self.folders: dict[str, str] = {}

    def read(self, product: str, data: bytes) -> Trace:
        skipped = 0
        for line in data.split(b"\n"):
            try:
                held = json.loads(line) if line.strip() and len(line) <= MOST_LINE else None
            except (ValueError, RecursionError):
                held = None
            if isinstance(held, dict):
                self.line(held)
            elif line.strip():
                skipped += 1
        uses = [use for number, use in self.uses.items() if number not in self.failed]
        return Trace(product, frozenset(self.folders), uses, skipped)

    def line(self, held: dict[str, Any]) -> None:
        session = held.get(self.form["session"])
        if not isinstance(session, str):
            return
        folder = held.get(self.form["folder"])
        if not self.folders.get(session):  # where the session began, whatever directory it went to later
            self.folders[session] = folder if isinstance(folder, str) else ""
        blocks: Any = held
        for key in self.form["blocks"]:
            blocks = blocks.get(key) if isinstance(blocks, dict) else None
        call, result = self.form["call"], self.form["result"]
        for block in blocks if isinstance(blocks, list) else ():
            kind = block.get("type") if isinstance(block, dict) else None
            if kind == call["type"] and len(self.uses) < MOST_USES:
                for use in self.use(block.get(call["name"]), block.get(call["input"]), self.folders[session]):
                    self.uses[f"{session} {block.get(call['number'])}"] = use
            elif kind == result["type"] and block.get(result["failed"]) is True:
                self.failed.add(f"{session} {block.get(result['number'])}")

    def use(self, name: object, given: object, folder: str) -> Iterator[Use]:
        if not isinstance(name, str):
            return
        server = self.form["server"]
        if name.startswith(server["before"]):
            at, _, tool = name.removeprefix(server["before"]).partition(server["between"])
            yield Use("tool", f"{at}.{tool}")
            return
        tool = self.form["tools"].get(name)
        text = given.get(tool["key"]) if tool is not None and isinstance(given, dict) else None
        if isinstance(text, str) and text.strip():
            yield Use(tool["sort"], _relative(text, folder) if tool["sort"] in ("read", "write") else text.strip())


def _relative(path: str, folder: str) -> str:
    """A path as it is from the directory in which the session began, where it lies in it."""
    path, folder = path.replace("\\", "/"), folder.replace("\\", "/").rstrip("/")
    if folder and (path + "/").startswith(folder + "/"):
        return posixpath.relpath(path, folder)
    return path
