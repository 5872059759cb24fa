"""Dialects: modules of the tree that a module imports from, read when a name leads there."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Mapping

from overgrant.dialect.code.bindings import Binding
from overgrant.dialect.code.names import File, Scope, members, qualified
from overgrant.dialect.code.versions import Versions
from overgrant.text import Source, Undecodable

MOST = 64


class Package:
    """The modules of one run, by path. Nothing outside the tree is ever looked at.

    data   the bytes of the files of the run
    bound  the names that an import statement binds, by the folder that it stands in, and whether it leads into the tree
    """

    def __init__(self, data: Mapping[str, bytes | None], assumed: Mapping[str, str] | None = None, find: object = None) -> None:
        self.data = data
        self._find = find
        self._files: dict[str, File | None] = {}
        self._folders: set[str] | None = None
        self.bound: dict[tuple[str, str], tuple[set[str], bool]] = {}
        self._inside: dict[tuple[str, str], bool] = {}
        self._named: dict[tuple[str, str], str] = {}
        self.versions = Versions(data, assumed)

    def bytes_of(self, path: str) -> bytes | None:
        """The bytes of a file of the tree, also of one that no format recognises."""
        if path in self.data or not callable(self._find):
            return self.data.get(path)
        found: bytes | None = self._find(path, ".")
        return found

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
        folder = file.folder
        level = len(name) - len(name.lstrip("."))
        inner = name.lstrip(".").replace(".", "/")
        if level:
            parts = folder.split("/") if folder else []
            if level - 1 > len(parts):
                return []
            bases = ["/".join(parts[:len(parts) - (level - 1)])]
        else:
            bases = _bases(file.path)
        found = []
        for base in bases:
            stem = "/".join(each for each in (base, inner) if each)
            found += [f"{stem}.py", f"{stem}/__init__.py"] if inner else [f"{base}/__init__.py" if base else "__init__.py"]
        return found

    def referred(self, text: str, manifest: str) -> tuple[str, str] | None:
        """The module and the name that a manifest means by `ops.tools.run`, `./src/graph.py:graph` or `ops.graph:graph`."""
        place, _, name = text.strip().partition(":")
        if not name:
            place, _, name = place.rpartition(".")
        if not name.isidentifier() or not place or len(place) > 300:
            return None
        stem = place.removeprefix("./").removesuffix(".py") if "/" in place or place.endswith(".py") else place.replace(".", "/")
        for base in _bases(manifest):
            for path in (f"{stem}.py", f"{stem}/__init__.py"):
                whole = posixpath.normpath(f"{base}/{path}" if base else path)
                if whole in self.data:
                    return whole, name
        return None

    def canonical(self, file: File, name: str) -> str:
        """An imported name: as it is for other people's modules, `:path:name` for one of the tree. Nothing is read."""
        key = file.folder, name
        found = self._named.get(key)
        if found is None:
            found = self._named[key] = self._canonical(file, name)
        return found

    def _canonical(self, file: File, name: str) -> str:
        relative = name.startswith(".")
        if not relative and (not self.inside(file, name.split(".")[0]) or self._framework(file, name)):
            return name
        module, _, last = name.rpartition(".")
        if relative and not module.strip("."):
            module += "."
        if module and (path := self.path(file, module)) is not None:
            return f":{path}:{last}"
        path = self.path(file, name)
        return f":{path}:" if path is not None else f":{name}"

    def _framework(self, file: File, name: str) -> bool:
        """A name belongs to a framework although a folder of the tree is called like it.

        The folder is the framework itself, or it is no package (one that is installed goes first), or what is
        imported is not in it.
        """
        from overgrant.dialect.code.entries import frameworks

        if frameworks().framework(name) is None:
            return False
        top = self.path(file, name.split(".")[0])
        if top is None or frameworks().is_own(top, self.data):
            return True
        module, _, last = name.rpartition(".")
        if self.path(file, name) is not None or not module:
            return False
        path = self.path(file, module)
        data = (self.data.get(path) or b"") if path is not None else b""
        return last.encode() not in data and b"import *" not in data

    def inside(self, file: File, root: str) -> bool:
        """A top name is a module of the tree, seen from a file: also a directory without an `__init__.py`."""
        key = file.folder, root
        known = self._inside.get(key)
        if known is None:
            if self._folders is None:
                self._folders = {folder for path in self.data if path.endswith(".py") for folder in _above(path)}
            folders = self._folders
            known = self._inside[key] = self.path(file, root) is not None or any(
                (f"{base}/{root}" if base else root) in folders for base in _bases(file.path))
        return known

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
        if "" in parts or any("(" in part.removesuffix("()") for part in parts) or (file := self.file(path)) is None:
            return None
        scope = file.scope
        for index, whole in enumerate(parts):
            part = whole.removesuffix("()")
            bound = scope.names.get(part, ())
            if not bound and isinstance(scope.owner, ast.ClassDef):
                return self._inherited(scope, ".".join(parts[index:]), depth)
            if not bound:
                other = self.path(file, f".{part}") if index == 0 and path.endswith("__init__.py") else None
                return self.definition(f":{other}:{'.'.join(parts[1:])}", depth - 1) if other is not None else None
            last = bound[-1]
            if last.kind == "import":
                rest = whole[len(part):] + "".join(f".{each}" for each in parts[index + 1:])
                return self.definition(self.canonical(file, last.text) + rest, depth - 1)
            if whole != part and last.kind != "class":
                return None
            if index == len(parts) - 1:
                return last, scope
            if last.kind not in ("class", "def"):
                return None
            scope = scope.below(last.node)
        return None

    def _inherited(self, scope: Scope, rest: str, depth: int) -> tuple[Binding, Scope] | None:
        """A member of a class of the tree that one of its bases has, or that one of its methods assigns."""
        owner = scope.owner
        if "." not in rest:
            held = members(scope, rest)
            if held:
                return held[-1]
        for base in owner.bases[:4]:
            for name in qualified(base, scope.parent or scope):
                if (found := self.definition(f"{name}.{rest}", depth - 1)) is not None:
                    return found
        return None


def package_of(files: Mapping[str, bytes | None], memo: dict[str, object]) -> Package:
    """The package of a run, made once; `memo` holds what the run's configuration assumes, too."""
    found = memo.get("python")
    if not isinstance(found, Package):
        assumed = memo.get("assumed")
        found = memo["python"] = Package(files, assumed if isinstance(assumed, dict) else None, memo.get("find"))
    return found


def _above(path: str) -> list[str]:
    """The directories above a file."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _bases(path: str) -> list[str]:
    """Where the modules may lie that a file imports by their whole names, nearest first."""
    bases = [*reversed(_above(path)), ""]
    return [*bases, "src"]
