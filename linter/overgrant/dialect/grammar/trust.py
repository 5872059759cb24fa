"""Folders that are trusted in advance: one that holds all others answers the question for every repository to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.pattern import later
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
_HOLDS_ALL = later(r"(?:/|~|\$HOME|\$\{HOME\}|/home|/Users|/root|[A-Za-z]:|[A-Za-z]:[\\/]Users|(?:/home|/Users)/[^/*]+)[\\/]*\**")


def folder(value: Value, context: Context) -> list[Fields]:
    """One entry of a list of trusted folders; nothing for a folder of one project."""
    return _trusted(value.text)


def keyed(value: Value, context: Context) -> list[Fields]:
    """A switch below a key that is the trusted folder."""
    return _trusted(str(value.parent.key)) if value.parent is not None else []


def _trusted(path: str) -> list[Fields]:
    return [{"text": path}] if _HOLDS_ALL.fullmatch(path.strip()) else []
