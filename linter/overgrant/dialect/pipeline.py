"""Dialects: what a GitLab pipeline is after its includes, templates, references and defaults are put together.

Included files first, the including file over them; maps are merged, everything else is replaced. A job takes from
the jobs that it extends, then from `default`. Values keep the places where they are written.
Source: docs.gitlab.com/ci/yaml/ (include, extends, default, inherit), /ci/yaml/yaml_optimization/#reference-tags,
/ci/yaml/includes/, checked 2026-11-30.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from overgrant.read import read as read_text
from overgrant.read.pathmatch import matches, parse
from overgrant.text import Source
from overgrant.value import Document, Value

MOST_FILES = 150    # GitLab's own bound on includes
MOST_DEPTH = 11     # GitLab's own bound on `extends`
MOST_NESTED = 10    # and on `!reference`
MOST_VALUES = 20_000
GLOBAL = frozenset("default include stages variables workflow image services cache before_script after_script spec pages".split())
_DEFAULTS = ("before_script", "after_script", "timeout", "image", "id_tokens", "tags")
Look = Callable[[str], bytes | None]


class Include(NamedTuple):
    """A part of the pipeline that stands elsewhere.

    kind   local, project, remote, template or component
    place  the words that name it; `path` is where a local one lies, from the working directory
    """

    kind: str
    place: Value
    path: str = ""


class Pipeline:
    """One pipeline: the merged statements, and which files they come from.

    files      path of each file that is part of it, with the words that include it
    away       includes that stand in other places, `gone` those that should be in the tree and are not
    children   path of each file that a job starts as a pipeline of its own, with the variables of that job
    """

    def __init__(self, base: str, look: Look, names: Callable[[str], list[str]]) -> None:
        self.base = base
        self.look = look
        self.names = names
        self.root: Value | None = None
        self.files: dict[str, Value | None] = {}
        self.away: list[Include] = []
        self.gone: list[Include] = []
        self.children: dict[str, dict[str, Value]] = {}
        self.left = MOST_VALUES  # of work; a pipeline that refers to itself many times over ends here
        self._done: dict[str, Value] = {}

    # --- files ---------------------------------------------------------------------------------

    def load(self, document: Document) -> Pipeline:
        """Put a document and what it includes together."""
        self.files[document.source.path] = None
        for root in [document.root, *document.more]:
            if root is not None and root.kind == "map" and "spec" not in root.entries:
                self.root = root if self.root is None else self.merged(self.root, root)
        if self.root is not None:
            self.root = self._included(self.root, self.root.source.path)
        for job in self.jobs().values():
            self._child(job)
        return self

    def _included(self, root: Value, path: str) -> Value:
        below: Value | None = None
        for each in self._includes(root.get("include")):
            if each.kind != "local":
                self.away.append(each)
                continue
            found = list(self._read(each))
            for other in found:
                below = other if below is None else self.merged(below, other)
        return root if below is None else self.merged(below, root)

    def _read(self, each: Include) -> Iterator[Value]:
        paths = self._matching(each.path) if "*" in each.path else [each.path]
        for path in paths:
            if path in self.files:
                continue
            data = self.look(path) if len(self.files) < MOST_FILES else None
            if data is None:
                self.gone.append(each)
                continue
            self.files[path] = each.place
            document = read_text(Source(path, data), "yaml")
            for root in [document.root, *document.more]:
                if root is not None and root.kind == "map" and "spec" not in root.entries:
                    yield self._included(root, path)

    def _matching(self, glob: str) -> list[str]:
        patterns = parse([f"/{glob}"])
        return [name for name in self.names(glob.partition("*")[0]) if matches(patterns, name)]

    def _includes(self, include: Value | None) -> Iterator[Include]:
        for item in (include.items or [include])[:MOST_FILES] if include is not None else ():
            entries = item.entries if item.kind == "map" else {"remote" if "://" in item.text else "local": item}
            for kind, value in entries.items():
                for each in value.items or [value]:
                    if kind in ("local", "component", "remote", "template", "file") and each.kind == "str" and each.text:
                        sort = kind if kind != "file" else "project" if "project" in entries else "local"
                        path = "/".join(part for part in (self.base, each.text.lstrip("/")) if part)
                        yield Include(sort, each, path if sort == "local" else "")

    def _child(self, job: Value) -> None:
        started = job.get("trigger", "include")
        for each in self._includes(started):
            if each.kind == "local":
                self.children.setdefault(each.path, self.variables(job, with_root=True))
            else:
                self.away.append(each)

    # --- statements ----------------------------------------------------------------------------

    def merged(self, under: Value, over: Value) -> Value:
        """Two maps as one; what is no map is replaced."""
        if under.kind != "map" or over.kind != "map":
            return over
        self.left -= len(under.entries) + len(over.entries)
        if self.left < 0:
            return over
        entries = dict(under.entries)
        for key, value in over.entries.items():
            entries[key] = self.merged(entries[key], value) if key in entries else value
        made = over.moved(over.parent, over.key)
        made.data = entries
        return made

    def jobs(self) -> dict[str, Value]:
        """Every job with all that it extends; hidden ones are among them."""
        root = self.root
        return {name: self._extended(name, job, ()) for name, job in (root.entries if root is not None else {}).items()
                if job.kind == "map" and (name not in GLOBAL or name == "pages")}

    def _extended(self, name: str, job: Value, above: tuple[str, ...]) -> Value:
        named = job.get("extends")
        if named is None or name in self._done:
            return self._done.get(name, job)
        under: Value | None = None
        for each in (named.items or [named])[:MOST_DEPTH]:
            other = self.root.get(each.text) if self.root is not None else None
            if other is None or other.kind != "map" or each.text in above or len(above) >= MOST_DEPTH:
                continue
            other = self._extended(each.text, other, (*above, name))
            under = other if under is None else self.merged(under, other)
        self._done[name] = job if under is None else self.merged(under, job)
        return self._done[name]

    def said(self, job: Value, key: str) -> Value | None:
        """What a job says, or what it takes from the defaults."""
        own = job.get(key)
        if own is not None or self.root is None or key not in _DEFAULTS:
            return own
        takes = job.get("inherit", "default")
        if takes is not None and (takes.text == "false" or takes.kind == "list" and key not in [each.text for each in takes.items]):
            return None
        return self.root.get("default", key) or self.root.get(key)

    def texts(self, value: Value | None, depth: int = 0) -> Iterator[Value]:
        """The command lines of a script: a text, a list, lists in lists, and references to those of others."""
        self.left -= 1
        if value is None or depth > MOST_NESTED or self.left < 0:
            return
        if value.kind == "str":
            yield value
        elif is_reference(value):
            yield from self.texts(self.referred(value), depth + 1)
        else:
            for item in value.items:
                yield from self.texts(item, depth + 1)

    def referred(self, value: Value) -> Value | None:
        """What a reference names."""
        steps = [item.text for item in value.items]
        other = self.root.get(steps[0]) if self.root is not None and steps else None
        if other is None:
            return None
        found = self._extended(steps[0], other, ()) if other.kind == "map" else other
        return found.get(*steps[1:])

    def variables(self, job: Value, *, with_root: bool = True) -> dict[str, Value]:
        """The variables of a job: those of the pipeline, its own, and those of its rules."""
        takes = job.get("inherit", "variables")
        found: dict[str, Value] = {}
        scopes = [self.root.get("variables") if self.root is not None and with_root else None]
        scopes += [rule.get("variables") for rule in self.rules(self.root.get("workflow", "rules") if self.root is not None else None)]
        for scope in scopes:
            for name, value in _table(self, scope):
                if takes is None or takes.text == "true" or takes.kind == "list" and name in [each.text for each in takes.items]:
                    found[name] = value
        for scope in (job.get("variables"), *(rule.get("variables") for rule in self.rules(job.get("rules")))):
            found.update(_table(self, scope))
        return found

    def rules(self, value: Value | None, depth: int = 0) -> list[Value]:
        """The rules of a list, with those that it refers to."""
        found: list[Value] = []
        self.left -= 1
        if value is None or depth > MOST_NESTED or self.left < 0:
            return found
        if is_reference(value):
            return self.rules(self.referred(value), depth + 1)
        for item in value.items:
            found += [item] if item.kind == "map" else self.rules(item, depth + 1)
        return found[:MOST_FILES]


def is_reference(value: Value) -> bool:
    """The list stands behind the tag `!reference`."""
    return value.kind == "list" and bool(value.items) and value.explicit and value.span.text.startswith("!reference")


def _table(pipeline: Pipeline, scope: Value | None) -> Iterator[tuple[str, Value]]:
    """Names and texts of variables; one may be a map with its text and a description."""
    if scope is not None and is_reference(scope):
        scope = pipeline.referred(scope)
    for name, value in scope.entries.items() if scope is not None else ():
        said = value.get("value") if value.kind == "map" else pipeline.referred(value) if is_reference(value) else value
        if said is not None and said.kind not in ("map", "list"):
            yield name, said
