"""Waivers: findings that somebody has looked at and accepts, with a reason, for a while.

    waivers:
      - rule: open-shell
        path: tools/release/**
        agent: releaser          # optional: this agent only
        match: "Bash(npm *)"     # optional: only where this text is underlined, or a finding's fingerprint
        reason: The release runs in a throw-away container (SEC-112).
        expires: 2027-01-31      # optional: the last day on which it holds

A waiver that no finding needs, and one that has expired, are named in the summary.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from overgrant.read import pathmatch

if TYPE_CHECKING:
    from overgrant.rule import Finding
    from overgrant.text import Span
    from overgrant.value import Value

KEYS = ("rule", "path", "agent", "match", "reason", "expires")
REQUIRED = ("rule", "path", "reason")
Problem = tuple[str, "Span"]


class Waiver:
    """One waiver; `place` is where it stands, as `path:line:column`."""

    __slots__ = ("agent", "expires", "match", "path", "patterns", "place", "reason", "rule")

    def __init__(self, rule: str, path: str, reason: str, *, agent: str = "", match: str = "",
                 expires: date | None = None, place: str = "") -> None:
        self.rule = rule
        self.path = path
        self.patterns = pathmatch.parse([path])
        self.reason = reason
        self.agent = agent
        self.match = match
        self.expires = expires
        self.place = place

    def __repr__(self) -> str:
        return f"Waiver({self.rule} {self.path} {self.place})"

    def expired(self, today: date) -> bool:
        """Its last day is over."""
        return self.expires is not None and self.expires < today

    def covers(self, finding: Finding, path: str) -> bool:
        """It speaks of this finding, whose file is `path` seen from where the waiver stands."""
        if self.rule != finding.rule.id and self.rule not in finding.rule.replaces:
            return False
        if not pathmatch.matches(self.patterns, path):
            return False
        if self.agent and (finding.agent is None or self.agent not in (finding.agent.name, finding.agent.title)):
            return False
        return not self.match or self.match == finding.fingerprint or self.match in finding.primary.span.text


class Applied(NamedTuple):
    """What became of waivers.

    findings  all of them, in their order; `waived` holds the reason where a waiver applies
    unused    waivers that hold today and that no finding needs
    expired   waivers whose last day is over
    refused   findings that a waiver speaks of and that may not be waived, with that waiver
    """

    findings: list[Finding]
    unused: list[Waiver]
    expired: list[Waiver]
    refused: list[tuple[Finding, Waiver]]


def apply(findings: Iterable[Finding], waivers: Iterable[Waiver], today: date, *,
          mandatory: Callable[[Finding], bool] | None = None, prefix: str = "", everywhere: bool = True) -> Applied:
    """Set `waived` on the findings that a waiver covers; the first one that does gives the reason.

    mandatory  says of which findings the organisation's policy allows no waiver
    prefix     path of the working directory seen from where the waivers stand, empty or ending in `/`
    everywhere  the waivers also speak of files outside the directory in which they stand
    """
    every, held = list(findings), list(waivers)
    expired = [waiver for waiver in held if waiver.expired(today)]
    valid = [waiver for waiver in held if not waiver.expired(today)]
    used: set[int] = set()
    refused = []
    for finding in every:
        path = posixpath.normpath(prefix + finding.primary.span.source.path)
        if not everywhere and path.startswith(("../", "/")):
            continue
        covering = [waiver for waiver in valid if waiver.covers(finding, path)]
        used.update(map(id, covering))
        if not covering:
            continue
        if mandatory is not None and mandatory(finding):
            refused.append((finding, covering[0]))
        else:
            finding.waived = covering[0].reason
    return Applied(every, [waiver for waiver in valid if id(waiver) not in used], expired, refused)


def parse(value: Value) -> tuple[list[Waiver], list[Problem]]:
    """The waivers of a list, and what is wrong with it, each with its place."""
    if value.kind != "list":
        return [], [("`waivers` is a list of waivers, each with `rule`, `path` and `reason`", value.grip)]
    waivers, problems = [], []
    for item in value.items:
        waiver, wrong = _one(item)
        problems += wrong
        if waiver is not None:
            waivers.append(waiver)
    return waivers, problems


def _one(item: Value) -> tuple[Waiver | None, list[Problem]]:
    if item.kind != "map":
        return None, [("a waiver has `rule`, `path` and `reason`", item.grip)]
    problems: list[Problem] = []
    for key, held in item.entries.items():
        if key not in KEYS:
            problems.append((unknown("key", key, KEYS), held.grip))
        elif not held.text.strip():
            problems.append((f"`{key}` of a waiver is text", held.grip))
    problems += [(f"a waiver has no `{key}`; add one", item.grip) for key in REQUIRED if key not in item.entries]
    texts = {key: held.text.strip() for key, held in item.entries.items()}
    expires = None
    if "expires" in texts:
        expires = _day(texts["expires"])
        if expires is None:
            problems.append(("`expires` is a day, as in 2027-01-31", item.entries["expires"].grip))
    if problems:
        return None, problems
    span = item.span
    line, column = span.begin
    return Waiver(texts["rule"], texts["path"], texts["reason"], agent=texts.get("agent", ""),
                  match=texts.get("match", ""), expires=expires, place=f"{span.source.path}:{line}:{column}"), []


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 and text[4] == text[7] == "-" else None
    except ValueError:
        return None


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """The sentence for a name that nobody knows, with the likeliest one that somebody does."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), 1)
    return f"unknown {what} `{name}`" + (f"; did you mean `{near[0]}`?" if near else "")
