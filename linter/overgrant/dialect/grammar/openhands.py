"""OpenHands: what its sandbox is given of the machine.

Source: All-Hands-AI/OpenHands config.template.toml and docs.all-hands.dev/usage/configuration-options.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar import mount
from overgrant.dialect.grammar.container import Mount
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]


def volumes(value: Value, context: Context) -> list[Fields]:
    """`sandbox.volumes`: `HOST:CONTAINER[:MODE]`, several by commas."""
    return [each for part in value.text.split(",") if part.strip() for each in mount.volume(part.strip())]


def workspace(value: Value, context: Context) -> list[Fields]:
    """`workspace_base` or `workspace_mount_path`: the folder of the machine that the sandbox has as its workspace."""
    return mount.folder(Mount(value.text, "", False, 0))


def confirmation(value: Value, context: Context) -> list[Fields]:
    """`confirmation_mode`: whether a person is asked before an action."""
    judge = value.parent.get("security_analyzer") if value.parent is not None else None
    judged = value.data is True and judge is not None and bool(judge.text.strip())
    return [{"name": "confirmation_mode", "text": "judged" if judged else str(value.data).lower(), "meaning": "mode"}]


def runtime(value: Value, context: Context) -> list[Fields]:
    """`runtime`: where actions run; `local` and `cli` are the machine itself."""
    if value.text not in ("local", "cli"):
        return []
    return [{"name": "runtime", "text": value.text, "meaning": "sandbox-off",
             "gives": "commands run as this user on this machine", "instead": "Write `docker`."}]
