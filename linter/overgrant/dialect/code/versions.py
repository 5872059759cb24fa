"""Dialects: which version of a framework code runs with: what a lock file, a pin or a range of the tree says.

The nearest lock file or list of exact versions at or above the file decides; else the nearest exact pin; else what the
configuration assumes; else the newest version that the nearest range allows; else the newest that is known. Never the
oldest that a range allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

Key = tuple[tuple[int, ...], int]

LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock")
RANGES = ("pyproject.toml", "setup.cfg", "setup.py", "Pipfile", "environment.yml", "environment.yaml")
_ASIDE = re.compile(r"(?:^|/)(?:uv\.lock|poetry\.lock|pdm\.lock|pylock(?:\.[\w-]+)?\.toml|Pipfile(?:\.lock)?|pyproject\.toml|setup\.cfg|"
                    r"environment\.ya?ml|[\w.-]*requirements[\w.-]*\.(?:txt|in)|requirements/[\w.-]+\.(?:txt|in)|constraints[\w.-]*\.txt)$")
MOST_BYTES = 8 * 1024 * 1024
_LARGE = 1 << 30


def is_aside(path: str) -> bool:
    """A file that says which versions of packages code runs with; nothing else is read from it."""
    return _ASIDE.search(path) is not None


class Assumed(NamedTuple):
    """The version that is assumed of a distribution.

    text   as the tree has it; empty where it says nothing
    key    the version, or the bound below which it lies
    below  the version lies just below `key`
    """

    text: str
    key: Key | None
    below: bool = False

    def before(self, version: str) -> bool:
        """The assumed version is older than another one. What nothing is known of is the newest."""
        if self.key is None:
            return False
        other = key_of(version)
        return self.key <= other if self.below else self.key < other

    def within(self, since: str | None, before: str | None) -> bool:
        """The assumed version lies in a range; each end may be open."""
        return not (since and self.before(since)) and (not before or self.before(before))


NEWEST = Assumed("", None)


def key_of(text: str) -> Key:
    """A version as something that sorts: its numbers, and whether it is a release or comes before one."""
    match = re.match(r"v?(?:\d+!)?(\d+(?:\.\d+)*)", text.strip())
    if match is None:
        return (0,), 0
    numbers = tuple(min(int(each[:9]), _LARGE) for each in match.group(1).split("."))
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers = numbers[:-1]
    rest = text.strip()[match.end():].lower().lstrip(".-_")
    return numbers, -1 if rest.startswith(("a", "b", "c", "rc", "dev", "pre")) else 0


class Versions:
    """The versions that the files of a run say, read when somebody asks.

    assumed  distribution → version, from the configuration
    """

    def __init__(self, data: Mapping[str, bytes | None], assumed: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.assumed = {_plain(name): version for name, version in (assumed or {}).items()}
        self._folders: dict[str, list[str]] | None = None
        self._found: dict[tuple[str, str], Assumed] = {}

    def of(self, path: str, text: str, name: str) -> Assumed:
        """The version of a distribution that the module at a path runs with; `text` is the module's own code."""
        own = _own(text, name)
        folder = path.rpartition("/")[0]
        return own or self._of_folder(folder, name)

    def _of_folder(self, folder: str, name: str) -> Assumed:
        if (folder, name) not in self._found:
            self._found[folder, name] = self._search(folder, name)
        return self._found[folder, name]

    def _search(self, folder: str, name: str) -> Assumed:
        exact: Assumed | None = None
        loose: Assumed | None = None
        for here in _upwards(folder):
            listed = self.folders.get(here, [])
            for path in sorted(listed, key=lambda each: (_rank(each), each)):
                data = self.data.get(path) or b""
                if len(data) > MOST_BYTES or name.split("-")[0].encode() not in data.lower():
                    continue
                text = data.decode("utf-8", "replace")
                if _rank(path) == 0:
                    if (found := _locked(path, text, name)) is not None:
                        return found
                    continue
                found = _stated(text, name)
                if found is not None and found.key is not None and not found.below:
                    if _rank(path) == 1:
                        return found
                    exact = exact or found
                elif found is not None:
                    loose = loose or found
        if exact is None and (said := self.assumed.get(_plain(name))) is not None:
            return _exact(said)
        return exact or loose or NEWEST

    @property
    def folders(self) -> dict[str, list[str]]:
        """The files that say versions, by the folder that they speak for."""
        if self._folders is None:
            self._folders = {}
            for path in self.data:
                if is_aside(path) or path.endswith("setup.py"):
                    folder, _, _ = path.rpartition("/")
                    if folder.rpartition("/")[2] == "requirements":
                        folder = folder.rpartition("/")[0]
                    self._folders.setdefault(folder, []).append(path)
        return self._folders


