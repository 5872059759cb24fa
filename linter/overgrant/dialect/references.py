"""Code that manifests name: `ops.tools.run`, `./src/graph.py:graph`. It is read although nothing in it names a framework.

Runs after all files: what a manifest names is a tool of the manifest's agent, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overgrant.dialect.walk import Context
from overgrant.model import Agent, Delegation, Fact, Tool

MOST = 200  # references of one run that are followed


def follow(facts: list[Fact], files: Mapping[str, bytes | None], memo: dict[str, object], context: Context) -> list[Fact]:
    """The tools that manifests name and no module registers; facts that are there already are linked to the manifest.

    context  of the first manifest; product, root and tier are taken from each reference itself
    """
    named = [fact for fact in facts if isinstance(fact, Delegation) and fact.way == "code" and fact.value is not None][:MOST]
    if not named:
        return []
    from overgrant.dialect.code.package import package_of

    package = package_of(files, memo)
    made: list[Fact] = []
    for fact in named:
        made += _followed(fact, facts, package, context)
    return made


def _followed(named: Delegation, facts: list[Fact], package: Any, context: Context) -> list[Fact]:
    from overgrant.dialect.code.facts import Facts
    from overgrant.dialect.code.match import Matches
    from overgrant.dialect.code.names import FUNCTIONS
    from overgrant.dialect.code.tools import Defined
    from overgrant.dialect.facts import Maker

    assert named.value is not None
    found = package.referred(named.to, named.path)
    if found is None:
        return []
    path, name = found
    there = [fact for fact in facts if fact.path == path and isinstance(fact, (Agent, Tool)) and (
        fact.where.split(".")[0] == name or fact.name == name)]
    for fact in there:
        fact.links.append((named.value, "served from here" if isinstance(fact, Agent) else "given here"))
    if there or not isinstance(named.owner, Agent):
        return []
    definition = package.definition(f":{path}:{name}")
    if definition is None or not isinstance(definition[0].node, FUNCTIONS):
        return []
    file = definition[1].file
    maker = Maker(context)
    held = Facts(file, Matches(file), maker)
    held.tools.function(Defined(definition[0].node, definition[1], None, name, named.owner), False)
    held.tools.emit()
    for each in maker.reading.facts:
        each.tier, each.links = named.tier, [(named.value, "given here")]
    return maker.reading.facts
