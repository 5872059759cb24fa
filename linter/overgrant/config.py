"""Configuration: `.overgrant.yaml` in the working directory or at the top of the repository.

The file usually lies in the tree that is checked, whose author is not trusted. So it can name no
program and no path outside its own directory, and everything in it that makes a check milder is
told apart (`Config.loosenings`): it is named in the summary, and an organisation's policy may refuse it.
A file given with `--config` is trusted and may name any path.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from overgrant.read import DEFAULT, pathmatch, read
from overgrant.rule import FAMILIES, SEVERITIES, Severity
from overgrant.text import Source, Span
from overgrant.waiver import Waiver, unknown
from overgrant.waiver import parse as parse_waivers

if TYPE_CHECKING:
    from overgrant.value import Value

NAMES = (".overgrant.yaml", ".overgrant.yml")
PROFILES = ("default", "strict")
FAIL_ON = (*SEVERITIES, "never")


class ConfigError(Exception):
    """The configuration does not hold; `messages` are `path:line:column: what is wrong`, one for each mistake."""

    def __init__(self, messages: Iterable[str]) -> None:
        self.messages = list(messages)
        super().__init__("\n".join(self.messages))


class Loosening(NamedTuple):
    """Something by which the configuration makes a check milder.

    kind   `ignore`, `select`, `severity` (which may also be a higher one), `exclude`, `include`, `fail-on`, `waiver`
    name   the rule, family, level or pattern it speaks of
    place  `path:line:column`
    """

    kind: str
    name: str
    place: str


class Config:
    """What a configuration says; without a file, what holds by default.

    path       the file as it is shown, empty without one
    base       the directory it lies in, absolute: patterns and waivers' paths are seen from there
    prefix     the working directory seen from `base`: empty, or ending in `/`; empty, too, for a file that
               lies elsewhere and therefore speaks of the working directory
    select     rules and families to check; empty means all of the profile
    ignore     rules and families not to check
    severity   levels of single rules
    profile    `default`, `strict`, or empty when the file says nothing
    fail_on    a level, `never`, or empty when the file says nothing
    assume     versions of products that no lock file of the tree says
    rules, schemas   directories of an organisation's own, absolute
    policy     path of a policy, absolute, or empty; `policy_text` as it is written
    mandatory  of a policy: rules and families that a tree can't make milder
    """

    def __init__(self, *, path: str = "", base: str = "", prefix: str = "") -> None:
        self.path = path
        self.base = base
        self.prefix = prefix
        self.include: list[str] = []
        self.exclude: list[str] = []
        self.select: list[str] = []
        self.ignore: list[str] = []
        self.severity: dict[str, Severity] = {}
        self.profile = ""
        self.fail_on = ""
        self.assume: dict[str, str] = {}
        self.rules: list[str] = []
        self.schemas: list[str] = []
        self.waivers: list[Waiver] = []
        self.policy = ""
        self.policy_text = ""
        self.mandatory: list[str] = []
        self.loosenings: list[Loosening] = []
        self.places: dict[tuple[str, str], str] = {}
        self._patterns: tuple[list[pathmatch.Pattern], list[pathmatch.Pattern]] | None = None

    def excludes(self, path: str) -> bool:
        """True for a file, by its path from the working directory, that the patterns leave out; they speak of no file elsewhere."""
        if not self.include and not self.exclude:
            return False
        if self._patterns is None:
            self._patterns = pathmatch.parse(self.include), pathmatch.parse(self.exclude)
        include, exclude = self._patterns
        seen = posixpath.normpath(self.prefix + path)
        if seen.startswith(("../", "/")):
            return False
        return bool(include and not pathmatch.matches(include, seen)) or pathmatch.matches(exclude, seen)

    def check_names(self, rules: Iterable[str], products: Iterable[str] = ()) -> list[str]:
        """Messages about rules and products that nobody knows; for when all rules are loaded.

        rules  ids of all rules, built-in, replaced and the organisation's
        """
        known, made = set(rules), set(products)
        messages = []
        for key, name, among in (
                *(("select", name, known | {*FAMILIES}) for name in self.select),
                *(("ignore", name, known | {*FAMILIES}) for name in self.ignore),
                *(("severity", name, known) for name in self.severity),
                *(("assume", name, made) for name in self.assume if made)):
            if name not in among:
                if key == "severity" and name in FAMILIES:
                    messages.append(f"{self.places.get((key, name), self.path)}: `{name}` is a family; a severity is set for a rule "
                                    f"(`overgrant rules --family {name}` lists them)")
                    continue
                what = {"severity": "rule", "assume": "product"}.get(key, "rule or family")
                messages.append(f"{self.places.get((key, name), self.path)}: {unknown(what, name, sorted(among))}")
        messages += [f"{waiver.place}: {unknown('rule', waiver.rule, sorted(known))}"
                     for waiver in self.waivers if waiver.rule not in known]
        return messages


def find(cwd: str) -> str | None:
    """The configuration that holds in a directory: its own, else the one at the repository's top.

    Directories between the two, and above the repository, are not looked at. Raises `ConfigError` when
    a directory has both spellings.
    """
    for folder in dict.fromkeys((os.path.abspath(cwd), repository_top(cwd))):
        paths = [os.path.join(folder, name) for name in NAMES] if folder else []
        found = [path for path in paths if os.path.lexists(path)]
        if len(found) > 1:
            raise ConfigError([f"{os.path.basename(found[1])}: `{NAMES[0]}` stands beside it; remove one of them"])
        if found:
            return found[0]
    return None


def repository_top(cwd: str) -> str:
    """The nearest directory upwards that holds `.git`, without asking git; empty if there is none."""
    here = os.path.abspath(cwd)
    while not os.path.lexists(os.path.join(here, ".git")):
        above = os.path.dirname(here)
        if above == here:
            return ""
        here = above
    return here


def load(path: str, cwd: str, *, trusted: bool = False, policy: bool = False) -> Config:
    """The configuration in a file. `trusted` for one that stands on the command line, `policy` for a policy.

    Raises `ConfigError` with every mistake.
    """
    shown = _shown(path, cwd)
    base = os.path.dirname(os.path.abspath(path))
    if not trusted and not _inside(path, base):
        raise ConfigError([f"{shown}: the file is a link out of its directory; put the configuration itself there"])
    try:
        data = _bytes(path)
    except OSError as error:
        raise ConfigError([f"{shown}: the file cannot be read ({error.strerror})"]) from None
    if data is None:
        raise ConfigError([f"{shown}: {'it is no regular file' if os.path.exists(path) else 'there is no such file'}"])
    return parse(Source(shown, data), base=base, cwd=cwd, trusted=trusted, policy=policy)


def parse(source: Source, *, base: str, cwd: str, trusted: bool = False, policy: bool = False) -> Config:
    """The configuration in a text that lies in the directory `base`. Raises `ConfigError` with every mistake."""
    config = Config(path=source.path, base=base, prefix=_prefix(cwd, base))
    reader = _Reader(config, trusted, policy)
    document = read(source, "yaml12")
    for problem in document.problems:
        reader.wrong(problem.what, problem.span)
    if document.root is not None and not document.refused and document.root.kind != "null":
        reader.top(document.root)
    for more in document.more:
        reader.wrong("a second document starts here; a configuration is one", more.grip)
    if reader.messages:
        raise ConfigError(reader.messages)
    return config


class _Reader:
    """Fills a configuration from a tree and collects what is wrong."""

    def __init__(self, config: Config, trusted: bool, policy: bool = False) -> None:
        self.config = config
        self.trusted = trusted
        self.messages: list[str] = []
        self.keys: dict[str, Callable[[Value], None]] = {
            "select": self.chosen, "ignore": self.chosen, "severity": self.severity, "profile": self.profile,
            "fail-on": self.fail_on, "assume": self.assume, "rules": self.folders, "schemas": self.folders,
            "waivers": self.waivers}
        self.keys |= {"mandatory": self.mandatory} if policy else {"paths": self.paths, "policy": self.policy}

    def wrong(self, what: str, span: Span) -> None:
        self.messages.append(f"{place(span)}: {what}")

    def loosens(self, kind: str, name: str, value: Value) -> None:
        self.config.loosenings.append(Loosening(kind, name, place(value.span)))

    def top(self, root: Value) -> None:
        if root.kind != "map":
            self.wrong("a configuration is a map of settings", root.grip)
            return
        for key, value in root.entries.items():
            if key in self.keys:
                self.keys[key](value)
            else:
                self.wrong(unknown("key", key, self.keys), value.grip)

    def texts(self, value: Value, what: str) -> list[Value]:
        """The elements of a list of texts; one text stands for a list of one."""
        items = [value] if value.kind == "str" else value.items
        if value.kind not in ("str", "list"):
            self.wrong(f"`{what}` is a list of texts", value.grip)
        for item in items:
            if item.kind != "str" or not item.text.strip():
                self.wrong(f"`{what}` is a list of texts", item.grip)
        return [item for item in items if item.kind == "str" and item.text.strip()]

    def pairs(self, value: Value, what: str) -> dict[str, Value]:
        """The entries of a map from name to scalar."""
        if value.kind != "map":
            self.wrong(f"`{what}` is a map", value.grip)
        good = {}
        for key, held in value.entries.items():
            if held.text:
                good[key] = held
                self.config.places[what, key] = place(held.grip)
            else:
                self.wrong(f"`{key}` in `{what}` has no value; write one", held.grip)
        return good

    def word(self, value: Value, what: str, known: tuple[str, ...]) -> str:
        if value.text in known and value.kind == "str":
            return value.text
        sentence = unknown("value", value.text, known)
        if not sentence.endswith("?"):
            sentence = f"`{what}` is one of " + ", ".join(f"`{each}`" for each in known)
        self.wrong(sentence, value.span)
        return ""

    def paths(self, value: Value) -> None:
        if value.kind != "map":
            self.wrong("`paths` is a map with `include` and `exclude`", value.grip)
        for key, held in value.entries.items():
            if key not in PATHS:
                self.wrong(unknown("key", key, PATHS), held.grip)
                continue
            items = self.texts(held, f"paths.{key}")
            setattr(self.config, key, [item.text for item in items])
            for item in items:
                self.loosens(key, item.text, item)

    def chosen(self, value: Value) -> None:
        key = str(value.key)
        items = self.texts(value, key)
        setattr(self.config, key, [item.text for item in items])
        for item in items:
            self.config.places[key, item.text] = place(item.span)
            self.loosens(key, item.text, item)

    def severity(self, value: Value) -> None:
        for rule, held in self.pairs(value, "severity").items():
            level = self.word(held, rule, SEVERITIES)
            if level:
                self.config.severity[rule] = level  # type: ignore[assignment]
                self.loosens("severity", rule, held)

    def profile(self, value: Value) -> None:
        self.config.profile = self.word(value, "profile", PROFILES)

    def fail_on(self, value: Value) -> None:
        self.config.fail_on = self.word(value, "fail-on", FAIL_ON)
        if self.config.fail_on in ("high", "critical", "never"):
            self.loosens("fail-on", self.config.fail_on, value)

    def assume(self, value: Value) -> None:
        from packaging.version import InvalidVersion, Version

        for product, held in self.pairs(value, "assume").items():
            try:
                self.config.assume[product] = str(Version(held.raw if held.kind != "str" else held.text))
            except InvalidVersion:
                self.wrong(f"`{held.text}` is no version; write one as in `2.1.30`", held.span)

    def folders(self, value: Value) -> None:
        for item in self.texts(value, str(value.key)):
            path = self.path_of(item)
            if not path:
                continue
            if not os.path.isdir(path):
                self.wrong(f"there is no directory `{item.text}`", item.span)
            getattr(self.config, str(value.key)).append(path)

    def policy(self, value: Value) -> None:
        if value.kind != "str" or not value.text:
            self.wrong("`policy` is the path of a file", value.grip)
        else:
            self.config.policy, self.config.policy_text = self.path_of(value), value.text
            self.config.places["policy", ""] = place(value.span)

    def mandatory(self, value: Value) -> None:
        items = self.texts(value, "mandatory")
        self.config.mandatory = [item.text for item in items]
        self.config.places |= {("mandatory", item.text): place(item.span) for item in items}

    def path_of(self, value: Value) -> str:
        """The absolute path that a text means; empty, with a message, for one that leaves the directory."""
        path = os.path.normpath(os.path.join(self.config.base, value.text))
        if self.trusted or ("\0" not in path and _inside(path, self.config.base)):
            return path
        self.wrong(f"`{value.text}` leaves the directory of this file; give it on the command line", value.span)
        return ""

    def waivers(self, value: Value) -> None:
        if value.kind == "str":
            held = self.waiver_file(value)
            if held is None:
                return
            value = held
        waivers, problems = parse_waivers(value)
        for what, span in problems:
            self.wrong(what, span)
        self.config.waivers = waivers
        self.config.loosenings += [Loosening("waiver", waiver.rule, waiver.place) for waiver in waivers]

    def waiver_file(self, value: Value) -> Value | None:
        """The list of waivers in a file of its own."""
        path = self.path_of(value)
        if not path:
            return None
        try:
            data = _bytes(path)
        except OSError:
            data = None
        if data is None:
            self.wrong(f"there is no file `{value.text}`", value.span)
            return None
        document = read(Source(posixpath.join(posixpath.dirname(self.config.path), value.text), data), "yaml12")
        for problem in document.problems:
            self.wrong(problem.what, problem.span)
        root = document.root
        return root.entries.get("waivers", root) if root is not None else None


PATHS = ("include", "exclude")
KEYS = ("paths", "select", "ignore", "severity", "profile", "fail-on", "assume", "rules", "schemas", "waivers",
        "policy")


def place(span: Span) -> str:
    """`path:line:column` of where something starts."""
    line, column = span.begin
    return f"{span.source.path}:{line}:{column}"


def _shown(path: str, cwd: str) -> str:
    try:
        return os.path.relpath(path, cwd).replace(os.sep, "/")
    except ValueError:
        return path.replace(os.sep, "/")


def _prefix(cwd: str, base: str) -> str:
    """The working directory seen from `base`; a file that lies elsewhere speaks of the working directory."""
    here, top = os.path.abspath(cwd), os.path.join(base, "")
    return here[len(top):].replace(os.sep, "/") + "/" if here.startswith(top) and here != base else ""


def _bytes(path: str) -> bytes | None:
    """The file's content, one byte more than a reader takes at most; none for what is no regular file."""
    if not os.path.isfile(path):
        return None
    with open(path, "rb") as stream:
        return stream.read(DEFAULT.bytes + 1)


def _inside(path: str, folder: str) -> bool:
    real, base = os.path.realpath(path), os.path.realpath(folder)
    return real == base or real.startswith(os.path.join(base, ""))
