"""Rules: the outcome of a run: findings, what was read, what was held back, what was not read."""

from __future__ import annotations

from overgrant.rule import SEVERITIES, Finding


class Coverage:
    """What a run has read.

    seen        files looked at, by path at least
    read        files read as manifests
    by_format   format id → number of files
    unread      (path, line, why) of everything that was not understood
    notes       sentences about the search: vendored folders, links, git
    """

    __slots__ = ("by_format", "notes", "read", "seen", "unclaimed", "unread")

    def __init__(self) -> None:
        self.seen = 0
        self.read = 0
        self.by_format: dict[str, int] = {}
        self.unread: list[tuple[str, int, str]] = []
        self.notes: list[str] = []
        self.unclaimed: dict[str, dict[str, int]] = {}


class Result:
    """What `overgrant check` has to say.

    findings    shown, in a fixed order: path, line, column, rule
    strict      number of findings that only the strict profile shows
    held        number of findings held back, by reason: `waived`, `baselined`, `elsewhere`
    rules_off   ids of the rules that a configuration switched off
    remarks     sentences about waivers, policy and the like for the summary
    """

    __slots__ = ("coverage", "findings", "held", "profile", "remarks", "rules_off", "strict")

    def __init__(self, findings: list[Finding], coverage: Coverage, *, profile: str = "default", strict: int = 0,
                 held: dict[str, int] | None = None, rules_off: list[str] | None = None,
                 remarks: list[str] | None = None) -> None:
        self.findings = findings
        self.coverage = coverage
        self.profile = profile
        self.strict = strict
        self.held = held or {}
        self.rules_off = rules_off or []
        self.remarks = remarks or []

    def counts(self) -> dict[str, int]:
        """Number of findings by severity, without the waived and baselined, and of those and the fixable."""
        open_ = [finding for finding in self.findings if finding.waived is None and not finding.baselined]
        counts: dict[str, int] = {level: 0 for level in reversed(SEVERITIES)}
        for finding in open_:
            counts[finding.severity] += 1
        counts["waived"] = sum(finding.waived is not None for finding in self.findings)
        counts["baselined"] = sum(finding.baselined for finding in self.findings)
        counts["fixable"] = sum(any(fix.edits for fix in finding.fixes) for finding in open_)
        return counts

    def fails(self, at: str, *, local: bool = False) -> bool:
        """Some open finding is at or above severity `at`; local files and previews count only when asked."""
        bound = SEVERITIES.index(at)  # type: ignore[arg-type]
        return any(SEVERITIES.index(finding.severity) >= bound for finding in self.findings
                   if finding.waived is None and not finding.baselined and (local or not finding.local)
                   and finding.rule.status != "preview")
