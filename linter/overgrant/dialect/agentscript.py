"""Agent Script: blocks by indentation, actions with a target, bindings with a guard. It looks like YAML and is none.

Read are the actions that run without confirmation where a line says so, and guards over a variable that the model
itself may set: `@utils.setVariables` with `name=...` lets it, and a guard that asks for such a variable asks the model.

Source: github.com/salesforce/agentscript SPEC.md, part I sections 1 and 7, part II sections 7 and 11.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from overgrant.dialect.facts import Maker
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Agent, Control, Grant, Instruction
from overgrant.pattern import later
from overgrant.scope import tool_glob
from overgrant.value import Document, Value

_MOST_LINES = 20_000
_LINE = later(r"([ \t]*)([A-Za-z_][\w-]{0,100})(?:[ \t]+([A-Za-z_][\w-]{0,100}))?[ \t]*:[ \t]*(.*)")
_AGENTS = ("start_agent", "subagent", "topic")
_BOOLEAN = later(r"mutable[ \t]+boolean\b")
_FILLED = later(r"[ \t]*with[ \t]+([A-Za-z_]\w{0,100})[ \t]*=[ \t]*\.\.\.")
_GUARD = later(r"([ \t]*)available[ \t]+when[ \t]+(.+)")
_ASKED = later(r"@variables\.([A-Za-z_]\w{0,100})")
_TARGET = later(r"[\"']([A-Za-z]{1,40})://")
# a variable whose name says that somebody has checked something, and not what the user would like
_CHECKED = later(r"verif|authentic|authori[sz]|approv|admin|permitt|entitl|identity|confirm|trusted|privileg|consent", re.IGNORECASE)


class _Open(NamedTuple):
    """A block that is open at a line: its indentation, its first word and the name behind it."""

    indent: int
    word: str
    name: str


def read(document: Document, context: Context) -> Reading:
    """The agents of a script, their unconfirmed actions and the guards that their own model sets."""
    maker = Maker(context)
    if document.body is not None:
        _Script(maker, document.body).read()
    return maker.reading


class _Script:
    """One script."""

    def __init__(self, maker: Maker, text: Value) -> None:
        self.maker = maker
        self.text = text
        self.open: list[_Open] = []
        self.agent: Agent | None = None
        self.booleans: set[str] = set()
        self.filled: dict[str, str] = {}
        self.guards: list[tuple[Value, str, Agent | None]] = []
        self.actions: dict[str, tuple[Value, Agent | None]] = {}
        self.schemes: dict[str, str] = {}

    def read(self) -> None:
        """Go through the lines once; guards are judged when all bindings are known."""
        at = 0
        for line in self.text.text.split("\n")[:_MOST_LINES]:
            stripped = line.strip()
            if stripped and not stripped.startswith(("#", "|")):
                self._line(line, at)
            at += len(line) + 1
        if self.agent is not None:
            self.maker.make(Instruction, self.text, self.agent, text=self.text.text)
        for place, expression, agent in self.guards:
            self._guard(place, expression, agent)

    def _line(self, line: str, at: int) -> None:
        indent = len(line) - len(line.lstrip())
        while self.open and self.open[-1].indent >= indent:
            self.open.pop()
        filled, guard, match = _FILLED.match(line), _GUARD.match(line), _LINE.match(line)
        if filled is not None and self.open and self.open[-1].name == "@utils.setVariables":
            self.filled[filled.group(1)] = self.open[-1].word
        elif guard is not None:
            end = at + len(line.rstrip())
            self.guards.append((self.text.part(at + indent, end), guard.group(2), self.agent))
        elif match is not None:
            self._keyed(match, at, indent)

    def _keyed(self, match: re.Match[str], at: int, indent: int) -> None:
        word, name, rest = match.group(2), match.group(3) or "", match.group(4).strip()
        inside = [each.word for each in self.open]
        place = self.text.part(at + match.start(2), at + match.end(3 if name else 2))
        if not inside and word in _AGENTS:
            self.agent = self.maker.make(Agent, place, None, type="framework", name=name or word)
        elif inside[-1:] == ["variables"] and _BOOLEAN.match(rest):
            self.booleans.add(word)
        elif inside[-1:] == ["actions"] and inside[-2:-1] != ["reasoning"]:
            self.actions[word] = place, self.agent
        elif word == "target" and inside[-2:-1] == ["actions"] and (scheme := _TARGET.match(rest)) is not None:
            self.schemes[inside[-1]] = scheme.group(1)
        elif word == "require_user_confirmation" and inside[-2:-1] == ["actions"] and rest.rstrip().lower() == "false":
            self._unconfirmed(inside[-1], self.text.part(at + match.start(2), at + match.end(4)))
        self.open.append(_Open(indent, word, rest.split(" ")[0] if rest.startswith("@") else name))

    def _unconfirmed(self, action: str, place: Value) -> None:
        _, agent = self.actions.get(action, (place, self.agent))
        self.maker.make(Grant, place, agent, text=action, tool=action, server=self.schemes.get(action, "action"),
                        scope=tool_glob(action), decision="allow", consent="`require_user_confirmation` is `False`")

    def _guard(self, place: Value, expression: str, agent: Agent | None) -> None:
        for name in _ASKED.findall(expression):
            if name in self.booleans and name in self.filled and _CHECKED.search(name):
                self.maker.make(Control, place, agent, what="guard", text=place.text, state="bypassed", witness=self.filled[name],
                                why=f"the model itself says what `{name}` is, by `{self.filled[name]}`",
                                suggestion=f"Set `{name}` from an action's output instead, and take it out of `{self.filled[name]}`.")
                return
