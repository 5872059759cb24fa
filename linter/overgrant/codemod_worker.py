"""Takes arguments out of calls, and entries out of dictionaries, in Python source, with libcst; a process of its own, which hostile source may end.

Run as a file, not imported: `python -I codemod_worker.py FOLDER`, where FOLDER is searched last for libcst. Standard input is
JSON, a list of `{"text": source, "places": [[line, column, end line, end column], …]}` with the places of their values
(lines from 1, columns in characters from 0). Standard output is a list of the same shape: for each place
`[start, end, text]` in characters of the source, or null where there is none.
"""

from __future__ import annotations

import json
import os
import sys

if __name__ == "__main__":
    sys.path.append(sys.argv[1])

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

Place = tuple[int, int, int, int]
Change = tuple[int, int, str]


class _Finder(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, places: set[Place]) -> None:
        super().__init__()
        self.places = places
        self.found: dict[Place, tuple[cst.Call, cst.Arg] | tuple[cst.Dict, cst.DictElement]] = {}

    def place(self, node: cst.CSTNode) -> Place:
        here = self.get_metadata(PositionProvider, node)
        return here.start.line, here.start.column, here.end.line, here.end.column

    def visit_Call(self, node: cst.Call) -> None:
        for argument in node.args:
            if argument.keyword is not None and (place := self.place(argument.value)) in self.places:
                self.found[place] = node, argument

    def visit_Dict(self, node: cst.Dict) -> None:
        for element in node.elements:
            if isinstance(element, cst.DictElement) and (place := self.place(element.value)) in self.places:
                self.found[place] = node, element


def without(around: cst.Call | cst.Dict, part: cst.Arg | cst.DictElement) -> cst.Call | cst.Dict:
    """A call without one of its arguments, a dictionary without one entry; what separates the others stays as it is."""
    parts = around.args if isinstance(around, cst.Call) else around.elements
    at = next(number for number, each in enumerate(parts) if each is part)
    rest: list[cst.CSTNode] = [*parts[:at], *parts[at + 1:]]
    if rest and at == len(rest):
        last: dict[str, object] = {"comma": part.comma}
        if isinstance(part, cst.Arg):
            last["whitespace_after_arg"] = part.whitespace_after_arg
        rest[-1] = rest[-1].with_changes(**last)
    if isinstance(around, cst.Dict):
        return around.with_changes(elements=tuple(rest))
    bare = {} if rest else {"whitespace_before_args": cst.SimpleWhitespace("")}
    return around.with_changes(args=tuple(rest), **bare)


def changed(before: str, after: str) -> Change:
    """The shortest single replacement that makes one text of another."""
    start = len(os.path.commonprefix((before, after)))
    tail = len(os.path.commonprefix((before[start:][::-1], after[start:][::-1])))
    return start, len(before) - tail, after[start:len(after) - tail]


def changes(text: str, places: list[Place]) -> list[Change | None]:
    """For each place the change of the source that takes the argument or entry out; None where there is none."""
    try:
        wrapper = MetadataWrapper(cst.parse_module(text))
    except (cst.ParserSyntaxError, cst.CSTValidationError, RecursionError, ValueError):
        return [None] * len(places)
    finder = _Finder(set(places))
    wrapper.visit(finder)
    found: list[Change | None] = []
    for place in places:
        if place not in finder.found:
            found.append(None)
            continue
        around, part = finder.found[place]
        new = wrapper.module.deep_replace(around, without(around, part))
        assert isinstance(new, cst.Module)
        found.append(changed(text, new.code) if wrapper.module.code == text else None)
    return found


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump([changes(file["text"], [tuple(place) for place in file["places"]]) for file in asked], sys.stdout)
