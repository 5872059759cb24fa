"""Dialects: the files that an agentic workflow imports: where they lie, and what to say where they do not.

A relative path starts at the importing file, `.github/…` and `/…` at the repository's root, and text that is
put into the prompt at run time at `.github`. `owner/repository/path@ref` stands in another repository.
Source: github.github.com/gh-aw/reference/imports and pkg/parser/remote_fetch.go of gh-aw, checked 2026-11-30.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from overgrant.dialect.walk import Context
from overgrant.pattern import later
from overgrant.value import Value

MOST = 200  # imports of one file
MAX_BODY = 256 * 1024  # characters of a prompt in which imports are looked for
_MACRO = later(r"(?:\{\{#((?:runtime-)?import)(\??):?|^@((?:include|import))(\??))[ \t]+([^\s}]+)", re.MULTILINE)
_ELSEWHERE = later(r"(?!\.|/|shared/)[^/@#\s]+/[^/@#\s]+/[^@#\s]+")


class Import(NamedTuple):
    """An import as it is written.

    place     the words that name the file
    text      these words
    optional  a file that is not there is passed over
    words     only the text of the file is taken, not what its frontmatter grants
    """

    place: Value
    text: str
    optional: bool = False
    words: bool = False


def stated(root: Value, body: Value | None) -> Iterator[Import]:
    """The imports of a frontmatter and of the prompt below it."""
    imports = root.get("imports")
    imports = imports.get("aw") or imports if imports is not None and imports.kind == "map" else imports
    for item in imports.items[:MOST] if imports is not None else []:
        path = item.get("uses") or item.get("path") if item.kind == "map" else item
        if path is not None and path.kind == "str" and path.text.strip():
            yield Import(path, path.text.strip().rstrip("?"), path.text.strip().endswith("?"))
    for number, match in enumerate(_MACRO.finditer(body.text[:MAX_BODY]) if body is not None else ()):
        if body is None or number >= MOST:
            return
        yield Import(body.part(match.start(5), match.end(5)), match.group(5), bool(match.group(2) or match.group(4)),
                     match.group(1) == "runtime-import")


def elsewhere(text: str) -> bool:
    """The words name a file of another repository, unless this one has it."""
    return "@" in text or _ELSEWHERE.match(text) is not None


def paths(each: Import, context: Context) -> list[str]:
    """Where the file may lie, from the working directory; the first is where it should."""
    name = each.text.partition("#")[0].partition("@")[0]
    if each.words:  # `10-20` behind a colon are lines
        name = re.sub(r":\d+-\d+$", "", name)
    base = "" if context.root.path in ("", ".") else context.root.path
    folder = each.place.source.path.rpartition("/")[0]
    if name.startswith(("/", ".github/", ".agents/")):
        starts = [base]
    elif each.words:
        starts = [f"{base}/.github", folder]
    else:
        starts = [folder, f"{base}/.github", f"{base}/.github/workflows"]
    return list(dict.fromkeys(found for start in starts if (found := _joined(start, name)) is not None))


def _joined(folder: str, name: str) -> str | None:
    """A path below a folder; None where it leaves the working directory."""
    steps: list[str] = []
    for step in f"{folder}/{name}".split("/"):
        if step == "..":
            if not steps:
                return None
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)
