"""Rules: how context moves a rule's severity, and what a grant of open execution implies."""

from __future__ import annotations

from typing import Any

from overgrant.model import Agent, Fact, Grant
from overgrant.rule import SEVERITIES, Finding, Severity


def shift(finding: Finding, table: dict[str, Any]) -> None:
    """Move the severity by at most one level, as `knowledge/severity.yaml` says; the reasons go to `shifted`."""
    # a statement without effect gives nobody more power, however many people have it
    hygiene = finding.rule.family == "hygiene"
    reasons = [entry for entry in table["context"] if _holds(entry, finding) and not (hygiene and entry["by"] > 0)]
    total = max(-1, min(1, sum(entry["by"] for entry in reasons)))
    if not total:
        return
    before = SEVERITIES.index(finding.severity)
    after = max(0, min(before + total, SEVERITIES.index("critical")))
    if total > 0 and SEVERITIES[after] == "critical":
        after = before
    if after == before:
        return
    why = [entry["why"].format(version=finding.fact.before) for entry in reasons if (entry["by"] > 0) == (total > 0)]
    finding.severity = SEVERITIES[after]
    finding.shifted = ", ".join(why)


def _holds(entry: dict[str, Any], finding: Finding) -> bool:
    fact: Fact = finding.fact
    when = entry["when"]
    if "capability" in entry and (not isinstance(fact, Grant) or fact.capability not in entry["capability"]):
        return False
    agent = fact if isinstance(fact, Agent) else fact.agent
    if when == "unattended":
        return agent is not None and agent.attended is False
    if when == "distributed":
        return fact.tier == "distributed"
    if when == "contained":
        return isinstance(fact, Grant) and fact.capability in ("exec.shell", "exec.code") and agent is not None and \
            agent.containment is not None and agent.containment.effective is True
    if when == "asked":
        return isinstance(fact, Grant) and fact.decision in ("ask", "model-reviewed")
    if when == "briefly":
        approves = isinstance(fact, Grant) and fact.via == "tool" and fact.decision == "allow"
        return approves and agent is not None and agent.type in ("skill", "command")
    if when == "example":
        return fact.tier == "example" or fact.root.example
    # a statement without effect is just that in every version that is looked at
    return when == "before" and bool(fact.before) and finding.rule.family != "hygiene"


def level(name: str) -> Severity:
    """A severity by its name. Raises `ValueError` for anything else."""
    return SEVERITIES[SEVERITIES.index(name)]
