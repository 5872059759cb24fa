"""Rules: one Markdown file → one `Rule`. Frontmatter declares it, prose explains it, fenced manifests test it.

Built-in rules and an organisation's are loaded by the same functions: from Markdown by `load_dir`, or from
the plain data that `compile_rules` makes of a directory when the wheel is built. `load_compiled` is on the
path of every run and imports neither YAML nor the checker.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from overgrant.condition import Condition
from overgrant.model import KIND_OF, Fact, World
from overgrant.rule import CONFIDENCES, FAMILIES, FIXES, SEVERITIES, Check, Hit, Rule

if TYPE_CHECKING:
    from pathlib import Path

    from overgrant.text import Source, Span
    from overgrant.value import Value

STATUSES = ("stable", "preview")
PROFILES = ("default", "strict")
REQUIRED = ("id", "subject", "severity", "message", "help")
WORDS: dict[str, tuple[str, ...]] = {
    "subject": tuple(KIND_OF), "severity": SEVERITIES, "confidence": CONFIDENCES, "profile": PROFILES,
    "status": STATUSES, "fix": FIXES}
TEXTS = ("id", "since", "check", "at")
TEMPLATES = ("message", "label", "help")
LISTS = ("replaces", "references")
KEYS = ("id", "subject", "severity", "confidence", "profile", "status", "since", "replaces", "when", "check",
        "message", "at", "label", "related", "help", "fix", "references")
IMPORTS = ("overgrant.rule", "overgrant.model", "overgrant.scope")


class RuleFile:
    """A rule with the file that declares it.

    declaration  the rule as plain data; `path` is relative to the rules' directory
    body         the text below the frontmatter: prose and tests
    script       the Python file beside it, or None
    file         where the Markdown is on disk
    """

    __slots__ = ("body", "declaration", "file", "rule", "script", "source")

    def __init__(self, source: Source, file: Path, body: Value, declaration: dict[str, Any], rule: Rule,
                 script: Path | None) -> None:
        self.source = source
        self.file = file
        self.body = body
        self.declaration = declaration
        self.rule = rule
        self.script = script


class Judge:
    """A rule's condition: `when:` narrows, `check:` decides. Python is loaded when the rule first needs it."""

    __slots__ = ("_function", "condition", "script")

    def __init__(self, condition: Condition | None, script: str | None) -> None:
        self.condition = condition
        self.script = script
        self._function: Check | None = None

    def __call__(self, fact: Fact, world: World) -> Iterable[Hit]:
        witnesses = self.condition.test(fact) if self.condition is not None else []
        if witnesses is None:
            return ()
        if self.script is None:
            return (Hit(witnesses=witnesses),)
        if self._function is None:
            self._function = _function(self.script)
        hits = list(self._function(fact, world) or ())
        for hit in hits:
            hit.witnesses = hit.witnesses or witnesses
        return hits


def load_compiled(data: Any, directory: str | Path) -> list[Rule]:
    """The rules that `compile_rules` found in a directory, without reading it; Python is trusted."""
    base = os.fspath(directory)
    return [Rule.later({**rule, "replaces": tuple(rule["replaces"])}, partial(_whole, text, base))
            for rule, text in data["rules"]]


def _whole(text: str, base: str) -> Rule:
    return _rule(json.loads(text), base)


def compile_rules(directory: str | Path) -> dict[str, Any]:
    """All rules of a directory as plain JSON data: pairs of what every run asks, and everything as a text of JSON.

    Raises `RuleError` when one does not hold.
    """
    return {"version": 1, "rules": [[_principal(file.rule), json.dumps(file.declaration, ensure_ascii=False)]
                                    for file in load_dir(directory, trust_python=True)]}


def _principal(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in ("id", "family", "subject", "profile", "status", "replaces")}


def load_dir(path: str | Path, *, trust_python: bool) -> list[RuleFile]:
    """The rules in a directory of family folders (or in one family folder, or one file), ordered by path.

    Python beside a rule is refused unless it is trusted. Raises `RuleError` with every mistake of every file,
    and `OSError` when something cannot be read.
    """
    from pathlib import Path

    from overgrant.match import RuleError
    from overgrant.text import Source, Span

    base = Path(path)
    problems: list[tuple[str, Span]] = []
    found: dict[str, RuleFile] = {}
    for file in _files(base):
        source, family = Source(file.as_posix(), file.read_bytes()), file.resolve().parent.name
        if family not in FAMILIES:
            problems.append((f"the rule stands in no family folder; move it to one of {', '.join(FAMILIES)}",
                             Span.file(source)))
            continue
        try:
            loaded = load_rule(source, family, file=file, trust_python=trust_python)
        except RuleError as error:
            problems += error.problems
            continue
        if loaded.rule.id in found:
            problems.append((f"`{loaded.rule.id}` is declared in {found[loaded.rule.id].source.path} already",
                             Span.file(source)))
        found[loaded.rule.id] = loaded
    if problems:
        raise RuleError(problems)
    return list(found.values())


