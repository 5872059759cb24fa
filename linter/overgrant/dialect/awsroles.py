"""AWS: the statements of the roles that agents act under, in the agent's own template and in other templates of the tree.

A role of the same template is named by reference; one of another template by its name in an ARN, or by an export.
"""

from __future__ import annotations

from collections.abc import Iterator

from overgrant.dialect.facts import Maker
from overgrant.model import Agent, Grant
from overgrant.value import Value

_ADMINS = ("AdministratorAccess", "PowerUserAccess", "IAMFullAccess")
_POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
_RECORDS = ("CloudWatch", "AWSXRay", "AWSXray")  # whole access to logs and traces changes nothing that a task works on
_FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")
_MOST_FILES = 200
_MOST_BYTES = 1 << 20
_MOST = 200


def text(value: Value, *route: str) -> str:
    """The text at a route, or an empty one."""
    found = value.get(*route)
    return found.text if found is not None else ""


def several(value: Value | None, *route: str) -> list[Value]:
    """The items at a route; one value stands for a list of one."""
    found = value.get(*route) if value is not None else None
    return [] if found is None else found.items or ([found] if found.kind not in ("list", "null") else [])


def of(maker: Maker, agent: Agent, bound: Value, here: Value | None) -> None:
    """The grants of the role that a value refers to. `here` holds the resources of the agent's own template."""
    named = {value.text for value in bound.walk() if value.kind == "str"}
    if here is not None:
        roles = [name for name, resource in here.entries.items() if text(resource, "Type") == "AWS::IAM::Role" and _refers(named, name)]
        if roles:
            _template(maker, agent, bound, roles, here)
            return
    for template in _templates(maker, bound.source.path):
        resources = template.get("Resources")
        if resources is None or resources.kind != "map":
            continue
        named_here = named | _exported(template, bound)
        roles = [name for name, resource in resources.entries.items() if text(resource, "Type") == "AWS::IAM::Role"
                 and (_is_called(named, text(resource, "Properties", "RoleName")) or _refers(named_here - named, name))]
        if roles:
            _template(maker, agent, bound, roles, resources)
            return


def _is_called(named: set[str], role: str) -> bool:
    return bool(role) and "${" not in role and any(each == role or ":role/" in each and each.rsplit("/", 1)[-1] == role for each in named)


def _exported(template: Value, bound: Value) -> set[str]:
    """What a template exports under the names that a value imports: the texts of those outputs."""
    names = {each.text for each in bound.walk() if each.kind == "str"}
    outputs, found = template.get("Outputs"), set()
    for output in outputs.entries.values() if outputs is not None and outputs.kind == "map" else ():
        if text(output, "Export", "Name") in names and (value := output.get("Value")) is not None:
            found |= {each.text for each in value.walk() if each.kind == "str"}
    return found


def _templates(maker: Maker, path: str) -> Iterator[Value]:
    """The other templates of the run that hold roles."""
    from overgrant.read import read
    from overgrant.text import Source

    memo = maker.context.memo.setdefault("aws-roles", {})
    assert isinstance(memo, dict)
    if "paths" not in memo:
        memo["paths"] = [each for each, data in sorted(maker.context.files.items()) if data is not None and len(data) <= _MOST_BYTES
                         and each.endswith((".yaml", ".yml", ".json", ".template")) and b"AWS::IAM::" in data][:_MOST_FILES]
    for other in memo["paths"]:
        if other == path:
            continue
        if other not in memo:
            memo[other] = read(Source(other, maker.context.files[other] or b""), "yaml").root
        if memo[other] is not None and memo[other].kind == "map":
            yield memo[other]


def _template(maker: Maker, agent: Agent, bound: Value, roles: list[str], resources: Value) -> None:
    """The policies of roles of one template, written in them and beside them."""
    for name, resource in resources.entries.items():
        sort, properties = text(resource, "Type"), resource.get("Properties")
        if properties is None:
            continue
        if name in roles:
            _role(maker, agent, bound, properties)
        elif sort in _POLICIES:
            holders = {value.text for key in ("Roles", "RoleName") for each in several(properties, key) for value in each.walk()
                       if value.kind == "str"}
            if any(_refers(holders, role) for role in roles):
                _statements(maker, agent, bound, properties.get("PolicyDocument"))


