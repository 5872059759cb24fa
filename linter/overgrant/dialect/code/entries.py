"""Dialects: what is known about frameworks: `knowledge/frameworks/*.yaml`, indexed by the names that code uses.

An entry is found by the framework's import root and the last part of a qualified name, so that it does not
matter from which module of a framework a class is imported: `langchain_community.tools.shell.tool.ShellTool`
and `langchain_community.tools.ShellTool` are one. `FastMCP().tool` is a method of an instance.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from overgrant.read.knowledge import load, names

KEYS = frozenset("names is name purpose tools agents servers limits says approval gates function claims owner contained root "
                 "effects capability optional dynamic transport command arguments environment url headers host listens auth "
                 "target since before source checked title spelling description timeout".split())
KINDS = frozenset({"agent", "tool", "builtin", "server", "client", "holder", "run", "approval", "serve", "box", "toolset"})


class Entry:
    """One constructor, decorator, method or module of a framework.

    is  `agent` makes an agent; `tool` makes a tool of a function; `builtin` is a tool of the framework; `server`
        offers tools; `client` reaches a tool server; `holder` carries limits or switches; `run` starts an agent;
        `approval` asks for approval; `serve` starts to listen; `box` contains; `toolset` holds other tools
    """

    __slots__ = ("data", "framework", "kind", "names")

    def __init__(self, framework: str, data: dict[str, Any]) -> None:
        self.framework = framework
        self.kind: str = data["is"]
        self.names: list[str] = data["names"]
        self.data = data

    def __repr__(self) -> str:
        return f"Entry({self.framework}.{self.names[0]}, {self.kind})"

    def get(self, key: str, default: Any = None) -> Any:
        """A property of the entry."""
        return self.data.get(key, default)


class Frameworks:
    """All entries, and the names by which code is recognised."""

    def __init__(self) -> None:
        self.roots: dict[str, str] = {}
        self.titles: dict[str, str] = {}
        self._entries: dict[tuple[str, str], Entry] = {}
        self.methods: set[str] = set()
        for name in names("frameworks"):
            data = load(name)
            slug = name.rsplit("/", 1)[-1]
            self.titles[slug] = data["title"]
            for root in data["roots"]:
                self.roots[root] = slug
            for row in data["entries"]:
                entry = Entry(slug, row)
                for each in entry.names:
                    self._entries[slug, each] = entry
                    if "()." in each:
                        self.methods.add(each.rsplit(".", 1)[-1])

    def framework(self, qualified: str) -> str | None:
        """The framework that a qualified name belongs to."""
        parts = qualified.split(".")
        return self.roots.get(parts[0]) or (self.roots.get(".".join(parts[:2])) if len(parts) > 1 else None)

    def entry(self, qualified: str) -> Entry | None:
        """The entry of a qualified name, with `()` for a call; None for what is not known."""
        slug = self.framework(qualified)
        if slug is None:
            return None
        parts = qualified.split(".")
        for count in (1, 2, 3):
            tail = ".".join(parts[-count:])
            if count < len(parts) + 1 and (found := self._entries.get((slug, tail))) is not None:
                # `FastMCP().tool` must not be met as plain `tool`
                if count == 1 and len(parts) > 1 and parts[-2].endswith("()"):
                    continue
                return found
        return None


@cache
def frameworks() -> Frameworks:
    """The frameworks that come with the tool."""
    return Frameworks()


def marks() -> list[str]:
    """Byte strings of which one occurs in every file that registers tools: the imports that some entry needs."""
    found = sorted(root for name in names("frameworks") for root in load(name)["roots"])
    extra = sorted({each for name in names("frameworks") for each in load(name).get("marks", ())})
    return [f"{word} {root}" for root in found for word in ("from", "import")] + extra
