"""The command line: exit codes, configuration, waivers, baselines, own rules, standard input."""

from __future__ import annotations

import gc
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import pytest

from overgrant import cli
from overgrant.command.check import FORMATS

SETTINGS = ".claude/settings.json"
OPEN = '{"permissions": {"allow": ["Bash(*)"]}}\n'
CLEAN = '{"permissions": {"allow": ["Bash(git status)"]}}\n'
ENV = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent / "linter"), "NO_COLOR": "1"}
COMMAND = [sys.executable, "-c", "from overgrant.cli import main; main()"]


class Ran(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


class Tree:
    """A directory to run in."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.monkeypatch = monkeypatch
        self.capsys = capsys

    def write(self, **files: str) -> None:
        """Files by path, with `__` for `/` where the name needs it."""
        for name, text in files.items():
            self.put(name.replace("__", "/"), text)

    def put(self, name: str, text: str) -> None:
        """One file."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def run(self, *words: str, given: str = "") -> Ran:
        """`overgrant` with these words, in this process."""
        self.monkeypatch.chdir(self.path)
        self.monkeypatch.setattr(sys, "argv", ["overgrant", *words])
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        self.monkeypatch.setenv("NO_COLOR", "1")
        self.monkeypatch.setattr(gc, "freeze", lambda: None)
        self.monkeypatch.setattr(gc, "disable", lambda: None)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = self.capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, printed.out, printed.err)

    def rules(self, *words: str) -> list[str]:
        """The ids of the rules that fire, and are not waived."""
        report = json.loads(self.run("check", "--format", "json", *words).out)
        return [found["rule"] for found in report["findings"] if found["waived"] is None]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tree:
    """An empty directory."""
    return Tree(tmp_path, monkeypatch, capsys)


# --- exit codes --------------------------------------------------------------------------------------


def test_nothing_to_lint_is_fine(tree: Tree) -> None:
    ran = tree.run("check")
    assert ran.code == 0
    assert "nothing to check" in ran.out


def test_findings_fail_and_fail_on_moves_the_bound(tree: Tree) -> None:
    tree.put(SETTINGS, OPEN)
    assert tree.run("check").code == 1
    assert tree.run("check", "--fail-on", "critical").code == 0
    assert tree.run("check", "--fail-on", "never").code == 0
    tree.put(SETTINGS, CLEAN)
    assert tree.run("check").code == 0


@pytest.mark.parametrize("words", [
    ("check", "--format", "yaml"), ("check", "missing.json"), ("check", "--select", "open-shel"), ("chekc",),
    ("check", "--output", "out.json"), ("check", "--output", "sarf=out"), ("check", "--rules", "missing"),
    ("check", "--config", "missing.yaml"), ("check", "--baseline", "missing.json"), ("check", "-"),
    ("check", "--stdin-filename", "x"), ("check", "--config", "x", "--no-config"), ("explain", "nothing"),
    ("check", "--output", "json=no/such/folder/x")])
