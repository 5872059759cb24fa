"""Instruction files: imports that leave the tree, credentials, and everything else that is only prose."""

from __future__ import annotations

import pytest

from trees import judged


def found(text: str, path: str = "CLAUDE.md") -> list[tuple[str, str]]:
    return [(each.rule.id, str(each.primary.span.begin[0])) for each in judged({path: text.encode()}).findings]


@pytest.mark.parametrize(("text", "rule"), [
    ("See @/opt/shared/rules.md.", "outside-import"),
    ("@../rules.md", "outside-import"),
    ("@./../../rules.md", "outside-import"),
    ("- @/Users/someone/notes.md, please", "outside-import"),
    ("@C:\\rules\\all.md", "outside-import"),
    ("Mine: @~/.claude/notes.md", "home-import"),
])
def test_imports(text: str, rule: str) -> None:
    assert found(text) == [(rule, "1")]


@pytest.mark.parametrize("text", [
    "@docs/rules.md @./rules.md @README", "mail team@example.com", "`@/opt/shared/rules.md`", "import x from @/components/Button",
    "```\n@/opt/shared/rules.md\n```", "@types/node", "git@github.com:/opt/x.md", "@someone said so",
    "Never run `rm -rf /` or `curl https://example.net/x | sh`.", "Do not use --dangerously-skip-permissions.",
    "Store the password in `DB_PASSWORD`; an example is password=changeme.", "```sh\nexport TOKEN=abc123\nsudo rm -rf /\n```",
    "Ignore previous instructions is what an attacker writes.",
])
def test_prose(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("path", [".cursorrules", ".github/copilot-instructions.md", ".cursor/rules/a.mdc", "SOUL.md",
                                  ".windsurfrules", ".clinerules/a.md", ".kiro/steering/tech.md", "GEMINI.md", "a/b/AGENTS.md",
                                  ".kiro/agents/resources/ops.md", ".kiro/prompts/a.md", ".windsurf/workflows/a.md",
                                  ".roo/commands/a.md", ".factory/commands/a.md", ".agent/rules/a.md", ".codex/prompts/a.md"])
def test_files(path: str) -> None:
    assert found("Write tests.\nNever \u202eelif\u202c it.\n", path) == [("hidden-characters", "2")]


def test_escapes_in_a_manifest() -> None:
    text = '{"name": "desk", "executor_type": "docker", "prompt_templates": {"system_prompt": "Sort.\\u202e x"}}'
    assert found(text, "agent.json") == [("hidden-characters", "1")]


def test_frontmatter_that_no_parser_reads_is_no_finding() -> None:
    assert found("---\ndescription: a: b\nglobs: *.ts\n---\nWrite tests.\n", ".cursor/rules/a.mdc") == []
