"""Commands that show and start things: formats, show, config, init, new, rules, explain, test."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from overgrant.dialect.catalogue import catalogue
from test_cli import CLEAN, ENV, OPEN, OWN, SETTINGS, Tree, tree

__all__ = ["tree"]
ROOT = Path(__file__).parent.parent


def test_every_command_has_help(tree: Tree) -> None:
    names = [file.stem for file in (ROOT / "linter/overgrant/command").glob("[a-z]*.py")]
    listed = tree.run("--help").out
    for name in names:
        assert f"\n  {name} " in listed
        assert tree.run(name, "--help").code == 0


# --- formats -----------------------------------------------------------------------------------------


def test_formats_lists_every_format_with_its_source_and_day(tree: Tree) -> None:
    products = json.loads(tree.run("formats", "--format", "json").out)["products"]
    formats = [format for product in products for format in product["formats"]]
    assert {format["id"] for format in formats} == {format.id for format in catalogue().formats}
    text = tree.run("formats").out
    for product in products:
        assert product["checked"], product["product"]
        assert product["title"] in text
    for format in formats:
        assert format["source"], format["id"]
        assert all(path in text for path in format["paths"])


def test_formats_says_what_is_read_and_what_is_not(tree: Tree) -> None:
    products = json.loads(tree.run("formats", "--format", "json").out)["products"]
    text = tree.run("formats").out
    for product in products:
        assert product["unread"], f"{product['product']} says of nothing that it is not read"
        assert ", ".join(product["unread"]) in text
        for format in product["formats"]:
            assert format["reads"] or not format["power"], format["id"]
    read = {format["id"]: format["reads"] for product in products for format in product["formats"]}
    assert read["cursor-hooks"] == ["hooks"]
    assert {"permissions", "sandbox", "hooks", "tool servers", "modes and switches"} <= set(read["codex-config"])


def test_what_is_said_not_to_be_read_is_not(tree: Tree) -> None:
    for product in json.loads(tree.run("formats", "--format", "json").out)["products"]:
        for path in re.findall(r"`(?:~/)?(\.[\w./-]+)`", " ".join(product["unread"])):
            assert product["product"] not in {format.product for format, _ in catalogue().candidates(path)}, path


def test_the_table_of_the_readme_is_what_formats_prints(tree: Tree, accept: bool) -> None:
    page = ROOT / "README.md"
    before, _, rest = page.read_text().partition("<!-- formats -->\n")
    shown, _, after = rest.partition("<!-- /formats -->")
    made = tree.run("formats", "--format", "markdown").out
    if accept:
        page.write_text(f"{before}<!-- formats -->\n{made}<!-- /formats -->{after}")
        shown = made
    assert shown == made, "the catalogue changed; run pytest tests/test_door.py --accept"


def test_formats_of_one_product(tree: Tree) -> None:
    ran = tree.run("formats", "--product", "claude")
    assert ".claude/settings.json" in ran.out
    assert "cursor" not in ran.out.lower().replace("{agents,github,cursor,gemini", "")
    assert tree.run("formats", "--product", "clod").code == 2


def test_unclaimed_keys_are_listed_by_frequency(tree: Tree) -> None:
    tree.put(SETTINGS, '{"zeal": 1, "permissions": {"allow": [], "fervour": true}}')
    tree.put("web/" + SETTINGS, '{"zeal": 2}')
    ran = tree.run("formats", "--unclaimed", ".")
    assert ran.out.split() == ["claude-settings", "2", "zeal", "1", "permissions.fervour"]
    found = json.loads(tree.run("formats", "--unclaimed", ".", "--format", "json").out)
    assert found["unclaimed"] == {"claude-settings": {"zeal": 2, "permissions.fervour": 1}}
    tree.put("clean/" + SETTINGS, CLEAN)
    assert tree.run("formats", "--unclaimed", "clean").out == "every key is claimed\n"


# --- show --------------------------------------------------------------------------------------------


def test_show_says_what_an_agent_may_do_and_where_that_stands(tree: Tree) -> None:
    tree.put(SETTINGS, '{"permissions": {\n"allow": ["Bash(*)"],\n"deny": ["Read(.env)"]}}')
    tree.put(".mcp.json", '{"mcpServers": {"files": {"command": "npx", "args": ["x"]}}}')
    ran = tree.run("show")
    assert ran.code == 0
    assert "Bash(*) (exec.shell)  .claude/settings.json:2" in ran.out
    assert "Read(.env)" in ran.out
    assert "files npx" in ran.out
    agents = json.loads(tree.run("show", "--format", "json").out)["agents"]
    grants = [grant for agent in agents if agent["agent"] == "claude" for grant in agent["grants"]]
    assert ("Bash(*)", "allow", 2) in [(grant["text"], grant["decision"], grant["line"]) for grant in grants]
    assert tree.run("show", "--agent", "nobody").code == 2


def test_formats_of_the_configuration_are_known(tree: Tree) -> None:
    from overgrant.dialect.catalogue import furnish

    try:
        for file in (ROOT / "examples/in-house").rglob("*"):
            if file.is_file():
                tree.put(file.relative_to(ROOT / "examples/in-house").as_posix(), file.read_text())
        assert "fleet/*.yaml" in tree.run("formats", "--product", "fleet").out
        assert tree.run("show").out.count("fleet framework") == 2
    finally:
        furnish({})


def test_can_assumes_what_the_configuration_says(tree: Tree) -> None:
    tree.put(SETTINGS, CLEAN)
    tree.put(".overgrant.yaml", "assume: {claude: 2.0.1}\n")
    assert "claude 2.0.1" in tree.run("can", "claude", "git status").out
    assert "claude 2.0.1" not in tree.run("can", "claude", "git status", "--no-config").out


def test_show_is_empty_without_agents(tree: Tree) -> None:
    assert tree.run("show").out == "no agents: no agent configuration found\n"


# --- configuration -----------------------------------------------------------------------------------


def test_config_shows_what_holds(tree: Tree) -> None:
    tree.put("policy/scope/no-terraform.md", OWN)
    tree.put(".overgrant.yaml", "rules: policy\nignore: hygiene\nprofile: strict\nwaivers:\n"
                                "  - {rule: no-terraform, path: a, reason: b, expires: 2999-01-01}\n")
    held = yaml.safe_load(tree.run("config").out)
    assert (held["profile"], held["ignore"], held["fail-on"]) == ("strict", ["hygiene"], "medium")
    assert held["rules"] == ["no-terraform"]
    assert held["waivers"][0]["expires"] == "2999-01-01"
    data = json.loads(tree.run("config", "--format", "json").out)
    assert data["file"] == ".overgrant.yaml"
    assert [each["kind"] for each in data["milder"]] == ["ignore", "waiver"]


def test_config_is_two_when_it_does_not_hold(tree: Tree) -> None:
    tree.put(".overgrant.yaml", "rules: policy\n")
    assert tree.run("config").code == 2
    tree.put("policy/scope/no-terraform.md", OWN.replace("severity: medium", "severity: mediun"))
    ran = tree.run("config")
    assert ran.code == 2
    assert "policy/scope/no-terraform.md:4:" in ran.err


def test_the_schema_that_config_prints_is_one(tree: Tree) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(tree.run("config", "--schema").out))


def test_init_writes_what_works_and_never_overwrites(tree: Tree) -> None:
    assert tree.run("init").code == 0
    first = {file.name: file.read_text() for file in tree.path.iterdir()}
    assert set(first) == {".overgrant.yaml", ".pre-commit-config.yaml"}
    assert tree.run("config").code == 0
    assert yaml.safe_load(first[".pre-commit-config.yaml"])["repos"][0]["hooks"][0]["id"] == "overgrant"
    tree.put(".overgrant.yaml", "profile: strict\n")
    ran = tree.run("init")
    assert ran.code == 0
    assert (tree.path / ".overgrant.yaml").read_text() == "profile: strict\n"
    assert "add this to its `repos`" in ran.out


def test_every_setting_that_init_suggests_is_one(tree: Tree) -> None:
    tree.run("init")
    lines = (tree.path / ".overgrant.yaml").read_text().splitlines()
    tree.put("agent-rules/scope/no-terraform.md", OWN)
    tree.put(".overgrant.yaml", "\n".join(line.removeprefix("# ") for line in lines[1:]))
    assert tree.run("config").code == 0


# --- rules of one's own ------------------------------------------------------------------------------


def test_a_new_rule_is_red_for_the_right_reason_and_then_green(tree: Tree) -> None:
    assert tree.run("new", "rule", "scope/no-terraform").code == 0
    file = tree.path / "agent-rules/scope/no-terraform.md"
    red = tree.run("test", "agent-rules")
    assert red.code == 1
    assert red.out.splitlines()[1:] == ["1 rule, 1 failure"]
    assert "`no-terraform` is not found at .claude/settings.json:4" in red.out
    file.write_text(file.read_text().replace("TODO *", "Bash(terraform apply*"))
    assert tree.run("test", "agent-rules") == (0, "1 rule holds\n", "")
    tree.put(SETTINGS, '{"permissions": {"allow": ["Bash(terraform apply plan.out)"]}}')
    assert "no-terraform" in tree.rules("--rules", "agent-rules")


@pytest.mark.parametrize("name", ["no-terraform", "power/no-terraform", "scope/No", "scope/a--b", "scope/open-shell",
                                  "scope/../x", "scope/"])
def test_names_that_no_rule_can_have(tree: Tree, name: str) -> None:
    assert tree.run("new", "rule", name).code == 2
    assert list(tree.path.iterdir()) == []


def test_a_new_rule_never_overwrites(tree: Tree) -> None:
    tree.put("agent-rules/scope/no-terraform.md", OWN)
    assert tree.run("new", "rule", "scope/no-terraform").code == 2
    assert (tree.path / "agent-rules/scope/no-terraform.md").read_text() == OWN


def test_own_rules_are_listed_and_explained(tree: Tree) -> None:
    tree.put("policy/scope/no-terraform.md", OWN)
    tree.put(SETTINGS, OPEN)
    assert "no-terraform" not in tree.run("rules").out
    assert "no-terraform" in tree.run("rules", "--rules", "policy").out
    assert tree.run("explain", "no-terraform", "--rules", "policy").out == OWN


def readme_steps() -> str:
    """The shell block of the README that makes a rule of one's own."""
    _, _, rest = (ROOT / "README.md").read_text().partition("<!-- own rule -->\n```sh\n")
    return rest.partition("```")[0]


