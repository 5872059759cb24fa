"""Trees of files under test: reading them from disk, and judging them without a working directory."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from overgrant.command._common import builtin_rules
from overgrant.finding import findings_of
from overgrant.result import Result
from overgrant.rule import SEVERITIES, Finding, Rule
from overgrant.ruletest import expanded
from overgrant.run import Analysis, Input, Plan, analyse, lint

__all__ = ["Analysis", "analysis_of", "findings_of", "judged", "rules", "serious", "tree_of"]


@cache
def rules() -> tuple[Rule, ...]:
    """The built-in rules."""
    return tuple(builtin_rules())


def tree_of(folder: Path) -> dict[str, bytes]:
    """All files below a folder, by relative POSIX path; `{secret:generic}` stands for a credential, as in a rule's examples."""
    return {file.relative_to(folder).as_posix(): _expanded(file.read_bytes())
            for file in sorted(folder.rglob("*")) if file.is_file()}


def _expanded(data: bytes) -> bytes:
    return expanded(data.decode()).encode() if b"{secret:" in data else data


def inputs_of(tree: dict[str, bytes]) -> list[Input]:
    """The files of a tree as a run takes them."""
    return [Input(path, data, session=path.endswith(".jsonl")) for path, data in sorted(tree.items())]


def judged(tree: dict[str, bytes], profile: str = "default") -> Result:
    """The result of checking a tree; our own mistakes are raised as they are."""
    return lint(inputs_of(tree), Plan(rules(), profile=profile, debug=True))[0]


def analysis_of(tree: dict[str, bytes]) -> Analysis:
    """The world of a tree."""
    return analyse(inputs_of(tree), Plan((), debug=True))


def serious(findings: list[Finding], at: str = "medium") -> list[Finding]:
    """The findings at or above a severity."""
    bound = SEVERITIES.index(at)
    return [finding for finding in findings if SEVERITIES.index(finding.severity) >= bound]
