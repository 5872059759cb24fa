from __future__ import annotations

import io
import json

import pytest

from overgrant import baseline
from overgrant.model import Grant
from overgrant.rule import Finding, Place, Rule
from overgrant.text import Source
from overgrant.value import Value


def finding(name: str, path: str = "a.json", rule: str = "open-shell", waived: str | None = None) -> Finding:
    source = Source(path, b"text")
    made = Rule(id=rule, family="scope", subject="grant", severity="high", check=lambda *_: (), message="m", help="h")
    fact = Grant(Value(source, "str", "text", raw="text", locate=lambda: ((0, 4), None)))
    found = Finding(made, fact, message="m", help="h", places=[Place(source.span(0, 4), "", "primary")],
                    severity="high", identity=(name,))
    found.waived = waived
    return found


def written(findings: list[Finding]) -> str:
    stream = io.StringIO()
    baseline.write(findings, stream)
    return stream.getvalue()


def test_what_is_written_is_read_again_whatever_the_order() -> None:
    findings = [finding("2", "b"), finding("1", "b"), finding("3", "a"), finding("3", "a")]
    text = written(findings)
    assert text == written(findings[::-1])
    held = baseline.read(text)
    assert [entry.path for entry in held] == ["a", "b", "b"]
    assert {entry.fingerprint for entry in held} == {each.fingerprint for each in findings}
    assert json.loads(text)["version"] == 1


def test_waived_findings_are_not_written() -> None:
    assert baseline.read(written([finding("1", waived="reason")])) == []


def test_known_findings_are_marked_and_stale_entries_returned() -> None:
    known, new = finding("1"), finding("2")
    gone = baseline.Known("open-shell", "gone.json", "9")
    assert baseline.apply([known, new], [*baseline.entries([known]), gone]) == [gone]
    assert (known.baselined, new.baselined) == (True, False)


def test_an_entry_of_a_file_that_was_not_looked_at_is_not_stale() -> None:
    gone = baseline.Known("open-shell", "gone.json", "9")
    assert baseline.apply([], [gone], checked={"a.json"}) == []
    assert baseline.apply([], [gone], checked={"gone.json"}) == [gone]


@pytest.mark.parametrize(("text", "what"), [
    ("", "no JSON"),
    ("[" * 100_000, "no JSON"),
    ("[]", "no list `findings`"),
    ('{"version": 2, "findings": []}', "version `2`"),
    ('{"version": 1, "findings": [{"rule": "r"}]}', "entry 1"),
    ('{"version": 1, "findings": [{"rule": "r", "path": 1, "fingerprint": "x"}]}', "entry 1"),
    ('{"version": 1, "findings": ["x"]}', "entry 1"),
])
def test_what_is_no_baseline_is_refused(text: str, what: str) -> None:
    with pytest.raises(baseline.BaselineError, match=what):
        baseline.read(text)
