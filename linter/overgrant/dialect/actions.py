"""Dialects: what is known of actions that run agents, and of the tokens and secrets that steps are given."""

from __future__ import annotations

from functools import cache
from typing import Any

from overgrant.dialect.grammar.expression import names, parse, spans
from overgrant.read.knowledge import load
from overgrant.value import Value


@cache
def _actions() -> dict[str, dict[str, Any]]:
    return {name.lower(): row for name, row in load("actions")["actions"].items()}


@cache
def _forks() -> dict[str, dict[str, Any]]:
    """Names without the owner that are distinct enough to know a fork by."""
    return {name.partition("/")[2]: row for name, row in _actions().items() if row.get("forked")}


def agent_action(uses: str) -> dict[str, Any] | None:
    """What is known about an action that runs an agent; None for any other. A fork keeps the name and the inputs."""
    name = uses.strip().partition("@")[0].lower().rstrip("/")
    return _actions().get(name) or (_forks().get(name.partition("/")[2]) if not name.startswith((".", "docker:")) else None)


def hands_token(given: Value | None) -> bool:
    """Some input or variable holds the job's token, or another one."""
    return given is not None and any("token" in value.text.lower() and "${{" in value.text
                                     for value in given.entries.values() if value.kind == "str")


def model_key(text: str) -> str:
    """The secret in a text that pays for a model; empty for none."""
    if "secrets." not in text:
        return ""
    keys = load("actions")["model-keys"]
    return next((name[8:] for _, _, inside in spans(text) if (node := parse(inside)) is not None for name in names(node)
                 if name.startswith("secrets.") and any(key in name.upper() for key in keys)), "")


def held_secret(text: str) -> str:
    """The secret that a text holds and that does more than pay for the model; empty for none."""
    keys = load("actions")["model-keys"]
    for _, _, inside in spans(text):
        node = parse(inside)
        for name in names(node) if node is not None else ():
            if name.lower() == "secrets":
                return "secrets.*"
            if name.startswith("secrets.") and name != "secrets.GITHUB_TOKEN" and not any(key in name.upper() for key in keys):
                return name[8:]
    return ""
