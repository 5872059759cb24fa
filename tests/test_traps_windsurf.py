"""Traps in Windsurf: events with underscores, entries that are the beginning of a command."""

from __future__ import annotations

import json

import pytest

from trees import judged


@pytest.mark.parametrize(("entry", "expected"), [("*", ["open-shell"]), ("node", ["command-opens-shell"]), ("npm test", []), ("git status", [])])
def test_an_entry_is_the_beginning_of_a_command(entry: str, expected: list[str]) -> None:
    text = json.dumps({"windsurf.cascadeCommandsAllowList": [entry]})
    assert [finding.rule.id for finding in judged({".vscode/settings.json": text.encode()}).findings] == expected


def test_an_event_of_another_product_never_runs() -> None:
    text = json.dumps({"hooks": {"pre_run_commands": [{"command": "python3 check.py"}]}})
    assert [finding.rule.id for finding in judged({".windsurf/hooks.json": text.encode()}).findings] == ["dead-control"]
