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
_SHORT = ("Ref", "GetAtt", "Sub", "Join", "ImportValue", "Select", "Split", "If", "Equals", "Not", "And", "Or", "FindInMap", "Base64",
          "Cidr", "GetAZs", "Condition", "Transform")
_BOUNDS = {"MaxIterations": "steps", "MaxTokens": "tokens", "TimeoutSeconds": "wall-clock"}


def read(document: Document, context: Context) -> Reading:
    """The agents of a template, and what their roles allow."""
    maker = Maker(context)
    root = document.root
    resources = root.get("Resources") if root is not None else None
    if resources is None:
        return maker.reading
    made: dict[str, Agent] = {}
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
        for group in several(properties, "ActionGroups"):
            called = group.get("ActionGroupExecutor", "Lambda")
            if called is not None:
                awsroles.functions(maker, agent, called, resources)
        made[name] = agent
    _targets(maker, made, resources)
    document.problems[:] = [each for each in document.problems if not _intrinsic(each.what)]
    return maker.reading


def _targets(maker: Maker, made: dict[str, Agent], resources: Value) -> None:
    """The functions behind the targets of a gateway: what their roles allow, whoever calls the gateway has."""
    for resource in resources.entries.values():
        if text(resource, "Type") != "AWS::BedrockAgentCore::GatewayTarget":
            continue
        gateway = {each.text.split(".")[0] for each in several(resource, "Properties", "GatewayIdentifier") for each in each.walk()
                   if each.kind == "str"}
        called = resource.get("Properties", "TargetConfiguration", "Mcp", "Lambda", "LambdaArn")
        for agent in (made[name] for name in sorted(gateway & set(made))):
            if called is not None:
                awsroles.functions(maker, agent, called, resources)


def _intrinsic(what: str) -> bool:
    """A note of the reader about a function of CloudFormation in its short form, which is known here."""
    return any(f"`!{name}`" in what for name in _SHORT)


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
    engine = properties.get("PolicyEngineConfiguration", "Mode")
    if engine is not None and engine.text == "LOG_ONLY":
        maker.make(Setting, engine, agent, name="PolicyEngineConfiguration.Mode", text="LOG_ONLY", meaning="guards-off",
                   gives="a call that a policy forbids is written to a log and made all the same", instead="Write `ENFORCE`.")
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
