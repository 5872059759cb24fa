"""Letta: agent files. A tool carries its source, which the server runs: Python in a text of JSON, read as a notebook's cells are."""

from __future__ import annotations

from overgrant.dialect.facts import Maker, embedded
from overgrant.dialect.walk import Context, Reading, Walker
from overgrant.model import Agent, Unread
from overgrant.value import Document, Value

_MOST = 500
_PYTHON = ("", "python")


def read(document: Document, context: Context) -> Reading:
    """The facts of an agent file, and what the source of its tools does."""
    maker = Maker(context)
    # some exports hold the whole file once more as a text
    root = embedded(document.root, "json") if document.root is not None and document.root.kind == "str" else document.root
    if root is None:
        return maker.reading
    maker.reading = Walker(context).read(root, "letta-agent-file")
    agents = [fact for fact in maker.reading.facts if isinstance(fact, Agent) and fact.value is not None]
    tools = root.get("tools")
    for tool in (tools.items[:_MOST] if tools is not None and tools.kind == "list" and agents else ()):
        source = tool.get("source_code")
        if source is None or source.kind != "str" or not source.text.strip():
            continue
        if _text(tool, "source_type") in _PYTHON:
            _tool(maker, agents, tool, source)
        else:
            maker.make(Unread, source, what=f"the source of the tool `{_text(tool, 'name')}`", why="it is no Python",
                       type="unknown", power=False)
    return maker.reading


def _tool(maker: Maker, agents: list[Agent], tool: Value, source: Value) -> None:
    from overgrant.dialect.code.credentials import credentials
    from overgrant.dialect.code.facts import Facts
    from overgrant.dialect.code.match import Matches
    from overgrant.dialect.code.names import FUNCTIONS, File
    from overgrant.dialect.code.package import Package
    from overgrant.dialect.code.tools import Defined
    from overgrant.read.python import embedded as code_in

    code, name = code_in(source), _text(tool, "name")
    package = maker.context.memo.setdefault("python", Package(maker.context.files))
    assert isinstance(package, Package)
    file = File(code, package)
    functions = [node for node in file.scope.body if isinstance(node, FUNCTIONS)]
    for problem in code.problems:
        fact = maker.make(Unread, source, what=f"the source of the tool `{name}`", why=problem.what, type="unknown", power=False)
        fact.place_at = problem.span
    if not functions:
        return
    having = [agent for agent in agents if _has(agent, _text(tool, "id"))]
    owner = (having or agents)[0]
    held = Facts(file, Matches(file), maker)
    held.owner_of_all(owner)
    function = next((node for node in functions if node.name == name), functions[-1])
    held.tools.function(Defined(function, file.scope, None, name or function.name, owner, asked=_asked(tool, name, having or agents)), False)
    held.tools.emit()
    credentials(held)
    held.close()


def _has(agent: Agent, tool: str) -> bool:
    named = agent.value.get("tool_ids") if agent.value is not None else None
    return named is not None and tool in {each.text for each in named.items}


def _asked(tool: Value, name: str, agents: list[Agent]) -> bool:
    """The tool asks by default, or a rule of each agent that has it says so."""
    default = tool.get("default_requires_approval")
    return (default is not None and default.data is True) or all(_rule(agent, name) for agent in agents)


def _rule(agent: Agent, name: str) -> bool:
    rules = agent.value.get("tool_rules") if agent.value is not None else None
    return any(_text(rule, "type") == "requires_approval" and _text(rule, "tool_name") == name
               for rule in (rules.items if rules is not None else ()))


def _text(value: Value, *route: str) -> str:
    found = value.get(*route)
    return found.text if found is not None and found.kind == "str" else ""
