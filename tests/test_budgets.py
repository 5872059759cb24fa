"""Bounds of platforms: what each value of each limit means, and what no value means.

A row names a product, the file, its text with `@` for the value, where the product says what the value means, and for each
value the rule that speaks of it: an empty one where the bound is effective. `absent` stands for the line being left out.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from trees import judged

OFF, HIGH, OPEN = "limit-switched-off", "absurd-limit", "unbounded-run"


class Row(NamedTuple):
    """One limit of one format."""

    limit: str
    path: str
    text: str
    source: str
    values: dict[str, str]


CREW = "writer:\n  role: Writer\n  goal: Write\n  backstory: Writes.\n  @\n"
TEAM = ('{"provider": "autogen_agentchat.teams.RoundRobinGroupChat", "component_type": "team", "config": {\n@\n'
        '"participants": [{"provider": "autogen_agentchat.agents.AssistantAgent", "component_type": "agent", "config": {"name": "a"}}]}}')
HARNESS = "Resources:\n  H:\n    Type: AWS::BedrockAgentCore::Harness\n    Properties:\n      HarnessName: h\n      @\n"
PROXY = ("model_list:\n  - model_name: m\n    litellm_params: {model: openai/gpt-5, api_key: os.environ/KEY}\n"
         "general_settings: {master_key: os.environ/MASTER}\nlitellm_settings:\n  drop_params: true\n  @\n")
N8N = '{"nodes": [{"name": "A", "type": "@n8n/n8n-nodes-langchain.agent", "parameters": {"options": {@}}}], "connections": {}}'
FLOW = '{"nodes": [{"data": {"name": "toolAgent", "label": "A", "baseClasses": [], "inputParams": [], "inputs": {@}}}]}'
LANGFLOW = '{"data": {"nodes": [{"data": {"type": "Agent", "node": {"template": {@}}}}]}, "made": "langflow"}'
DIFY = "app: {mode: agent-chat, name: a}\nkind: app\nmodel_config:\n  agent_mode:\n    enabled: true\n    @\n"
AG2 = '{"name": "a", "human_input_mode": "NEVER", "code_execution_config": false, @ "system_message": "Help."}'
SMOL = '{"class": "CodeAgent", "tools": [], "authorized_imports": ["math"], "executor_type": "docker", @ "model": {}}'
ADK = "name: loop\nagent_class: LoopAgent\n@\nsub_agents:\n  - config_path: a.yaml\n"
AGENT = "version: '2'\nagents:\n  root:\n    model: openai/gpt-5\n    instruction: Help.\n    @\n"
WORKFLOW = "kind: Workflow\n@\ntrigger:\n  kind: OnConversationStart\n  actions: []\n"
CREWFLOW = "schema: crewai.flow/v1\nname: f\nconfig:\n  persist: false\n  @\nmethods: {}\n"
TEAM_GPT = "endpoints:\n  agents:\n    disableBuilder: false\n    @\n"

ROWS = [
    # None and absent are the default of 25; the field knows no value for "none"
    Row("crewai max_iter", "config/agents.yaml", CREW, "crewai 1.15 agent_builder/base_agent.py",
        {"absent": "", "max_iter: null": "", "max_iter: 40": "", "max_iter: 1000000": HIGH}),
    # `None`, the default, has no bound; nobody wrote a bound and took it away
    Row("crewai max_rpm", "config/agents.yaml", CREW, "crewai 1.15 agent_builder/base_agent.py",
        {"absent": "", "max_rpm: null": "", "max_rpm: 10": ""}),
    Row("crewai max_execution_time", "config/agents.yaml", CREW, "crewai 1.15 agent/core.py",
        {"absent": "", "max_execution_time: null": "", "max_execution_time: 300": "", "max_execution_time: 99999999": HIGH}),
    Row("crewai max_retry_limit", "config/agents.yaml", CREW, "crewai 1.15 agent/core.py", {"max_retry_limit: 2": "", "max_retry_limit: 5000": HIGH}),
    Row("crewai max_method_calls", "flow.yaml", CREWFLOW, "crewai 1.15 flow/flow_definition.py",
        {"absent": "", "max_method_calls: 100": "", "max_method_calls: 10000000": HIGH}),
    Row("autogen max_turns", "team.json", TEAM, "autogen_agentchat 0.7 teams/_group_chat/_base_group_chat.py",
        {"absent": OPEN, '"max_turns": null,': OPEN, '"max_turns": 10,': "", '"max_turns": 1000000,': HIGH}),
    # 0 and less are replaced by the default: `if max_consecutive_auto_reply is not None`, then compared with the count
    Row("ag2 max_consecutive_auto_reply", "agents/a.json", AG2, "ag2 ConversableAgent.__init__, MAX_CONSECUTIVE_AUTO_REPLY 100",
        {"absent": "", '"max_consecutive_auto_reply": 10,': "", '"max_consecutive_auto_reply": 0,': "",
        '"max_consecutive_auto_reply": 1000000,': HIGH}),
    # without a number of rounds a loop ends by escalation or by the run's 500 calls
    Row("adk max_iterations", "root_agent.yaml", ADK, "google-adk 1.20 agents/loop_agent.py, run_config.py",
        {"absent": "", "max_iterations: 5": "", "max_iterations: 0": OFF, "max_iterations: -1": "", "max_iterations: 10000000": HIGH}),
    Row("docker-agent max_iterations", "agent.yaml", AGENT, "docker/docker-agent pkg/runtime: `if maxIterations > 0`",
        {"absent": "", "max_iterations: 30": "", "max_iterations: 0": OFF, "max_iterations: -1": OFF, "max_iterations: 10000000": HIGH}),
    # 100 rounds; 0 and less are refused when the file is loaded
    Row("agent-framework maxTurns", "workflow.yaml", WORKFLOW, "agent-framework-declarative 1.4 _declarative_builder.py",
        {"absent": "", "maxTurns: 500": "", "maxTurns: 0": "", "maxTurns: 1000000": HIGH}),
    # an executor that counts up stops at once when its bound is below the count
    Row("n8n maxIterations", "a.json", N8N, "n8n ToolsAgent options.ts, 10 by default",
        {"absent": "", '"maxIterations": 10': "", '"maxIterations": -1': "", '"maxIterations": 1000000': HIGH}),
    Row("flowise maxIterations", "flow.json", FLOW, "flowise-components 3.1 src/agents.ts, 15 by default",
        {"absent": "", '"maxIterations": ""': "", '"maxIterations": "20"': "", '"maxIterations": -1': "", '"maxIterations": "1000000"': HIGH}),
    Row("langflow max_iterations", "flow.json", LANGFLOW, "lfx base/agents/agent.py, 15 by default",
        {"absent": "", '"max_iterations": {"value": 15}': "", '"max_iterations": {"value": -1}': "", '"max_iterations": {"value": 1000000}': HIGH}),
    Row("dify max_iteration", "agent.yml", DIFY, "dify api/core/agent/entities.py, finite by default",
        {"absent": "", "max_iteration: 5": "", "max_iteration: 999999": HIGH}),
    Row("smolagents max_steps", "agent.json", SMOL, "smolagents 1.24 agents.py, 20 by default",
        {"absent": "", '"max_steps": null,': "", '"max_steps": 20,': "", '"max_steps": 1000000,': HIGH}),
    # no budget is not checked; 0 and -1 as well, which somebody wrote
    Row("litellm max_budget", "litellm.yaml", PROXY, "docs.litellm.ai proxy/users, proxy/auth/auth_checks.py",
        {"absent": "", "max_budget: null": "", "max_budget: 100": "", "max_budget: 0": OFF, "max_budget: -1": OFF, "max_budget: 999999999": HIGH}),
    Row("litellm num_retries", "litellm.yaml", PROXY, "docs.litellm.ai proxy/config_settings", {"num_retries: 3": "", "num_retries: 100000": HIGH}),
    Row("litellm request_timeout", "litellm.yaml", PROXY, "docs.litellm.ai proxy/config_settings, 6000 s by default",
        {"absent": "", "request_timeout: 600": "", "request_timeout: 99999999": HIGH}),
    Row("agentcore MaxIterations", "template.yaml", HARNESS, "AWS::BedrockAgentCore::Harness",
        {"absent": "", "MaxIterations: 20": "", "MaxIterations: 1000000": HIGH}),
    Row("agentcore TimeoutSeconds", "template.yaml", HARNESS, "AWS::BedrockAgentCore::Harness",
        {"TimeoutSeconds: 600": "", "TimeoutSeconds: 99999999": HIGH}),
    Row("librechat recursionLimit", "librechat.yaml", TEAM_GPT, "librechat.example.yaml 1.3.17, 25 by default",
        {"absent": "", "recursionLimit: 50": "", "recursionLimit: 1000000": HIGH}),
]
CASES = [(row, value, rule) for row in ROWS for value, rule in row.values.items()]


@pytest.mark.parametrize(("row", "value", "rule"), CASES, ids=[f"{row.limit}: {value}" for row, value, _ in CASES])
def test_what_a_value_means(row: Row, value: str, rule: str) -> None:
    text = row.text.replace("@n8n/", "\0").replace("@", "" if value == "absent" else value).replace("\0", "@n8n/")
    result = judged({row.path: text.encode()})
    assert result.coverage.by_format, "not recognised"
    assert [each.rule.id for each in result.findings if each.rule.id in (OFF, HIGH, OPEN)] == ([rule] if rule else [])
