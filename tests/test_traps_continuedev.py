"""Traps in Continue: patterns of a whole line, a star in quotes, blocks of the hub."""

from __future__ import annotations

import pytest

from trees import judged


def found(text: str, name: str = "permissions") -> list[str]:
    return sorted({finding.rule.id for finding in judged({f".continue/{name}.yaml": text.encode()}).findings})


@pytest.mark.parametrize(("entry", "expected"), [
    ("'*'", ["approvals-off"]), ("Bash", ["open-shell"]), ("Bash(*)", ["open-shell"]), ("Bash(node*)", ["command-opens-shell"]),
    ("Bash(git status)", []), ("Read", ["any-file-read"])])
def test_entries(entry: str, expected: list[str]) -> None:
    assert found(f"allow:\n  - {entry}\n") == expected


def test_a_star_without_quotes_is_an_alias() -> None:
    assert "unreadable-manifest" in found("allow:\n  - *\n")


@pytest.mark.parametrize(("uses", "expected"), [("example/db", ["unpinned-server"]), ("example/db@1.2.3", []), ("file:./db.yaml", [])])
def test_a_block_of_the_hub(uses: str, expected: list[str]) -> None:
    assert found(f"name: x\nmcpServers:\n  - uses: {uses}\n", "config") == expected
