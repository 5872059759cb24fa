"""Dialects: GitLab pipelines, and the flows of its own agent platform, as far as they start agents.

A pipeline of a fork runs in the fork, without the project's variables, so a stranger starts nothing here; a
flow is started by whoever may mention it, which needs the role of a developer.
Source: docs.gitlab.com/ci/pipelines/merge_request_pipelines, checked 2026-11-24.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from overgrant.dialect.agentstep import AgentStep
from overgrant.dialect.answers import Agents, follow
from overgrant.dialect.catalogue import catalogue
from overgrant.dialect.facts import Maker
from overgrant.dialect.grammar import agentcli
from overgrant.dialect.grammar.common import environment
from overgrant.dialect.triggers import Start
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Agent, Containment, Flow, Grant, Limit, Setting, Unread
from overgrant.pattern import later
from overgrant.scope import everything
from overgrant.value import Document, Value

DEFAULT_SECONDS = 3600.0  # docs.gitlab.com/ci/pipelines/settings, "a limit for how long jobs can run"
_GLOBAL = frozenset("default include stages variables workflow image services cache before_script after_script spec pages".split())
_TEXTS = later(r"\$\{?(CI_MERGE_REQUEST_(?:TITLE|DESCRIPTION|SOURCE_BRANCH_NAME)|CI_COMMIT_(?:MESSAGE|TITLE|DESCRIPTION)"
               r"|AI_FLOW_(?:INPUT|CONTEXT))\b")
_TIME = later(r"(\d+)\s*(d|h|m|s|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?)\b")
MOST_INCLUDES = 200
_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}


def read(document: Document, context: Context) -> Reading:
    """The agents that the jobs of a pipeline, or a flow's commands, start."""
    maker = Maker(context)
    for root in [document.root, *document.more]:
        if root is None or root.kind != "map":
            continue
        _flow(maker, root)
        if root.get("commands") is not None:
            _job(maker, root, document.source.path.rsplit("/", 1)[-1].rsplit(".", 1)[0], root)
        for name, job in root.entries.items():
            if job.kind == "map" and (name not in _GLOBAL or name == "pages"):
                _job(maker, root, name, job)
        _includes(maker, root)
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
            agents: Agents = []
            for started in agentcli.find(text.text):
                step = AgentStep(maker, started.product, name, text.part(started.start, started.end),
                                 Start("collaborators", "a pipeline of a member"))
                agents.append((started, step))
                step.command(started, text, variables)
                _around(maker, step, root, job, variables)
                for match in _TEXTS.finditer(text.text, started.start, started.end):
                    maker.make(Flow, text.part(match.start(), match.end()), step.agent, source=match.group(1), way="prompt",
                               gated="only members start it")
            if agents:
                follow(maker, text, agents, {})


def _flow(maker: Maker, root: Value) -> None:
    """The agents of a flow, each with the tools that it is given; a flow reaches the instance only by itself."""
    components = root.get("components")
    for part in components.items if components is not None and root.get("flow") is not None else []:
        tools, name = part.get("toolset"), part.get("name")
        if tools is None or tools.kind != "list":
            continue
        step = AgentStep(maker, "gitlab-duo", name.text if name is not None else "flow", part, Start("collaborators", "a mention"))
        maker.make(Containment, tools, step.agent, type="sandbox", enabled=True, network="listed")
        for item in tools.items:
            if item.text in ("run_command", "run_commands"):
                maker.make(Grant, item, step.agent, text=item.text, tool=item.text, capability="exec.shell",
                           scope=everything("command"), breadth="all", literal="", open_tail=True)


def _includes(maker: Maker, root: Value) -> None:
    """Parts of the pipeline that stand elsewhere: those of this tree are read by themselves, if their path says what they are."""
    include = root.get("include")
    for item in (include.items or [include])[:MOST_INCLUDES] if include is not None else ():
        entries = item.entries if item.kind == "map" else {"remote" if "://" in item.text else "local": item}
        for kind, value in entries.items():
            for each in value.items or [value]:
                if kind in ("local", "component", "remote", "template", "file") and each.kind == "str":
                    _include(maker, kind, each, entries)


def _include(maker: Maker, kind: str, value: Value, beside: dict[str, Value]) -> None:
    if kind == "local" or kind == "file" and "project" not in beside:
        if not any(isinstance(fact, Agent) for fact in maker.reading.facts) and not agentcli.mentions_by_name(value.text):
            return
        path = value.text.lstrip("/").replace("**", "any").replace("*", "any")
        if not any(format.module == "gitlab" for format, _ in catalogue().candidates(path)):
            maker.make(Unread, value, type="include", what=f"the included file `{value.text}` does not look like a part of a pipeline")
        return
    if kind == "template" or not agentcli.mentions_by_name(value.text):
        return
    maker.make(Unread, value, type="include", what=f"`{value.text}`, which seems to start an agent, is another project's")
    name, at, version = value.text.rpartition("@")
    moves = kind == "component" and (not at or not re.fullmatch(r"v?\d+(?:\.\d+)*|[0-9a-f]{40}", version))
    if moves:
        step = AgentStep(maker, "gitlab", value.text.rpartition("/")[2].partition("@")[0], value, Start("collaborators"))
        maker.make(Setting, value, step.agent, name=name if at else value.text, text=version if at else "its newest version",
                   meaning="action-on-branch")


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
