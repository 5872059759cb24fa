"""CloudFormation: Bedrock agents and AgentCore resources with the roles that are bound to them.

A template is a graph: an agent names its role by reference, and the role's policies stand elsewhere in the file or in
another template of the tree. Nothing is said about roles that are in none.
"""

from __future__ import annotations

from overgrant.dialect import awsroles
from overgrant.dialect.awsroles import several, text
from overgrant.dialect.facts import Maker
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Agent, Containment, Grant, Instruction, Limit, Server, Setting
from overgrant.scope import everything, tool_glob
from overgrant.value import Document, Value

_AGENTS = {"AWS::Bedrock::Agent": ("AgentName", "AgentResourceRoleArn"), "AWS::BedrockAgentCore::Runtime": ("AgentRuntimeName", "RoleArn"),
           "AWS::BedrockAgentCore::Harness": ("HarnessName", "ExecutionRoleArn"), "AWS::BedrockAgentCore::Gateway": ("Name", "RoleArn"),
           "AWS::BedrockAgentCore::CodeInterpreterCustom": ("Name", "ExecutionRoleArn"),
           "AWS::BedrockAgentCore::BrowserCustom": ("Name", "ExecutionRoleArn")}
_BOUNDS = {"MaxIterations": "steps", "MaxTokens": "tokens", "TimeoutSeconds": "wall-clock"}


def read(document: Document, context: Context) -> Reading:
    """The agents of a template, and what their roles allow."""
    maker = Maker(context)
    root = document.root
    resources = root.get("Resources") if root is not None else None
    if resources is None:
        return maker.reading
    for name, resource in resources.entries.items():
        sort = text(resource, "Type")
        if sort not in _AGENTS:
            continue
        properties = resource.get("Properties")
        if properties is None:
            continue
        title, role = _AGENTS[sort]
        agent = maker.make(Agent, resource, None, type="framework", name=text(properties, title) or name, attended=False)
        _bedrock(maker, agent, properties) if sort == "AWS::Bedrock::Agent" else _agentcore(maker, agent, sort, properties)
        bound = properties.get(role)
        if bound is not None:
            awsroles.of(maker, agent, bound, resources)
    return maker.reading


def _bedrock(maker: Maker, agent: Agent, properties: Value) -> None:
    said = properties.get("Instruction")
    if said is not None and said.kind == "str":
        maker.make(Instruction, said, agent, text=said.text)
    for group in several(properties, "ActionGroups"):
        signature = group.get("ParentActionGroupSignature")
        if signature is not None and signature.text in ("ANTHROPIC.Bash", "ANTHROPIC.Computer") and text(group, "ActionGroupState") != "DISABLED":
            maker.make(Grant, signature, agent, capability="exec.shell" if signature.text.endswith("Bash") else "browser.control",
                       tool=signature.text, text=signature.text, decision="inherit", scope=everything("command"), breadth="all")


def _written_out(maker: Maker, agent: Agent, properties: Value) -> None:
    """Credentials in a template's environment and headers, and the tool servers that a harness calls."""
    from overgrant.dialect.grammar.common import environment, secret

    variables = properties.get("EnvironmentVariables")
    for value in variables.entries.values() if variables is not None and variables.kind == "map" else ():
        if value.kind == "str":
            maker.grammar(environment(value, maker.context), "setting", value, agent)
    for tool in several(properties, "Tools"):
        for remote in (each for each in tool.walk() if each.key == "RemoteMcp" and each.kind == "map"):
            url, headers = remote.get("Url"), remote.get("Headers")
            if url is not None and url.kind == "str":
                maker.make(Server, url, agent, name=text(tool, "Name") or "remote", url=url)
            for value in headers.entries.values() if headers is not None and headers.kind == "map" else ():
                if value.kind == "str":
                    maker.grammar(secret(value, None), "secret", value, agent, source="header")


def _agentcore(maker: Maker, agent: Agent, sort: str, properties: Value) -> None:
    _written_out(maker, agent, properties)
    kind = properties.get("AuthorizerType")
    if kind is not None and kind.text == "NONE":
        maker.make(Setting, kind, agent, name="AuthorizerType", text="NONE", meaning="open-endpoint",
                   gives="whoever reaches the gateway calls its tools with its role",
                   instead="Write `CUSTOM_JWT` or `AWS_IAM`.")
    level = properties.get("ExceptionLevel")
    if level is not None and level.text == "DEBUG":
        maker.make(Setting, level, agent, name="ExceptionLevel", text="DEBUG", meaning="log-leak",
                   gives="callers see the inside of errors", instead="Remove it outside development.")
    for key, dimension in _BOUNDS.items():
        bound = properties.get(key)
        if bound is not None and isinstance(bound.data, (int, float)):
            maker.make(Limit, bound, agent, dimension=dimension, name=key, amount=float(bound.data))
    for tool in several(properties, "AllowedTools"):
        maker.make(Grant, tool, agent, tool=tool.text, text=tool.text, decision="allow",
                   scope=everything("tool") if tool.text == "*" else tool_glob(tool.text))
    mode = properties.get("NetworkConfiguration", "NetworkMode")
    if sort.endswith("CodeInterpreterCustom") and mode is not None:
        network = {"SANDBOX": "none", "PUBLIC": "any"}.get(mode.text, "listed")
        maker.make(Containment, mode, agent, type="sandbox", enabled=True, network=network)
