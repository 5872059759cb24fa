"""Traps in Hermes: `off` is false in YAML 1.1, patterns of commands, a bare star."""

from __future__ import annotations

import pytest

from trees import judged


def found(text: str) -> list[str]:
    return sorted({finding.rule.id for finding in judged({".hermes/config.yaml": text.encode()}).findings})


@pytest.mark.parametrize(("mode", "expected"), [
    ("off", ["approvals-off"]), ("false", ["approvals-off"]), ("'off'", ["approvals-off"]), ("no", ["approvals-off"]),
    ("manual", []), ("smart", []), ("yolo", ["wrong-type"])])
def test_off_is_off_in_every_form(mode: str, expected: list[str]) -> None:
    assert found(f"approvals:\n  mode: {mode}\n") == expected


@pytest.mark.parametrize(("key", "expected"), [("cron_mode", ["approvals-off"]), ("unattended_mode", ["approvals-off"])])
def test_what_happens_where_nobody_looks(key: str, expected: list[str]) -> None:
    assert found(f"approvals:\n  {key}: approve\n") == expected
    assert found(f"approvals:\n  {key}: deny\n") == []


def test_a_star_without_quotes_is_an_alias() -> None:
    assert "unreadable-manifest" in found("approvals:\n  deny: [*curl*]\n")
