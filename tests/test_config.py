from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from overgrant import config, waiver
from overgrant.read import read
from overgrant.rule import SEVERITIES
from overgrant.text import Source

SCHEMA = json.loads((Path(__file__).parent.parent / "schemas" / "config.schema.json").read_text())


def parsed(text: str, base: Path, cwd: Path | None = None, *, trusted: bool = False) -> config.Config:
    return config.parse(Source(".overgrant.yaml", text.encode()), base=str(base), cwd=str(cwd or base), trusted=trusted)


def messages(text: str, base: Path, *, trusted: bool = False) -> list[str]:
    with pytest.raises(config.ConfigError) as caught:
        parsed(text, base, trusted=trusted)
    return caught.value.messages


FULL = """\
paths: {include: ["**"], exclude: [legacy/, "*.tmp.json"]}
select: [scope, open-shell]
ignore: budget
severity:
  open-shell: low
profile: strict
fail-on: high
assume:
  claude: 2.1.30
rules: [policy/rules]
schemas: policy/schemas
waivers:
  - {rule: open-shell, path: "**", reason: why, expires: 2027-01-31}
policy: policy/policy.yaml
"""


def test_every_key_is_read(tmp_path: Path) -> None:
    for name in ("rules", "schemas"):
        (tmp_path / "policy" / name).mkdir(parents=True)
    held = parsed(FULL, tmp_path)
    assert (held.include, held.exclude) == (["**"], ["legacy/", "*.tmp.json"])
    assert (held.select, held.ignore, held.severity) == (["scope", "open-shell"], ["budget"], {"open-shell": "low"})
    assert (held.profile, held.fail_on, held.assume) == ("strict", "high", {"claude": "2.1.30"})
    assert (held.rules, held.schemas) == ([str(tmp_path / "policy/rules")], [str(tmp_path / "policy/schemas")])
    assert held.policy == str(tmp_path / "policy/policy.yaml")
    assert [waiver.rule for waiver in held.waivers] == ["open-shell"]
    assert {line.split(":")[0] for line in FULL.splitlines() if line[0].isalpha()} == set(config.KEYS)


def test_everything_that_makes_a_check_milder_is_told_with_its_place(tmp_path: Path) -> None:
    held = parsed("ignore: [budget]\npaths:\n  exclude: [a]\nseverity: {r: low}\nfail-on: never\nprofile: strict\n"
                  "waivers: [{rule: r, path: a, reason: b}]\n", tmp_path)
    assert [(each.kind, each.name, each.place) for each in held.loosenings] == [
        ("ignore", "budget", ".overgrant.yaml:1:10"), ("exclude", "a", ".overgrant.yaml:3:13"),
        ("severity", "r", ".overgrant.yaml:4:15"), ("fail-on", "never", ".overgrant.yaml:5:10"),
        ("waiver", "r", ".overgrant.yaml:7:11")]
    assert parsed("fail-on: low\nprofile: strict\n", tmp_path).loosenings == []


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "{}\n"])
def test_an_empty_configuration_changes_nothing(text: str, tmp_path: Path) -> None:
    held = parsed(text, tmp_path)
    assert (held.select, held.fail_on, held.waivers, held.excludes("x")) == ([], "", [], False)


WRONG = [
    ("serverity: {}\n", ":1:1: unknown key `serverity`; did you mean `severity`?"),
    ("severity:\n  r: hgih\n", ":2:6: unknown value `hgih`; did you mean `high`?"),
    ("profile: 7\n", ":1:10: `profile` is one of `default`, `strict`"),
    ("paths: {exclud: [a]}\n", ":1:9: unknown key `exclud`; did you mean `exclude`?"),
    ("paths: [a]\n", ":1:1: `paths` is a map with `include` and `exclude`"),
    ("select: {a: b}\n", ":1:1: `select` is a list of texts"),
    ("ignore: [a, [b]]\n", "`ignore` is a list of texts"),
    ("assume: [a]\n", ":1:1: `assume` is a map"),
    ("waivers:\n  - {rule: r, path: p}\n", ":2:5: a waiver has no `reason`; add one"),
    ("policy: [a]\n", ":1:1: `policy` is the path of a file"),
    ("- a\n", ":1:1: a configuration is a map of settings"),
]


@pytest.mark.parametrize(("text", "what"), WRONG)
def test_what_is_wrong_is_said_at_its_place(text: str, what: str, tmp_path: Path) -> None:
    found = messages(text, tmp_path)
    assert any(what in message and message.startswith(".overgrant.yaml:") for message in found), found


@pytest.mark.parametrize(("text", "what"), [
    ("a: [\n", ".overgrant.yaml:"),
    ("select: a\nselect: b\n", "select"),
    ("profile: strict\n---\nprofile: default\n", ":3:1: a second document starts here"),
    ("assume: {claude: newest}\n", ":1:18: `newest` is no version"),
    ("rules: [nowhere]\n", "there is no directory `nowhere`"),
    ("waivers: nowhere.yaml\n", "there is no file `nowhere.yaml`"),
])
def test_what_no_schema_can_say_is_said_too(text: str, what: str, tmp_path: Path) -> None:
    assert any(what in message for message in messages(text, tmp_path))


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    assert len(messages("profil: x\nselect: 1\nfail-on: x\n", tmp_path)) == 3


