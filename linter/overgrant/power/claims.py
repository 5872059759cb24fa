"""Power: what an agent's own text promises, to be held against what it is given."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from overgrant.dialect.catalogue import policy
from overgrant.model import Agent, Instruction, World
from overgrant.value import Value

_START = 6  # words of a purpose that count as its beginning


def derive(world: World) -> None:
    """Fill `claims` of every agent; an agent from which the powerful tools are taken away inherits no longer all."""
    for agent in world.agents:
        if agent.purpose or agent.type == "subagent":
            _claim(agent)
        if agent.tools_from == "inherited" and _taken(agent):
            agent.tools_from = "named"


def _claim(agent: Agent) -> None:
    found = list(agent.claims)
    texts = _texts(agent)
    for claim, places, pattern, unless in _patterns():
        if claim in found or claim in ("read-only", "no-write") and _held(agent):
            continue
        for place in places:
            value, text = texts.get(place, (None, ""))
            match = _said(pattern, text)
            if match is None or unless is not None and unless.search(agent.purpose.lower()):
                continue
            found.append(claim)
            if value is not None and "claims" not in agent.at:
                agent.at["claims"] = value.part(*match.span()) if len(value.text) >= match.end() else value
                # where a list of tools would stand: the text below may say it pages away from there
                above = agent.at.get("purpose") or agent.at.get("name") if place == "opening" else agent.at["claims"]
                if above is not None:
                    agent.at.setdefault("tools_from", above)
            break
    agent.claims = tuple(each for each in found if each != "narrow" or len(found) == 1)


def _texts(agent: Agent) -> dict[str, tuple[Value | None, str]]:
    data = _data()
    purpose = agent.purpose.partition("<example>")[0][:data["longest"]].lower()
    start = " ".join(purpose.split()[:_START])
    said = agent.at.get("purpose")
    texts: dict[str, tuple[Value | None, str]] = {
        "purpose": (said, purpose), "start": (said if purpose.startswith(start) else None, start),
        "name": (agent.at.get("name"), re.sub(r"[-_]", " ", agent.name.lower()))}
    body = next((fact for fact in agent.facts if isinstance(fact, Instruction)), None)
    if body is not None:
        texts["opening"] = (body.value, body.text[:data["opening"]].lower())
    return texts


def _said(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first place where the text says it and does not deny it."""
    denial = _denial()
    return next((match for match in pattern.finditer(text)
                 if denial.search(text[max(0, match.start() - 24):match.start()]) is None), None)


def _held(agent: Agent) -> bool:
    """The agent's mode changes nothing, whatever its tools are."""
    mode = policy(agent.product).get("decide", {}).get("modes", {}).get(agent.mode, {})
    return any(entry.get("capability") == "fs.write" and entry.get("decision") == "deny" for entry in mode.get("builtin", ()))


def _taken(agent: Agent) -> bool:
    """Editing and the shell are both refused as a whole."""
    refused = {grant.capability for grant in agent.grants if grant.decision == "deny" and grant.breadth == "all"}
    return {"fs.write", "exec.shell"} <= refused


def _data() -> dict[str, Any]:
    from overgrant.read.knowledge import load

    return dict(load("claims"))


@cache
def _patterns() -> list[tuple[str, tuple[str, ...], re.Pattern[str], re.Pattern[str] | None]]:
    return [(entry["claim"], tuple(entry["where"]), re.compile(entry["pattern"]),
             re.compile(entry["unless"]) if "unless" in entry else None) for entry in _data()["claims"]]


@cache
def _denial() -> re.Pattern[str]:
    return re.compile(_data()["denials"])
