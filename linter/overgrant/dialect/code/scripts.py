"""Dialects: which module of the tree a manifest's server starts: console scripts, packages, scripts that import the server.

Projects name their console scripts in `pyproject.toml`, `setup.cfg` or `setup.py`. A package of an index that happens to
have the same name is somebody else's code, or another version of this one: it is not followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import basename, dirname, join, normpath

from overgrant.model import Agent, Fact, Server

_SECTIONS = ("project.scripts", "tool.poetry.scripts", "project.gui-scripts", "options.entry_points", "project.entry-points.console_scripts",
             "tool.flit.scripts", "tool.setuptools.entry-points.console_scripts")
_ENTRY = re.compile(r"[ \t]*[\"']?([\w.-]{1,100})[\"']?[ \t]*=[ \t]*[\"']?([A-Za-z_][\w.]{0,200}):([A-Za-z_]\w{0,100})")
_CALLED = re.compile(r"[\"']([\w.-]{1,100})[ \t]{0,9}=[ \t]{0,9}([A-Za-z_][\w.]{0,200}):([A-Za-z_]\w{0,100})[\"']")
_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]{1,200})[ \t]+import[ \t]+([^\n#]{1,400})|import[ \t]+([\w.]{1,200}))", re.MULTILINE)
_FOLDERS = ("--directory", "--project", "--cwd", "-C", "--from", "--spec", "--with-editable")
_RUNNERS = frozenset({"uv", "run", "poetry", "pdm", "rye", "hatch", "pipenv", "pixi", "--"})
_REMOTE = frozenset({"uvx", "pipx", "tool"})  # take the package of an index, unless they are given a folder
_SCRIPT_FILES = ("pyproject.toml", "setup.cfg", "setup.py")
HOPS = 2
MOST = 40
MOST_BYTES = 512 * 1024


def apply(facts: list[Fact], files: Mapping[str, bytes | None]) -> None:
    """Say of the servers of manifests which module with a server in it they start."""
    homes = {fact.path for fact in facts if isinstance(fact, Agent) and fact.key is not None}
    servers = [fact for fact in facts if isinstance(fact, Server) and fact.value is not None and fact.path not in homes
               and not fact.path.endswith((".py", ".ipynb")) and "command" in fact.at]
    if not homes or not servers:
        return
    scripts = _scripts(files)
    for server in servers[:200]:
        server.starts = next((home for path in _modules(server, scripts, files) if (home := _with_server(path, homes, files))), "")


def _words(server: Server) -> list[str]:
    """The words of the command line, also of one that is written as a single text."""
    command = server.at["command"]
    first = command.items if command.kind == "list" else [command]
    return [word for item in (*first, *server.args) for word in (item.text.split() if item is command else [item.text])]


def _modules(server: Server, scripts: dict[str, list[tuple[str, str]]], files: Mapping[str, bytes | None]) -> Iterator[str]:
    """The modules that a command line may start, nearest first."""
    words = _words(server)
    base = "" if server.root.path == "." else server.root.path
    folder, before, local = base, "", not words or basename(words[0]) not in _REMOTE
    for word in words:
        if before in _FOLDERS and not word.startswith("/") and (word.startswith(".") or "/" in word or before in ("--directory", "--project", "-C")):
            folder, local = normpath(join(base, word)), True
        before = word
    bases = dict.fromkeys((folder, join(folder, "src"), base, join(base, "src"), dirname(server.path)))
    before = ""
    for at, word in enumerate(words):
        name = basename(word)
        if word.endswith(".py"):
            yield from _paths(bases, [word.removeprefix("./")], files)
        elif before in ("-m", "--module"):
            stem = word.replace(".", "/")
            yield from _paths(bases, [f"{stem}.py", f"{stem}/__main__.py", f"{stem}/__init__.py"], files)
        elif local and name in scripts and (at == 0 or before in _RUNNERS or _given(words[:at])):
            for project, module in sorted(scripts[name], key=lambda each: each[0] != folder):
                stem = module.replace(".", "/")
                tops = dict.fromkeys((project, join(project, "src")))
                yield from _paths(tops, [f"{stem}.py", f"{stem}/__init__.py"], files)
        before = word


def _given(words: list[str]) -> bool:
    """A script follows a folder: `uv run --directory servers ops-server`."""
    return len(words) > 1 and words[-2] in _FOLDERS


def _paths(bases: Mapping[str, None], names: list[str], files: Mapping[str, bytes | None]) -> Iterator[str]:
    for base in bases:
        for name in names:
            path = normpath(join(base, name))
            if path in files:
                yield path


def _with_server(path: str, homes: set[str], files: Mapping[str, bytes | None]) -> str:
    """The module itself, or one that it imports, also through another one, if an agent or a server is made there."""
    waiting, seen = [(path, HOPS)], {path}
    while waiting:
        here, hops = waiting.pop(0)
        if here in homes:
            return here
        for other in _imported(here, files) if hops else ():
            if other not in seen and len(seen) < MOST:
                seen.add(other)
                waiting.append((other, hops - 1))
    return ""


def _imported(path: str, files: Mapping[str, bytes | None]) -> Iterator[str]:
    """The modules of the tree that a module imports, by its text."""
    data = files.get(path) or b""
    if len(data) > MOST_BYTES:
        return
    folder = dirname(path)
    for match in _IMPORT.finditer(data.decode("utf-8", "replace")):
        module = match[1] or match[3]
        level = len(module) - len(module.lstrip("."))
        stem = module.lstrip(".").replace(".", "/")
        top = folder
        for _ in range(level - 1):
            top = dirname(top)
        tops = [top] if level else [folder, *_above(folder), "src"]
        names = [stem] if stem else []
        names += [join(stem, name.split()[0].strip("()")) for name in (match[2] or "").split(",") if name.split()]
        for base in tops:
            for name in names:
                for each in (f"{name}.py", f"{name}/__init__.py"):
                    if (found := normpath(join(base, each))) in files:
                        yield found


def _above(folder: str) -> list[str]:
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:count]) for count in range(len(parts) - 1, -1, -1)]


def _scripts(files: Mapping[str, bytes | None]) -> dict[str, list[tuple[str, str]]]:
    """The console scripts of the projects of the tree: name → the folder of the project and the module."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path, data in files.items():
        if not path.endswith(_SCRIPT_FILES) or basename(path) not in _SCRIPT_FILES or not data or len(data) > MOST_BYTES:
            continue
        text = data.decode("utf-8", "replace")
        rows = _CALLED.findall(text) if path.endswith("setup.py") and "console_scripts" in text else _listed(text)
        for name, module, _ in rows:
            found.setdefault(name, []).append((dirname(path), module))
    return found


def _listed(text: str) -> list[tuple[str, str, str]]:
    """The scripts in the sections of a file that list them."""
    rows: list[tuple[str, str, str]] = []
    inside = False
    for line in text.splitlines():
        if line.startswith("["):
            inside = line.strip().strip("[]").replace('"', "") in _SECTIONS
        elif inside and (match := _ENTRY.match(line)) is not None:
            rows.append((match[1], match[2], match[3]))
    return rows
