"""Flowise: a tool in a file of its own. Its `func` is JavaScript that the server runs; `$name` in it is what the model says.

The code is not parsed: it is looked at for a driver or a request, and for a parameter in the place that decides what is
run or where a request goes. What is not found is not said; the file's row says that the rest of the code is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from overgrant.dialect.facts import Maker, embedded
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Agent, Secret, Tool
from overgrant.read.knowledge import load
from overgrant.value import Document, Value

_LONGEST = 100_000
_MOST = 50
_NAME = re.compile(r"[A-Za-z_]\w{0,60}")
_COPY = re.compile(r"(?:const|let|var)\s{1,4}([A-Za-z_]\w{0,60})\s{0,4}=\s{0,4}\$([A-Za-z_]\w{0,60})\s{0,4}[;\n]")
# what a call takes first: a name, or a text that begins with one in braces
_FIRST = r"""\(\s{0,20}(?:\$?([A-Za-z_]\w{0,60})\s{0,20}[,)]|`\$\{\s{0,4}\$?([A-Za-z_]\w{0,60})\s{0,4}\})"""


@cache
def _sinks() -> tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]:
    """Power, what the code must hold at all, the call whose first argument decides: `bodies` of `knowledge/javascript.yaml`."""
    found = []
    for row in load("javascript")["bodies"]:
        words, calls = "|".join(map(re.escape, row["holds"])), "|".join(map(re.escape, row["calls"]))
        holds = rf"""["'](?:node:)?(?:{words})["']""" if row["quoted"] else rf"\b(?:{words})\b"
        found.append((row["capability"], re.compile(holds), re.compile((r"\." if row["methods"] else r"\b") + f"(?:{calls})" + _FIRST)))
    return tuple(found)



def read(document: Document, context: Context) -> Reading:
    """The tool of a file, one fact for each power whose object the model names, and the credentials in its code."""
    from overgrant.dialect.grammar.common import secret

    maker = Maker(context)
    root = document.root
    code = root.get("func") if root is not None else None
    if root is None or code is None or code.kind != "str":
        return maker.reading
    name = root.get("name")
    agent = maker.make(Agent, root, None, type="framework", name=name.text if name is not None else "tool")
    parameters = set(_parameters(root.get("schema")))
    for capability, parameter, start, end in _found(code.text[:_LONGEST], parameters):
        tool = maker.make(Tool, code.part(start, end), agent, name=agent.name, capability=capability, witness=code.text[start:end][:60])
        tool.free_form = (f"`{parameter}`",)
    for fields in secret(code, None):
        maker.make(Secret, fields.pop("@value", code), agent, source="text", **fields)
    return maker.reading


def _parameters(schema: Value | None) -> Iterator[str]:
    """The parameters of the tool: JSON in a text, a list of properties."""
    listed = embedded(schema, "json") if schema is not None and schema.kind == "str" else schema
    for each in (listed.items[:_MOST] if listed is not None and listed.kind == "list" else ()):
        named = each.get("property")
        if named is not None and named.kind == "str" and _NAME.fullmatch(named.text):
            yield named.text


def _found(text: str, parameters: set[str]) -> Iterator[tuple[str, str, int, int]]:
    """Power, parameter, and where the call stands: at most one of each power."""
    copies = {match[1]: match[2] for match in _COPY.finditer(text) if match[2] in parameters}
    for capability, driver, call in _sinks():
        if driver.search(text) is None:
            continue
        for match in call.finditer(text):
            word = match[1] or match[2]
            direct = word in parameters and text[match.start(1 if match[1] else 2) - 1] == "$"
            if direct or word in copies:
                yield capability, word if direct else copies[word], match.start(), match.end()
                break
