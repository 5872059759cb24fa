"""Power: which manifest belongs to which code: a server's script, an agent's description, a tool's approval.

A finding in code shows the manifest that gives the code to an agent, and the other way round.
"""

from __future__ import annotations

from posixpath import dirname, join, normpath

from overgrant.model import Agent, Fact, Grant, Server, Tool, World
from overgrant.power.servers import words_of

_FOLDERS = ("--directory", "--project", "--cwd", "-C")
_MODULES = ("-m", "--module")


def derive(world: World) -> None:
    """Link servers to the modules that they start, tools to their approvals, and agents to their descriptions."""
    code: dict[str, list[Agent]] = {}
    for agent in world.agents:
        if agent.path.endswith((".py", ".ipynb")):
            code.setdefault(agent.path, []).append(agent)
    if not code:
        return
    tools: dict[str, list[Tool]] = {}
    for fact in world.of("tool"):
        if isinstance(fact, Tool) and fact.path in code:
            tools.setdefault(fact.path, []).append(fact)
    for server in world.of("server"):
        if isinstance(server, Server) and server.value is not None and server.path not in code:
            path = _started(server, code)
            if path:
                _server(server, code[path], tools.get(path, []), world)
    _described(world, code)


def _started(server: Server, code: dict[str, list[Agent]]) -> str:
    """The module of the tree that a server's command starts."""
    if server.starts in code:
        return server.starts
    words = [word.text for word in words_of(server)]
    base = server.root.path if server.root.path != "." else ""
    folder = base
    for before, word in zip(["", *words], words):
        if before in _FOLDERS and not word.startswith("/"):
            folder = join(base, word)
    bases = dict.fromkeys((folder, base, join(base, "src"), dirname(server.path)))
    for before, word in zip(["", *words], words):
        if before in _MODULES:
            stem = word.replace(".", "/")
            names = [f"{stem}.py", f"{stem}/__main__.py", f"{stem}/server.py", f"{stem}/__init__.py"]
        else:
            name = _script(word)
            names = [name] if name else []
        for each in names:
            for start in bases:
                path = normpath(join(start, each))
                if path in code:
                    return path
    return ""


def _script(word: str) -> str:
    """The path in `server.py`, `server.py:mcp`, `${workspaceFolder}/server.py`."""
    if word.startswith("$") and "}/" in word:
        word = word.partition("}/")[2]
    path = word.partition(".py:")[0] + ".py" if ".py:" in word else word
    return path.removeprefix("./") if path.endswith(".py") and not path.startswith(("/", "~", "-")) else ""


def _server(server: Server, agents: list[Agent], tools: list[Tool], world: World) -> None:
    assert server.value is not None
    for agent in agents:
        agent.links.append((server.value, "started here"))
    for grant in world.of("grant"):
        if not isinstance(grant, Grant) or grant.value is None or grant.server != server.name or grant.decision != "allow":
            continue
        name = grant.tool.rsplit("__", 1)[-1]
        mine = [tool for tool in tools if tool.name == name and grant.breadth in ("exact", "prefix")]
        for tool in mine:
            tool.links.insert(0, (grant.value, "approved here without a question"))
        # the line that has the power says more than the definition
        for tool in sorted(mine, key=lambda each: not each.capability)[:1]:
            if tool.value is not None:
                grant.links.append((tool.value, "what the tool does"))


def _described(world: World, code: dict[str, list[Agent]]) -> None:
    """An agent of a module whose name a manifest at or below the module's folder describes."""
    manifests: dict[str, list[Agent]] = {}
    for agent in world.agents:
        if agent.type == "framework" and agent.value is not None and agent.path not in code and agent.path:
            manifests.setdefault(agent.name, []).append(agent)
    for path, agents in code.items():
        folder = dirname(path)
        for agent in agents:
            for other in manifests.get(agent.name, ()):
                if other.product == agent.product and (not folder or other.path.startswith(folder + "/")):
                    _joined(agent, other)
                    break


def _joined(agent: Agent, other: Agent) -> None:
    assert other.value is not None
    spot = other.value
    agent.links.append((spot, "the agent is described here"))
    mine: Fact = agent
    if mine.value is not None:
        other.links.append((mine.value, "the agent is made here"))
