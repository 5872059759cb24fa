"""Rule files: what they declare, what is wrong with them, their messages, findings and own tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant import ruleschema
from overgrant.finding import findings_of, number
from overgrant.match import RuleError
from overgrant.model import KIND_OF, Agent, Grant, Root, World
from overgrant.read import read
from overgrant.report.text import render
from overgrant.rule import Finding, Fix, Hit, Place, Rule
from overgrant.rulefile import KEYS, RuleFile, compile_rules, load_compiled, load_dir, load_rule
from overgrant.ruletest import Failure, expanded, fake, run_tests, stripped, trees
from overgrant.template import CLIP, clean, fill, parts, safe
from overgrant.text import Edit, Source, Span

SCHEMAS = Path(__file__).parent.parent / "schemas"
HEAD = """---
id: open-shell
subject: grant
severity: high
confidence: medium
profile: strict
status: preview
since: 0.1.0
replaces: [wild-shell]
when:
  capability: exec.shell
  breadth: {above: prefix}
message: "`{agent}` may run `{text}` without asking"
at: text
label: matches every command
related: {effects: "does {effects}"}
help: ["write `{suggestion}` instead", "name the commands"]
fix: suggestion
references: [CWE-250, "CWE-732: Incorrect Permission Assignment"]
---
# Open shell

Why it matters.
"""


def write(base: Path, name: str, text: str) -> Path:
    path = base / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def loaded(text: str, path: str = "rules/scope/open-shell.md") -> RuleFile:
    return load_rule(Source(path, text.encode()), "scope")


def errors(text: str, path: str = "rules/scope/open-shell.md") -> str:
    with pytest.raises(RuleError) as caught:
        loaded(text, path)
    return str(caught.value)


# --- declarations ----------------------------------------------------------------------------------


def test_everything_declared_is_in_the_rule() -> None:
    rule = loaded(HEAD).rule
    assert {name: getattr(rule, name) for name in Rule.__slots__ if name not in ("check", "_whole")} == {
        "id": "open-shell", "family": "scope", "subject": "grant", "severity": "high", "confidence": "medium",
        "profile": "strict", "status": "preview", "since": "0.1.0", "replaces": ("wild-shell",),
        "message": "`{agent}` may run `{text}` without asking", "label": "matches every command", "at": "text",
        "related": {"effects": "does {effects}"}, "fix": "suggestion", "title": "Open shell",
        "help": "write `{suggestion}` instead\nname the commands", "path": "rules/scope/open-shell.md",
        "references": ("CWE-250", "CWE-732: Incorrect Permission Assignment")}


@pytest.mark.parametrize(("old", "new", "error"), [
    ("severity: high", "serverity: high", "4:1: unknown key `serverity`; did you mean `severity`?"),
    ("severity: high\n", "", "`severity` is missing"),
    ("severity: high", "severity: error", "4:1: `severity` has no word `error`; it has info, low, medium"),
    ("severity: high", "severity: hihg", "`severity` has no word `hihg`; did you mean `high`?"),
    ("subject: grant", "subject: grants", "`subject` has no word `grants`; did you mean `grant`?"),
    ("profile: strict", "profile: loose", "`profile` has no word `loose`"),
    ("id: open-shell", "id: closed-shell", "the file is called `open-shell.md`; name it `closed-shell.md`"),
    ("id: open-shell", "id: Open_Shell", "`Open_Shell` is not kebab-case"),
    ("since: 0.1.0", "since: 0.1", "`since` wants a text, got float"),
    ("breadth: {above", "breath: {above", "12:3: unknown field `breath`; did you mean `breadth`?"),
    ("{text}", "{txet}", "`message` has an unknown placeholder `{txet}`; did you mean `text`?"),
    ("{text}", "{text", "`message`: `{` without `}`"),
    ("{suggestion}", "{suggest}", "`help` has an unknown placeholder `{suggest}`; did you mean `suggestion`?"),
    ("{effects: \"does {effects}\"}", "{effcts: x}", "16:11: unknown field `effcts`; did you mean `effects`?"),
    ("at: text", "at: txt", "14:1: unknown field `txt`; did you mean `text`?"),
    ("does {effects}", "does {nothing}", "`effects` has an unknown placeholder `{nothing}`"),
    ("[CWE-250,", "['https://cwe.example/250',", "a reference is an id with or without a title"),
    ("# Open shell", "Open shell", "a rule has a heading"),
    ("when:\n  capability: exec.shell\n  breadth: {above: prefix}\n", "", "a rule has a condition: `when:`, or"),
    ("fix: suggestion", "check: open_shell.py", "`open_shell.py` is no Python file beside the rule"),
    ("fix: suggestion", "check: ../x.py", "`../x.py` is no Python file beside the rule"),
    ("---\nid", "id", "a rule starts with frontmatter between two `---` lines"),
    ("status: preview", "status: preview\nstatus: stable", "the key `status` stands here again"),
])
def test_errors_of_the_declaration(old: str, new: str, error: str) -> None:
    assert old in HEAD
    text = errors(HEAD.replace(old, new, 1))
    assert error in text
    assert all(line.startswith("rules/scope/open-shell.md:") for line in text.splitlines())


def test_the_schema_is_what_the_model_says(accept: bool) -> None:
    text = json.dumps(ruleschema.build(), indent=1, ensure_ascii=False) + "\n"
    path = SCHEMAS / "rule.schema.json"
    if accept:
        path.write_text(text)
    assert path.read_text() == text, "the model has changed; run pytest --accept"


def test_the_schema_accepts_and_refuses_what_the_loader_does() -> None:
    import jsonschema

    schema = ruleschema.build()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    def valid(text: str) -> bool:
        root = read(Source("x.md", text.encode()), "markdown").root
        assert root is not None
        return bool(validator.is_valid(root.plain()))

    assert set(schema["properties"]) == set(KEYS)
    assert valid(HEAD)
    for old, new in (("severity: high", "serverity: high"), ("breadth: {above", "breath: {above"),
                     ("above: prefix", "above: preffix"), ("subject: grant", "subject: hook")):
        assert not valid(HEAD.replace(old, new, 1)), new


# --- directories -----------------------------------------------------------------------------------


SCRIPT = """from overgrant.model import Grant
from overgrant.rule import Hit


