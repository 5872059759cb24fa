"""Build hook: rules, schemas and knowledge as plain JSON, made once where the package is built.

In a wheel they lie in `overgrant/_compiled/`; an editable install gets them beside its source. What
has a compiled form, and how it is made, is said in `targets` and nowhere else. The build
environment has hatchling and PyYAML alone, so nothing that is imported here may need more.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Target(NamedTuple):
    """One compiled form: its name, the files it is made from, and who makes it."""

    name: str
    sources: list[str]
    build: Callable[[], object]


def targets() -> Iterator[Target]:
    """Everything that is compiled; the run asks `knowledge.compiled` for the same names with the same sources."""
    knowledge = importlib.import_module("overgrant.read.knowledge")
    rulefile = importlib.import_module("overgrant.rulefile")
    catalogue = importlib.import_module("overgrant.dialect.catalogue")
    rules, facts = knowledge.home("rules"), knowledge.home("knowledge")
    for name in knowledge.names():
        path = os.path.join(facts, f"{name}.yaml")
        yield Target(f"knowledge/{name}", [path], partial(knowledge.parse, path))
    yield Target("rules", [rules], partial(rulefile.compile_rules, rules))
    yield Target("catalogue", [os.path.join(facts, "products")], catalogue.compile_catalogue)


def compile_all(root: Path, into: Path, *, fixed: bool) -> list[Path]:
    """Write every target below a directory; what cannot be compiled ends the build.

    fixed  the sources never change again, so that no mark of their state is kept
    """
    sys.path.insert(0, str(root / "linter"))
    try:
        write = importlib.import_module("overgrant.read.knowledge").write
        paths = []
        for target in targets():
            path = into / f"{target.name}.json"
            write(str(path), None if fixed else target.sources, target.build())
            paths.append(path)
        return paths
    finally:
        sys.path.remove(str(root / "linter"))


class CompileHook(BuildHookInterface):  # type: ignore[type-arg]
    """Called by hatchling for the wheel target."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile into the wheel (`standard`) or beside the source (`editable`)."""
        root = Path(self.root)
        if version == "editable":
            into = root / "linter" / "overgrant" / "_compiled"
            shutil.rmtree(into, ignore_errors=True)
            compile_all(root, into, fixed=False)
            return
        self.draft = Path(tempfile.mkdtemp(prefix="overgrant-"))
        for path in compile_all(root, self.draft, fixed=True):
            inside = path.relative_to(self.draft).as_posix()
            build_data["force_include"][str(path)] = f"overgrant/_compiled/{inside}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the draft of the compiled forms."""
        if version != "editable":
            shutil.rmtree(self.draft, ignore_errors=True)
