"""CloudFormation: Bedrock agents and AgentCore resources with the roles that are bound to them.

A template is a graph: an agent names its role by reference, and the role's policies stand elsewhere in
the file. Roles of other stacks are not in the tree, and nothing is said about them.
"""

from __future__ import annotations

from collections.abc import Iterator

from overgrant.dialect.facts import Maker
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Agent, Containment, Grant, Instruction, Limit, Setting
from overgrant.scope import everything, tool_glob
from overgrant.value import Document, Value

_AGENTS = {"AWS::Bedrock::Agent": ("AgentName", "AgentResourceRoleArn"), "AWS::BedrockAgentCore::Runtime": ("AgentRuntimeName", "RoleArn"),
           "AWS::BedrockAgentCore::Harness": ("HarnessName", "ExecutionRoleArn"), "AWS::BedrockAgentCore::Gateway": ("Name", "RoleArn"),
           "AWS::BedrockAgentCore::CodeInterpreterCustom": ("Name", "ExecutionRoleArn"),
           "AWS::BedrockAgentCore::BrowserCustom": ("Name", "ExecutionRoleArn")}
_ADMINS = ("AdministratorAccess", "PowerUserAccess", "IAMFullAccess")
_BOUNDS = {"MaxIterations": "steps", "MaxTokens": "tokens", "TimeoutSeconds": "wall-clock"}
_MOST = 200


def read(document: Document, context: Context) -> Reading:
    """The agents of a template, and what their roles allow."""
    maker = Maker(context)
    root = document.root
    resources = root.get("Resources") if root is not None else None
    if resources is None:
        return maker.reading
    for name, resource in resources.entries.items():
        sort = _text(resource, "Type")
        if sort not in _AGENTS:
            continue
        properties = resource.get("Properties")
        if properties is None:
            continue
        title, role = _AGENTS[sort]
        agent = maker.make(Agent, resource, None, type="framework", name=_text(properties, title) or name, attended=False)
        _bedrock(maker, agent, properties) if sort == "AWS::Bedrock::Agent" else _agentcore(maker, agent, sort, properties)
        bound = properties.get(role)
        if bound is not None:
            _role(maker, agent, bound, resources)
    return maker.reading


def _text(value: Value, *route: str) -> str:
    found = value.get(*route)
    return found.text if found is not None else ""


def _list(value: Value | None, *route: str) -> list[Value]:
    found = value.get(*route) if value is not None else None
    return [] if found is None else found.items or ([found] if found.kind not in ("list", "null") else [])


def _bedrock(maker: Maker, agent: Agent, properties: Value) -> None:
    text = properties.get("Instruction")
    if text is not None and text.kind == "str":
        maker.make(Instruction, text, agent, text=text.text)
    for group in _list(properties, "ActionGroups"):
        signature = group.get("ParentActionGroupSignature")
        if signature is not None and signature.text in ("ANTHROPIC.Bash", "ANTHROPIC.Computer") and _text(group, "ActionGroupState") != "DISABLED":
            maker.make(Grant, signature, agent, capability="exec.shell" if signature.text.endswith("Bash") else "browser.control",
                       tool=signature.text, text=signature.text, decision="inherit", scope=everything("command"), breadth="all")


def _agentcore(maker: Maker, agent: Agent, sort: str, properties: Value) -> None:
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
    for tool in _list(properties, "AllowedTools"):
        maker.make(Grant, tool, agent, tool=tool.text, text=tool.text, decision="allow",
                   scope=everything("tool") if tool.text == "*" else tool_glob(tool.text))
    mode = properties.get("NetworkConfiguration", "NetworkMode")
    if sort.endswith("CodeInterpreterCustom") and mode is not None:
        network = {"SANDBOX": "none", "PUBLIC": "any"}.get(mode.text, "listed")
        maker.make(Containment, mode, agent, type="sandbox", enabled=True, network=network)


def _role(maker: Maker, agent: Agent, bound: Value, resources: Value) -> None:
    """The statements of the role that a value refers to."""
    named = {value.text for value in bound.walk() if value.kind == "str"}
    for name, resource in resources.entries.items():
        sort, properties = _text(resource, "Type"), resource.get("Properties")
        if properties is None or sort not in ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            continue
        if sort == "AWS::IAM::Role" and _refers(named, name):
            for policy in _list(properties, "ManagedPolicyArns"):
                if policy.text.rsplit("/", 1)[-1] in _ADMINS:
                    _grant(maker, agent, policy, policy.text.rsplit("/", 1)[-1], "administers the account", everything=True)
            for policy in _list(properties, "Policies"):
                _statements(maker, agent, policy.get("PolicyDocument"))
        elif sort != "AWS::IAM::Role":
            holders = {value.text for each in _list(properties, "Roles") for value in each.walk() if value.kind == "str"}
            roles = [role for role in resources.entries if _refers(named, role)]
            if any(_refers(holders, role) for role in roles):
                _statements(maker, agent, properties.get("PolicyDocument"))


def _refers(texts: set[str], name: str) -> bool:
    return any(text == name or text.startswith(f"{name}.") or f"${{{name}" in text for text in texts)


def _statements(maker: Maker, agent: Agent, document: Value | None) -> None:
    from overgrant.dialect.grammar.oauth import broad

    for statement in _list(document, "Statement")[:_MOST]:
        if _text(statement, "Effect") != "Allow" or statement.get("Condition") is not None:
            continue
        wide = any(resource.text == "*" for resource in _list(statement, "Resource"))
        for action in _actions(statement):
            if not wide and action.text != "*":
                continue
            found = broad(action.text, provider="aws")
            if action.text in ("*", "*:*") or found is not None and found.write:
                gives = "administers the account" if action.text in ("*", "*:*") else found.gives if found is not None else ""
                _grant(maker, agent, action, action.text, gives, everything=action.text in ("*", "*:*"))


def _actions(statement: Value) -> Iterator[Value]:
    yield from (action for action in _list(statement, "Action")[:_MOST] if action.kind == "str")


def _grant(maker: Maker, agent: Agent, at: Value, text: str, gives: str, *, everything: bool) -> None:
    maker.make(Grant, at, agent, capability="infra.mutate", tool="cloud role", text=text, decision="allow",
               breadth="all" if everything else "family", reach=gives)
