"""Rules: the tests inside a rule file: fenced manifests, the findings they assert, and what is printed for them.

A fence whose info string is a language and a path is a file of a tree. Consecutive ones are one tree until the
next heading, the next `report` or `diff` block, or a path that the tree has already. An assertion is a comment
at the end of a line, `# error: [rule-id]`, `// error: [rule-id]` in JSON and JavaScript, or in the text of
Markdown `<!-- error: [rule-id] -->`; it is cut off before anything reads the file, which moves no other place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from overgrant.rule import Finding
from overgrant.text import Edit, Source, apply

if TYPE_CHECKING:
    from overgrant.rulefile import RuleFile
    from overgrant.text import Span

SLASHES = frozenset({"json", "jsonc", "json5", "js", "javascript", "ts", "typescript", "jsx", "tsx", "go", "rust"})
MARKDOWN = frozenset({"markdown", "md", "mdc", "text", "txt", "html", "xml"})

Lint = Callable[[dict[str, bytes]], list[Finding]]
Render = Callable[[list[Finding]], str]
Expected = tuple[str, int, str]


class Block(NamedTuple):
    """What the tool prints, as the file shows it; `span` is the content between the fences."""

    text: str
    span: Span
    line: int


class Tree(NamedTuple):
    """One tree of files under test.

    files     content by path, assertions cut off and placeholders expanded
    expected  (path, 1-based line, rule id) of every assertion
    line      line of the first fence in the rule file
    """

    heading: str
    files: dict[str, str]
    expected: set[Expected]
    report: Block | None
    diff: Block | None
    line: int


class Failure(NamedTuple):
    """A test that does not hold, at a line of the rule file."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def trees(rulefile: RuleFile) -> list[Tree]:
    """The trees under test in a rule file, in order."""
    from overgrant.read.markdown import fences

    found: list[Tree] = []
    heading, open_tree = "", False
    headings = _headings(rulefile)
    for fence in fences(rulefile.body):
        while headings and headings[0][0] < fence.line:
            heading, open_tree = headings.pop(0)[1], False
        language, _, path = fence.info.partition(" ")
        path = path.strip()
        if language in ("report", "diff") and not path:
            if found:
                block = Block(fence.text.text, fence.text.span, fence.line)
                last = found[-1]
                found[-1] = last._replace(report=block) if language == "report" else last._replace(diff=block)
            open_tree = False
        elif path:
            if not open_tree or path in found[-1].files:
                found.append(Tree(heading, {}, set(), None, None, fence.line))
            open_tree = True
            text, lines = stripped(fence.text.text, language)
            found[-1].files[path] = expanded(text)
            found[-1].expected.update((path, line, name) for line, names in lines.items() for name in names)
    return found


def run_tests(rulefile: RuleFile, lint: Lint, *, render: Render | None = None, rewrite: bool = False) -> list[Failure]:
    """What does not hold in a rule file's tests.

    lint     the findings of all rules in a tree of files
    render   findings as the text report prints them; without it, `report` blocks are not compared
    rewrite  write `report` and `diff` blocks anew instead of comparing them; never an assertion
    """
    run = _Run(rulefile, lint, render, rewrite)
    found = trees(rulefile)
    for tree in found:
        run.tree(tree)
    mine = [any(name == rulefile.rule.id for _, _, name in tree.expected) for tree in found]
    if not any(mine):
        run.fail(1, f"no tree asserts `error: [{rulefile.rule.id}]`; show what the rule finds")
    if all(mine):
        run.fail(1, "no tree is without an assertion; show what the rule leaves alone")
    if run.edits:
        rulefile.file.write_bytes(apply(rulefile.source, run.edits))
    return run.failures