def check(subject, world):
    if subject.text.startswith("Bash"):
        yield Hit(words={"extra": "more"})
"""
WITH_SCRIPT = HEAD.replace("fix: suggestion", "check: open_shell.py").replace("`{text}`", "`{text}` {extra}")


def test_a_directory_is_loaded_by_family_and_compiled(tmp_path: Path) -> None:
    write(tmp_path, "scope/open-shell.md", WITH_SCRIPT)
    write(tmp_path, "scope/open_shell.py", SCRIPT)
    write(tmp_path, "hook/wild.md", HEAD.replace("open-shell", "wild"))
    write(tmp_path, "README.md", "# Rules\n")
    files = load_dir(tmp_path, trust_python=True)
    assert [(file.rule.family, file.rule.id) for file in files] == [("hook", "wild"), ("scope", "open-shell")]
    data = json.loads(json.dumps(compile_rules(tmp_path)))
    assert str(tmp_path) not in json.dumps(data)
    again = load_compiled(data, tmp_path)
    for one, other in zip((file.rule for file in files), again):
        assert {name: getattr(one, name) for name in Rule.__slots__ if name not in ("check", "_whole")} == {
            name: getattr(other, name) for name in Rule.__slots__ if name not in ("check", "_whole")}
    grant = shell_grant()
    for rule in again:
        assert [finding.message for finding in findings_of(rule, grant, World())] == [
            "`triage` may run `Bash(*)` without asking" if rule.id == "wild" else
            "`triage` may run `Bash(*)` more without asking"]


def test_when_narrows_what_check_decides(tmp_path: Path) -> None:
    write(tmp_path, "scope/open-shell.md", WITH_SCRIPT)
    write(tmp_path, "scope/open_shell.py", SCRIPT)
    rule = load_dir(tmp_path, trust_python=True)[0].rule
    grant = shell_grant()
    assert len(findings_of(rule, grant, World())) == 1
    grant.text = "Read"
    assert findings_of(rule, grant, World()) == []
    grant.text, grant.breadth = "Bash(*)", "exact"
    assert findings_of(rule, grant, World()) == []


def test_python_of_others_is_refused_unless_trusted(tmp_path: Path) -> None:
    write(tmp_path, "scope/open-shell.md", WITH_SCRIPT)
    write(tmp_path, "scope/open_shell.py", "raise SystemExit('code of the linted tree ran')\n" + SCRIPT)
    with pytest.raises(RuleError, match=r"is Python from this directory.*--trust-python .*scope"):
        load_dir(tmp_path, trust_python=False)
    assert len(load_dir(tmp_path, trust_python=True)) == 1, "loading a rule runs nothing"


@pytest.mark.parametrize(("script", "error"), [
    ("def other(): ...\n", "defines no function `check(subject, world)`"),
    ("def check(: ...\n", "is no Python that can be read"),
    ("from overgrant.power import decide\n" + SCRIPT, "imports `overgrant.power`; a rule imports overgrant.rule"),
    (SCRIPT.replace("extra", "other"), "unknown placeholder `{extra}`"),
])
def test_python_beside_a_rule_is_checked_without_running_it(tmp_path: Path, script: str, error: str) -> None:
    write(tmp_path, "scope/open-shell.md", WITH_SCRIPT)
    write(tmp_path, "scope/open_shell.py", script)
    with pytest.raises(RuleError) as caught:
        load_dir(tmp_path, trust_python=True)
    assert error in str(caught.value)


def test_errors_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "scope/open-shell.md", HEAD.replace("severity: high", "severity: x"))
    write(tmp_path, "hook/open-shell.md", HEAD)
    write(tmp_path, "network/open-shell.md", HEAD)
    write(tmp_path, "misc/open-shell.md", HEAD)
    with pytest.raises(RuleError) as caught:
        load_dir(tmp_path, trust_python=False)
    text = str(caught.value)
    assert "`severity` has no word `x`" in text
    assert "`open-shell` is declared in" in text
    assert "the rule stands in no family folder; move it to one of scope, budget" in text


def test_the_path_of_every_run_imports_no_reader() -> None:
    code = ("import sys; sys.path.insert(0, 'linter'); import overgrant.rulefile, overgrant.finding, "
            "overgrant.report.text, overgrant.report.json; print(sorted({'yaml', 'jsonschema', 'dataclasses', "
            "'difflib', 'overgrant.match', 'overgrant.read', 'libcst', 'inspect'} & set(sys.modules)))")
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True,
                          cwd=Path(__file__).parent.parent)
    assert done.stdout.strip() == "[]"


# --- messages --------------------------------------------------------------------------------------


def grant_of(text: str, **fields: Any) -> Grant:
    grant = Grant()
    grant.text = text
    for name, value in fields.items():
        setattr(grant, name, value)
    return grant


def shell_grant() -> Grant:
    agent = Agent()
    agent.name = "triage"
    root = read(Source("agent.yaml", b"tools: ['Bash(*)']\neffects: [network]\n"), "yaml").root
    assert root is not None
    value = root.get("tools", 0)
    assert value is not None
    grant = Grant(value)
    grant.text, grant.capability, grant.breadth, grant.agent = "Bash(*)", "exec.shell", "all", agent
    grant.effects = ("network",)
    grant.at = {"text": value, "capability": value, "breadth": root.entries["effects"]}
    grant.root = Root(".", "claude")
    return grant


@pytest.mark.parametrize(("template", "filled"), [
    ("`{text}` {{braces}}", "`Bash(*)` {braces}"),
    ("{effects}", "network, sends"),
    ("{duplicate}|{tool}|{explicit}", "||true"),
    ("{agent}", "triage (apps/web)"),
    ("{agent.name} {agent.started-by} {agent.containment.type}", "triage anyone "),
    ("{root} {path}", "apps/web "),
    ("write `{suggestion}`\nname them", "name them"),
    ("write `{text}`\nname them", "write `Bash(*)`"),
    ("write `{suggestion}`", "write ``"),
    ("{word} {two-words}", "w w2"),
])
def test_fill(template: str, filled: str) -> None:
    agent = Agent()
    agent.name, agent.started_by, agent.root = "triage", "anyone", Root("apps/web", "claude")
    grant = grant_of("Bash(*)", agent=agent, effects=("network", "sends"), root=agent.root)
    assert fill(template, grant, {"word": "w", "two_words": "w2"}) == filled


def test_a_grant_of_no_agent_belongs_to_its_product() -> None:
    assert fill("`{agent}`", grant_of("x", root=Root(".", "claude"))) == "`claude`"


@pytest.mark.parametrize(("text", "shown"), [
    ("a\x1b[31mb", "a\\u{1b}[31mb"), ("a\u202eb", "a\\u{202e}b"), ("a\u200bb", "a\\u{200b}b"), ("a\x9bb", "a\\u{9b}b"),
    ("a\nb\tc", "a b c"), ("`x`", "'x'"), ("x" * 200, "x" * 119 + "…"), ("日本", "日本"), ("\U000e0041", "\\u{e0041}"),
    ("\ud800", "\\u{d800}"), ("\u2028", ""), ("\ufeffa", "\\u{feff}a"), ("\u3164", "\\u{3164}"),
])
def test_hostile_values(text: str, shown: str) -> None:
    assert fill("{text}", grant_of(text)) == shown


@settings(deadline=None, max_examples=100)
@given(st.text())
def test_filled_text_is_one_short_visible_line(text: str) -> None:
    filled = fill("{text}", grant_of(text))
    assert len(filled) <= CLIP
    assert "`" not in filled
    assert filled.isprintable()
    assert safe(safe(text)) == safe(text)
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize("template", ["{", "}", "a {b", "{a{b}}", "a}"])
def test_unbalanced_braces_are_refused(template: str) -> None:
    with pytest.raises(ValueError, match="without"):
        parts(template)


# --- findings --------------------------------------------------------------------------------------


def rule_with(check: Any, **fields: Any) -> Rule:
    declared: dict[str, Any] = {"id": "x", "family": "scope", "subject": "grant", "severity": "low", "message": "m",
                                "help": "h", "label": "l", **fields}
    return Rule(check=check, **declared)


def test_places_of_a_finding() -> None:
    grant = shell_grant()
    grant.implied = ["fs.write \x1b through the shell"]
    rule = rule_with(lambda fact, world: [Hit(witnesses=[fact.at["text"], fact.at["breadth"]])],
                     related={"breadth": "does {effects}"})
    (finding,) = findings_of(rule, grant, World())
    assert [(place.role, place.span.text, place.label) for place in finding.places] == [
        ("primary", "'Bash(*)'", "l"), ("related", "effects", "does network")]
    assert finding.implies == ["fs.write \\u{1b} through the shell"]
    assert (finding.message, finding.help, finding.severity) == ("m", "h", "low")


def test_a_hit_may_point_elsewhere() -> None:
    grant = shell_grant()
    other = Source("b.yaml", b"abc\n")
    hit = Hit(primary=grant.at["breadth"].span, places=[Place(other.span(0, 3), "there")],
              fixes=[Fix("t", "safe")])
    (finding,) = findings_of(rule_with(lambda fact, world: [hit]), grant, World())
    assert finding.primary.span.text == "[network]"
    assert [(place.span.source.path, place.label) for place in finding.places[1:]] == [("b.yaml", "there")]
    assert finding.fixes == hit.fixes


def test_a_rule_may_point_at_a_field() -> None:
    grant = shell_grant()
    (finding,) = findings_of(rule_with(lambda fact, world: [Hit()], at="breadth"), grant, World())
    assert finding.primary.span.text == "effects"
    grant.at.pop("breadth")
    (finding,) = findings_of(rule_with(lambda fact, world: [Hit()], at="breadth"), grant, World())
    assert finding.primary.span.text == "'Bash(*)'"


def test_a_default_points_at_its_agent_and_nowhere_at_nothing() -> None:
    rule = rule_with(lambda fact, world: [Hit()])
    grant = Grant()
    assert findings_of(rule, grant, World()) == []
    grant.agent = Agent(shell_grant().value)
    assert findings_of(rule, grant, World())[0].primary.span.text == "'Bash(*)'"


def moved_grant(text: str, lines: int) -> Grant:
    root = read(Source("agent.yaml", ("# c\n" * lines + f"tools: ['{text}']\n").encode()), "yaml").root
    assert root is not None
    grant = Grant(root.get("tools", 0))
    grant.text, grant.where = text, "tools"
    return grant


def test_fingerprints_do_not_depend_on_lines_but_on_everything_else() -> None:
    rule = rule_with(lambda fact, world: [Hit()])
    other = rule_with(lambda fact, world: [Hit()], id="y")

    def print_of(rule: Rule, grant: Grant) -> str:
        return findings_of(rule, grant, World())[0].fingerprint

    base = print_of(rule, moved_grant("Bash(*)", 0))
    assert len(base) == 24
    assert base == print_of(rule, moved_grant("Bash(*)", 7))
    elsewhere = moved_grant("Bash(*)", 0)
    elsewhere.root = Root("apps/web", "claude")
    assert len({base, print_of(rule, moved_grant("Read", 0)), print_of(other, moved_grant("Bash(*)", 0)),
                print_of(rule, elsewhere)}) == 4


def test_equal_fingerprints_are_numbered() -> None:
    rule = rule_with(lambda fact, world: [Hit()])
    findings = [findings_of(rule, moved_grant("Bash(*)", lines), World())[0] for lines in range(3)]
    first = findings[0].fingerprint
    number(findings)
    assert findings[0].fingerprint == first
    assert len({finding.fingerprint for finding in findings}) == 3


# --- tests inside rule files -----------------------------------------------------------------------


TESTED = HEAD.replace("fix: suggestion\n", "").replace(
    'help: ["write `{suggestion}` instead", "name the commands"]', "help: name the commands") + """
