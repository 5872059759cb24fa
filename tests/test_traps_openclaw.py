"""Traps in OpenClaw: JSON5, lists of people, two layers of approvals."""

from __future__ import annotations

import pytest

from trees import judged


def found(text: str, path: str = "openclaw.json") -> list[str]:
    return sorted(finding.rule.id for finding in judged({path: text.encode()}).findings)


def test_the_file_is_json5() -> None:
    assert found("{tools: {exec: {security: 'full', /* nobody is asked */ ask: 'off',},},}") == ["approvals-off"]


@pytest.mark.parametrize(("text", "expected"), [
    ("{tools: {exec: {security: 'full'}}}", ["approvals-off"]), ("{tools: {exec: {ask: 'off'}}}", ["approvals-off"]),
    ("{tools: {exec: {security: 'full', ask: 'on-miss'}}}", ["approvals-off"]), ("{tools: {exec: {ask: 'always'}}}", []),
    ("{tools: {exec: {security: 'allowlist', ask: 'off'}}}", []), ("{tools: {exec: {security: 'deny', ask: 'off'}}}", [])])
def test_only_both_together_waive_the_approval(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(("people", "expected"), [("['*']", ["open-actor-list"]), ("['tg:1', '*']", ["open-actor-list"]), ("['tg:1']", [])])
def test_the_star_is_everybody(people: str, expected: list[str]) -> None:
    assert found(f"{{channels: {{telegram: {{allowFrom: {people}}}}}}}") == expected
    assert found(f"{{channels: {{slack: {{accounts: {{work: {{allowFrom: {people}}}}}}}}}}}") == expected


def test_a_misspelt_mode_of_approval_is_named() -> None:
    assert found('{"version": 1, "defaults": {"security": "allow-list"}}', ".openclaw/exec-approvals.json") == ["wrong-type"]


def test_a_stream_filter_that_is_an_interpreter() -> None:
    assert found("{tools: {exec: {security: 'allowlist', safeBins: ['cut', 'node']}}}") == ["command-opens-shell"]
