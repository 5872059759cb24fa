"""Dialects: what stands around an agent in a workflow: variables, the token's rights, time, and secrets in reach."""

from __future__ import annotations

from typing import NamedTuple

from overgrant.dialect.actions import held_secret
from overgrant.dialect.agentstep import AgentStep
from overgrant.dialect.facts import Maker
from overgrant.dialect.grammar import agentcli
from overgrant.dialect.grammar.common import environment
from overgrant.model import Grant, Limit, Setting
from overgrant.read.knowledge import load
from overgrant.value import Value

_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")
_EVERY_STEP = ("`{name}` is set for every step of the job", "Set it in the `env:` of the steps that need it.")
_OWN_STEP = ("`{name}` is set for the agent itself", "Do what needs it in a step of its own, before or after the agent.")
JOB_SECONDS = 360 * 60.0  # docs.github.com/en/actions/reference/limits, checked 2026-11-24


class Scopes(NamedTuple):
    """The workflow and the job that an agent's step belongs to."""

    root: Value
    job: Value


def around(maker: Maker, within: Scopes, step: AgentStep) -> None:
    """State what the agent gets from its job and its workflow."""
    _variables(maker, within, step)
    _token(maker, within, step)
    _time(maker, within, step)
    _secrets(maker, within, step)


def _variables(maker: Maker, within: Scopes, step: AgentStep) -> None:
    """Variables with a meaning of their own, and credentials in clear."""
    for scope in (within.root, within.job, step.scope):
        env = scope.get("env") if scope is not None else None
        for name, value in env.entries.items() if env is not None else ():
            if value.kind == "str" and "${{" not in value.text and not agentcli.own_variable(name):
                maker.grammar(environment(value, maker.context), "setting", value, step.agent)


def _token(maker: Maker, within: Scopes, step: AgentStep) -> None:
    """The rights of the job's token: given to the agent, or in reach of its commands (`inherit`)."""
    agent, hand = step.agent, "allow" if step.token else "inherit"
    granted = within.job.get("permissions") or within.root.get("permissions")
    if granted is None:
        return
    table = load("actions")["token"]
    if granted.kind == "str":
        if granted.text == "write-all":
            maker.make(Grant, granted, agent, text="write-all", tool="job token", capability="code.publish",
                       breadth="all", decision=hand)
        return
    for name, value in granted.entries.items():
        if value.text == "write" and name in table:
            maker.make(Grant, value, agent, text=f"{name}: write", tool="job token", capability=table[name],
                       decision=hand)


def _time(maker: Maker, within: Scopes, step: AgentStep) -> None:
    agent = step.agent
    said = within.job.get("timeout-minutes") or (step.scope.get("timeout-minutes") if step.scope is not None else None)
    timed = step.started is not None and "timeout" in step.started.wrappers
    if said is None and (timed or any(isinstance(fact, Limit) and fact.owner is agent and fact.dimension == "wall-clock"
                                      for fact in maker.reading.facts)):
        return
    amount = float(said.data) * 60 if said is not None and isinstance(said.data, (int, float)) else None
    limit = maker.make(Limit, said, agent, dimension="wall-clock", name="timeout-minutes",
                       amount=amount if said is not None else JOB_SECONDS)
    if said is None:
        limit.explicit, limit.origin = False, "GitHub's 360 minutes"


def _secrets(maker: Maker, within: Scopes, step: AgentStep) -> None:
    """Credentials in the environment of the agent, so of every command that it runs."""
    scopes = [(scope.get("env"), False) for scope in (within.root, within.job)]
    scopes += [(step.scope.get("env"), True)] if step.scope is not None else []
    given = step.scope.get("with") if step.scope is not None else None
    said = [str(name).lower() for held in (*(scope for scope, _ in scopes), given) if held is not None for name in held.entries]
    # what logs in at the cloud whose models it runs on only pays for them
    pays = tuple(begin for word, begin in load("actions")["model-clouds"].items() if any(word in name for name in said))
    for env, own in scopes:
        for name, value in env.entries.items() if env is not None else ():
            held = held_secret(value.text)
            if not held or own and name in _TOKENS or name.startswith(pays):
                continue
            gives, instead = _OWN_STEP if own else _EVERY_STEP
            maker.make(Setting, value, step.agent, name=name, text=held, meaning="secret-in-job",
                       gives=gives.format(name=name), instead=instead)
