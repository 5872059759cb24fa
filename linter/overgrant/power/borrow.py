"""Power: hooks of one product that another product runs as well, once a setting of its own says so.

Which product's, from which formats, and whether their matchers are heeded, is data of the product that runs them.
"""

from __future__ import annotations

from copy import copy
from posixpath import join, normpath
from typing import Any

from overgrant.dialect.catalogue import policy
from overgrant.model import Agent, Hook, Root, Setting, World

ON, OFF = "hooks-borrowed", "hooks-off"
Scripts = dict[tuple[Root, str], Hook]


def derive(world: World, scripts: Scripts) -> None:
    """Give every agent whose settings say so the hooks of the other product in its root.

    scripts  what the scripts of hooks do, by root and path; those of the borrowed hooks are added
    """
    for agent in list(world.agents):
        said = policy(agent.product).get("hooks", {}).get("borrows")
        settings = [fact for fact in agent.facts if isinstance(fact, Setting) and fact.state == "effective"] if said else []
        switch = next((fact for fact in settings if fact.meaning == ON), None)
        if switch is not None:
            off = {fact.name for fact in settings if fact.meaning == OFF}
            if said["unless"] not in off:
                _lend(agent, switch, said, {normpath(join(agent.root.path, name)) for name in off}, world, scripts)


def _lend(agent: Agent, switch: Setting, said: dict[str, Any], off: set[str], world: World, scripts: Scripts) -> None:
    lender = agent.root._replace(product=said["from"])
    events = policy(agent.product)["hooks"]["events"]
    for hook in list(world.of("hook")):
        if (isinstance(hook, Hook) and hook.root == lender and hook.format in said["formats"] and hook.type == "command"
                and hook.event in events and hook.path not in off):
            lent = copy(hook)
            lent.root, lent.agent, lent.owner = agent.root, agent, None
            lent.at, lent.args = dict(hook.at), list(hook.args)
            lent.links = [*hook.links, (switch.value, said["says"])] if switch.value is not None else list(hook.links)
            if not said["matchers"]:
                lent.matcher = ""
                lent.at.pop("matcher", None)
            agent.facts.append(lent)
            world.facts.append(lent)
    scripts.update({(agent.root, path): script for (root, path), script in list(scripts.items()) if root == lender})