def _role(maker: Maker, agent: Agent, bound: Value, properties: Value, tool: str = "") -> None:
    """What is written in a role itself, or in a function of the serverless model, which is a role and a function in one."""
    for policy in (*several(properties, "ManagedPolicyArns"), *several(properties, "Policies")):
        name, at = _managed(policy)
        if name in _ADMINS:
            _grant(maker, agent, bound, at, name, "administers the account", everything=True, tool=tool)
        elif name.endswith("FullAccess") and not name.startswith(_RECORDS):
            service = name.removesuffix("FullAccess").removeprefix("Amazon").removeprefix("AWS").strip("-_") or name
            _grant(maker, agent, bound, at, name, f"does everything with {service}", everything=False, tool=tool)
        elif policy.kind == "map":
            document = policy if policy.get("Statement") is not None else policy.get("PolicyDocument")
            _statements(maker, agent, bound, document, tool)


def _managed(policy: Value) -> tuple[str, Value]:
    """The name of a managed policy, written as a text, by `Fn::Sub` or in pieces, and where it stands."""
    texts = [each for each in policy.walk() if each.kind == "str"] if policy.get("PolicyDocument") is None else []
    last = next((each for each in reversed(texts) if "policy/" in each.text or policy.kind == "str"), policy)
    return (last.text.rsplit("/", 1)[-1] if last.kind == "str" else ""), last


def functions(maker: Maker, agent: Agent, bound: Value, resources: Value) -> None:
    """The grants of the role of a function that an agent calls as its tool."""
    named = {value.text for value in bound.walk() if value.kind == "str"}
    for name, resource in resources.entries.items():
        sort, properties = text(resource, "Type"), resource.get("Properties")
        if sort not in _FUNCTIONS or properties is None or not (
                _refers(named, name) or _is_called({each.rsplit(":", 1)[-1] for each in named}, text(properties, "FunctionName"))):
            continue
        role = properties.get("Role")
        if role is not None:
            before = len(maker.reading.facts)
            of(maker, agent, role, resources)
            for fact in maker.reading.facts[before:]:
                if isinstance(fact, Grant):
                    fact.server, fact.at["tool"] = name, bound
        elif sort == "AWS::Serverless::Function":
            _role(maker, agent, bound, properties, name)


def _refers(texts: set[str], name: str) -> bool:
    return any(each == name or each.startswith(f"{name}.") or f"${{{name}" in each for each in texts)


def _statements(maker: Maker, agent: Agent, bound: Value, document: Value | None, tool: str = "") -> None:
    from overgrant.dialect.grammar.oauth import broad

    for statement in several(document, "Statement")[:_MOST]:
        if text(statement, "Effect") != "Allow" or statement.get("Condition") is not None:
            continue
        wide = any(resource.text == "*" for resource in several(statement, "Resource"))
        for action in _actions(statement):
            if not wide and action.text != "*":
                continue
            found = broad(action.text, provider="aws")
            if action.text in ("*", "*:*") or found is not None and found.write:
                gives = "administers the account" if action.text in ("*", "*:*") else found.gives if found is not None else ""
                _grant(maker, agent, bound, action, action.text, gives, everything=action.text in ("*", "*:*"), tool=tool)


def _actions(statement: Value) -> Iterator[Value]:
    yield from (action for action in several(statement, "Action")[:_MOST] if action.kind == "str")


def _grant(maker: Maker, agent: Agent, bound: Value, at: Value, said: str, gives: str, *, everything: bool, tool: str = "") -> None:
    grant = maker.make(Grant, at, agent, capability="infra.mutate", tool="cloud role", text=said, decision="allow",
               breadth="all" if everything else "family", reach=gives, server=tool)
    grant.at["tool"] = bound
