"""Dialects: who can start a workflow's job: events, their activity types, and the conditions before it.

Which events strangers can raise is data (`knowledge/actions.yaml`). A condition counts as a gate when it is
certainly false for somebody without any right in the repository.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from overgrant.dialect.grammar.expression import Node, Stranger, may_hold
from overgrant.read.knowledge import load
from overgrant.value import Value

_CALLERS = ("issues", "issue_comment", "pull_request_target", "workflow_run")
TRIAGE = "only people with triage rights"
MAX_TEXTS = 20  # places of one text
ORDER = ("", "owner", "collaborators", "anyone")


class Start(NamedTuple):
    """Who can start something.

    who      anyone, collaborators, owner, or an empty string where only a caller knows
    event    the event that lets the most people in
    value    where it is named
    gate     what keeps strangers out, in words; empty where nobody is kept out
    """

    who: str
    event: str = ""
    value: Value | None = None
    gate: str = ""


def events(on: Value | None) -> dict[str, Value]:
    """The events of an `on:`, each with the value that names it."""
    if on is None:
        return {}
    if on.kind == "map":
        return dict(on.entries)
    return {item.text: item for item in (on.items if on.kind == "list" else [on]) if item.kind == "str"}


def start(on: Value | None, conditions: Iterable[str], *, checked: bool = False, environment: str = "",
          speaks: str = "") -> Start:
    """Who can start a job (or step) that runs on these events under these conditions.

    checked      an earlier step looks up the rights of whoever started the run
    environment  the protected environment that the job waits for
    speaks       a text of strangers: only events that bring it count
    """
    gates = list(conditions)
    best = Start("")
    brings = load("actions")["speaks"] if speaks.lower().startswith("github.") else {}
    for name, value in events(on).items():
        if brings and not any(speaks.lower().startswith(each) for each in brings.get(name, ())):
            continue
        found = _event(name, value, gates)
        if found.who == "anyone" and (checked or environment):
            gate = f"environment `{environment}`" if environment else "a step looks up the rights of the actor"
            found = Start("collaborators", name, value, gate)
        if ORDER.index(found.who) > ORDER.index(best.who) or found.gate and not best.gate and found.who == best.who:
            best = found
    return best


def _event(name: str, value: Value, gates: list[str]) -> Start:
    row: dict[str, Any] = load("actions")["events"].get(name, {"who": "collaborators"})
    who = row["who"]
    if who == "caller":
        open_to = any(all(may_hold(gate, Stranger(each)) for gate in gates) for each in _CALLERS)
        return Start("", name, value) if open_to else Start("collaborators", name, value, "its condition keeps others out")
    if who != "anyone":
        return Start("collaborators" if who == "powerless" else who, name, value)
    declared = value.get("types")
    types = [declared.text] if declared is not None and declared.kind == "str" else (
        [item.text for item in declared.items] if declared is not None else row.get("types", [""]))
    free = [each for each in types if each not in row.get("trusted", ())]
    if not free:
        return Start("collaborators", name, value, f"{TRIAGE} raise `{name}` with these types")
    if any(all(may_hold(gate, Stranger(name, each)) for gate in gates) for each in free):
        return Start("anyone", name, value)
    return Start("collaborators", name, value, "its condition keeps others out")


def members_only(event: str) -> str:
    """The condition that lets only members of the repository raise an event; empty where the event does not say who its author is."""
    author = load("actions")["events"].get(event, {}).get("author", "")
    return f"""if: contains(fromJSON('["OWNER", "MEMBER", "COLLABORATOR"]'), {author})""" if author else ""


def reaches(began: Start) -> bool:
    """Whether strangers write the texts of the event: nobody is kept out, or only from choosing the moment."""
    event = load("actions")["events"].get(began.event, {})
    return event.get("who") == "anyone" and (not began.gate or began.gate.startswith(TRIAGE))


def checks(texts: Iterable[str]) -> bool:
    """Some step looks up the rights of whoever started the run."""
    signs = load("actions")["checks"]
    return any(sign in text for text in texts for sign in signs)


def stranger_texts(text: str, also: Mapping[str, str] | None = None) -> list[tuple[int, int, str]]:
    """The expressions in a text that a stranger's words replace: start, end and the name.

    also  further names that hold a stranger's words, each with the name they came from
    """
    from overgrant.dialect.grammar.expression import parse, spans

    found: list[tuple[int, int, str]] = []
    for start_at, end, inside in spans(text):
        node = parse(inside)
        name = _strange(node, also or {}, whole=False) if node is not None else ""
        if len(found) >= MAX_TEXTS:
            break
        if name:
            found.append((start_at, end, name))
    return found


def input_texts(text: str) -> list[tuple[int, int, str]]:
    """The expressions in a text that an input of the workflow or action replaces: start, end and its name."""
    from overgrant.dialect.grammar.expression import names, parse, spans

    found: list[tuple[int, int, str]] = []
    for start_at, end, inside in spans(text) if "inputs." in text else ():
        node = parse(inside)
        name = next((each for each in names(node) if each.startswith("inputs.")), "") if node is not None else ""
        if name and len(found) < MAX_TEXTS:
            found.append((start_at, end, name))
    return found


def _strange(node: Node, also: Mapping[str, str], *, whole: bool) -> str:
    """The name of a stranger's text in what an expression becomes; `whole` objects are written out."""
    if node.kind == "name":
        plain = ".".join("*" if part.isdigit() else part for part in node.text.lower().split("."))
        if plain in also:
            return also[plain]
        known: list[str] = load("actions")["texts"]
        held = plain in known or whole and any(each.startswith(f"{plain}.") for each in known)
        return node.text if held else ""
    if node.kind in ("compare", "not") or node.kind == "call" and node.text in ("contains", "startswith", "endswith", "hashfiles"):
        return ""
    inner = node.inner[-1:] if node.kind == "and" else node.inner
    whole = whole or node.kind == "call" and node.text == "tojson"
    return next((name for each in inner if (name := _strange(each, also, whole=whole))), "")
