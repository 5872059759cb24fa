"""Who can start an agent, and what each action refuses by itself: tables that cite what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from overgrant.model import Agent
from overgrant.read.knowledge import load
from trees import analysis_of

SHA = "0123456789abcdef0123456789abcdef01234567"
FILES = {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted((Path(__file__).parent / "gates").glob("*.yaml"))}
CASES = [pytest.param(table, case, id=f"{name}-{number}") for name, table in FILES.items() for number, case in enumerate(table["cases"], 1)]


def workflow(table: dict[str, Any], case: dict[str, Any]) -> str:
    """The workflow of a case."""
    given = "".join(f"          {name}: {yaml.safe_dump(value).splitlines()[0]}\n" for name, value in case.get("with", {}).items())
    started = f"run: {case['run']}" if "run" in case else f"uses: {case.get('uses', table['uses'])}@{SHA}\n        with:\n          x: y\n{given}"
    condition = f"    if: {yaml.safe_dump(case['if'], width=1000).splitlines()[0]}\n" if "if" in case else ""
    if "calls" in case:
        return f"on: {case['event']}\njobs:\n  agent:\n    uses: {case['calls']}@{SHA}\n    secrets: inherit\n"
    waits = f"    environment: {case['environment']}\n" if "environment" in case else ""
    on = case["event"] if case["event"].startswith("[") or ":" not in case["event"] else "\n  " + case["event"]
    return f"on: {on}\njobs:\n  agent:\n    runs-on: ubuntu-latest\n{condition}{waits}    steps:\n      - {started}\n"


def test_each_action_has_a_case() -> None:
    named = {case.get("uses", case.get("calls", table.get("uses"))) for table in FILES.values() for case in table["cases"]}
    assert set(load("actions")["actions"]) <= named


def text_of(table: dict[str, Any], case: dict[str, Any]) -> tuple[str, str]:
    """The file of a case: its path and its text."""
    if "path" in table:
        return case.get("path", table["path"]), case["text"] + "\n"
    if table.get("workflow"):
        condition = f"if: {case['if']}\n" if "if" in case else ""
        return ".github/workflows/a.md", f"---\non: {case['event']}\n{condition}permissions: {{contents: read}}\n---\nDo it.\n"
    return ".github/workflows/a.yml", workflow(table, case)


@pytest.mark.parametrize(("table", "case"), CASES)
def test_who_starts_it(table: dict[str, Any], case: dict[str, Any]) -> None:
    path, text = text_of(table, case)
    agents = [agent for agent in analysis_of({path: text.encode()}).world.agents if isinstance(agent, Agent)]
    assert [agent.started_by for agent in agents] == [case["who"]], f"{case['why']}:\n{text}"


@pytest.mark.parametrize("name", FILES)
def test_each_table_says_where_it_is_from(name: str) -> None:
    table = FILES[name]
    assert table["source"].startswith("https://")
    assert str(table["checked"]) >= "2026-11-01"
    assert all(case["why"] for case in table["cases"])
