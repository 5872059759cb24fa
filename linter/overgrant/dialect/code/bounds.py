"""Dialects: who watches a run that code starts, and whether anything ends it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from overgrant.dialect.code.arguments import Arguments
from overgrant.dialect.code.elements import Elements
from overgrant.dialect.code.guard import STOP
from overgrant.dialect.code.says import fits, given, made_by, route_value
from overgrant.dialect.code.values import fold
from overgrant.model import Agent, Limit
from overgrant.read.python import below

if TYPE_CHECKING:
    from overgrant.dialect.code.facts import Facts
    from overgrant.dialect.code.match import Made


def attended(made: Made, arguments: Arguments) -> bool | None:
    """Somebody is there while the agent runs; None where the code does not say.

    `people` names the participants that ask a person, `unattended` the arguments that say that nobody is asked.
    """
    if any(fits(arguments, route, wanted) is not False for route, wanted in made.entry.get("unattended", {}).items()):
        return False
    spec = made.entry.get("people")
    if spec is None:
        return None
    item = route_value(arguments, spec["argument"], spec.get("at"))
    if item is None:
        return None
    members = Elements().add(item.node, item.scope)
    names = [made_by(each) for each in members.items]
    if any(name in spec["are"] for name in names):
        return True
    return False if members.whole and names and all(names) else None


def endless(facts: Facts, made: Made, arguments: Arguments, owner: Agent | None) -> None:
    """Nothing ends a run: none of the arguments is there that could, and the default is none."""
    spec = made.entry.get("endless")
    if spec is None or owner is None or owner.attended is True or arguments.open:
        return
    if spec.get("with-tools") and all(given(arguments, each) is None for each in made.entry.get("tools", ())):
        return  # one answer, and it is over
    if any(word in facts.file.code.text for word in spec.get("unless-said", ())):
        return
    if any(fits(arguments, route, wanted) is not False for route, wanted in spec["unless"].items()):
        return
    fact = facts.maker.make(Limit, facts.place(made.node), owner)
    fact.dimension, fact.name, fact.unbounded = spec["dimension"], spec["name"], True
    fact.origin, fact.assumed, fact.where = "default", made.entry.assumed, f"{owner.where}.{spec['name']}"


_QUIET = frozenset("input get get_nowait recv receive receive_text receive_json read readline accept prompt ask listen poll sleep wait "
                   "wait_for get_message get_user_input next popleft pop confirm text_input chat_input anext join consume fetch_next "
                   "dequeue subscribe select getch input_async prompt_async".split())


def repeated(facts: Facts, made: Made, owner: Agent) -> None:
    """A run in a loop without end: nothing leaves it, nobody is asked in it, and nothing slows it down."""
    function = made.scope.owner
    top = function if function is not None else facts.file.code.tree
    if top is None or "while" not in facts.file.code.text:
        return
    for loop in below(top, (ast.While,), STOP):
        if not (loop.lineno <= made.node.lineno <= (loop.end_lineno or 0)) or fold(loop.test, made.scope) not in (True, 1):
            continue
        if below(loop, (ast.Break, ast.Return, ast.Raise, ast.Yield), STOP) or any(_pauses(call) for call in below(loop, (ast.Call,))):
            continue
        fact = facts.maker.make(Limit, facts.place(made.node), owner)
        fact.dimension, fact.name, fact.unbounded, fact.origin = "turns", "while True", True, "loop"
        fact.where = f"{owner.where}.loop"
        return


def _pauses(call: ast.Call) -> bool:
    func = call.func
    return (func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else "") in _QUIET
