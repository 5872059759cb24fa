"""Workflow expressions: what they answer for a stranger, and that hostile ones end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.dialect.grammar.expression import Stranger, bare, may_hold, names, parse, spans

WHO = Stranger("issues", "opened")
CASES = [
    ("true", True), ("false", False), ("!true", False), ("!!true", True), ("''", False), ("'x'", True), ("0", False),
    ("true && false", False), ("true || false", True), ("(false)", False),
    ("github.event_name == 'ISSUES'", True), ("github.event_name != 'issues'", False),
    ("github.event.action == 'opened'", True), ("github.event.action == 'labeled'", False),
    ("contains(fromJSON('[\"issues\"]'), github.event_name)", True),
    ("contains('issues push', github.event_name)", True), ("contains('push', github.event_name)", False),
    ("github['event_name'] == 'push'", False), ("vars.ON == 'x'", True), ("unknown(1, 2)", True),
    ("startsWith(github.actor, 'a')", True), ("github.event.issue.user.login == 'a'", False),
    ("github.actor == github.actor", True),
]


@pytest.mark.parametrize(("text", "holds"), CASES)
def test_answers(text: str, holds: bool) -> None:
    assert may_hold(text, WHO) is holds


@pytest.mark.parametrize("text", ["(" * 5000, "!" * 5000 + "x", "a." * 3000 + "b", "'" * 101, "a[" * 200, "x &&", "", "&&"])
def test_hostile_expressions_end_and_may_hold(text: str) -> None:
    assert may_hold(text, WHO) in (True, False)


@given(st.text(alphabet="ab.()[]&|!='$ {}", max_size=40))
@settings(deadline=None, max_examples=150)
def test_any_text(text: str) -> None:
    may_hold(text, WHO)
    node = parse(text)
    assert node is None or list(names(node)) is not None


def test_places() -> None:
    text = "a ${{ x }} b ${{y}} ${{ open"
    assert [(text[start:end], inside) for start, end, inside in spans(text)] == [("${{ x }}", "x"), ("${{y}}", "y")]
    assert bare("${{ a || b }}") == "a || b"
    assert bare("${{ a }} && ${{ b }}") == "${{ a }} && ${{ b }}"
