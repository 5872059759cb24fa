"""Dialects: GitLab pipelines, and the flows of its own agent platform, as far as they start agents.

A pipeline of a fork runs in the fork, without the project's variables, so a stranger starts nothing here; a
flow is started by whoever may mention it, which needs the role of a developer.
Source: docs.gitlab.com/ci/pipelines/merge_request_pipelines, checked 2026-11-24.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from overgrant.dialect.agentstep import AgentStep
from overgrant.dialect.facts import Maker
from overgrant.dialect.grammar import agentcli
from overgrant.dialect.grammar.common import environment
from overgrant.dialect.triggers import Start
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Flow, Limit
from overgrant.value import Document, Value

DEFAULT_SECONDS = 3600.0  # docs.gitlab.com/ci/pipelines/settings, "a limit for how long jobs can run"
_GLOBAL = frozenset("default include stages variables workflow image services cache before_script after_script spec pages".split())
_TEXTS = re.compile(r"\$\{?(CI_MERGE_REQUEST_(?:TITLE|DESCRIPTION|SOURCE_BRANCH_NAME)|CI_COMMIT_(?:MESSAGE|TITLE|DESCRIPTION)"
                    r"|AI_FLOW_(?:INPUT|CONTEXT))\b")
_TIME = re.compile(r"(\d+)\s*(d|h|m|s|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?)\b")
_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}


def read(document: Document, context: Context) -> Reading:
    """The agents that the jobs of a pipeline, or a flow's commands, start."""
    maker = Maker(context)
    for root in [document.root, *document.more]:
        if root is None or root.kind != "map":
            continue
        if root.get("commands") is not None:
            _job(maker, root, document.source.path.rsplit("/", 1)[-1].rsplit(".", 1)[0], root)
        for name, job in root.entries.items():
            if job.kind == "map" and (name not in _GLOBAL or name == "pages"):
                _job(maker, root, name, job)
    return maker.reading


def _texts(value: Value | None, depth: int = 0) -> Iterator[Value]:
    """The command lines of a script: a text, a list, or lists in lists."""
    if value is None or depth > 4:
        return
    if value.kind == "str":
        yield value
    for item in value.items:
        yield from _texts(item, depth + 1)


def _job(maker: Maker, root: Value, name: str, job: Value) -> None:
    variables = {key: value for scope in (root, job) if (table := scope.get("variables")) is not None
                 for key, value in table.entries.items()}
    for key in ("commands", "before_script", "script", "after_script"):
        for text in _texts(job.get(key) or (root.get(key) if key == "before_script" else None)):
            for started in agentcli.find(text.text):
                step = AgentStep(maker, started.product, name, text.part(started.start, started.end),
                                 Start("collaborators", "a pipeline of a member"))
                step.command(started, text, variables)
                _around(maker, step, root, job, variables)
                for match in _TEXTS.finditer(text.text, started.start, started.end):
                    maker.make(Flow, text.part(match.start(), match.end()), step.agent, source=match.group(1), way="prompt",
                               gated="only members start it")


def _around(maker: Maker, step: AgentStep, root: Value, job: Value, variables: dict[str, Value]) -> None:
    for value in variables.values():
        if value.kind == "str" and not agentcli.own_variable(str(value.key)):
            maker.grammar(environment(value, maker.context), "setting", value, step.agent)
    said = job.get("timeout") or root.get("default", "timeout")
    limit = maker.make(Limit, said, step.agent, dimension="wall-clock", name="timeout",
                       amount=_seconds(said.text) if said is not None else DEFAULT_SECONDS)
    if said is None:
        limit.explicit, limit.origin = False, "GitLab's 60 minutes"


def _seconds(text: str) -> float | None:
    found = _TIME.findall(text.lower()[:80])
    return sum(int(number) * _UNITS[unit[0]] for number, unit in found) if found else None
