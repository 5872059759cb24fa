"""Dialects: names in schemas and catalogue rows → functions, by convention, so there is no table to edit.

A grammar `claude-rule` is `rule` in `dialect/grammar/claude.py`; one without a hyphen is in
`grammar/common.py`. A module `workflow` of a catalogue row is `dialect/workflow.py`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import cast

from overgrant.dialect.walk import GrammarFn


@cache
def grammar(name: str) -> GrammarFn:
    """The grammar of that name. Raises `LookupError` when there is none."""
    module, _, function = name.partition("-")
    if not function:
        module, function = "common", name
    try:
        found = getattr(import_module(f"overgrant.dialect.grammar.{module}"), function.replace("-", "_"))
    except (ImportError, AttributeError):
        raise LookupError(f"there is no grammar `{name}`") from None
    return cast(GrammarFn, found)


@cache
def module(name: str) -> ModuleType:
    """The dialect module of that name. Raises `LookupError` when there is none."""
    try:
        return import_module(f"overgrant.dialect.{name.replace('-', '_')}")
    except ImportError:
        raise LookupError(f"there is no dialect module `{name}`") from None