```yaml agent.yaml
tools:
  - Read
  - Bash(*)     # error: [open-shell]
```

```report
```

```diff
```

## Leaves alone

Some text with `inline`.

```yaml agent.yaml
tools: [Read]
```

```sh
overgrant check     # error: [not-a-test]
```
"""


def lint(files: dict[str, bytes]) -> list[Finding]:
    """A linter small enough to see through: every `Bash(…)` in `tools` is an open shell."""
    found = []
    rule = loaded(TESTED).rule
    for path, data in sorted(files.items()):
        source = Source(path, data)
        root = read(source, "yaml").root
        for value in root.entries["tools"].items if root is not None and "tools" in root.entries else []:
            grant = Grant(value)
            grant.text = value.text
            grant.capability, grant.breadth = "fs.read", ""
            if value.text.startswith("Bash"):
                grant.capability, grant.breadth = "exec.shell", "all"
            grant.root = Root(".", "triage")
            for finding in findings_of(rule, grant, World()):
                start, end = value.span.start, value.span.end
                finding.fixes = [Fix("name it", "unsafe", [Edit(Span(source, start, end), "Read")])]
                found.append(finding)
    return found


def show(findings: list[Finding]) -> str:
    return "\n\n".join(render(finding) for finding in findings)


def written(tmp_path: Path, text: str) -> RuleFile:
    return load_dir(write(tmp_path, "scope/open-shell.md", text), trust_python=False)[0]


def test_trees() -> None:
    first, second = trees(loaded(TESTED))
    assert (first.heading, second.heading) == ("Open shell", "Leaves alone")
    assert first.files == {"agent.yaml": "tools:\n  - Read\n  - Bash(*)\n"}
    assert first.expected == {("agent.yaml", 3, "open-shell")}
    assert first.report is not None
    assert first.diff is not None
    assert second.expected == set()
    assert second.report is None
    lines = TESTED.splitlines()
    assert [lines[tree.line - 1] for tree in (first, second)] == ["```yaml agent.yaml"] * 2


def test_consecutive_fences_are_one_tree_until_a_path_comes_again() -> None:
    body = ("```yaml a\nx: 1\n```\nprose\n```yaml b\nx: 1\n```\n```yaml a\nx: 2\n```\n"
            "# New\n```yaml c\n# no heading\n```\n")
    assert [(tree.heading, sorted(tree.files)) for tree in trees(loaded(HEAD + body))] == [
        ("Open shell", ["a", "b"]), ("Open shell", ["a"]), ("New", ["c"])]


def test_blocks_are_rewritten_and_then_hold(tmp_path: Path) -> None:
    file = written(tmp_path, TESTED)
    stale = run_tests(file, lint, render=show)
    assert [failure.message.splitlines()[0] for failure in stale] == [
        "the report differs from what is printed:", "the diff differs from what is printed:"]
    assert run_tests(file, lint, render=show, rewrite=True) == []
    text = file.file.read_text()
    assert "high[open-shell]: `triage` may run `Bash(*)` without asking\n --> agent.yaml:3:5\n" in text
    assert "-  - Bash(*)\n+  - Read\n" in text
    assert text.count("# error: [open-shell]") == 1
    assert run_tests(written(tmp_path, text), lint, render=show) == []


@pytest.mark.parametrize(("old", "new", "error"), [
    ("  - Read\n", "  - Bash(git)\n", "`open-shell` is found at agent.yaml:2, and no assertion says so"),
    ("Bash(*)", "Read", "`open-shell` is not found at agent.yaml:3"),
    ("     # error: [open-shell]", "", "no tree asserts `error: [open-shell]`; show what the rule finds"),
    ("tools: [Read]\n", "tools: ['Bash(a)'] # error: [open-shell]\n", "no tree is without an assertion"),
    ("[open-shell]\n", "[open-shell, other]\n", "`other` is not found at agent.yaml:3"),
])
def test_failures(tmp_path: Path, old: str, new: str, error: str) -> None:
    failures = run_tests(written(tmp_path, TESTED.replace(old, new, 1)), lint)
    assert any(error in failure.message for failure in failures), failures


def test_a_fix_that_does_not_help_is_a_failure(tmp_path: Path) -> None:
    def stubborn(files: dict[str, bytes]) -> list[Finding]:
        found = lint(files)
        for finding in found:
            edit = finding.fixes[0].edits[0]
            finding.fixes = [Fix("x", "safe", [Edit(edit.span, "Bash(other)")])]
        return found

    failures = run_tests(written(tmp_path, TESTED), stubborn, rewrite=True)
    assert [failure.message for failure in failures] == [
        "after the fix, `open-shell` is still found at agent.yaml:3"]
    assert str(failures[0]) == str(Failure(failures[0].path, failures[0].line, failures[0].message))


@pytest.mark.parametrize(("language", "text", "left", "ids"), [
    ("yaml", "a: 1  # error: [x]", "a: 1", ["x"]),
    ("toml", "a = 1 # error: [x, y-z]", "a = 1", ["x", "y-z"]),
    ("python", "f() # error: [x] [y]", "f()", ["x", "y"]),
    ("json", '{"a": "http://b" // error: [x]', '{"a": "http://b"', ["x"]),
    ("json", '"# error: [x]"', '"# error: [x]"', []),
    ("markdown", "Do it. <!-- error: [x] -->", "Do it.", ["x"]),
    ("markdown", "tools: Bash # error: [x]", "tools: Bash", ["x"]),
    ("yaml", "a: 1 # an error: [x] was here", "a: 1 # an error: [x] was here", []),
    ("text", "plain  ", "plain  ", []),
])
def test_assertions_are_cut_off(language: str, text: str, left: str, ids: list[str]) -> None:
    assert stripped(text, language) == (left, {1: ids} if ids else {})


def test_placeholders_in_manifests() -> None:
    assert expanded("a{U+202E}b{U+1F600}") == "a\u202eb\U0001f600"
    token = expanded("{secret:github-pat}")
    assert token == fake("github-pat") == expanded("{secret:github-pat}")
    assert len(token) == 40
    for kind in ("anthropic", "openai", "aws-access-key", "slack", "google-api", "generic"):
        assert fake(kind).isprintable()
        assert len(fake(kind)) >= 20
        assert fake(kind) not in Path(__file__).read_text()
    assert set(fake("aws-access-key")[4:]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    with pytest.raises(ValueError, match="no secret of kind `pin`"):
        expanded("{secret:pin}")


def test_every_kind_of_fact_can_be_a_subject() -> None:
    for kind in KIND_OF:
        text = (f"---\nid: r\nsubject: {kind}\nseverity: low\nmessage: m\nhelp: h\nwhen: {{explicit: true}}\n---\n"
                "# R\n")
        assert loaded(text, "rules/scope/r.md").rule.subject == kind
