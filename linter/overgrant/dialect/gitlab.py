"""Dialects: GitLab pipelines, and the flows of its own agent platform, as far as they start agents.

A pipeline of a fork runs in the fork, without the project's variables, so a stranger starts nothing here; a
flow is started by whoever may mention it, which needs the role of a developer.
Source: docs.gitlab.com/ci/pipelines/merge_request_pipelines, checked 2026-11-24.
"""

from __future__ import annotations

import re
from functools import partial

from overgrant.dialect.agentstep import AgentStep
from overgrant.dialect.answers import Agents, follow
from overgrant.dialect.catalogue import catalogue
from overgrant.dialect.facts import Maker
from overgrant.dialect.grammar import agentcli
from overgrant.dialect.grammar.common import environment
from overgrant.dialect.grammar.rules import sources
from overgrant.dialect.pipeline import Include, Pipeline
from overgrant.dialect.triggers import Start
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Agent, Containment, Flow, Grant, Limit, Setting, Unread
from overgrant.pattern import later
from overgrant.read import read as read_text
from overgrant.scope import everything
from overgrant.text import Source
from overgrant.value import Document, Value

DEFAULT_SECONDS = 3600.0  # docs.gitlab.com/ci/pipelines/settings, "a limit for how long jobs can run"
MAIN = ".gitlab-ci.yml"
_TEXTS = later(r"\$\{?(CI_MERGE_REQUEST_(?:TITLE|DESCRIPTION|SOURCE_BRANCH_NAME)|CI_COMMIT_(?:MESSAGE|TITLE|DESCRIPTION)"
               r"|AI_FLOW_(?:INPUT|CONTEXT))\b")
_TIME = later(r"(\d+)\s*(d|h|m|s|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?)\b")
_SETS = later(r"\s*(?:export\s+)?([A-Za-z_]\w*)=([^\n]{0,2000})\s*")
_HOLDS = later(r"\$\{?(\w+)")
MOST_JOBS = 2000
_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}


def read(document: Document, context: Context) -> Reading:
    """The agents that the jobs of a pipeline, or a flow's commands, start."""
    maker = Maker(context)
    document.problems[:] = [each for each in document.problems if "`!reference`" not in each.what]
    for root in [document.root, *document.more]:
        if root is not None and root.kind == "map":
            _flow(maker, root)
    pipeline, given = _whole(maker, document)
    jobs = list(pipeline.jobs().items())[:MOST_JOBS]
    if pipeline.root is not None and pipeline.root.get("commands") is not None:
        jobs.append((document.source.path.rsplit("/", 1)[-1].rsplit(".", 1)[0], pipeline.root))
    for name, job in sorted(jobs, key=lambda each: each[0].startswith(".")):
        _job(maker, pipeline, name, job, {**pipeline.variables(job), **given}, document.source.path)
    if document.source.path == next(iter(pipeline.files), ""):
        _unread(maker, pipeline)
    return maker.reading


def _whole(maker: Maker, document: Document) -> tuple[Pipeline, dict[str, Value]]:
    """The pipeline that a file is a part of, or is by itself; and the variables that the job which starts it hands down."""
    context, path = maker.context, document.source.path
    base = "" if context.root.path in ("", ".") else context.root.path
    main = f"{base}/{MAIN}".lstrip("/")
    names = partial(_names, context)
    if path != main and (data := maker.look(main)) is not None:
        above = context.memo.get(f"gitlab {main}")
        if not isinstance(above, Pipeline):
            above = context.memo[f"gitlab {main}"] = Pipeline(base, maker.look, names).load(read_text(Source(main, data), "yaml"))
        if path in above.files:
            return above, {}
        return Pipeline(base, maker.look, names).load(document), above.children.get(path, {})
    return Pipeline(base, maker.look, names).load(document), {}


def _names(context: Context, start: str) -> list[str]:
    return [name for name in sorted(context.files) if name.startswith(start)]


def _job(maker: Maker, pipeline: Pipeline, name: str, job: Value, variables: dict[str, Value], path: str) -> None:
    plain = {key: value.text for key, value in variables.items()}
    held: dict[str, AgentStep] = {}
    for key in ("commands", "before_script", "script", "after_script"):
        for text in pipeline.texts(pipeline.said(job, key)):
            setting = _SETS.fullmatch(text.text)
            if text.source.path == path or not _known(text.source.path):
                agents = _text(maker, pipeline, name, job, text, variables, plain)
                follow(maker, text, agents, held)
                if setting is not None and agents:
                    held[setting.group(1)] = agents[-1][1]
            if setting is not None:
                plain[setting.group(1)] = setting.group(2).strip().strip("\"'")


