"""Dialects: modules of the tree that a module imports from, read when a name leads there."""

from __future__ import annotations

from collections.abc import Mapping

from overgrant.dialect.code.names import Binding, File, Scope
from overgrant.dialect.code.versions import Versions
from overgrant.text import Source, Undecodable

MOST = 64


class Package:
    """The modules of one run, by path. Nothing outside the tree is ever looked at.

    data  the bytes of the files of the run
    """

    def __init__(self, data: Mapping[str, bytes | None]) -> None:
        self.data = data
        self._files: dict[str, File | None] = {}
        self._tops: set[str] | None = None
        self.versions = Versions(data)

    def file(self, path: str) -> File | None:
        """The module at a path; None if it is not there or cannot be read."""
        if path not in self._files:
            self._files[path] = self._read(path)
        return self._files[path]

    def keep(self, file: File) -> None:
        """A module that is being read."""
        self._files[file.path] = file

    def done(self, file: File) -> None:
        """A module was read: let go of it, and of those that nobody asked for lately."""
        self._files.pop(file.path, None)
        file.close()
        while len(self._files) > MOST:
            old = self._files.pop(next(iter(self._files)))
            if old is not None:
                old.close()

    def _read(self, path: str) -> File | None:
        from overgrant.read.base import DEFAULT
        from overgrant.read.python import parse

        data = self.data.get(path)
        if data is None or len(data) > DEFAULT.bytes:
            return None
        source = Source(path, data)
        try:
            _ = source.text
        except Undecodable:
            return None
        code = parse(source, DEFAULT)
        return File(code, self) if code.tree is not None else None

    def path(self, file: File, name: str) -> str | None:
        """Where the module of that name is, seen from a file: relative, or below a directory at or above the file."""
        return next((path for path in self._paths(file, name) if path in self.data), None)

    def module(self, file: File, name: str) -> File | None:
        """The module of that name."""
        path = self.path(file, name)
        return self.file(path) if path is not None else None

    def _paths(self, file: File, name: str) -> list[str]:
        folder = file.path.rpartition("/")[0]
        level = len(name) - len(name.lstrip("."))
        inner = name.lstrip(".").replace(".", "/")
        if level:
            parts = folder.split("/") if folder else []
            if level - 1 > len(parts):
                return []
            bases = ["/".join(parts[:len(parts) - (level - 1)])]
        else:
            parts = folder.split("/") if folder else []
            bases = ["/".join(parts[:count]) for count in range(len(parts), -1, -1)]
            bases += [f"{base}/src" if base else "src" for base in bases[-1:]]
        found = []
        for base in bases:
            stem = "/".join(each for each in (base, inner) if each)
            found += [f"{stem}.py", f"{stem}/__init__.py"] if inner else [f"{base}/__init__.py" if base else "__init__.py"]
        return found

    def canonical(self, file: File, name: str) -> str:
        """An imported name: as it is for other people's modules, `:path:name` for one of the tree. Nothing is read."""
        found = file.names.get(name)
        if found is None:
            found = file.names[name] = self._canonical(file, name)
        return found

    def _canonical(self, file: File, name: str) -> str:
        relative = name.startswith(".")
        root = name.split(".")[0]
        if not relative and self.path(file, root) is None and not self._is_folder(root):
            return name
        module, _, last = name.rpartition(".")
        if relative and not module.strip("."):
            module += "."
        if module and (path := self.path(file, module)) is not None:
            return f":{path}:{last}"
        path = self.path(file, name)
        return f":{path}:" if path is not None else f":{name}"

    def _is_folder(self, name: str) -> bool:
        """A directory at the top holds modules, without an `__init__.py`."""
        if self._tops is None:
            self._tops = {path.split("/")[0] for path in self.data if "/" in path and path.endswith(".py")}
        return name in self._tops

    def assigns(self, name: str) -> bool:
        """A module of the tree gives this name a value: its bytes say so, it is not parsed."""
        path, _, inner = name[1:].partition(":")
        data = self.data.get(path)
        return bool(data) and inner.isidentifier() and f"\n{inner} = ".encode() in (data or b"")

    def definition(self, name: str, depth: int = 4) -> tuple[Binding, Scope] | None:
        """What a name of the form `:path:name` is bound to, through re-exports, in the scope of its module or class."""
        if depth <= 0 or not name.startswith(":") or ":" not in name[1:]:
            return None
        path, _, inner = name[1:].partition(":")
        parts = inner.strip(".").split(".")
        if "" in parts or any("(" in part for part in parts) or (file := self.file(path)) is None:
            return None
        scope = file.scope
        for index, part in enumerate(parts):
            bound = scope.names.get(part, ())
            if not bound:
                other = self.path(file, f".{part}") if index == 0 and path.endswith("__init__.py") else None
                return self.definition(f":{other}:{'.'.join(parts[1:])}", depth - 1) if other is not None else None
            last = bound[-1]
            if last.kind == "import":
                rest = "".join(f".{each}" for each in parts[index + 1:])
                return self.definition(self.canonical(file, last.text) + rest, depth - 1)
            if index == len(parts) - 1:
                return last, scope
            if last.kind not in ("class", "def"):
                return None
            scope = scope.below(last.node)
        return None
