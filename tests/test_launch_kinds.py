"""Every program that starts an agent, in every kind of file that may start one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from overgrant.read.knowledge import load
from trees import judged

ROW = load("agents-cli")["agents"]
ALONE = {"kiro": "chat ", "amazonq": "chat ", "hermes": "chat ", "rovodev": "rovodev run ", "factory": "exec ", "codex": "exec ", "opencode": "run ",
         "crush": "run "}
HEADS = {"hermes": "hermes", "rovodev": "acli"}


def line(product: str) -> str:
    """A command line that waives all approvals of a product's agent."""
    row: dict[str, Any] = ROW[product]
    head = HEADS.get(product) or row["heads"][0]
    if product == "goose":
        return "GOOSE_MODE=auto goose run -t x"
    if row.get("bypass"):
        return f"{head} {ALONE.get(product, '')}{next(iter(row['bypass']))} x"
    option, values = next((option, values) for option, values in row["values"].items()
                          if any(said["meaning"] == "approvals-off" for said in values.values()))
    return f"{head} {option} {next(value for value, said in values.items() if said['meaning'] == 'approvals-off')} x"


KINDS = {
    "Makefile": "go:\n\t@{c}\n",
    "justfile": "go:\n    {c}\n",
    "package.json": '{{"scripts": {{"go": {q}}}}}',
    "composer.json": '{{"scripts": {{"go": [{q}]}}}}',
    "deno.json": '{{"tasks": {{"go": {q}}}}}',
    "Taskfile.yml": "tasks:\n  go:\n    cmds:\n      - {q}\n",
    "mise.toml": "[tasks.go]\nrun = {q}\n",
    "pyproject.toml": "[tool.poe.tasks]\ngo = {q}\nother.shell = {q}\n",
    "a/pyproject.toml": "[tool.hatch.envs.default.scripts]\ngo = {q}\n",
    "b/pyproject.toml": "[tool.pdm.scripts]\ngo = {{cmd = {q}}}\n",
    "c/pyproject.toml": "[[tool.poe.tasks.go.sequence]]\ncmd = {q}\n\n[tool.poe.tasks.other]\ncmd = {q}\n",
    "pixi.toml": "[tasks]\ngo = {q}\n",
    "run.sh": "#!/bin/sh\n{c}\n",
    "run.fish": "{c}\n",
    "run.ps1": "{c}\n",
    "run.cmd": "{c}\n",
    "bin/go": "#!/usr/bin/env bash\n{c}\n",
    ".envrc": "{c}\n",
    "Dockerfile": "FROM x\nRUN {c}\n",
    "Earthfile": "go:\n  RUN {c}\n",
    "compose.yml": "services:\n  a:\n    image: x\n    command: {q}\n",
    "crontab": "0 3 * * * {c}\n",
    "go.service": "[Service]\nExecStart=/bin/sh -c {q}\n",
    "Procfile": "worker: {c}\n",
    "supervisord.conf": "[program:a]\ncommand={c}\n",
    "render.yaml": "services:\n  - type: cron\n    startCommand: {q}\n",
    "fly.toml": "[processes]\nworker = {q}\n",
    "k8s/go.yaml": "kind: CronJob\nspec:\n  containers:\n    - name: a\n      command: [sh, -c, {q}]\n",
    ".husky/pre-commit": "{c}\n",
    ".githooks/pre-push": "{c}\n",
    ".pre-commit-config.yaml": "repos:\n  - repo: local\n    hooks:\n      - id: a\n        entry: {q}\n",
    "lefthook.yml": "pre-push:\n  commands:\n    a:\n      run: {q}\n",
    ".devcontainer/devcontainer.json": '{{"postCreateCommand": {q}}}',
    ".gitlab-ci.yml": "a:\n  script:\n    - {q}\n",
    ".github/workflows/a.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: {q}\n",
    ".circleci/config.yml": "jobs:\n  a:\n    steps:\n      - run: {q}\n",
    "azure-pipelines.yml": "steps:\n  - bash: {q}\n",
    "bitbucket-pipelines.yml": "pipelines:\n  default:\n    - step:\n        script:\n          - {q}\n",
}
OFF = {"approvals-off", "starts-agent-unchecked", "sandbox-off"}


def tree_for(product: str) -> dict[str, bytes]:
    command = line(product)
    return {path: text.format(c=command, q=json.dumps(command)).encode() for path, text in KINDS.items()}


@pytest.mark.parametrize("product", [name for name, row in ROW.items() if name != "augment"])
def test_it_is_seen_in_every_kind(product: str) -> None:
    tree = tree_for(product)
    found = {each.primary.span.source.path for each in judged(tree).findings if each.rule.id in OFF}
    assert sorted(set(tree) - found) == []


NOTHING = [
    ("bin/go", "#!/usr/bin/env python3\nrun('claude -p x --dangerously-skip-permissions')\nclaude -p x --dangerously-skip-permissions\n"),
    ("scripts/notes.txt", "#!/bin/sh\nclaude -p x --dangerously-skip-permissions\n"),
    ("run.sh", "#!/bin/sh\necho 'claude -p x --dangerously-skip-permissions'\n# claude -p x --dangerously-skip-permissions\n"),
    ("run.sh", "#!/bin/sh\ncat <<'EOF'\nclaude -p x --dangerously-skip-permissions\nEOF\n"),
    ("Procfile", "# worker: claude -p x --dangerously-skip-permissions\nweb: node server.js\n"),
    ("pyproject.toml", "[project]\ndescription = \"claude -p x --dangerously-skip-permissions\"\n[project.scripts]\ngo = \"claude:main\"\n"),
    ("package.json", "{\"description\": \"claude --dangerously-skip-permissions\", \"scripts\": {\"go\": \"claude -p x\"}}"),
    ("run.sh", "goose -dir migrations postgres \"$DATABASE\" up\ncopilot deploy --yolo\n"),
    ("Makefile", "go:\n\t@echo \"run claude --dangerously-skip-permissions\"\n"),
]


@pytest.mark.parametrize(("path", "text"), NOTHING)
def test_what_starts_none(path: str, text: str) -> None:
    assert [each.rule.id for each in judged({path: text.encode()}).findings] == []