def _known(path: str) -> bool:
    """The file is read by itself."""
    return any(format.module == "gitlab" for format, _ in catalogue().candidates(path))


def _text(maker: Maker, pipeline: Pipeline, name: str, job: Value, text: Value, variables: dict[str, Value], plain: dict[str, str]) -> Agents:
    agents: Agents = []
    for started in agentcli.find(text.text, plain):
        step = AgentStep(maker, started.product, name, text.part(started.start, started.end), _start(pipeline, job))
        if (place := pipeline.files.get(text.source.path)) is not None:
            step.agent.at["imported"] = place
        agents.append((started, step))
        step.command(started, text, variables)
        _around(maker, step, pipeline, job, variables)
        _strange(maker, step, text, started, variables)
    return agents


def _start(pipeline: Pipeline, job: Value) -> Start:
    """A member starts it, or the clock alone."""
    whole = pipeline.rules(pipeline.root.get("workflow", "rules") if pipeline.root is not None else None)
    found = set(sources(pipeline.rules(job.get("rules")), job)) & set(sources(whole))
    return Start("owner", "schedule") if found == {"schedule"} else Start("collaborators", "a pipeline of a member")


def _strange(maker: Maker, step: AgentStep, text: Value, started: agentcli.Started, variables: dict[str, Value]) -> None:
    """What strangers write, in a command line or in a variable that it uses."""
    for match in _TEXTS.finditer(text.text, started.start, started.end):
        maker.make(Flow, text.part(match.start(), match.end()), step.agent, source=match.group(1), way="prompt",
                   gated="only members start it")
    for name in dict.fromkeys(_HOLDS.findall(text.text, started.start, started.end)):
        value = variables.get(name)
        for match in _TEXTS.finditer(value.text) if value is not None and value.kind == "str" else ():
            maker.make(Flow, value.part(match.start(), match.end()) if value is not None else None, step.agent, source=match.group(1),
                       way="prompt", gated="only members start it")


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


def _unread(maker: Maker, pipeline: Pipeline) -> None:
    """Parts of the pipeline that are not there: all of them where it starts an agent, else those whose names say that they do."""
    runs = any(isinstance(fact, Agent) for fact in maker.reading.facts)
    for each in pipeline.gone:
        if runs or agentcli.mentions_by_name(each.place.text):
            maker.make(Unread, each.place, type="include", what=f"the included file `{each.place.text}` is not in the tree")
    for each in pipeline.away:
        named = agentcli.mentions_by_name(each.place.text)
        if named:
            maker.make(Unread, each.place, type="include", what=f"`{each.place.text}`, which seems to start an agent, is another project's")
            _moves(maker, each)
    if pipeline.left < 0 and pipeline.root is not None:
        maker.make(Unread, pipeline.root, type="odd", what="the pipeline refers to its own parts too many times; some of its jobs are not read")
    rest = [each for each in pipeline.away if runs and not agentcli.mentions_by_name(each.place.text)]
    if rest:
        names = ", ".join(f"`{each.place.text}`" for each in rest[:5]) + (f" and {len(rest) - 5} more" if len(rest) > 5 else "")
        maker.make(Unread, rest[0].place, type="include", what=f"what the pipeline includes from elsewhere is not read: {names}")


def _moves(maker: Maker, each: Include) -> None:
    """A component without a version that stays."""
    name, at, version = each.place.text.rpartition("@")
    if each.kind == "component" and (not at or not re.fullmatch(r"v?\d+(?:\.\d+)*|[0-9a-f]{40}", version)):
        step = AgentStep(maker, "gitlab", each.place.text.rpartition("/")[2].partition("@")[0], each.place, Start("collaborators"))
        maker.make(Setting, each.place, step.agent, name=name if at else each.place.text, text=version if at else "its newest version",
                   meaning="action-on-branch")


def _around(maker: Maker, step: AgentStep, pipeline: Pipeline, job: Value, variables: dict[str, Value]) -> None:
    for value in variables.values():
        if value.kind == "str" and not agentcli.own_variable(str(value.key)):
            maker.grammar(environment(value, maker.context), "setting", value, step.agent)
    said = pipeline.said(job, "timeout")
    limit = maker.make(Limit, said, step.agent, dimension="wall-clock", name="timeout",
                       amount=_seconds(said.text) if said is not None else DEFAULT_SECONDS)
    if said is None:
        limit.explicit, limit.origin = False, "GitLab's 60 minutes"


def _seconds(text: str) -> float | None:
    found = _TIME.findall(text.lower()[:80])
    return sum(int(number) * _UNITS[unit[0]] for number, unit in found) if found else None
