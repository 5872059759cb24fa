"""Dialects: what agents answer, where a script runs it or hands it on.

Which commands are foreign, and which variables hold a foreign text, is known here; how a script passes them on is
the grammar's (`grammar/answer.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from overgrant.dialect.agentstep import AgentStep
from overgrant.dialect.facts import Maker
from overgrant.dialect.grammar import agentcli
from overgrant.dialect.grammar.answer import Spoken, spoken
from overgrant.model import Flow
from overgrant.pattern import later
from overgrant.value import Value

Agents = list[tuple[agentcli.Started, AgentStep]]
_SET = later(r"setOutput\(\s*['\"]([\w-]+)['\"]\s*,([^;\n]{0,300})")
_TEXT = later(r"\.(?:body|title)\b|head\.ref\b")


def follow(maker: Maker, script: Value, agents: Agents, held: Mapping[str, AgentStep]) -> Spoken:
    """Follow what the agents of a script print, and what the variables in `held` carry; make facts of what is run."""
    if not agents and not held:
        return Spoken([], set(), set())
    starts = {started.start for started, _ in agents}
    found = spoken(script.text, lambda simple: simple.start in starts, held)
    for run in found.runs:
        agent = held.get(run.text.removeprefix("$")) if run.text.startswith("$") else None
        agent = agent or next((step for started, step in reversed(agents) if started.start <= run.end), None)
        if agent is not None:
            maker.make(Flow, script.part(run.start, run.end), agent.agent, source=run.text, way="output", sink=run.sink)
    return found


def strange_outputs(script: Value, variables: set[str], texts: list[tuple[int, int, str]]) -> set[str]:
    """The outputs of a step that hold a stranger's text.

    variables  variables that hold one
    texts      where the script itself has one written into it: start, end and the name
    """
    if script.key == "script":
        return {name for name, text in _SET.findall(script.text) if _TEXT.search(text)}
    if not variables and not texts:
        return set()
    text, stand_ins = script.text, set()
    for start, end, _ in texts:
        name = "STRANGER".ljust(end - start - 1, "_")
        text = f"{text[:start]}${name}{text[end:]}"
        stand_ins.add(name)
    return spoken(text, lambda simple: False, variables | stand_ins).said