def _rank(path: str) -> int:
    """Lock files first, then lists of requirements, then everything else."""
    name = path.rpartition("/")[2]
    if name in LOCKS or name.startswith("pylock."):
        return 0
    return 2 if name in RANGES else 1


def _upwards(folder: str) -> Iterator[str]:
    while True:
        yield folder
        if not folder:
            return
        folder = folder.rpartition("/")[0]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pattern(name: str) -> str:
    """A distribution's name in any spelling: `-`, `_` and `.` are one."""
    return "[-_.]+".join(re.escape(part) for part in re.split(r"[-_.]+", name))


def _locked(path: str, text: str, name: str) -> Assumed | None:
    """What a lock file says; of several versions the newest."""
    if path.endswith("Pipfile.lock"):
        found = re.findall(rf'"{_pattern(name)}"\s*:\s*\{{[^{{}}]*?"version"\s*:\s*"==([^"]{{1,40}})"', text, re.IGNORECASE)
    else:
        found = re.findall(rf'\[\[packages?\]\]\s+name\s*=\s*"{_pattern(name)}"\s+version\s*=\s*"([^"]{{1,40}})"', text, re.IGNORECASE)
    return _exact(max(found, key=key_of)) if found else None


def _own(text: str, name: str) -> Assumed | None:
    """What a script says of itself: inline metadata, or a notebook's `pip install`."""
    if "# /// script" not in text and "pip install" not in text:
        return None
    found = re.search(rf'(?:^#.{{0,200}}["\']|\bpip3? install\b[^\n]{{0,200}}?[\s"\']){_pattern(name)}'
                      r'(?:\[[^\]\n]{0,200}\])?[ ]{0,9}==[ ]{0,9}([\w.!+*-]{1,40})', text, re.IGNORECASE | re.MULTILINE)
    return _exact(found.group(1)) if found is not None else None


_SPEC = r"(===?|~=|<=|>=|<|>|\^|~)\s*([\w.!+*-]{1,40})"


def _stated(text: str, name: str) -> Assumed | None:
    """What a list of requirements says: an exact version, or the newest that a range allows."""
    for match in re.finditer(rf'(?:^|[\s"\'])-?{_pattern(name)}["\']?(?:[ ]?\[[^\]\n]{{0,200}}\])?[ \t]{{0,9}}'
                             rf'(?:=[ ]{{0,9}}(?:\{{[^}}\n]{{0,200}}?version[ ]{{0,9}}=[ ]{{0,9}})?["\'])?[ \t]{{0,9}}'
                             rf'(?=[<>=!~^\d*]|$)([^"\'\n;#]{{0,120}})', text, re.IGNORECASE | re.MULTILINE):
        specs = re.findall(_SPEC, match.group(1))
        bare = re.match(r"\s*(\d[\w.]*)\s*$", match.group(1))
        if bare is not None:
            return _exact(bare.group(1))  # Poetry: a bare version is exact
        exact = next((version for sign, version in specs if sign in ("==", "===") and "*" not in version), None)
        if exact is not None:
            return _exact(exact)
        bounds = [bound for sign, version in specs if (bound := _bound(sign, version)) is not None]
        return min(bounds, key=lambda each: each.key or ((), 0)) if bounds else Assumed("", None)
    return None


def _exact(text: str) -> Assumed:
    return Assumed(text, key_of(text))


def _bound(sign: str, version: str) -> Assumed | None:
    """The upper end of one part of a range; None where it has none."""
    key = key_of(version)
    numbers = [int(each) for each in re.findall(r"\d+", version)[:4]] or [0]
    if sign == "<":
        return Assumed(f"<{version}", key, below=True)
    if sign == "<=":
        return Assumed(version, key)
    if sign in ("==", "===") and "*" in version:
        return _next(numbers, len(numbers), f"{version}")
    if sign == "~=":
        return _next(numbers, max(len(numbers) - 1, 1), f"~={version}")
    if sign == "^":
        first = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
        return _next(numbers, first + 1, f"^{version}")
    if sign == "~":
        return _next(numbers, min(len(numbers), 2), f"~{version}")
    return None


def _next(numbers: list[int], count: int, text: str) -> Assumed:
    kept = numbers[:count]
    return Assumed(text, ((*kept[:-1], kept[-1] + 1), 0), below=True)
