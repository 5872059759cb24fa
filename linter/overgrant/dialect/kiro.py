"""Agents of Amazon Q Developer and Kiro: limits of a tool that a whole approval of it overrides.

An entry in `allowedTools` approves the tool without any bound, so what `toolsSettings` allows for it
says nothing any more; only what it denies still counts (aws/amazon-q-developer-cli docs/agent-format.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from overgrant.dialect.grammar import whole
from overgrant.dialect.walk import Context, Reading, Walker
from overgrant.model import Agent, Control, Grant
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.value import Document

_MOST = 200


def read(document: Document, context: Context) -> Reading:
    """The facts of an agent file, JSON or Markdown with frontmatter."""
    if document.root is None:
        return Reading()
    walker = Walker(context)
    reading = walker.read(document.root, "kiro-agent", document.body)
    approved = _approved(document.root, context.product)
    settings = document.root.get("toolsSettings")
    if settings is not None and settings.kind == "map":
        for name, entry in settings.entries.items():
            tool = whole.canonical(context.product, name)
            if tool in approved and entry.kind == "map":
                _overridden(tool, approved[tool], entry, reading)
    return reading


def _approved(root: Value, product: str) -> dict[str, str]:
    """Tools that are approved as a whole: canonical name → the entry that does it."""
    listed = root.get("allowedTools")
    found: dict[str, str] = {}
    for item in (listed.items[:_MOST] if listed is not None and listed.kind == "list" else ()):
        if item.kind == "str" and item.text not in ("*", "@builtin"):
            found.update((name, item.text) for name in whole.matching(product, item.text))
    return found


def _overridden(tool: str, by: str, entry: Value, reading: Reading) -> None:
    agent = next((fact for fact in reading.facts if isinstance(fact, Agent)), None)
    for key, item in entry.entries.items():
        # kiro.dev/docs/cli/chat/subagents: what is not among `availableAgents` cannot be started, asked for or not
        if key.lower().startswith(("denied", "blocked", "available")) or item.data is False or item.key_span is None:
            continue
        # what the setting allows is no grant of its own: the whole tool is approved already
        for fact in reading.facts:
            if isinstance(fact, Grant) and fact.value is not None and fact.value.parent is item:
                fact.state, fact.why = "shadowed", f"`{by}` in `allowedTools` approves the whole tool"
        reading.facts = [fact for fact in reading.facts if fact.value is not item or not isinstance(fact, Grant)]
        control = Control(item)
        control.what, control.text, control.state = "limit", key, "ignored"
        control.why = f"`{by}` in `allowedTools` approves every use of `{tool}`"
        control.place_at = item.key_span
        if agent is not None:
            control.root, control.tier, control.format, control.owner = agent.root, agent.tier, agent.format, agent
        control.order = len(reading.facts)
        control.where = f"toolsSettings.{entry.key}.{key}"
        reading.facts.append(control)
