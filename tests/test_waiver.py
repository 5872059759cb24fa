from __future__ import annotations

from datetime import date
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant import waiver
from overgrant.model import Agent, Grant
from overgrant.read import pathmatch, read
from overgrant.rule import Finding, Place, Rule
from overgrant.text import Source
from overgrant.value import Value

TODAY = date(2026, 11, 24)
PRINT = sha256(b"this one").hexdigest()[:24]


def finding(rule: str = "open-shell", path: str = "a/b.json", agent: str = "", text: str = "Bash(*)",
            identity: str = "this one") -> Finding:
    source = Source(path, text.encode())
    fact = Grant(Value(source, "str", text, raw=text, locate=lambda: ((0, len(text)), None)))
    if agent:
        fact.agent = Agent()
        fact.agent.name = agent
    made = Rule(id=rule, family="scope", subject="grant", severity="high", check=lambda *_: (), message="m", help="h",
                replaces=("old-name",))
    return Finding(made, fact, message="m", help="h", places=[Place(source.span(0, len(text)), "", "primary")],
                   severity="high", identity=(identity,))


def one(rule: str = "open-shell", path: str = "**", **more: object) -> waiver.Waiver:
    return waiver.Waiver(rule, path, "because", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("held", "covers"), [
    (one(), True),
    (one(rule="old-name"), True),
    (one(rule="other"), False),
    (one(path="a/"), True),
    (one(path="*.json"), True),
    (one(path="/b.json"), False),
    (one(agent="claude"), True),
    (one(agent="codex"), False),
    (one(match="Bash("), True),
    (one(match=PRINT), True),
    (one(match=PRINT[:8]), False),
    (one(match="Read"), False),
    (one(expires=TODAY), True),
    (one(expires=date(2026, 11, 23)), False),
])
def test_a_waiver_covers_what_it_speaks_of(held: waiver.Waiver, covers: bool) -> None:
    result = waiver.apply([finding(agent="claude")], [held], TODAY)
    assert [each.waived for each in result.findings] == (["because"] if covers else [None])


def test_an_agent_is_asked_for_where_there_is_none() -> None:
    assert waiver.apply([finding()], [one(agent="claude")], TODAY).findings[0].waived is None


def test_unused_and_expired_waivers_are_named() -> None:
    used, spare, over = one(), one(path="elsewhere"), one(expires=date(2020, 1, 1))
    result = waiver.apply([finding()], [used, spare, over], TODAY)
    assert (result.unused, result.expired) == ([spare], [over])


def test_a_mandatory_rule_cannot_be_waived() -> None:
    held, hit = one(), finding()
    result = waiver.apply([hit], [held], TODAY, mandatory=lambda each: each.rule.id == "open-shell")
    assert hit.waived is None
    assert result.refused == [(hit, held)]
    assert result.unused == []


def test_paths_are_seen_from_where_the_waiver_stands() -> None:
    held = one(path="/web/a/")
    assert waiver.apply([finding()], [held], TODAY, prefix="web/").findings[0].waived == "because"
    assert waiver.apply([finding()], [held], TODAY).findings[0].waived is None


def parsed(text: str) -> tuple[list[waiver.Waiver], list[tuple[str, int]]]:
    root = read(Source("w.yaml", text.encode()), "yaml12").root
    assert root is not None
    waivers, problems = waiver.parse(root)
    return waivers, [(what, span.begin[0]) for what, span in problems]


def test_waivers_are_read_with_their_places() -> None:
    waivers, problems = parsed("- rule: r\n  path: p\n  reason: why\n  expires: 2027-01-31\n"
                               "- rule: s\n  path: q\n  reason: x\n")
    assert problems == []
    assert [(each.rule, each.place) for each in waivers] == [("r", "w.yaml:1:3"), ("s", "w.yaml:5:3")]
    assert waivers[0].expires == date(2027, 1, 31)


@pytest.mark.parametrize(("text", "what", "line"), [
    ("- rule: r\n  path: p\n", "a waiver has no `reason`; add one", 1),
    ("- rule: r\n  path: p\n  reason: ''\n", "`reason` of a waiver is text", 3),
    ("- rule: r\n  path: p\n  resaon: x\n  reason: x\n", "unknown key `resaon`; did you mean `reason`?", 3),
    ("- rule: r\n  path: p\n  reason: x\n  expires: 31.01.2027\n", "`expires` is a day, as in 2027-01-31", 4),
    ("- rule: r\n  path: p\n  reason: x\n  expires: 2027-02-30\n", "`expires` is a day, as in 2027-01-31", 4),
    ("- just text\n", "a waiver has `rule`, `path` and `reason`", 1),
    ("a: 1\n", "`waivers` is a list of waivers, each with `rule`, `path` and `reason`", 1),
])
def test_what_is_wrong_with_a_waiver_is_said_at_its_place(text: str, what: str, line: int) -> None:
    waivers, problems = parsed(text)
    assert waivers == []
    assert (what, line) in problems


@pytest.mark.parametrize(("patterns", "path", "expected"), [
    (["*.md"], "a/b/c.md", True),
    (["/*.md"], "a/c.md", False),
    (["/*.md"], "c.md", True),
    (["docs/"], "a/docs/x", True),
    (["docs/"], "docs", False),
    (["a/*/c"], "a/b/c", True),
    (["a/*/c"], "a/b/b/c", False),
    (["a/**/c"], "a/c", True),
    (["a/**/c"], "a/b/b/c/d", True),
    (["a/**"], "a", False),
    (["a/**"], "a/b", True),
    (["**"], "a", True),
    (["**/x"], "x", True),
    (["[ab].y"], "b.y", True),
    (["[^ab].y"], "b.y", False),
    (["*", "!keep"], "keep", False),
    (["a/", "!a/keep"], "a/keep", True),
    (["\\!x"], "!x", True),
    (["# comment", ""], "# comment", False),
    (["A"], "a", False),
    (["[z-a"], "[z-a", True),
])
def test_patterns_mean_what_they_mean_in_gitignore(patterns: list[str], path: str, expected: bool) -> None:
    assert pathmatch.matches(pathmatch.parse(patterns), path) is expected


@settings(deadline=None, max_examples=200)
@given(st.text("a*?/[]!^-\\", max_size=20), st.text("a/-]", max_size=12))
def test_any_pattern_has_an_answer(pattern: str, path: str) -> None:
    assert pathmatch.matches(pathmatch.parse([pattern]), path) in (True, False)


def test_hostile_patterns_come_to_an_end() -> None:
    assert not pathmatch.matches(pathmatch.parse(["*a" * 60 + "b", "**/a/" * 60 + "b"]), "/".join(["a" * 60] * 40))