def load_rule(source: Source, family: str, *, file: Path | None = None, trust_python: bool = True) -> RuleFile:
    """The rule that a Markdown source declares. Raises `RuleError` with every mistake and its place.

    `file` is where the source is on disk, by default its path; `check:` names a file beside it.
    """
    from pathlib import Path

    from overgrant.match import RuleError
    from overgrant.read import read
    from overgrant.text import Span

    file = file or Path(source.path)
    document = read(source, "markdown")
    problems = [(problem.what, problem.span) for problem in document.problems]
    root, body = document.root, document.body
    if problems or root is None or body is None or root.kind != "map" or not root.entries:
        raise RuleError(problems or [("a rule starts with frontmatter between two `---` lines", Span.file(source))])
    reader = _Declaration(root, file)
    declaration = reader.read(family)
    title = next((line[2:].strip() for line in body.text.splitlines() if line.startswith("# ")), "")
    if not title:
        reader.fail(root, "a rule has a heading, `# …`, below its frontmatter")
    script = file.parent / declaration["check"] if declaration.get("check") else None
    if script is not None and not trust_python:
        reader.fail(root.entries["check"], f"`{script.name}` is Python from this directory; read it, and run with "
                                           f"`--trust-python {file.parent.as_posix()}` to trust it")
    if reader.problems:
        raise RuleError(reader.problems)
    declaration |= {"title": title, "path": f"{family}/{file.name}"}
    rule = _rule(declaration, os.fspath(file.parent.parent), file.as_posix())
    return RuleFile(source, file, body, declaration, rule, script)


def _files(base: Path) -> list[Path]:
    if base.is_file():
        return [base]
    found = [*base.glob("*.md"), *base.glob("*/*.md")]
    return sorted(file for file in found if file.name.lower() != "readme.md" and not file.name.startswith("."))


def _rule(declaration: dict[str, Any], base: str, file: str = "") -> Rule:
    file = file or f"{base}/{declaration['path']}".replace(os.sep, "/")
    fields = {key: value for key, value in declaration.items() if key not in ("when", "check", "path")}
    condition = Condition(declaration["when"], declaration["subject"]) if "when" in declaration else None
    script = os.path.join(os.path.dirname(file), declaration["check"]) if "check" in declaration else None
    return Rule(check=Judge(condition, script), path=file, **fields)


def _function(script: str) -> Check:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(f"overgrant_rule_{os.path.basename(script).removesuffix('.py')}", script)
    if spec is None or spec.loader is None:
        raise ImportError(f"{script} is no Python file")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Check = module.check
    return function