@pytest.mark.skipif(not readme_steps() or os.name == "nt", reason="the README has no such part, or no POSIX shell")
def test_the_readme_can_be_followed_literally(tree: Tree) -> None:
    tree.put(SETTINGS, '{"permissions": {"allow": ["Bash(terraform apply plan.out)"]}}')
    tree.put("bin/overgrant", f'#!/bin/sh\nexec "{sys.executable}" -c "from overgrant.cli import main; main()" "$@"\n')
    (tree.path / "bin/overgrant").chmod(0o755)
    env = {**ENV, "PATH": f"{tree.path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    codes, out = [], ""
    for line in readme_steps().splitlines():
        ran = subprocess.run(["sh", "-c", line], cwd=tree.path, env=env, capture_output=True, text=True, check=False)
        assert not ran.stderr, ran.stderr
        codes.append(ran.returncode)
        out += ran.stdout
    assert codes == [0, 1, 0, 0, 0, 1]
    assert "medium[no-terraform]" in out


# --- what programs read --------------------------------------------------------------------------------

SCHEMAS = Path(__file__).parent.parent / "schemas"


@pytest.mark.parametrize("action", ["git push", "read .env", "write .claude/settings.json", "fetch https://example.com/x", "mcp:a.b",
                                    "sh: a && b | c"])
def test_an_answer_of_can_is_what_its_schema_says(tree: Tree, action: str) -> None:
    tree.put(".claude/settings.json", '{"permissions": {"allow": ["Bash(python3 *)"], "deny": ["Bash(git push *)", "Read(.env)"]}}')
    schema = json.loads((SCHEMAS / "can-v1.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    answer = json.loads(tree.run("can", "claude", action, "--format", "json").out)
    jsonschema.Draft202012Validator(schema).validate(answer)
    assert set(answer) == set(schema["properties"]), "what a program reads is described"
    assert (answer["deciding"] is None) == (action not in ("git push", "read .env"))


def test_a_difference_is_what_its_schema_says(tree: Tree) -> None:
    tree.put("a/.claude/settings.json", '{"permissions": {"deny": ["Bash(git push *)"], "defaultMode": "plan"}}')
    tree.put("b/.claude/settings.json", '{"permissions": {"allow": ["Bash(python3 *)"], "defaultMode": "acceptEdits"}}')
    schema = json.loads((SCHEMAS / "diff-v1.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    found = json.loads(tree.run("diff", "a", "b", "--format", "json").out)
    jsonschema.Draft202012Validator(schema).validate(found)
    assert {side for each in found["gains"] for side in [each["side"]]} == {"head", "base"}
    assert all(set(each) == set(schema["$defs"]["change"]["properties"]) for each in found["gains"])
    assert json.loads(tree.run("diff", "a", "a", "--format", "json").out) == {"version": 1, "gains": [], "losses": []}
