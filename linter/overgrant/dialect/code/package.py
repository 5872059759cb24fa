"""Dialects: modules of the tree that a module imports from, read when a name leads there."""

from __future__ import annotations

from collections.abc import Mapping

from overgrant.dialect.code.names import Binding, File, Scope
from overgrant.text import Source, Undecodable

MOST = 64


class Package:
    """The modules of one run, by path. Nothing outside the tree is ever looked at.

    data  the bytes of the files of the run
    """

    def __init__(self, data: Mapping[str, bytes | None]) -> None:
        self.data = data
        self._files: dict[str, File | None] = {}

    def file(self, path: str) -> File | None:
        """The module at a path; None if it is not there or cannot be read."""
        if path not in self._files:
            if len(self._files) >= MOST:
                self._files.pop(next(iter(self._files)))
            self._files[path] = self._read(path)
        return self._files[path]

    def keep(self, file: File) -> None:
        """Remember a module that was read already."""
        if len(self._files) >= MOST:
            self._files.pop(next(iter(self._files)))
        self._files[file.path] = file

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

    def module(self, file: File, name: str) -> File | None:
        """The module of that name as seen from a file: relative, or below a directory at or above the file."""
        for path in self._paths(file, name):
            if path in self.data:
                return self.file(path)
        return None

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

    def canonical(self, file: File, name: str, depth: int = 4) -> str:
        """An imported name: as it is for other people's modules, `:path:name` for one of the tree."""
        if name.startswith("."):
            module, _, last = name.rpartition(".")
            return self.home(file, module if module.strip(".") else module + ".", last, depth) or name
        root = name.split(".")[0]
        if not any(path in self.data for path in self._paths(file, root)) and not self._namespace(file, root):
            return name
        module, _, last = name.rpartition(".")
        return (self.home(file, module, last, depth) if module else None) or f":{name}"

    def _namespace(self, file: File, root: str) -> bool:
        if not hasattr(self, "_tops"):
            self._tops = {path.split("/")[0] for path in self.data if "/" in path and path.endswith(".py")}
        return root in self._tops

    def home(self, file: File, module: str, name: str, depth: int = 4) -> str | None:
        """Where a name of a module of the tree is defined, through re-exports."""
        target = self.module(file, module)
        if target is None:
            return None
        bound = target.scope.names.get(name, ())
        for binding in bound:
            if binding.kind == "import" and depth > 0 and binding.text.startswith("."):
                return self.canonical(target, binding.text, depth - 1)
            if binding.kind == "import":
                return self.canonical(target, binding.text, depth - 1) if depth > 0 else None
        if not bound and self.module(target, f".{name}") is not None and target.path.endswith("__init__.py"):
            return f":{module}.{name}"
        return f":{target.path}:{name}"

    def definition(self, name: str) -> tuple[Binding, Scope] | None:
        """What a name of the form `:path:name` is bound to, in the scope of its module or class."""
        if not name.startswith(":") or ":" not in name[1:]:
            return None
        path, _, inner = name[1:].partition(":")
        file = self.file(path)
        if file is None or not inner:
            return None
        scope = file.scope
        parts = inner.split(".")
        for part in parts[:-1]:
            step = next((each for each in scope.names.get(part, ()) if each.kind in ("class", "def")), None)
            if step is None:
                return None
            scope = scope.below(step.node)
        bound = scope.names.get(parts[-1], ())
        return (bound[-1], scope) if bound else None
