"""Power: settings with a meaning: modes, switches, and what newer versions of a product ignore."""

from __future__ import annotations

from typing import Any

from overgrant.dialect.catalogue import policy
from overgrant.model import Agent, Fact, Setting, World


def derive(world: World) -> None:
    """Give each agent its mode and each setting its meaning and state."""
    for agent in world.agents:
        decide = policy(agent.product).get("decide", {})
        for fact in agent.facts:
            if isinstance(fact, Setting) and fact.meaning == "mode":
                _mode(agent, fact, decide, world)
            elif isinstance(fact, Setting):
                _elsewhere(fact, decide, world)
        if "mode-of" in decide:
            _combined(agent, decide, world)
    for fact in world.of("setting"):
        if isinstance(fact, Setting):
            _describe(fact)


def _mode(agent: Agent, fact: Setting, decide: dict[str, Any], world: World) -> None:
    mode = decide.get("modes", {}).get(fact.text, {})
    if fact.state != "effective":
        fact.meaning, fact.gives = "mode", ""
        return
    fact.meaning = mode.get("meaning", "mode")
    fact.gives = mode.get("gives", "")
    ignored = mode.get("ignored")
    if ignored and fact.tier in (*ignored["tiers"], "example") and fact.name in ignored.get("names", (fact.name,)):
        if not older(world.assumed.version(agent.product), ignored["since"]):
            fact.state, fact.why, fact.before = "ignored", f"{ignored['why']} since {ignored['since']}", ignored["since"]
        else:
            fact.before = ""
    lock = decide.get("mode-lock", {}).get(fact.text)
    if lock and any(each.kind == "control" and each.where == lock and each.tier in ("managed", "user") for each in agent.facts):
        fact.state, fact.why = "ignored", f"`{lock}` switches the mode off"
    if fact.state == "effective":
        agent.mode = fact.text
        agent.bypasses = mode.get("meaning") == "approvals-off"


def _elsewhere(fact: Setting, decide: dict[str, Any], world: World) -> None:
    """The product ignores the setting in a file of this tier, since a version."""
    for entry in decide.get("ignored-settings", ()):
        if fact.name in entry["names"] and fact.tier in (*entry["tiers"], "example") and not older(
                world.assumed.version(fact.root.product), entry["since"]):
            fact.state, fact.why, fact.before = "ignored", f"{entry['why']} since {entry['since']}", entry["since"]


def _combined(agent: Agent, decide: dict[str, Any], world: World) -> None:
    """A mode that several settings make together; what an agent does not say is as its host says it, or the default."""
    hosts = [each for each in world.agents if each.root == agent.root and each.type == "host" and each is not agent]
    facts = [fact for each in (*hosts, agent) for fact in each.facts]
    stated = {fact.name: fact for fact in facts if isinstance(fact, Setting) and fact.state == "effective"
              and fact.name in decide["mode-of"]}
    words = {name: stated[name].text if name in stated else default for name, default in decide["mode-of"].items()}
    agent.mode = " ".join(words.values())
    mode = decide.get("modes", {}).get(agent.mode, {})
    agent.bypasses = mode.get("meaning") == "approvals-off"
    said = stated.get(mode.get("states", ""))
    if said is not None and said.agent is agent:
        said.meaning, said.gives, said.instead = mode["meaning"], mode.get("gives", ""), mode.get("instead", "")


def _describe(fact: Setting) -> None:
    """The power and the remedy of a meaning, where the file's own words do not say it."""
    from overgrant.read.knowledge import load

    entry = load("settings").get(fact.meaning, {})
    entry = {**entry, **entry.get("products", {}).get(fact.root.product, {})}
    fact.gives = fact.gives or entry.get("gives", "")
    if fact.meaning == "trust-off" and fact.state == "ignored" and fact.value is not None:
        fact.text = fact.value.text  # which folder it would trust is nothing that the setting says
    fact.instead = fact.instead or entry.get("instead", "")


def older(version: str, than: str) -> bool:
    """`version` comes before `than`; false when either cannot be read."""
    return bool(version) and _numbers(version) < _numbers(than)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def ignored_here(fact: Fact) -> bool:
    """The statement has no effect where it stands."""
    return getattr(fact, "state", "effective") in ("ignored", "malformed", "misspelt")
