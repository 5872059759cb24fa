"""Dialects: the job that prepares the machine of Copilot's cloud agent, which works there as soon as the job is done.

docs.github.com/en/copilot/how-tos/use-copilot-agents/cloud-agent/customize-the-agent-environment: the job has a fixed
name, its steps run before the agent's firewall is up, and what they install and leave behind is the agent's.
"""

from __future__ import annotations

from overgrant.dialect.facts import Maker
from overgrant.dialect.grammar.common import environment
from overgrant.dialect.grammar.download import downloads_and_runs
from overgrant.model import Agent, Setting
from overgrant.value import Value

CLOUD_AGENT = "copilot-setup-steps"
_MOST = 5  # findings in one script: more says nothing more


def prepare(maker: Maker, job: Value) -> None:
    """The agent, what its set-up downloads and runs, and what the job's variables mean to it."""
    agent = maker.make(Agent, job, name="copilot (cloud)", product="copilot", type="step", attended=False)
    steps = job.get("steps")
    for step in steps.items if steps is not None else ():
        run = step.get("run") if step.kind == "map" else None
        for found in downloads_and_runs(run.text)[:_MOST] if run is not None and run.kind == "str" else ():
            assert run is not None
            maker.make(Setting, run.part(found.start, found.end), agent, name="run", meaning="download-and-run",
                       gives="the set-up of the cloud agent does it before each task")
    variables = job.get("env")
    for value in variables.entries.values() if variables is not None and variables.kind == "map" else ():
        if value.kind == "str":
            for fields in environment(value, maker.context):
                if fields.get("@kind") is None:
                    maker.make(Setting, value, agent, **fields)