class _Declaration:
    """Reads frontmatter by hand, because a schema validator takes longer to import than all rules to load."""

    def __init__(self, root: Value, file: Path) -> None:
        self.root = root
        self.file = file
        self.problems: list[tuple[str, Span]] = []
        self.words: frozenset[str] = frozenset()

    def fail(self, value: Value, what: str, *, key: bool = False) -> None:
        span = value.key_span if key else None
        self.problems.append((what, span or value.grip))

    def read(self, family: str) -> dict[str, Any]:
        from overgrant.match import meant

        entries, out = self.root.entries, {"family": family}
        for key, value in entries.items():
            if key not in KEYS:
                self.fail(value, f"unknown key `{key}`{meant(key, KEYS)}", key=True)
        for key in REQUIRED:
            if key not in entries:
                self.fail(self.root, f"`{key}` is missing")
        if "when" not in entries and "check" not in entries:
            self.fail(self.root, "a rule has a condition: `when:`, or `check:` for Python")
        for key in KEYS:
            if key in entries and (data := self.entry(key, entries[key])):
                out[key] = data
        return out

    def entry(self, key: str, value: Value) -> Any:
        if key in WORDS:
            return self.word(key, value)
        if key == "when":
            return self.when(value)
        if key == "related":
            return self.related(value)
        if key in LISTS:
            return self.texts(key, value)
        if key in TEMPLATES:
            return self.template(key, value)
        if value.kind != "str" or not value.text:
            return self.fail(value, f"`{key}` wants a text, got {value.kind}")
        if key == "id":
            self.identity(value)
        if key == "check":
            self.script(value)
        if key == "at":
            self.field(value)
        return value.text

    def field(self, value: Value) -> None:
        from overgrant.match import fields_of, meant

        if self.subject and value.text not in (known := fields_of(self.subject)):
            self.fail(value, f"unknown field `{value.text}`{meant(value.text, known)}")

    def word(self, key: str, value: Value) -> str:
        from overgrant.match import meant

        if value.text not in WORDS[key]:
            self.fail(value, f"`{key}` has no word `{value.text}`"
                             f"{meant(value.text, WORDS[key]) or '; it has ' + ', '.join(WORDS[key])}")
        return value.text

    @property
    def subject(self) -> str:
        subject = self.root.get("subject")
        return subject.text if subject is not None and subject.text in KIND_OF else ""

    def when(self, value: Value) -> Any:
        from overgrant import match

        if not self.subject:
            return None
        try:
            return match.compile(value, self.subject).data
        except match.RuleError as error:
            self.problems += error.problems
            return None

    def identity(self, value: Value) -> None:
        text = value.text
        if not text.isascii() or not text.replace("-", "").isalnum() or text != text.lower() or "--" in text:
            self.fail(value, f"`{text}` is not kebab-case: small letters, digits and single dashes")
        if text != self.file.stem:
            self.fail(value, f"the file is called `{self.file.name}`; name it `{text}.md`")

    def texts(self, key: str, value: Value) -> list[str]:
        items = value.items if value.kind == "list" else [value]
        for item in items:
            if item.kind != "str":
                self.fail(item, f"`{key}` wants texts, got {item.kind}")
            elif key == "references" and ("://" in item.text or not item.text[:1].isupper()):
                self.fail(item, "a reference is an id with or without a title, such as `CWE-250`, and no address")
        return [item.text for item in items]

    def related(self, value: Value) -> dict[str, str]:
        from overgrant.match import meant
        from overgrant.template import known, names

        for name, label in value.entries.items():
            if self.subject and not known(name, self.subject):
                self.fail(label, f"unknown field `{name}`{meant(name, names(self.subject))}", key=True)
            self.template(name, label)
        if value.kind != "map":
            self.fail(value, "`related` wants labels by field")
        return {name: label.text for name, label in value.entries.items()}

    def template(self, key: str, value: Value) -> str:
        """One text, or several of which the first that can be filled is used; joined by line ends."""
        from overgrant.match import meant
        from overgrant.template import known, names, parts

        lines = [item.text for item in value.items] if value.kind == "list" else value.text.strip().split("\n")
        if not all(lines):
            self.fail(value, f"`{key}` wants a text")
        for line in lines:
            try:
                placeholders = [part.text for part in parts(line) if part.name]
            except ValueError as error:
                self.fail(value, f"`{key}`: {error}")
                continue
            for name in placeholders:
                if self.subject and not known(name, self.subject) and name.replace("-", "_") not in self.words:
                    self.fail(value, f"`{key}` has an unknown placeholder `{{{name}}}`"
                                     f"{meant(name, names(self.subject))}")
        return "\n".join(lines)

    def script(self, value: Value) -> None:
        """Checks the Python beside the rule without running it, and learns the words that it may add."""
        import ast

        path = self.file.parent / value.text
        if path.name != value.text or path.suffix != ".py" or path.is_symlink() or not path.is_file():
            return self.fail(value, f"`{value.text}` is no Python file beside the rule")
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return self.fail(value, f"`{value.text}` is no Python that can be read: {error}")
        words = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value.replace("-", "_"))
            elif isinstance(node, ast.keyword) and node.arg:
                words.add(node.arg)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [name.name for name in node.names]
                for name in names:
                    if name.split(".")[0] == "overgrant" and name not in IMPORTS:
                        self.fail(value, f"`{value.text}` imports `{name}`; a rule imports {', '.join(IMPORTS)}")
        if not any(isinstance(node, ast.FunctionDef) and node.name == "check" for node in tree.body):
            self.fail(value, f"`{value.text}` defines no function `check(subject, world)`")
        self.words = frozenset(words)
        return None
