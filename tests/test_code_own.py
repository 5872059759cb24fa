"""A folder that is called like a framework: whose names they are, and what is the framework's own source."""

from __future__ import annotations

import pytest

from trees import judged

AGENT = b"from crewai import Agent\nfrom crewai_tools import FileWriterTool\n\nagent = Agent(role='x', tools=[FileWriterTool(base_dir='/')])\n"
RUN = (b"import subprocess\n\nfrom agents import Agent, function_tool\n\n\n@function_tool\ndef run(command: str) -> str:\n"
       b"    return subprocess.getoutput(command)\n\n\nagent = Agent(name='x', tools=[run])\n")


@pytest.mark.parametrize(("files", "expected"), [
    ({"main.py": AGENT}, ["outside-workspace"]),
    ({"crewai/main.py": AGENT}, ["outside-workspace"]),                            # a folder is no package
    ({"crewai/__init__.py": b"", "crewai/main.py": AGENT}, ["outside-workspace"]),  # it has no such name
    ({"agents/__init__.py": b"class Agent: ...\ndef function_tool(f): return f\n", "main.py": RUN}, []),  # it is the tree's own
    ({"agents/__init__.py": b"", "main.py": RUN}, ["parameter-runs-commands"]),
    ({"agents/run_context.py": b"", "agents/__init__.py": b"class Agent: ...\ndef function_tool(f): return f\n",
      "examples/main.py": RUN}, ["parameter-runs-commands"]),                      # it is the framework itself
    ({"crewai_tools/tools/__init__.py": b"", "crewai_tools/__init__.py": b"", "crewai_tools/tools/x.py": AGENT}, []),
    ({"src/crewai/crew.py": AGENT}, []),
])
def test_whose_names(files: dict[str, bytes], expected: list[str]) -> None:
    assert [each.rule.id for each in judged(files).findings] == expected


def test_the_source_of_a_framework_is_named() -> None:
    result = judged({"crewai/crew.py": AGENT, "crewai/agent.py": AGENT})
    assert [each.why for each in result.coverage.unread] == ["the source of a framework in `crewai`: its tools are judged where an agent takes them"]