def test_usage_is_two_and_says_why_on_the_error_stream(tree: Tree, words: tuple[str, ...]) -> None:
    tree.put(SETTINGS, OPEN)
    ran = tree.run(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.strip()
    assert "Traceback" not in ran.err


def test_a_format_never_changes_the_code(tree: Tree) -> None:
    tree.put(SETTINGS, OPEN)
    for style in FORMATS:
        assert tree.run("check", "--format", style).code == 1
        assert tree.run("check", "--format", style, "--fail-on", "never").code == 0


def test_reports_go_to_files_beside_the_text(tree: Tree) -> None:
    tree.put("web/" + SETTINGS, OPEN)
    outputs = [word for style in FORMATS for word in ("--output", f"{style}=out.{style}")]
    ran = tree.run("check", "web", *outputs)
    assert ran.code == 1
    assert ran.out == tree.run("check", "web").out == (tree.path / "out.text").read_text()
    for style in FORMATS:
        assert tree.run("check", "web", "--format", style).out == (tree.path / f"out.{style}").read_text()


def test_our_own_mistake_is_seventy(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    import overgrant.run

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("here")

    tree.put(SETTINGS, OPEN)
    monkeypatch.setattr(overgrant.run, "read", broken)
    ran = tree.run("check")
    assert ran.code == 70
    assert SETTINGS in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_interrupted_is_one_hundred_and_thirty(tmp_path: Path) -> None:
    running = subprocess.Popen([*COMMAND, "check", "-", "--stdin-filename", "x.json"], cwd=tmp_path, env=ENV,
                               stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    with running:
        time.sleep(1.5)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert b"Traceback" not in err


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_closed_pipe_is_one_hundred_and_forty_one(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / SETTINGS).write_text(OPEN)
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run([*COMMAND, "check", "--format", "json"], cwd=tmp_path, env=ENV, stdout=write,
                         stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert ran.returncode == 141
    assert b"Traceback" not in ran.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a disk that is always full")
@pytest.mark.parametrize("style", ["text", "json"])
def test_a_full_disk_is_said_in_one_line(tmp_path: Path, style: str) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / SETTINGS).write_text(OPEN)
    with open("/dev/full", "w") as full:
        ran = subprocess.run([*COMMAND, "check", "--format", style], cwd=tmp_path, env=ENV, stdout=full,
                             stderr=subprocess.PIPE, check=False, text=True)
    assert (ran.returncode, ran.stderr) == (2, "overgrant: the output cannot be written: No space left on device\n")


# --- configuration -----------------------------------------------------------------------------------


def test_a_misspelt_key_is_an_error_with_its_line(tree: Tree) -> None:
    tree.write(**{".overgrant.yaml": "profile: strict\nignroe: [hygiene]\nfail-on: hgih\n"})
    ran = tree.run("check")
    assert ran.code == 2
    assert ran.err.splitlines() == [
        ".overgrant.yaml:2:1: unknown key `ignroe`; did you mean `ignore`?",
        ".overgrant.yaml:3:10: unknown value `hgih`; did you mean `high`?"]


def test_a_name_that_no_rule_has_is_an_error(tree: Tree) -> None:
    tree.write(**{".overgrant.yaml": "ignore: [open-shel]\nassume: {claud: 2.0.0}\n"})
    ran = tree.run("check")
    assert ran.code == 2
    assert "did you mean `open-shell`?" in ran.err
    assert "did you mean `claude`?" in ran.err


def test_what_a_configuration_takes_away_is_named(tree: Tree) -> None:
    tree.put(SETTINGS, OPEN)
    tree.write(**{".overgrant.yaml": "ignore: [hygiene]\nseverity: {open-shell: low}\nfail-on: high\n"})
    ran = tree.run("check")
    assert ran.code == 0
    assert "`dead-rule`" in ran.out.split("switched off:")[1].splitlines()[0]
    assert ".overgrant.yaml:2:24 sets the severity of `open-shell`" in ran.out
    assert ".overgrant.yaml:3:10 fails only from `high`" in ran.out
    assert tree.run("check", "--no-config").code == 1
    assert tree.run("check", "--fail-on", "low").code == 1


def test_a_configuration_elsewhere(tree: Tree) -> None:
    tree.put(SETTINGS, OPEN)
    tree.write(**{".overgrant.yaml": "this is: [not one", "other.yaml": "ignore: scope\n"})
    assert tree.run("check", "--config", "other.yaml").code == 0
    assert tree.run("check").code == 2


def test_excluded_files_are_named_even_when_given(tree: Tree) -> None:
    tree.put("old/" + SETTINGS, OPEN)
    tree.put(SETTINGS, CLEAN)
    tree.write(**{".overgrant.yaml": "paths: {exclude: [old/]}\n"})
    for words in ((), ("old/" + SETTINGS,), ("old",)):
        ran = tree.run("check", *words)
        assert ran.code == 0
        assert f"excluded, although agents load it: `old/{SETTINGS}`" in ran.out


def test_select_and_ignore_take_families(tree: Tree) -> None:
    tree.put(SETTINGS, '{"permissions": {"allow": ["Bash(*)", "mcp__*"]}}')
    assert tree.rules() == ["open-shell", "dead-rule"]
    assert tree.rules("--select", "scope") == ["open-shell"]
    assert tree.rules("--ignore", "scope") == ["dead-rule"]
    assert tree.rules("--select", "scope,hygiene", "--ignore", "open-shell") == ["dead-rule"]


# --- waivers and baselines ---------------------------------------------------------------------------


WAIVER = "waivers:\n  - {{rule: {}, path: '{}', reason: it runs in a container, expires: {}}}\n"


def test_a_waiver_takes_a_finding_out_and_is_counted(tree: Tree) -> None:
    tree.put(SETTINGS, OPEN)
    tree.write(**{".overgrant.yaml": WAIVER.format("open-shell", "**", "2999-01-01")})
    ran = tree.run("check")
    assert ran.code == 0
    assert "1 waived" in ran.out
    found = json.loads(tree.run("check", "--format", "json").out)["findings"]
    assert [each["waived"] for each in found] == ["it runs in a container"]


def test_a_waiver_that_expired_holds_no_more_and_is_named(tree: Tree) -> None:
    tree.put(SETTINGS, OPEN)
    tree.write(**{".overgrant.yaml": WAIVER.format("open-shell", "**", "2001-01-01")})
    ran = tree.run("check")
    assert ran.code == 1
    assert "expired on 2001-01-01" in ran.out


def test_a_waiver_that_nothing_needs_is_named_when_its_files_were_looked_at(tree: Tree) -> None:
    tree.put(SETTINGS, CLEAN)
    tree.put("other/" + SETTINGS, CLEAN)
    tree.write(**{".overgrant.yaml": WAIVER.format("open-shell", "other/**", "2999-01-01")})
    assert "waives nothing: `open-shell other/**" in tree.run("check").out
    assert "waives nothing" not in tree.run("check", SETTINGS).out
    assert "waives nothing" not in tree.run("check", "--select", "hygiene").out


def test_a_baseline_holds_back_what_it_knows(tree: Tree) -> None:
    tree.put(SETTINGS, OPEN)
    assert tree.run("baseline", "known.json").code == 0
    assert tree.run("check").code == 1
    ran = tree.run("check", "--baseline", "known.json")
    assert ran.code == 0
    assert "1 known from before" in ran.out
    tree.put(SETTINGS, OPEN.replace("[", '["Bash(sh *)", '))
    assert tree.rules("--baseline", "known.json") == ["command-opens-shell"]
    tree.put("known.json", "[]")
    assert tree.run("check", "--baseline", "known.json").code == 2


# --- standard input, files that are named ------------------------------------------------------------


def test_standard_input_stands_for_a_file(tree: Tree) -> None:
    tree.put(SETTINGS, CLEAN)
    ran = tree.run("check", "-", "--stdin-filename", SETTINGS, given=OPEN)
    assert ran.code == 1
    assert f"--> {SETTINGS}:1:" in ran.out
    tree.put(SETTINGS, OPEN)
    assert tree.run("check", "-", "--stdin-filename", SETTINGS, given=CLEAN).code == 0


def test_a_file_is_judged_with_the_files_of_its_root(tree: Tree) -> None:
    tree.put(".claude/settings.local.json", OPEN)
    tree.put("other/" + SETTINGS, OPEN)
    assert tree.rules(".claude/settings.local.json") == ["open-shell"]
    tree.put(SETTINGS, '{"permissions": {"deny": ["Bash"]}}')
    assert "no findings in 2 files read" in tree.run("check", ".claude/settings.local.json").out


def test_findings_of_other_files_of_the_root_are_not_shown(tree: Tree) -> None:
    tree.put(SETTINGS, OPEN)
    tree.put(".claude/agents/a.md", "---\nname: a\ndescription: it reads\ntools: Read\n---\nRead.\n")
    assert tree.rules(".claude/agents/a.md") == []
    assert tree.rules() == ["open-shell"]


def test_a_finding_that_a_given_file_moves_is_shown(tree: Tree) -> None:
    tree.put(SETTINGS, OPEN)
    tree.put(".claude/settings.local.json", '{"sandbox": {"enabled": true, "allowUnsandboxedCommands": false}}')
    ran = tree.run("check", ".claude/settings.local.json")
    assert f"--> {SETTINGS}:1:" in ran.out
    assert "an effective sandbox holds it" in ran.out


# --- an organisation's own rules ---------------------------------------------------------------------


OWN = """---
id: no-terraform
subject: grant
severity: medium
when: {decision: allow, text: {glob: "Bash(terraform apply*"}}
message: "`{agent}` may apply infrastructure"
help: Let a person apply.
---
# Nobody but a person applies
"""


def test_own_rules_judge_like_ours(tree: Tree) -> None:
    tree.put(SETTINGS, '{"permissions": {"allow": ["Bash(terraform apply plan.out)"]}}')
    tree.put("policy/scope/no-terraform.md", OWN)
    assert "no-terraform" not in tree.rules()
    assert "no-terraform" in tree.rules("--rules", "policy")
    tree.write(**{".overgrant.yaml": "rules: [policy]\nseverity: {no-terraform: critical}\n"})
    assert "no-terraform" in tree.rules()
    assert "critical[no-terraform]" in tree.run("check").out
    assert tree.rules("--ignore", "no-terraform") == [
        rule for rule in tree.rules() if rule != "no-terraform"]


def test_a_broken_rule_is_configuration(tree: Tree) -> None:
    tree.put("policy/scope/no-terraform.md", OWN.replace("decision: allow", "decison: allow"))
    ran = tree.run("check", "--rules", "policy")
    assert ran.code == 2
    assert "policy/scope/no-terraform.md:5:" in ran.err
    assert "did you mean `decision`" in ran.err


def test_the_name_of_a_built_in_rule_is_taken(tree: Tree) -> None:
    tree.put("policy/scope/open-shell.md", OWN.replace("no-terraform", "open-shell"))
    ran = tree.run("check", "--rules", "policy")
    assert ran.code == 2
    assert "`open-shell` is taken" in ran.err


def test_an_own_rule_takes_no_finding_away(tree: Tree) -> None:
    tree.put(SETTINGS, OPEN)
    worse = OWN.replace("medium", "critical").replace('text: {glob: "Bash(terraform apply*"}', "breadth: all")
    tree.put("policy/scope/no-terraform.md", worse)
    assert tree.rules("--rules", "policy") == ["no-terraform", "open-shell"]


def test_python_of_the_tree_is_not_run_untrusted(tree: Tree) -> None:
    tree.put(SETTINGS, OPEN)
    tree.put("policy/scope/no-terraform.md", OWN.replace("help:", "check: no_terraform.py\nhelp:"))
    tree.put("policy/scope/no_terraform.py", "open('ran', 'w')\n\ndef check(subject, world):\n    return ()\n")
    tree.write(**{".overgrant.yaml": "rules: [policy]\n"})
    ran = tree.run("check")
    assert ran.code == 2
    assert "--trust-python" in ran.err
    assert not (tree.path / "ran").exists()
    assert tree.run("check", "--trust-python", "policy").code == 1


# --- names and consoles -------------------------------------------------------------------------------

NAMES = [b"a\nb", b"%0A::error::x", b"\x1b[31mred", b"q\"'`|<b>&]]>", b"n\xff\xfe", "\u65e5\u672c".encode(), b"co:m,ma", b"-rf",
         b" blank ", b"tab\tx", "\u202ertl".encode(), b"[x](y)", b"::error::y"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_no_name_of_a_file_breaks_a_report(tmp_path: Path, encoding: str) -> None:
    for name in NAMES:
        folder = os.path.join(os.fsencode(tmp_path), name, b".claude")
        os.makedirs(folder)
        with open(os.path.join(folder, b"settings.json"), "w", encoding="utf-8") as stream:
            stream.write('{"permissions": {"allow": ["Bash(*)", "WebFetch(domain:\u65e5.example)"]}}')
    outputs = [word for style in FORMATS for word in ("--output", f"{style}=out.{style}")]
    for style in FORMATS:
        ran = subprocess.run([*COMMAND, "check", "--format", style, *(outputs if style == "text" else ())], cwd=tmp_path,
                             env={**ENV, "PYTHONIOENCODING": encoding}, capture_output=True, check=False)
        assert (ran.returncode, ran.stderr) == (1, b"")
        text = ran.stdout.decode("utf-8")
        assert not {char for char in text if ord(char) < 32} - {"\n"} and "\u202e" not in text
        if style == "junit":
            assert len(ElementTree.fromstring(text).findall(".//testcase")) == len(NAMES)
        elif style == "github":
            assert sum(line.startswith("::") for line in text.splitlines()) == len(NAMES)
        elif style == "json":
            assert sorted(os.fsencode(each["path"].split("/.claude")[0]) for each in json.loads(text)["findings"]) == sorted(NAMES)
        elif style == "sarif":
            found = [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in json.loads(text)["runs"][0]["results"]]
            assert sorted(unquote_to_bytes(uri).split(b"/.claude")[0] for uri in found) == sorted(NAMES)
        elif style == "gitlab":
            assert len({each["location"]["path"] for each in json.loads(text)}) == len(NAMES)
        elif style == "markdown":
            assert sum(line.startswith("| high |") for line in text.splitlines()) == len(NAMES)
    for style in FORMATS:
        assert (tmp_path / f"out.{style}").read_bytes().decode("utf-8")


def test_a_mistake_of_ours_anywhere_is_seventy(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    import overgrant.command.check

    def broken(*_: object, **__: object) -> None:
        raise RecursionError("too deep")

    tree.put(SETTINGS, OPEN)
    monkeypatch.setattr(overgrant.command.check, "gather", broken)
    ran = tree.run("check")
    assert (ran.code, ran.out) == (70, "")
    assert "RecursionError: too deep" in ran.err and "Traceback" not in ran.err
