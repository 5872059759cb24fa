"""Instruction files: what they import from elsewhere, and credentials that nobody could take for prose."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from overgrant.pattern import later
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]

# `@path` at the start of a word, as code.claude.com/docs/en/memory and geminicli.com/docs/cli/gemini-md describe it
_IMPORT = later(r"(?<![\w`@/.-])@(~/|\.\./|\./|/(?:Users|home|root|etc|opt|var|tmp|mnt|srv|usr|Volumes)/|[A-Za-z]:[\\/])"
                r"([^\s`'\"<>|,;)\]]{1,300})")


def secret(value: Value, context: Context) -> list[Fields]:
    """Credentials of an unmistakable form; prose about credentials is none."""
    from overgrant.dialect.grammar.secret import find

    return [{"provider": found.provider, "shown": found.shown, "confidence": found.confidence,
             "@value": value.part(found.start, found.end)} for found in find(value.text) if found.confidence == "high"]


def fetched(value: Value, context: Context) -> list[Fields]:
    """One entry of a list of instruction files: an address whose text is fetched when a session starts."""
    text = value.text.strip()
    if not text.startswith(("https://", "http://")):
        return []
    return [{"text": text, "says": "is fetched when a session starts", "witness": text}]


def imports(value: Value, context: Context) -> list[Fields]:
    """`@path` imports that leave the tree: absolute paths, the home directory, too many `..`."""
    if "@" not in value.text:
        return []
    from overgrant.read.markdown import fences

    base = value.span.start
    code = [(fence.text.span.start - base, fence.text.span.end - base) for fence in fences(value)]
    found: list[Fields] = []
    for match in _IMPORT.finditer(value.text):
        if any(low <= match.start() < high for low, high in code) or _in_code(value.text, match.start()):
            continue
        path = (match[1] + match[2]).rstrip(".:!?*_")
        if where := _outside(path, value.source.path):
            found.append({"text": path, "says": where, "witness": path,
                          "@value": value.part(match.start(), match.start() + 1 + len(path))})
    return found


def _outside(path: str, file: str) -> str:
    if path.startswith("~"):
        return "imports the home directory"
    if path.startswith("/") or path[1:2] == ":":
        return "imports an absolute path"
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(file), path))
    return "imports a path above the repository" if joined == ".." or joined.startswith("../") else ""


def _in_code(text: str, at: int) -> bool:
    return text.count("`", text.rfind("\n", 0, at) + 1, at) % 2 == 1
