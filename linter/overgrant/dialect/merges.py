"""Dialects: steps of a workflow that merge a pull request after an agent has run, with no person between the two.

What merges is data (`merges` of `knowledge/actions.yaml`).
"""

from __future__ import annotations

from collections.abc import Iterator

from overgrant.dialect.agentstep import AgentStep
from overgrant.dialect.facts import Maker
from overgrant.dialect.triggers import events
from overgrant.model import Setting
from overgrant.read.knowledge import load
from overgrant.value import Value

_GIVES = {"here": "a later step of its job merges the pull request", "after": "the job `{job}`, which waits for it, merges the pull request"}
_INSTEAD = "Let a person merge, or put the step into a job with an `environment:` that asks for an approval."


def merges(maker: Maker, root: Value, name: str, job: Value, agents: list[AgentStep]) -> None:
    """State the merges that follow on the agents of a job: in its later steps, and in the jobs that need it."""
    if set(events(root.get("on"))) <= {"pull_request_review"}:
        return  # a person has looked at it
    mine = job.get("steps")
    first = agents[0].scope
    steps = list(mine.items) if mine is not None else []
    at = next((number for number, step in enumerate(steps) if step is first), len(steps))
    _state(maker, agents[0], job, steps[at + 1:], _GIVES["here"])
    jobs = root.get("jobs")
    for other, held in jobs.entries.items() if jobs is not None else ():
        needs = held.get("needs") if held.kind == "map" else None
        if needs is not None and name in [item.text for item in (needs.items if needs.kind == "list" else [needs])]:
            after = held.get("steps")
            _state(maker, agents[0], held, list(after.items) if after is not None else [], _GIVES["after"].format(job=other))


def _state(maker: Maker, agent: AgentStep, job: Value, steps: list[Value], gives: str) -> None:
    if job.get("environment") is not None:
        return
    for step in steps:
        conditions = [value.text for value in (job.get("if"), step.get("if")) if value is not None] if step.kind == "map" else [""]
        if step.kind != "map" or any("review.state" in text or text.strip(" ${}") == "false" for text in conditions):
            continue
        for place in _merging(step):
            maker.make(Setting, place, agent.agent, name="merge", text=place.text, meaning="unreviewed-merge", gives=gives,
                       instead=_INSTEAD)
            return


def _merging(step: Value) -> Iterator[Value]:
    """Where a step merges a pull request."""
    known = load("actions")["merges"]
    uses, run, script = step.get("uses"), step.get("run"), step.get("with", "script")
    if uses is not None and any(each in uses.text.lower().partition("@")[0] for each in known["actions"]):
        yield uses
    if script is not None and script.kind == "str":
        yield from (script.part(at, at + len(call)) for call in known["calls"] if (at := script.text.find(call)) >= 0)
    if run is None or run.kind != "str" or " ".join(known["command"]) not in run.text:
        return
    from overgrant.dialect.grammar.launch import every, understand
    from overgrant.dialect.grammar.shell import parse

    for simple in parse(run.text).commands:
        for process in every(understand(simple)):
            words = [word.text for word in process.argv]
            if words[:3] == known["command"] and not set(known["undo"]) & set(words):
                yield run.part(simple.start, simple.end)
