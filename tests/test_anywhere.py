"""Files of any name: the first bytes decide, and nothing more is read of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from overgrant.dialect.catalogue import HEAD, catalogue
from overgrant.read import tree
from overgrant.read.tree import PEEKED, discover

N8N = b'{"name": "ops", "nodes": [{"name": "Ops", "type": "@n8n/n8n-nodes-langchain.agent", "parameters": {}}], "connections": {}}'
ROWS = [
    ("my flow.json", N8N, "n8n"),
    ("shop/checkout/a b.json", b'{"nodes": [{"data": {"name": "agentAgentflow", "inputParams": [], "baseClasses": []}}]}', "flowise"),
    ("bot.json", b'{"data": {"nodes": [{"data": {"node": {"template": {}}}}]}, "made_with": "langflow"}', "langflow"),
    ("helper.yml", b"app:\n  description: Helps\n  mode: agent-chat\nkind: app\nmodel_config:\n  agent_mode: {enabled: true}\n", "dify"),
    ("crew/two.json", b'{"provider": "autogen_agentchat.teams.RoundRobinGroupChat", "config": {}}', "autogen-component"),
    ("main.yaml", b"AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  A:\n    Type: AWS::Bedrock::Agent\n", "bedrock-cloudformation"),
    ("overlays/x.yaml", b"apiVersion: kagent.dev/v1alpha2\nkind: Agent\n", "kagent"),
    ("pirate.yaml", b"version: '2'\nagents:\n  root:\n    model: openai/gpt-5\n", "docker-agent"),
    ("steps.yaml", b"kind: Workflow\ntrigger:\n  kind: OnConversationStart\n", "agent-framework"),
    ("greeting/topic.yaml", b"kind: AdaptiveDialog\nbeginDialog:\n  kind: OnRecognizedIntent\n", "copilot-studio"),
    ("Note.json", b'{"name": "n", "iconSrc": "", "schema": "[]", "func": "return 1"}', "flowise-tool"),
    ("data.json", b'{"nodes": [1, 2], "edges": []}', ""),
    ("argo.yaml", b"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: x}\n", ""),
    ("package.json", N8N, ""),
    ("notes.txt", N8N, ""),
]


@pytest.mark.parametrize(("path", "data", "wanted"), ROWS, ids=[row[0] for row in ROWS])
def test_the_first_bytes_decide(path: str, data: bytes, wanted: str) -> None:
    found = catalogue().recognise(path, data)
    assert (found[0].id if found else "") == wanted


def names(folder: Path) -> list[str]:
    known = catalogue()
    return [entry.path for entry in discover([], recognise=known.is_candidate, cwd=str(folder), may_be=known.may_be,
                                             begins=known.begins).files]


def test_only_files_that_begin_like_one_are_read(tmp_path: Path) -> None:
    (tmp_path / "my thing.json").write_bytes(N8N)
    (tmp_path / "numbers.json").write_bytes(b"[" + b"1," * 10_000 + b"1]")
    (tmp_path / "late.json").write_bytes(b'{"text": "' + b"x" * PEEKED + b'", "nodes": []}')
    (tmp_path / "elsewhere.json").symlink_to(tmp_path / "my thing.json")
    assert names(tmp_path) == ["my thing.json"]


def test_a_directory_that_git_ignores_is_not_looked_through(tmp_path: Path) -> None:
    import subprocess

    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("out/\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "my thing.json").write_bytes(N8N)
    assert names(tmp_path) == []


def test_there_is_an_end_and_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MOST_PEEKED", 2)
    for number in range(4):
        (tmp_path / f"{number}.json").write_bytes(N8N)
    known = catalogue()
    found = discover([], recognise=known.is_candidate, cwd=str(tmp_path), may_be=known.may_be, begins=known.begins)
    assert [entry.path for entry in found.files] == ["0.json", "1.json"]
    assert found.notes == ["more than 2 files might be workflows by their endings; the rest is not looked at"]


def test_both_look_at_the_same_bytes() -> None:
    assert HEAD == PEEKED
