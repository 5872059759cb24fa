"""Flows of node editors: only what a model chooses counts."""

from __future__ import annotations

import json

import pytest

from trees import analysis_of, judged


def flow(*nodes: dict[str, object]) -> dict[str, bytes]:
    agent = {"name": "Desk", "type": "@n8n/n8n-nodes-langchain.agent", "parameters": {"options": {"maxIterations": 10}}}
    return {"workflows/a.json": json.dumps({"nodes": [agent, *nodes], "connections": {}}, indent=1).encode()}


@pytest.mark.parametrize(("kind", "parameters", "rule"), [
    ("executeCommandTool", {"command": "={{ $fromAI('c') }}"}, "open-shell"),
    ("executeCommandTool", {"command": "uptime"}, ""),
    ("httpRequestTool", {"url": "={{ $fromAI('u') }}"}, "any-host"),
    ("httpRequestTool", {"url": "https://a.example.com", "body": "={{ $fromAI('u') }}"}, ""),
    ("webhook", {"authentication": "none"}, "open-endpoint"),
    ("webhook", {"authentication": "headerAuth"}, ""),
    ("chatTrigger", {"public": True}, "open-endpoint"),
    ("chatTrigger", {"public": False}, ""),
    ("executeCommand", {"command": "uptime"}, ""),
])
def test_nodes(kind: str, parameters: dict[str, object], rule: str) -> None:
    node: dict[str, object] = {"name": "x", "type": f"n8n-nodes-base.{kind}", "parameters": parameters}
    assert [each.rule.id for each in judged(flow(node)).findings] == [rule] * bool(rule)


def test_a_flow_without_an_agent_says_nothing() -> None:
    tree = {"workflows/a.json": b'{"nodes": [{"name": "n8n-nodes-langchain.", "type": "n8n-nodes-base.webhook", "parameters": '
                                b'{"authentication": "none"}}], "connections": {}}'}
    assert analysis_of(tree).world.facts == []


def test_approval_of_a_nested_tool() -> None:
    for asked, rules in ((True, []), (False, ["any-host"])):
        tool = {"agentSelectedTool": "requestsGet", "agentSelectedToolConfig": {"url": ""},
                "agentSelectedToolRequiresHumanInput": asked}
        node = {"data": {"name": "agentAgentflow", "label": "Desk", "inputParams": [], "inputs": {"agentTools": [tool]}}}
        tree = {"desk_agentflow.json": json.dumps({"nodes": [node], "edges": [], "x": "flowise"}).encode()}
        assert [each.rule.id for each in judged(tree).findings if each.severity != "low"] == rules
