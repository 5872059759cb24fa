"""Baseline: the findings that a repository starts with, so that a run fails for new ones only.

The file is JSON, `{"version": 1, "findings": [{"rule": …, "path": …, "fingerprint": …}]}`, sorted, so
that a change of it is readable. A finding is known by its fingerprint, which no line number is part
of; rule and path are for people, and for knowing which entries a run could have seen.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, NamedTuple, TextIO

if TYPE_CHECKING:
    from overgrant.rule import Finding

VERSION = 1


class BaselineError(Exception):
    """The file is no baseline; `str()` says why."""


class Known(NamedTuple):
    """One entry."""

    rule: str
    path: str
    fingerprint: str


def entries(findings: Iterable[Finding]) -> list[Known]:
    """What a baseline of these findings holds: all but waived ones, sorted by path, rule and fingerprint."""
    return sorted({Known(finding.rule.id, finding.primary.span.source.path, finding.fingerprint)
                   for finding in findings if finding.waived is None},
                  key=lambda entry: (entry.path, entry.rule, entry.fingerprint))


def write(findings: Iterable[Finding], stream: TextIO) -> None:
    """Write a baseline."""
    held = {"version": VERSION, "findings": [entry._asdict() for entry in entries(findings)]}
    stream.write(json.dumps(held, indent=2) + "\n")


def read(text: str | bytes) -> list[Known]:
    """The entries of a baseline. Raises `BaselineError`."""
    try:
        held = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"the baseline is no JSON: {str(error) or 'too deep'}") from None
    if not isinstance(held, dict) or not isinstance(held.get("findings"), list):
        raise BaselineError("the baseline has no list `findings`; write it again")
    if held.get("version") != VERSION:
        raise BaselineError(f"the baseline has version `{str(held.get('version'))[:20]}`; this tool reads {VERSION}")
    found = []
    for at, entry in enumerate(held["findings"]):
        words = [entry.get(key) for key in Known._fields] if isinstance(entry, dict) else [None]
        if not all(isinstance(word, str) for word in words):
            raise BaselineError(f"entry {at + 1} of the baseline has no `rule`, `path` and `fingerprint`")
        found.append(Known(*words))
    return found


def apply(findings: Iterable[Finding], baseline: Iterable[Known], *,
          checked: Container[str] | None = None) -> list[Known]:
    """Set `baselined` on the findings that a baseline knows; returns its stale entries.

    checked  paths that this run looked at: an entry of another file is not stale. None means all.
    """
    held = list(baseline)
    known = {entry.fingerprint for entry in held}
    seen = set()
    for finding in findings:
        finding.baselined = finding.fingerprint in known
        seen.add(finding.fingerprint)
    return [entry for entry in held if entry.fingerprint not in seen and (checked is None or entry.path in checked)]