@pytest.mark.parametrize("path", ["../elsewhere", "/etc", "link"])
def test_a_file_in_the_tree_names_no_path_outside_its_directory(path: str, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tree / "link").symlink_to(tmp_path / "elsewhere")
    for key in ("rules", "schemas", "policy", "waivers"):
        assert "leaves the directory" in messages(f"{key}: {path}\n", tree)[0]
    assert parsed(f"rules: {path}\n", tree, trusted=True).rules


def test_waivers_may_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    entry = "- {rule: r, path: p, reason: x}\n"
    for text in (entry, "waivers:\n  " + entry):
        (tmp_path / "w.yaml").write_text(text)
        assert [waiver.rule for waiver in parsed("waivers: w.yaml\n", tmp_path).waivers] == ["r"]
    (tmp_path / "w.yaml").write_text("- {rule: r}\n")
    assert messages("waivers: w.yaml\n", tmp_path)[0].startswith("w.yaml:1:3: a waiver has no `path`")


def test_patterns_are_seen_from_the_file(tmp_path: Path) -> None:
    held = parsed("paths: {include: [apps/], exclude: [apps/web/legacy/]}\n", tmp_path, tmp_path / "apps" / "web")
    assert held.prefix == "apps/web/"
    assert not held.excludes("CLAUDE.md")
    assert held.excludes("legacy/CLAUDE.md")
    assert held.excludes("../../tools/CLAUDE.md")


def test_a_file_from_elsewhere_speaks_of_the_working_directory(tmp_path: Path) -> None:
    held = parsed("paths: {exclude: [/legacy]}\n", tmp_path / "settings", tmp_path / "work", trusted=True)
    assert held.excludes("legacy/x")


def test_names_that_nobody_knows_are_named_with_the_likeliest(tmp_path: Path) -> None:
    held = parsed("select: [scop, open-shell]\nignore: [budget]\nseverity: {open-shel: low}\nassume: {claud: 1}\n"
                  "waivers: [{rule: gone, path: a, reason: b}]\n", tmp_path)
    assert held.check_names(["open-shell"], ["claude"]) == [
        ".overgrant.yaml:1:10: unknown rule or family `scop`; did you mean `scope`?",
        ".overgrant.yaml:3:12: unknown rule `open-shel`; did you mean `open-shell`?",
        ".overgrant.yaml:4:10: unknown product `claud`; did you mean `claude`?",
        ".overgrant.yaml:5:11: unknown rule `gone`"]


def test_it_is_looked_for_here_and_at_the_top_only(tmp_path: Path) -> None:
    here = tmp_path / "repo" / "a" / "b"
    here.mkdir(parents=True)
    (tmp_path / ".overgrant.yaml").write_text("")
    (tmp_path / "repo" / "a" / ".overgrant.yaml").write_text("")
    assert config.find(str(here)) is None
    (tmp_path / "repo" / ".git").write_text("gitdir: elsewhere\n")
    assert config.find(str(here)) is None
    (tmp_path / "repo" / ".overgrant.yml").write_text("")
    assert config.find(str(here)) == str(tmp_path / "repo" / ".overgrant.yml")
    (here / ".overgrant.yaml").write_text("")
    assert config.find(str(here)) == str(here / ".overgrant.yaml")
    (here / ".overgrant.yml").write_text("")
    with pytest.raises(config.ConfigError, match="remove one"):
        config.find(str(here))


def test_a_link_out_of_the_tree_is_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("profile: strict\n")
    (tmp_path / "tree").mkdir()
    path = tmp_path / "tree" / ".overgrant.yaml"
    path.symlink_to("../other")
    with pytest.raises(config.ConfigError, match="link out of its directory"):
        config.load(str(path), str(tmp_path / "tree"))
    assert config.load(str(path), str(tmp_path / "tree"), trusted=True).profile == "strict"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigError, match=r"^gone\.yaml: there is no such file$"):
        config.load(str(tmp_path / "gone.yaml"), str(tmp_path), trusted=True)


# --- the published schema says the same ---------------------------------------------------------


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_schema_and_reader_know_the_same_words() -> None:
    properties = SCHEMA["properties"]
    assert tuple(properties) == config.KEYS
    assert tuple(properties["paths"]["properties"]) == config.PATHS
    assert tuple(properties["fail-on"]["enum"]) == config.FAIL_ON
    assert tuple(properties["profile"]["enum"]) == config.PROFILES
    assert tuple(properties["severity"]["additionalProperties"]["enum"]) == SEVERITIES
    assert tuple(SCHEMA["$defs"]["waiver"]["properties"]) == waiver.KEYS
    assert tuple(SCHEMA["$defs"]["waiver"]["required"]) == waiver.REQUIRED


def plain(text: str) -> object:
    root = read(Source("x.yaml", text.encode()), "yaml12").root
    return None if root is None else root.plain()


@pytest.mark.parametrize("text", [text for text, _ in WRONG])
def test_the_schema_refuses_what_the_reader_refuses(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain(text), SCHEMA)


@pytest.mark.parametrize("text", [FULL, "", "waivers: w.yaml\n", "assume: {claude: 2.1}\n"])
def test_the_schema_accepts_what_the_reader_accepts(text: str) -> None:
    jsonschema.validate(plain(text), SCHEMA)
