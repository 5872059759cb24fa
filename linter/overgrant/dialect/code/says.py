"""Dialects: what single arguments of a call say: switches, powers, containment; data in `says:` of an entry."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from overgrant.dialect.code.arguments import Arguments
from overgrant.dialect.code.names import qualified
from overgrant.dialect.code.values import UNKNOWN, Item, answers, assigned, entries, fold
from overgrant.model import Agent, Containment, Grant, Setting, Tool

if TYPE_CHECKING:
    from overgrant.dialect.code.facts import Facts
    from overgrant.dialect.code.match import Made

_FACTS = {"tool": Tool, "setting": Setting, "containment": Containment, "grant": Grant}


def route_value(arguments: Arguments, route: str, at: int | None) -> Item | None:
    """The expression at `argument` or `argument.key.key`, through dictionaries; None where it is not given."""
    name, *steps = route.split(".")
    item = arguments.get(name, at)
    for step in steps:
        if item is None:
            return None
        found = None
        for key, value in entries(item.node, item.scope):
            if fold(key, item.scope) == step:
                found = value
        item = found
    return item


def given(arguments: Arguments, spec: Any) -> Item | None:
    """The argument that a specification names: `{argument: tools, at: 1}`; a dot goes into a dictionary."""
    if isinstance(spec, str):
        return route_value(arguments, spec, None)
    return route_value(arguments, spec["argument"], spec.get("at"))


def fits(arguments: Arguments, route: str, wanted: Any) -> Item | bool:
    """The argument that has one of the wanted values; True where `missing` is wanted and it is; else False.

    `given` is any value that is known to be there, `set` any but `None`; `contains X` an element of a list;
    `not X` an object that is not made by `X`.
    """
    words = wanted if isinstance(wanted, list) else [wanted]
    name, _, place = route.partition("@")
    item = route_value(arguments, name, int(place) if place else None)
    if item is None:
        return "missing" in words and not arguments.open
    value = fold(item.node, item.scope)
    if "given" in words or ("set" in words and value is not None):
        return item
    for word in words:
        if isinstance(word, str) and word.startswith("not ") and value is not None and made_by(item) != word[4:]:
            return item
    if value is UNKNOWN:
        return False
    for word in words:
        if isinstance(word, str) and word.startswith("contains "):
            if isinstance(value, list) and word[9:] in value:
                return item
        elif type(word) is type(value) and word == value:
            return item
    return False


def made_by(item: Item) -> str:
    """The last part of the name of what makes an object; empty where it is not known, or a class of the tree."""
    node, scope = item.node, item.scope
    if isinstance(node, (ast.Name, ast.Attribute)):
        held = [each for each in assigned(node, scope) if isinstance(each.node, ast.Call)]
        if len(held) != 1:
            return ""
        node, scope = held[0].node, held[0].scope
    names = qualified(node.func, scope) if isinstance(node, ast.Call) else []
    return names[0].rsplit(".", 1)[-1] if names and not names[0].startswith(":") else ""


def asking(item: Item, spec: dict[str, Any]) -> bool:
    """An argument asks a person: it is known when the code runs, or no word for no question.

    A function that never says so asks nobody. `off` are more words for no question, `on` the only ones that ask.
    """
    def asks(value: Any) -> bool:
        if "on" in spec:
            return value is UNKNOWN or value in spec["on"]
        return value is UNKNOWN or value not in (None, False, "never", "never_require", [], *spec.get("off", ()))

    value = fold(item.node, item.scope)
    said = answers(item) if value is UNKNOWN else []
    return any(asks(fold(each.node, each.scope)) for each in said) if said else asks(value)


def conditions(facts: Facts, made: Made, arguments: Arguments, owner: Agent | None) -> None:
    """State the facts whose conditions hold for a call."""
    for row in made.entry.get("says", ()):
        places: list[Item] = []
        for route, wanted in row.get("when", {}).items():
            found = fits(arguments, route, wanted)
            if found is False:
                break
            if isinstance(found, Item):
                places.append(found)
        else:
            if not any(fits(arguments, route, wanted) is not False for route, wanted in row.get("unless", {}).items()):
                at = next((each for each in places if each.scope.file is facts.file), None)
                _state(facts, row, at or Item(made.node, made.scope), owner or facts.fallback(), made)


def _state(facts: Facts, row: dict[str, Any], item: Item, owner: Agent, made: Made) -> None:
    if row.get("asked") is not False and facts.asked.get(id(made.node)):
        return
    for word, cls in _FACTS.items():
        if word in row:
            value = facts.place(item, _shown(item))
            fields = {key.replace("-", "_"): tuple(each) if isinstance(each, list) else each for key, each in row[word].items()}
            fact: Any = facts.maker.make(cls, value, owner, **fields)
            fact.where = f"{owner.where}.{row.get('name', '')}".strip(".")
            if word == "setting":
                fact.name = fact.name or str(row.get("name") or next(iter(row.get("when", {})), "")).split("@")[0].rsplit(".", 1)[-1]
                fact.text = fact.text or str(_shown(item))
                fact.state = "effective"
            elif word == "grant":
                fact.text = fact.text or fact.tool
                if path := row.get("path"):
                    from overgrant.scope import path_glob

                    fact.scope = path_glob(path, base=".", directory=True)
            elif word == "tool":
                fact.name = fact.name or made.name.rsplit(".", 1)[-1]
                fact.builtin = True


def _shown(item: Item) -> object:
    value = fold(item.node, item.scope)
    return None if value is UNKNOWN or isinstance(value, (list, dict)) or value is None else value


def environment(facts: Facts, name: str, text: str, item: Item) -> None:
    """A variable that the code sets for itself, if frameworks read it."""
    from overgrant.read.knowledge import load

    for row in load("sinks").get("environment", ()):
        if row["name"] == name and text.lower() in row["values"]:
            owner = facts.fallback() if len(facts.agents) != 1 else next(iter(facts.agents.values()))
            fact = facts.maker.make(Setting, facts.place(item, text), owner)
            fact.name, fact.text, fact.meaning = name, text, row["meaning"]
            fact.gives, fact.instead, fact.where = row["gives"], row["instead"], name
