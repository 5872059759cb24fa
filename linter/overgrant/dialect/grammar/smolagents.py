"""smolagents: modules that the model's code may import in the process of the agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]
# Modules that start programs, load code or reach the interpreter's inside. docs.python.org/3.13, checked 2026-11-24
_OPEN = frozenset(("*", "os", "subprocess", "sys", "pty", "shutil", "importlib", "builtins", "posix", "ctypes", "multiprocessing",
                   "runpy", "code", "pickle", "asyncio.subprocess", "os.*", "subprocess.*"))


def module(value: Value, context: Context) -> list[Fields]:
    """A module that opens the executor; nothing for one that only computes."""
    text = value.text.strip()
    return [{"text": text, "breadth": "all", "runs": "interpreter"}] if text in _OPEN else []
