"""Aider: files in the chat, commands that run by themselves, keys of providers.

Sources: aider.chat/docs/config/options.html; Aider-AI/aider aider/io.py, confirm_ask, and aider/args.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar.common import secret
from overgrant.scope import command_exact, path_glob
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]


def always(value: Value, context: Context) -> list[Fields]:
    """`yes-always`, in any of the words that YAML 1.1 has for it."""
    return [{"name": str(value.key), "text": str(value.data).lower(), "meaning": "mode"}]


def edited(value: Value, context: Context) -> list[Fields]:
    """One entry of `file`: it is in the chat from the start, so it is edited without a question."""
    shared: Fields = {"text": value.text, "tool": "file", "scope": path_glob(value.text, base="."), "decision": "allow"}
    return [{**shared, "capability": "fs.read"}, {**shared, "capability": "fs.write"}]


def shown(value: Value, context: Context) -> list[Fields]:
    """One entry of `read`: a file, or a folder with all that is in it, goes to the model and is never written."""
    text = value.text
    scope = path_glob(text, base=".", directory=text.endswith("/") or text in (".", "..", "~"))
    shared: Fields = {"text": text, "tool": "read", "scope": scope}
    return [{**shared, "capability": "fs.read", "decision": "allow"}, {**shared, "capability": "fs.write", "tool": "edit", "decision": "deny"}]


def checking(value: Value, context: Context) -> list[Fields]:
    """`lint-cmd` or `test-cmd`: a command that runs after each edit; `LANGUAGE: command` for one language."""
    name, colon, rest = value.text.partition(":")
    command = rest.strip() if colon and name.isalpha() else value.text.strip()
    key = value.key if isinstance(value.key, str) else str(value.parent.key) if value.parent is not None else ""
    if not command or not _runs(key, value):
        return []
    return [{"command": command, "event": f"after an edit ({key})"},
            {"@kind": "grant", "text": command, "tool": key, "capability": "exec.shell", "scope": command_exact(command),
             "decision": "allow", "rank": "default"}]


def _runs(key: str, value: Value) -> bool:
    """Linting is on by default, testing is off."""
    top = value
    while top.parent is not None:
        top = top.parent
    switch = top.get("auto-lint" if key == "lint-cmd" else "auto-test")
    return switch.data is not False if key == "lint-cmd" and switch is not None else key == "lint-cmd" or (
        switch is not None and switch.data is True)


def key(value: Value, context: Context) -> list[Fields]:
    """`PROVIDER=KEY` of `api-key`, or `NAME=VALUE` of `set-env`."""
    return secret(value, context)
