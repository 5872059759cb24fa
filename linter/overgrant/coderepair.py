"""Rules: the edits of fixes that take an argument or an entry out of Python, worked out by libcst in a child process.

libcst takes longer to import than a check takes, and small hostile source ends its process; so it is asked once for all
findings of a run, and only when there are such findings.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from overgrant.text import Edit, Span

if TYPE_CHECKING:
    from overgrant.rule import Finding, Fix
    from overgrant.text import Source

TIMEOUT = 10.0  # seconds for all files of a run; libcst reads 0.7 MB a second
MOST_BYTES = 4 * 1024 * 1024


def complete(findings: Iterable[Finding]) -> None:
    """Give every fix that waits for libcst its edits, and drop those that cannot have any; in place."""
    findings = list(findings)
    by_source: dict[str, tuple[Source, list[tuple[Fix, Span]]]] = {}
    for fix in (fix for finding in findings for fix in finding.fixes):
        if fix.argument is not None and not fix.edits:
            by_source.setdefault(fix.argument.source.path, (fix.argument.source, []))[1].append((fix, fix.argument))
    if not by_source:
        return
    answers = _asked([{"text": source.text, "places": [_place(span) for _, span in fixes]} for source, fixes in by_source.values()])
    for (source, fixes), changes in zip(by_source.values(), answers, strict=False):
        for (fix, _), change in zip(fixes, changes, strict=False):
            if change is not None:
                start, end, text = change
                fix.edits.append(Edit(Span(source, start, end), text))
    for finding in findings:
        finding.fixes = [fix for fix in finding.fixes if fix.argument is None or fix.edits]


def _place(span: Span) -> tuple[int, int, int, int]:
    (line, column), (last, end) = span.begin, span.finish
    return line, column - 1, last, end - 1


def _asked(files: list[dict[str, Any]]) -> list[list[tuple[int, int, str] | None]]:
    import subprocess

    folder = _libcst()
    if folder is None or sum(len(file["text"]) for file in files) > MOST_BYTES:
        return []
    worker = os.path.join(os.path.dirname(os.path.realpath(__file__)), "codemod_worker.py")
    try:
        ran = subprocess.run([sys.executable, "-I", worker, folder], input=json.dumps(files).encode(), capture_output=True,
                             timeout=TIMEOUT, check=True, cwd=os.path.dirname(worker))
        answer: list[list[tuple[int, int, str] | None]] = json.loads(ran.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return []
    return answer


def _libcst() -> str | None:
    """The folder that holds libcst, found without importing it."""
    from importlib.util import find_spec

    found = find_spec("libcst")
    return os.path.dirname(os.path.dirname(found.origin)) if found is not None and found.origin else None
