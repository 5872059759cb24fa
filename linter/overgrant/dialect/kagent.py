"""kagent: agents as Kubernetes resources, with the roles that the same file binds to their service accounts."""

from __future__ import annotations

from overgrant.dialect.facts import Maker
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Agent, Containment, Delegation, Grant, Instruction, Server
from overgrant.scope import tool_glob
from overgrant.value import Document, Value

_WRITES = ("*", "create", "update", "patch", "delete", "deletecollection", "escalate", "bind", "impersonate")


def read(document: Document, context: Context) -> Reading:
    """The agents, tool servers and roles of all documents of a file."""
    maker = Maker(context)
    resources = [each for each in (document.root, *document.more) if each is not None and each.kind == "map"]
    for resource in resources:
        kind, spec = _text(resource, "kind"), resource.get("spec")
        if spec is None or "kagent.dev" not in _text(resource, "apiVersion"):
            continue
        if kind in ("Agent", "SandboxAgent"):
            _agent(maker, resource, spec, resources)
        elif kind in ("RemoteMCPServer", "ToolServer"):
            url = spec.get("url") or spec.get("config", "streamableHttp", "url") or spec.get("config", "sse", "url")
            if url is not None:
                maker.make(Server, resource, None, name=_text(resource, "metadata", "name"), url=url)
    return maker.reading


def _text(value: Value, *route: str | int) -> str:
    found = value.get(*route)
    return found.text if found is not None else ""


def _agent(maker: Maker, resource: Value, spec: Value, resources: list[Value]) -> None:
    agent = maker.make(Agent, resource, None, type="framework", name=_text(resource, "metadata", "name"), attended=None)
    agent.purpose = _text(spec, "description")
    body = spec.get("declarative") or spec.get("byo") or spec
    message = body.get("systemMessage")
    if message is not None and message.kind == "str":
        maker.make(Instruction, message, agent, text=message.text)
    tools = body.get("tools")
    for tool in tools.items if tools is not None else ():
        _tool(maker, agent, tool)
    account = body.get("deployment", "serviceAccountName")
    if account is not None:
        _bound(maker, agent, account.text, resources)
    context = body.get("deployment", "securityContext", "privileged")
    if context is not None and context.data is True:
        maker.make(Containment, context, agent, type="container", enabled=True, escape=True)


def _tool(maker: Maker, agent: Agent, tool: Value) -> None:
    other = tool.get("agent", "name")
    if other is not None:
        maker.make(Delegation, other, agent, to=other, way="call")
    server = _text(tool, "mcpServer", "name")
    names = tool.get("mcpServer", "toolNames")
    asked = tool.get("mcpServer", "requireApproval")
    gated = {each.text for each in asked.items} if asked is not None else set()
    for name in names.items if names is not None else ():
        maker.make(Grant, name, agent, text=name.text, tool=name.text, server=server, scope=tool_glob(name.text),
                   decision="ask" if name.text in gated else "allow")


def _bound(maker: Maker, agent: Agent, account: str, resources: list[Value]) -> None:
    """Roles that a binding of this file gives the agent's service account."""
    for binding in resources:
        if _text(binding, "kind") not in ("ClusterRoleBinding", "RoleBinding"):
            continue
        subjects = binding.get("subjects")
        if subjects is None or not any(_text(each, "kind") == "ServiceAccount" and _text(each, "name") == account
                                       for each in subjects.items):
            continue
        role = _text(binding, "roleRef", "name")
        at = binding.get("roleRef", "name")
        if role in ("cluster-admin", "admin", "edit") and at is not None:
            whole = role == "cluster-admin" and _text(binding, "kind") == "ClusterRoleBinding"
            _grant(maker, agent, at, role, "administers the cluster" if whole else "changes everything in the namespace", whole=whole)
        for each in resources:
            if _text(each, "kind") == _text(binding, "roleRef", "kind") and _text(each, "metadata", "name") == role:
                _rules(maker, agent, each)


def _rules(maker: Maker, agent: Agent, role: Value) -> None:
    rules = role.get("rules")
    for rule in rules.items if rules is not None else ():
        verbs, resources = rule.get("verbs"), rule.get("resources")
        if verbs is None or resources is None:
            continue
        verb = next((each for each in verbs.items if each.text in _WRITES), None)
        named = {each.text for each in resources.items}
        if verb is None and "*" not in named and "secrets" not in named:
            continue
        if verb is not None and "*" in named:
            _grant(maker, agent, verb, f"{verb.text} *", "changes every resource", whole=verb.text == "*")
        elif named & {"secrets", "*"}:
            _grant(maker, agent, resources, "secrets", "reads the secrets that the role covers", whole=False)


def _grant(maker: Maker, agent: Agent, at: Value, text: str, gives: str, *, whole: bool) -> None:
    maker.make(Grant, at, agent, capability="infra.mutate", tool="cluster role", text=text, decision="allow",
               breadth="all" if whole else "family", reach=gives)
