"""Knowledge's loader: where the data lives, and the data itself, compiled to plain JSON where that is fresh.

Rules, schemas and knowledge are written in YAML, Markdown and JSON, and reading them at every start
would cost more than the check. So they are kept as JSON: in the wheel, beside an editable install, or
in the user's cache directory. The cache is safe to delete, never holds code, is never taken from the
tree that is being checked, and a file in it that another user could have written is not believed.

Paths are text here: importing `pathlib` takes a tenth of what a hook may take.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

Kind = Literal["rules", "schemas", "knowledge"]

PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
_loaded: dict[str, Any] = {}
_code = ""


class BadKnowledge(Exception):
    """Data of our own that does not hold what it must; `str()` names the file and the line."""


def installed() -> bool:
    """True in a wheel, whose data lies inside the package and never changes; false in a checkout."""
    return os.path.isdir(os.path.join(PACKAGE, "_data"))


def home(kind: Kind) -> str:
    """The directory of the built-in rules, schemas or knowledge, in a wheel as in a checkout."""
    if kind == "knowledge":
        return os.path.join(PACKAGE, "knowledge")
    return os.path.join(PACKAGE, "_data", kind) if installed() else os.path.join(os.path.dirname(os.path.dirname(PACKAGE)), kind)


def names(prefix: str = "") -> list[str]:
    """The names that `load` knows, sorted: `commands`, `products/claude`. A prefix is a folder, or empty."""
    root = home("knowledge")
    return sorted(os.path.relpath(os.path.join(folder, name), root).removesuffix(".yaml").replace(os.sep, "/")
                  for folder, _, files in os.walk(os.path.join(root, prefix)) for name in files if name.endswith(".yaml"))


def load(name: str) -> Any:
    """One knowledge file: maps with text as keys, lists, text, numbers, truth values; a date is text.

    The answer is shared by all callers, who must not change it. Raises `BadKnowledge` for a file that
    is no such YAML, and `FileNotFoundError` for a name that `names` does not list.
    """
    if name not in _loaded:
        path = os.path.join(home("knowledge"), f"{name}.yaml")
        _loaded[name] = compiled(f"knowledge/{name}", [path], lambda: parse(path))
    return _loaded[name]


def parse(path: str) -> Any:
    """The plain data of a YAML file of our own; keys are unique text, and no text turns into a date."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        yaml_implicit_resolvers = {
            first: [entry for entry in entries if entry[0] != "tag:yaml.org,2002:timestamp"]
            for first, entries in base.yaml_implicit_resolvers.items()}

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            _check_keys(node, path)
            return super().construct_mapping(node, deep=deep)

    with open(path, "rb") as stream:
        data = stream.read()
    try:
        return yaml.load(data, Loader)
    except yaml.YAMLError as error:
        raise BadKnowledge(f"{path}: {error}") from error


def _check_keys(node: Any, path: str) -> None:
    seen = set()
    for key, _ in node.value:
        where = f"{path}:{key.start_mark.line + 1}"
        if key.tag == "tag:yaml.org,2002:merge":
            continue
        if key.tag != "tag:yaml.org,2002:str":
            raise BadKnowledge(f"{where}: the key `{key.value}` is not text; put it in quotes")
        if key.value in seen:
            raise BadKnowledge(f"{where}: the key `{key.value}` stands here twice")
        seen.add(key.value)


def compiled(name: str, sources: Iterable[str], build: Callable[[], object]) -> Any:
    """What `build` makes of the sources, from its compiled form where that is fresh.

    name     unique and stable: the path of the compiled form, without its suffix (`rules`, `knowledge/commands`)
    sources  files, and directories for every file below them, from which alone `build` makes its answer
    build    makes plain JSON data: the same whether it comes from here or from a file

    In a wheel the compiled form is believed as it stands. In a checkout it must have been made from
    the same files by the same code; otherwise it is made again and kept in the cache, if there is one.
    """
    if installed():
        kept = _read(_beside(name), None)
        return build() if kept is None else kept[0]
    wanted = signature(sources)
    cache = cache_dir()
    kept_at = None if cache is None else os.path.join(cache, f"{name}.json")
    places = [_beside(name)] if kept_at is None else [_beside(name), kept_at]
    for path in places:
        kept = _read(path, wanted)
        if kept is not None:
            return kept[0]
    data = build()
    if kept_at is not None:
        _keep(kept_at, wanted, data)
    return data


