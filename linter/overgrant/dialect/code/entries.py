"""Dialects: what is known about frameworks: `knowledge/frameworks/*.yaml`, indexed by the names that code uses.

An entry is found by the framework's import root and the last part of a qualified name, so that it does not
matter from which module of a framework a class is imported: `langchain_community.tools.shell.tool.ShellTool`
and `langchain_community.tools.ShellTool` are one. `FastMCP().tool` is a method of an instance.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from overgrant.dialect.code.versions import NEWEST, Assumed
from overgrant.read.knowledge import load, names

if TYPE_CHECKING:
    from overgrant.dialect.code.names import File

KEYS = frozenset("names is name purpose tools agents servers limits says approval gates function claims owner contained root "
                 "effects capability optional dynamic transport command arguments environment url headers host listens auth "
                 "target since before of versions source checked asks gated-names free function-names people unattended endless type "
                 "deciders dispatches held-by void listed way giver holds everything words like approves".split())
KINDS = frozenset({"agent", "tool", "builtin", "server", "client", "holder", "run", "approval", "serve", "toolset", "store",
                   "handoff", "team"})


class Entry:
    """One constructor, decorator, method or module of a framework.

    is  `agent` makes an agent; `tool` makes a tool of a function; `builtin` is a tool of the framework; `server`
        offers tools; `client` reaches a tool server; `holder` carries limits or switches; `run` starts an agent;
        `approval` asks for approval; `serve` starts to listen; `toolset` holds other tools;
        `handoff` hands over to the agents in its `target`, on behalf of its `giver`; `team` is the agents in it;
        `store` is a setting that code assigns, its argument is `value`
    assumed  the version that was assumed where the entry depends on it, empty otherwise
    """

    __slots__ = ("_dated", "_fitted", "assumed", "data", "framework", "kind", "names")

    def __init__(self, framework: str, data: dict[str, Any], assumed: str = "") -> None:
        self.framework = framework
        self.kind: str = data["is"]
        self.names: list[str] = data["names"]
        self.data = data
        self.assumed = assumed
        self._dated = any(key in data for key in ("since", "before", "versions")) or any(
            "since" in row or "before" in row for row in data.get("says", ()))
        self._fitted: dict[Assumed, Entry | None] = {}

    def fitting(self, name: str, file: File) -> Entry | None:
        """The entry as it holds for the version that a module runs with; None if that version does not have it."""
        if not self._dated:
            return self
        of = self.get("of") or frameworks().distribution(name)
        assumed = file.package.versions.of(file.path, file.code.source.text if file.code.lines else file.code.text, of) if of else NEWEST
        if assumed not in self._fitted:
            self._fitted[assumed] = self._at(assumed)
        return self._fitted[assumed]

    def _at(self, assumed: Assumed) -> Entry | None:
        def holds(row: dict[str, Any]) -> bool:
            return assumed.within(row.get("since"), row.get("before"))

        if not holds(self.data):
            return None
        data = {key: each for key, each in self.data.items() if key not in ("since", "before", "versions")}
        for row in self.data.get("versions", ()):
            if holds(row):
                data |= {key: each for key, each in row.items() if key not in ("since", "before", "source")}
        if "says" in data:
            data["says"] = [row for row in data["says"] if holds(row)]
        return Entry(self.framework, data, assumed.text)

    def __repr__(self) -> str:
        return f"Entry({self.framework}.{self.names[0]}, {self.kind})"

    def get(self, key: str, default: Any = None) -> Any:
        """A property of the entry."""
        return self.data.get(key, default)


MOST_ASKED = 5000


class Frameworks:
    """All entries, and the names by which code is recognised."""

    def __init__(self) -> None:
        self.roots: dict[str, str] = {}
        self.titles: dict[str, str] = {}
        self._distributions: dict[str, str] = {}
        self._own: dict[str, list[str]] = {}
        self._entries: dict[tuple[str, str], Entry] = {}
        self._asked: dict[str, Entry | None] = {}
        self.methods: set[str] = set()
        self.wrappers: set[str] = set()
        self.attributes: set[str] = {"settings.host"}
        for name in names("frameworks"):
            data = load(name)
            slug = name.rsplit("/", 1)[-1]
            self.titles[slug] = data["title"]
            for root in data["roots"]:
                self.roots[root] = slug
                self._distributions[root] = data.get("distributions", {}).get(root, root.replace("_", "-"))
            for path in data.get("own", ()):
                self._own.setdefault(path.split("/")[0], []).append(path)
            for row in data["entries"]:
                entry = Entry(slug, row)
                self.attributes |= {each for each in row.get("limits", ()) if "." not in each}
                if row.get("target") == "receiver":
                    self.wrappers |= {each.rsplit(".", 1)[-1] for each in entry.names}
                for each in entry.names:
                    self._entries[slug, each] = entry
                    if "()." in each or each.startswith("?."):
                        self.methods.add(each.rsplit(".", 1)[-1].split("[")[0].removesuffix("()"))

    def framework(self, qualified: str) -> str | None:
        """The framework that a qualified name belongs to."""
        parts = qualified.split(".")
        return self.roots.get(parts[0]) or (self.roots.get(".".join(parts[:2])) if len(parts) > 1 else None)

    def distribution(self, qualified: str) -> str:
        """The package of an index that a qualified name comes from."""
        parts = qualified.split(".")
        return self._distributions.get(".".join(parts[:2])) or self._distributions.get(parts[0], "")

    @property
    def packages(self) -> set[str]:
        """The packages of an index whose versions make a difference."""
        return {*self._distributions.values(), *(entry.data["of"] for entry in self._entries.values() if "of" in entry.data)}

    def is_own(self, path: str, data: Mapping[str, Any]) -> bool:
        """A file is a part of the framework itself: one of its modules stands where only the framework has it."""
        parts = path.split("/")
        for index, part in enumerate(parts[:-1]):
            base = "/".join(parts[:index])
            if any((f"{base}/{each}" if base else each) in data for each in self._own.get(part, ())):
                return True
        return False

    def known(self, qualified: str, file: File) -> Entry | None:
        """The entry of a qualified name as it holds for a module."""
        found = self.entry(qualified)
        return found.fitting(qualified, file) if found is not None else None

    def stored(self, qualified: str, file: File) -> Entry | None:
        """The entry of something that code assigns: `litellm.ssl_verify`, an attribute of an object of any class."""
        found = self.entry(qualified)
        for slug in () if found is not None else self.titles:
            found = found or self._entries.get((slug, "?." + qualified.rsplit(".", 1)[-1]))
        return found.fitting(qualified, file) if found is not None and found.kind == "store" else None

    def entry(self, qualified: str) -> Entry | None:
        """The entry of a qualified name, with `()` for a call, for the newest version; None for what is not known."""
        if qualified not in self._asked:
            if len(self._asked) >= MOST_ASKED:
                self._asked.clear()
            self._asked[qualified] = self._entry(qualified)
        return self._asked[qualified]

    def _entry(self, qualified: str) -> Entry | None:
        slug = self.framework(qualified)
        if slug is None:
            return None
        parts = qualified.split(".")
        for count in range(5, 0, -1):
            tail = ".".join(parts[-count:])
            if count < len(parts) + 1 and (found := self._entries.get((slug, tail))) is not None:
                # `FastMCP().tool` must not be met as plain `tool`
                if count == 1 and len(parts) > 1 and parts[-2].endswith("()"):
                    continue
                return found
        # a method that every client of a framework has
        return self._entries.get((slug, f"?.{parts[-1]}")) if len(parts) > 1 and parts[-2].endswith("()") else None


@cache
def frameworks() -> Frameworks:
    """The frameworks that come with the tool."""
    return Frameworks()


def marks() -> list[str]:
    """Byte strings of which one occurs in every file that registers tools: the imports that some entry needs."""
    found = sorted(root for name in names("frameworks") for root in load(name)["roots"])
    extra = sorted({each for name in names("frameworks") for each in load(name).get("marks", ())})
    return [f"{word} {root}" for root in found for word in ("from", "import")] + extra