class _Run:
    """One run over a rule file's trees."""

    def __init__(self, rulefile: RuleFile, lint: Lint, render: Render | None, rewrite: bool) -> None:
        self.rulefile = rulefile
        self.rule = rulefile.rule.id
        self.lint = lint
        self.render = render
        self.rewrite = rewrite
        self.failures: list[Failure] = []
        self.edits: list[Edit] = []

    def fail(self, line: int, message: str) -> None:
        self.failures.append(Failure(self.rulefile.source.path, line, message))

    def tree(self, tree: Tree) -> None:
        files = {path: text.encode("utf-8", "surrogatepass") for path, text in tree.files.items()}
        findings = self.lint(files)
        asserted = {self.rule, *(name for _, _, name in tree.expected)}
        actual = {_placed(finding) for finding in findings if finding.rule.id in asserted}
        for path, line, name in sorted(tree.expected - actual):
            self.fail(tree.line, f"`{name}` is not found at {path}:{line}")
        for path, line, name in sorted(actual - tree.expected):
            self.fail(tree.line, f"`{name}` is found at {path}:{line}, and no assertion says so")
        mine = [finding for finding in findings if finding.rule.id == self.rule]
        if tree.report is not None and self.render is not None:
            self.block(tree.report, self.render(mine), "report")
        if tree.diff is not None:
            self.diff(tree.diff, files, mine)

    def block(self, block: Block, printed: str, what: str) -> None:
        text = printed.strip("\n") + "\n"
        if text.splitlines() == [line.rstrip() for line in block.text.splitlines()]:
            return
        if self.rewrite:
            self.edits.append(Edit(block.span, text))
            return
        from difflib import ndiff

        shown = "\n".join(line for line in ndiff(block.text.splitlines(), text.splitlines()) if line[:1] in "-+")
        self.fail(block.line, f"the {what} differs from what is printed:\n{shown}")

    def diff(self, block: Block, files: dict[str, bytes], findings: list[Finding]) -> None:
        from difflib import unified_diff

        edited = patched(files, findings)
        lines: list[str] = []
        for path in sorted(files):
            if edited[path] != files[path]:
                before, after = files[path].decode(), edited[path].decode()
                lines += [line.rstrip("\n") for line in unified_diff(
                    before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", lineterm="")]
        if not lines:
            return self.fail(block.line, "the rule offers no fix here, so there is no diff")
        self.block(block, "\n".join(line.rstrip() for line in lines), "diff")
        for finding in self.lint(edited):
            if finding.rule.id == self.rule:
                path, line, _ = _placed(finding)
                self.fail(block.line, f"after the fix, `{self.rule}` is still found at {path}:{line}")
        return None


def patched(files: dict[str, bytes], findings: Iterable[Finding]) -> dict[str, bytes]:
    """The files after the first fix with edits of every finding; a fix that overlaps an earlier one is left out."""
    edits: dict[str, list[Edit]] = {path: [] for path in files}
    for finding in findings:
        fix = next((fix for fix in finding.fixes if fix.edits), None)
        if fix is None or any(edit.overlaps(other) for edit in fix.edits for other in edits.get(edit.span.source.path, ())):
            continue
        for edit in fix.edits:
            edits.setdefault(edit.span.source.path, []).append(edit)
    return {path: apply(Source(path, data), edits[path]) if edits[path] else data for path, data in files.items()}


def _placed(finding: Finding) -> Expected:
    span = finding.primary.span
    return span.source.path, span.begin[0], finding.rule.id


# --- what stands in a fence ------------------------------------------------------------------------


def stripped(text: str, language: str) -> tuple[str, dict[int, list[str]]]:
    """The text without its assertions, and the rule ids that each 1-based line asserts."""
    found: dict[int, list[str]] = {}
    lines = text.split("\n")
    pattern = _assertion("slash" if language in SLASHES else "markdown" if language in MARKDOWN else "hash")
    for index, line in enumerate(lines):
        match = pattern.search(line)
        if match is not None:
            ids = next(group for group in match.groups() if group)
            found[index + 1] = re.findall(r"[a-z0-9-]+", ids)
            lines[index] = line[:match.start()].rstrip(" \t")
    return "\n".join(lines), found


@cache
def _assertion(style: str) -> re.Pattern[str]:
    ids = r"[ ]*error:[ ]*((?:\[[a-z0-9, -]+\][ ]*)+)"
    if style == "slash":
        return re.compile(rf"//{ids}$")
    if style == "hash":
        return re.compile(rf"#{ids}$")
    return re.compile(rf"(?:<!--{ids}-->|#{ids})[ ]*$")


def expanded(text: str) -> str:
    """The text with `{U+202E}` and `{secret:github-pat}` replaced by what they stand for.

    Raises `ValueError` for a kind of secret that does not exist.
    """
    return re.sub(r"\{U\+([0-9A-F]{4,6})\}|\{secret:([a-z0-9-]+)\}",
                  lambda match: chr(int(match[1], 16)) if match[1] else fake(match[2]), text)


@cache
def fake(kind: str) -> str:
    """A credential that is well-formed and opens nothing, the same in every run.

    Forms: https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
    (prefix; the last six characters are a checksum), and the prefixes that the other providers document.
    """
    if kind == "github-pat":
        body = _body(kind, 30)
        return "ghp" + "_" + body + _checksum(body)
    forms = {
        "anthropic": ("sk" + "-ant-api03-", 93, "AA"),
        "openai": ("sk" + "-proj-", 74, "T3Blbk" + "FJ" + _body("openai-end", 74)),
        "aws-access-key": ("AK" + "IA", 16, ""),
        "slack": ("xo" + "xb-" + "271828182845-314159265358-", 24, ""),
        "google-api": ("AI" + "za", 35, ""),
        "generic": ("", 40, ""),
    }
    if kind not in forms:
        raise ValueError(f"no secret of kind `{kind}`; there are github-pat, {', '.join(forms)}")
    prefix, size, suffix = forms[kind]
    body = _body(kind, size)
    return prefix + (body.upper().translate(str.maketrans("0189", "GHJK")) if prefix == "AKIA" else body) + suffix


_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _body(seed: str, size: int) -> str:
    from hashlib import sha512

    data = b"".join(sha512(f"overgrant {seed} {part}".encode()).digest() for part in range(size // 64 + 1))
    return "".join(_BASE62[byte % 62] for byte in data[:size])


def _checksum(body: str) -> str:
    from zlib import crc32

    number, digits = crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits


def _headings(rulefile: RuleFile) -> list[tuple[int, str]]:
    """(line, text) of the headings of the body that stand outside its fences."""
    from overgrant.read.markdown import fences

    body = rulefile.body
    first = body.span.begin[0]
    inside = [(fence.line, fence.line + fence.text.text.count("\n") + 1) for fence in fences(body)]
    found = []
    for index, line in enumerate(body.text.split("\n")):
        number = first + index
        if re.match(r"#{1,6} ", line) and not any(low <= number < high for low, high in inside):
            found.append((number, line.lstrip("#").strip()))
    return found