def _beside(name: str) -> str:
    return os.path.join(PACKAGE, "_compiled", f"{name}.json")


def write(path: str, sources: Iterable[str] | None, data: object) -> None:
    """Write a compiled form; for the build.

    Without sources it is for a wheel, whose bytes do not depend on when and where it is built. Raises
    `OSError`, and `TypeError` for what is not plain data.
    """
    text = _dump("" if sources is None else signature(sources), data)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)


def _dump(mark: str, data: object) -> str:
    return json.dumps({"signature": mark, "data": data}, ensure_ascii=False, separators=(",", ":"))


def _read(path: str, wanted: str | None) -> tuple[Any] | None:
    try:
        with open(path, "rb") as stream:
            if wanted is not None and not _own(os.fstat(stream.fileno())):
                return None
            held = json.load(stream)
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(held, dict) or "data" not in held or (wanted is not None and held.get("signature") != wanted):
        return None
    return (held["data"],)


def _own(state: os.stat_result) -> bool:
    """Nobody else could have written it (root could anyway)."""
    return os.name == "nt" or (state.st_uid in (os.geteuid(), 0) and not state.st_mode & 0o022)


def _keep(path: str, mark: str, data: object) -> None:
    import tempfile

    text = _dump(mark, data)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True, mode=0o700)
        handle, draft = tempfile.mkstemp(dir=os.path.dirname(path), suffix=".tmp")
        try:
            with open(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            os.replace(draft, path)
        except OSError:
            os.unlink(draft)
    except OSError:
        return  # a read-only home costs time, nothing else


def signature(sources: Iterable[str]) -> str:
    """A mark that changes with the names, sizes and times of the sources, and with the code of this package."""
    import hashlib

    global _code
    if not _code:
        _code = hashlib.sha256(repr((sys.version_info[:2], list(_states(PACKAGE, code=True)))).encode()).hexdigest()
    return hashlib.sha256(repr((_code, [list(_states(path)) for path in sources])).encode()).hexdigest()[:32]


def _states(path: str, *, code: bool = False) -> Iterator[tuple[str, int, int]]:
    if os.path.isfile(path):
        state = os.stat(path)
        yield os.path.basename(path), state.st_size, state.st_mtime_ns
        return
    found = []
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__pycache__", "_compiled")))
        for name in files:
            if name.endswith(".py") or not code:
                state = os.stat(os.path.join(folder, name))
                found.append((os.path.relpath(os.path.join(folder, name), path), state.st_size, state.st_mtime_ns))
    yield from sorted(found)


def cache_dir() -> str | None:
    """Where this version in this place keeps compiled data, or none if there is no place to be trusted.

    `$OVERGRANT_CACHE_DIR` if set; else the platform's directory for caches (`$XDG_CACHE_HOME` and
    `~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`), unless that lies in the working directory's
    tree, which may be what is being checked.
    """
    base = _cache_base()
    if base is None:
        return None
    import hashlib

    from overgrant import __version__

    place = hashlib.sha256(os.fsencode(PACKAGE)).hexdigest()[:8]
    return os.path.join(base, f"{__version__}-{place}")


def _cache_base() -> str | None:
    chosen = os.environ.get("OVERGRANT_CACHE_DIR")
    if chosen:
        return os.path.abspath(chosen)
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.join(os.path.expanduser("~"), "Library", "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):
            base = os.path.join(os.path.expanduser("~"), ".cache")
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:
        return None
    if not os.path.isabs(base):
        return None
    path = os.path.realpath(os.path.join(base, "overgrant"))
    return None if path == here or path.startswith(os.path.join(here, "")) else path
