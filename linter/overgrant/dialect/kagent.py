"""kagent: agents and tool servers as Kubernetes resources, with what their pods and service accounts may do."""

from __future__ import annotations

from overgrant.dialect import rbac
from overgrant.dialect.facts import Maker
from overgrant.dialect.rbac import text
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Agent, Delegation, Grant, Instruction, Secret, Server, Setting
from overgrant.scope import tool_glob
from overgrant.value import Document, Value

_TIMED = ("CronAgent",)  # its template is an agent that a schedule starts
_AGENTS = ("Agent", "SandboxAgent", "AgentTemplate", *_TIMED)


def read(document: Document, context: Context) -> Reading:
    """The agents, tool servers and models of all documents of a file."""
    maker = Maker(context)
    resources = [each for each in (document.root, *document.more) if each is not None and each.kind == "map"]
    for resource in resources:
        kind, spec = text(resource, "kind"), resource.get("spec")
        if spec is None or spec.kind != "map" or "kagent.dev" not in text(resource, "apiVersion"):
            continue
        if kind in _AGENTS:
            _agent(maker, resource, spec, resources)
        elif kind in ("RemoteMCPServer", "ToolServer"):
            _remote(maker, resource, spec)
        elif kind == "MCPServer":
            _started(maker, resource, spec)
        elif kind in ("ModelConfig", "ModelProviderConfig"):
            _headers(maker, spec.get("defaultHeaders"))
        _unverified(maker, spec.get("tls", "disableVerify"))
    return maker.reading


def _agent(maker: Maker, resource: Value, spec: Value, resources: list[Value]) -> None:
    agent = maker.make(Agent, resource, None, type="framework", name=text(resource, "metadata", "name"), attended=None)
    if text(resource, "kind") in _TIMED:
        agent.attended = False
        spec = spec.get("agentTemplate") or spec
    agent.purpose = text(spec, "description")
    body = spec.get("declarative") or spec.get("byo") or spec
    message = body.get("systemMessage")
    if message is not None and message.kind == "str":
        maker.make(Instruction, message, agent, text=message.text)
    tools = body.get("tools")
    for tool in tools.items if tools is not None else ():
        _tool(maker, agent, tool)
    _unverified(maker, spec.get("skills", "insecureSkipVerify"))
    _skills(maker, agent, spec.get("skills"))
    pod = body.get("deployment")
    if pod is not None:
        _pod(maker, agent, pod)
    for account in list(rbac.accounts(pod)) or [each for each in (resource.get("metadata", "name"),) if each is not None]:
        near = rbac.near(maker, resource.source.path, resources)
        rbac.bound(maker, agent, account, text(resource, "metadata", "namespace"), near)


def _tool(maker: Maker, agent: Agent, tool: Value) -> None:
    other = tool.get("agent", "name")
    if other is not None:
        maker.make(Delegation, other, agent, to=other, way="call")
    server = text(tool, "mcpServer", "name")
    names = tool.get("mcpServer", "toolNames")
    asked = tool.get("mcpServer", "requireApproval")
    gated = {each.text for each in asked.items} if asked is not None else set()
    for name in names.items if names is not None else ():
        maker.make(Grant, name, agent, text=name.text, tool=name.text, server=server, scope=tool_glob(name.text),
                   decision="ask" if name.text in gated else "allow")
    given = {name.text for name in names.items} if names is not None else gated
    for name in asked.items if asked is not None else ():
        if name.text not in given:
            maker.make(Grant, name, agent, text=name.text, tool=name.text, server=server, scope=tool_glob(name.text), decision="ask",
                       state="malformed", why="`toolNames` has no tool of this name")


def _skills(maker: Maker, agent: Agent, skills: Value | None) -> None:
    """Skills are code that the agent's pod fetches when it starts: by a branch, a tag, a commit or a digest."""
    from overgrant.dialect.grammar.pin import oci

    listed = skills.get("gitRefs") if skills is not None else None
    for each in listed.items if listed is not None else ():
        url, ref = each.get("url"), each.get("ref")
        if url is not None and url.kind == "str":
            server = maker.make(Server, each, agent, name=text(each, "name") or url.text, type="plugin", source_kind="git", package=url)
            server.version = ref.text if ref is not None else ""
            server.at["package"] = ref or url
            server.suggestion = "Name the commit that you have reviewed: `ref: <sha>`."
    images = skills.get("refs") if skills is not None else None
    for each in images.items if images is not None else ():
        if each.kind == "str" and (found := oci(each.text)).pin in ("latest", "none"):
            server = maker.make(Server, each, agent, name=found.name, type="plugin", source_kind="image", package=each, version=found.version)
            server.suggestion = "Name the digest of the image that you have reviewed: `@sha256:…`."


def _pod(maker: Maker, agent: Agent, pod: Value) -> None:
    """What an agent's pod has of the node that it runs on, and what is written out in its environment."""
    from overgrant.dialect.grammar import common, mount
    from overgrant.dialect.grammar.container import Mount

    for context in ("securityContext", "podSecurityContext"):
        privileged = pod.get(context, "privileged")
        if privileged is not None and privileged.data is True:
            maker.grammar([mount.setting("privileged", "sandbox-off", mount.PRIVILEGED)], "setting", privileged, agent)
    volumes = pod.get("volumes")
    for volume in volumes.items if volumes is not None else ():
        path = volume.get("hostPath", "path")
        if path is not None and path.kind == "str" and not path.text.rstrip("/"):
            maker.grammar([mount.setting("hostPath", "sandbox-off", "every file of the node can be read and changed")], "setting", path, agent)
        elif path is not None and path.kind == "str":
            maker.grammar(mount.stated(Mount(path.text, "", False, 0)), "grant", path, agent)
    variables = pod.get("env")
    for variable in variables.items if variables is not None else ():
        value = variable.get("value")
        if value is not None and value.kind == "str":
            maker.grammar(common.variable(value, maker.context), "setting", value, agent)


def _remote(maker: Maker, resource: Value, spec: Value) -> None:
    url = spec.get("url") or spec.get("config", "streamableHttp", "url") or spec.get("config", "sse", "url")
    if url is not None:
        maker.make(Server, resource, None, name=text(resource, "metadata", "name"), url=url)
    headers = spec.get("headersFrom")
    for header in headers.items if headers is not None else ():
        _secret(maker, header.get("value"), text(header, "name"))


def _started(maker: Maker, resource: Value, spec: Value) -> None:
    """A server that is started in a pod of its own."""
    command = spec.get("deployment", "cmd")
    if command is None or command.kind != "str":
        return
    server = maker.make(Server, resource, None, name=text(resource, "metadata", "name"), command=command)
    args = spec.get("deployment", "args")
    server.args = list(args.items) if args is not None else []


def _unverified(maker: Maker, switch: Value | None) -> None:
    if switch is not None and switch.data is True:
        maker.make(Setting, switch, None, name=str(switch.key), text="true", meaning="tls-off")


def _headers(maker: Maker, headers: Value | None) -> None:
    for name, value in headers.entries.items() if headers is not None and headers.kind == "map" else ():
        _secret(maker, value, name)


def _secret(maker: Maker, value: Value | None, name: str) -> None:
    from overgrant.dialect.grammar.common import secret

    if value is not None and value.kind == "str":
        for fields in secret(value, None, name):
            maker.make(Secret, fields.pop("@value", value), None, source="header", **fields)
