"""Rules: the outcome of a run: what it found, what it held back, what it did not look at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from overgrant.rule import SEVERITIES, Finding, Place


class Unread(NamedTuple):
    """A file or a part of one that was not understood; `why` is half a sentence, `line` is 1-based."""

    path: str
    line: int
    why: str


class Coverage:
    """What was looked at.

    files_seen  files that the run walked over
    files_read  files that were recognised and read
    by_format   number of files read by id of their format
    unread      what was not understood, ordered by path and line
    notes       whatever else a reader should know: vendored folders, a walk without git
    """

    __slots__ = ("by_format", "files_read", "files_seen", "notes", "unread")

    def __init__(self, files_seen: int = 0, files_read: int = 0, by_format: dict[str, int] | None = None,
                 unread: Iterable[Unread] = (), notes: Iterable[str] = ()) -> None:
        self.files_seen = files_seen
        self.files_read = files_read
        self.by_format = dict(sorted((by_format or {}).items()))
        self.unread = sorted(unread)
        self.notes = list(notes)


class Held:
    """Numbers of findings that are not shown, by reason; `waived` ones are in the result itself.

    strict      of the strict profile only
    below       under the severity that is shown
    baselined   known from the baseline
    local       in files that only this machine has
    examples    in examples, fixtures and documentation
    ignored     of rules that are switched off
    """

    __slots__ = ("baselined", "below", "examples", "ignored", "local", "strict")

    def __init__(self, *, strict: int = 0, below: int = 0, baselined: int = 0, local: int = 0, examples: int = 0,
                 ignored: int = 0) -> None:
        self.strict = strict
        self.below = below
        self.baselined = baselined
        self.local = local
        self.examples = examples
        self.ignored = ignored


class Result:
    """The outcome of a run.

    findings   what is shown, in a fixed order
    waived     findings with a waiver, in the same order; `waived` of each is its reason
    rules_off  ids of the rules that a configuration switches off
    excluded   paths of files that carry power and that a configuration excludes
    unused     waivers that waive nothing, each as a person would name it
    """

    __slots__ = ("coverage", "excluded", "findings", "held", "profile", "rules_off", "unused", "waived")

    def __init__(self, findings: Iterable[Finding] = (), *, coverage: Coverage | None = None,
                 waived: Iterable[Finding] = (), held: Held | None = None, profile: str = "default",
                 rules_off: Iterable[str] = (), excluded: Iterable[str] = (), unused: Iterable[str] = ()) -> None:
        self.findings = sorted(findings, key=order)
        self.waived = sorted(waived, key=order)
        self.coverage = coverage or Coverage()
        self.held = held or Held()
        self.profile = profile
        self.rules_off = sorted(rules_off)
        self.excluded = sorted(excluded)
        self.unused = sorted(unused)

    @property
    def by_severity(self) -> dict[str, int]:
        """Numbers of the findings shown, by severity from the worst down; every severity is there."""
        counts = dict.fromkeys(reversed(SEVERITIES), 0)
        for finding in self.findings:
            counts[finding.severity] += 1
        return {str(severity): count for severity, count in counts.items()}

    @property
    def fixable(self) -> int:
        """How many of the findings shown have a fix with edits."""
        return sum(any(fix.edits for fix in finding.fixes) for finding in self.findings)


def order(finding: Finding) -> tuple[str, int, int, str, tuple[str, ...], int]:
    """The order of findings: by path and place, then rule."""
    span = finding.primary.span
    return (span.source.path, span.start, span.end, finding.rule.id, finding.identity, finding.number)


def places(finding: Finding) -> list[Place]:
    """A finding's places, the primary first and the others by path and position."""
    return sorted(finding.places, key=lambda place: (
        place.role != "primary", place.span.source.path, place.span.start, place.span.end))


def fails(result: Result, at: str, *, local: bool = False) -> bool:
    """Some finding is at or above severity `at`; previews never count, local files only when asked."""
    bound = SEVERITIES.index(at)
    return any(SEVERITIES.index(finding.severity) >= bound for finding in result.findings
               if (local or not finding.local) and finding.rule.status != "preview")
