"""How long modules that make agents take, against `ast.parse` in the same run: `python tests/bench_code.py [FOLDER]`.

The floor is `ast.parse` over the files that the byte search lets through, as anybody calls it: one after the other, each
tree dropped before the next, with the collector on. The goal is 1.5 times that for a whole check: recognising, parsing,
facts, power and rules. Both are CPU time; where other work shares the caches, the check loses more than the floor does.
Without a folder, 1,000 modules are made up: ordinary code around agents, tools and servers.
"""

from __future__ import annotations

import ast
import gc
import random
import statistics
import sys
import time
from pathlib import Path

from overgrant.command._common import builtin_rules
from overgrant.dialect.catalogue import catalogue
from overgrant.run import Input, Plan, lint

GOAL = 1.5
FILES = 1000
ROUNDS = 5
HEADS = (
    "from langchain.agents import create_agent\nfrom langchain_core.tools import tool\n",
    "from agents import Agent, Runner, function_tool\n",
    "from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP(\"desk\")\n",
    "from crewai import Agent, Crew, Task\nfrom crewai.tools import tool\n",
    "from google.adk.agents import Agent\nfrom google.adk.tools import FunctionTool\n",
    "from pydantic_ai import Agent\n\nagent = Agent(\"openai:gpt-5\")\n",
    "import anthropic\n\nclient = anthropic.Anthropic()\n",
)
TOOLS = (
    "@tool\ndef {name}(query: str) -> str:\n    \"\"\"Look something up.\"\"\"\n    return requests.get(f\"{{BASE}}/{{query}}\", timeout=9).text\n",
    "@function_tool\ndef {name}(path: str) -> str:\n    \"\"\"Read a note.\"\"\"\n    target = (ROOT / path).resolve()\n"
    "    if not target.is_relative_to(ROOT):\n        raise ValueError(path)\n    return target.read_text()\n",
    "@mcp.tool()\nasync def {name}(name: str, limit: int = 20) -> list[dict]:\n    \"\"\"Find rows.\"\"\"\n"
    "    rows = connection.execute(\"SELECT * FROM items WHERE name = ? LIMIT ?\", (name, limit)).fetchall()\n"
    "    return [dict(row) for row in rows]\n",
    "def {name}(command: str) -> str:\n    \"\"\"Run a check.\"\"\"\n    if command not in ALLOWED:\n        return \"unknown\"\n"
    "    return subprocess.run(ALLOWED[command], capture_output=True, text=True, timeout=30).stdout\n",
)
PLAIN = (
    "def {name}(rows, key):\n    \"\"\"Group rows by a key.\n\n    Rows without the key are left out.\n    \"\"\"\n"
    "    groups = {{}}\n    for row in rows:\n        value = row.get(key)\n        if value is None:\n            continue\n"
    "        groups.setdefault(value, []).append(row)\n"
    "    return {{value: {{\"count\": len(group), \"first\": group[0], \"total\": sum(row.get(\"amount\", 0) for row in group)}}\n"
    "            for value, group in sorted(groups.items())}}\n",
    "class {name}:\n    \"\"\"Keeps the state of a conversation.\"\"\"\n\n    def __init__(self, limit=40):\n        self.limit = limit\n"
    "        self.turns = []\n\n    def add(self, role, text):\n"
    "        self.turns.append({{\"role\": role, \"content\": text.strip()}})\n"
    "        if len(self.turns) > self.limit:\n            self.turns = self.turns[-self.limit:]\n\n    def render(self):\n"
    "        return \"\\n\".join(f\"{{turn['role']}}: {{turn['content']}}\" for turn in self.turns)\n",
    "PROMPT_{name} = \"\"\"You answer questions about orders.\n\nNever promise a date. Say what you do not know.\n"
    "If a customer is angry, stay calm, and offer to hand the conversation over to a person.\n\"\"\"\n",
    "def {name}(settings, *, dry_run=False, retries=3):\n    for attempt in range(retries):\n        try:\n"
    "            answer = send(settings.url, settings.body(attempt))\n"
    "        except (OSError, ValueError) as error:\n            logger.warning(\"attempt %s failed: %s\", attempt, error)\n"
    "            continue\n        if dry_run or answer.status == 200:\n            return answer.json()\n"
    "    raise RuntimeError(f\"gave up after {{retries}} attempts\")\n",
)
TAILS = (
    "agent = create_agent(\"openai:gpt-5\", tools=[{names}], system_prompt=PROMPT)\n",
    "agent = Agent(name=\"desk\", instructions=PROMPT, tools=[{names}])\n",
    "TOOLS = [{names}]\nagent = Agent(name=\"desk\", tools=TOOLS)\n",
    "def build(extra=()):\n    tools = [{names}]\n    tools.extend(extra)\n    return Agent(name=\"desk\", tools=tools)\n",
)


