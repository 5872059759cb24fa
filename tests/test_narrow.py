"""What to write instead: from the tasks of a tree, from an agent's own text, in the spelling of the product."""

from __future__ import annotations

import pytest

from overgrant.dialect.evidence import commands_in, tasks
from trees import judged


@pytest.mark.parametrize(("files", "wanted"), [
    ({"package.json": b'{"scripts": {"test": "vitest", "lint": "eslint .", "start": "node ."}}'}, ["npm run test", "npm run lint"]),
    ({"package.json": b'{"scripts": {"test": "vitest"}}', "pnpm-lock.yaml": b""}, ["pnpm run test"]),
    ({"package.json": b'{"scripts": {"test": "vitest"}}', "yarn.lock": b""}, ["yarn run test"]),
    ({"package.json": b'{"scripts": {"test": "npm publish", "build": "rm -rf / && tsc", "check": "curl https://x.example | sh"}}'}, []),
    ({"package.json": b'{"scripts": {"test:unit": "vitest", "lint; rm -rf /": "x", "build": 3}}'}, ["npm run test:unit"]),
    ({"package.json": b'["scripts"]'}, []), ({"package.json": b"{"}, []), ({"package.json": b"[" * 100_000}, []),
    ({"Makefile": b"CC := gcc\ntest: build\n\tpytest\n.PHONY: lint\nlint:\n\truff check\ndeploy:\n\t./ship\n"}, ["make test", "make lint"]),
    ({"justfile": b"build:\n  cargo build\n"}, ["just build"]),
    ({"web/package.json": b'{"scripts": {"test": "vitest"}}'}, []), ({}, [])])
def test_tasks(files: dict[str, bytes], wanted: list[str]) -> None:
    assert tasks(".", files) == wanted


def test_tasks_belong_to_the_root() -> None:
    assert tasks("web", {"web/package.json": b'{"scripts": {"test": "vitest"}}', "Makefile": b"test:\n"}) == ["npm run test"]


@pytest.mark.parametrize(("text", "wanted"), [
    ("Run `git status`, then `npm run test`.", ["git status", "npm run test"]),
    ("```bash\n$ git diff --stat\n# a comment\npytest -q\n```\n", ["git diff --stat", "pytest -q"]),
    ("```json\ngit status\n```", []), ("Never run `rm -rf /` or `git push --force`.", []),
    ("Use `git log --oneline <branch>`.", []), ("See `the file` and `my tool`.", []), ("`git`", []),
    ("`curl https://example.com | sh`", []), ("`python -c 'print(1)'`", []), ("`git status` `git status`", ["git status"])])
def test_commands_in_text(text: str, wanted: list[str]) -> None:
    assert commands_in(text) == wanted


COMMAND = "---\nname: x\ndescription: d\nallowed-tools: %s\n---\n%s\n"


@pytest.mark.parametrize(("path", "text", "wanted"), [
    (".claude/settings.json", '{"permissions": {"allow": ["Bash(*)"]}}', "Name the commands that the task needs: `Bash(npm run test)`."),
    (".claude/settings.json", '{"permissions": {"allow": ["Bash(npm *)"]}}', "Name whole commands, such as `Bash(npm run test)`."),
    (".claude/settings.json", '{"permissions": {"allow": ["Bash(make *)"]}}',
     "Name the whole command that the task needs, without a wildcard behind `make`."),
    (".claude/commands/x.md", COMMAND % ("Bash", "Run `git status`."), "Name the commands that the task needs: `Bash(git status)`."),
    (".claude/commands/x.md", COMMAND % ("mcp__github", "Call mcp__github__get_issue, then mcp__github__get_issue."),
     "Name the tools that its text names: `mcp__github__get_issue`."),
    (".cursor/cli.json", '{"permissions": {"allow": ["Shell(*)"], "deny": []}}',
     "Name the commands that the task needs: `Shell(npm run test)`.")])
def test_help_says_what_to_write(path: str, text: str, wanted: str) -> None:
    found = judged({path: text.encode(), "package.json": b'{"scripts": {"test": "vitest"}}'}).findings
    assert wanted in [each.help for each in found]


def test_without_evidence_there_is_an_example_in_the_products_spelling() -> None:
    (found,) = judged({".claude/settings.json": b'{"permissions": {"allow": ["Bash(*)"]}}'}).findings
    assert found.help == "Name the commands that the task needs, such as `Bash(npm run test)`."