def module(seed: int) -> bytes:
    """A module that makes an agent; one module in eight is long."""
    pick = random.Random(seed)
    size = pick.randint(6, 24) * (4 if seed % 8 == 0 else 1)
    names = [f"tool_{index}" for index in range(pick.randint(1, 6))]
    body = [pick.choice(PLAIN).format(name=f"part_{index}") for index in range(size)]
    body += [pick.choice(TOOLS).format(name=name) for name in names]
    pick.shuffle(body)
    start = "import json\nimport logging\nimport subprocess\nfrom pathlib import Path\n\nimport requests\n"
    constants = "ROOT = Path(\"/srv/desk\")\nBASE = \"https://api.example.com\"\nALLOWED = {\"lint\": [\"ruff\", \"check\"]}\nPROMPT = \"Help.\"\n"
    return "\n\n".join([start + pick.choice(HEADS), constants, *body, pick.choice(TAILS).format(names=", ".join(names))]).encode()


def files() -> dict[str, bytes]:
    """The modules to measure, by path: those of a folder, or made up ones."""
    if len(sys.argv) > 1:
        top = Path(sys.argv[1])
        return {file.relative_to(top).as_posix(): file.read_bytes() for file in sorted(top.rglob("*.py")) if file.is_file()}
    return {f"app/module_{index:04}.py": module(index) for index in range(FILES)}


def parsed(texts: list[str]) -> float:
    """Seconds of `ast.parse` alone, as anybody calls it."""
    gc.collect()
    gc.enable()
    start = time.process_time()
    for text in texts:
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass
    return time.process_time() - start


def checked(tree: dict[str, bytes], plan: Plan) -> tuple[float, int]:
    """Seconds of a whole check, and its findings; the collector is off, as it is in the command."""
    inputs = [Input(path, data) for path, data in tree.items()]
    gc.collect()
    gc.disable()
    start = time.process_time()
    result, _ = lint(inputs, plan)
    return time.process_time() - start, len(result.findings)


def main() -> int:
    """Print medians and the ratio; 1 when the goal is missed."""
    known = catalogue()
    tree = files()
    through = {path: data for path, data in tree.items() if known.recognise(path, data) is not None}
    texts = [data.decode("utf-8", "replace") for data in through.values()]
    plan = Plan(builtin_rules())
    checked(dict(list(through.items())[:50]), plan)  # knowledge is read once, whatever the number of files
    gc.freeze()
    floors, runs, found = [], [], 0
    for _ in range(ROUNDS):
        floors.append(parsed(texts))
        seconds, found = checked(tree, plan)
        runs.append(seconds)
    floor, run = statistics.median(floors), statistics.median(runs)
    size = sum(map(len, through.values())) / 1e6
    sys.stdout.write(f"{len(tree)} files, {len(through)} let through ({size:.1f} MB), {found} findings\n"
                     f"ast.parse   {floor * 1000:6.0f} ms\ncheck       {run * 1000:6.0f} ms  {run / floor:4.2f} x (goal {GOAL})\n")
    return 0 if run <= GOAL * floor else 1


if __name__ == "__main__":
    sys.exit(main())
