"""Commands inside the text of skills and commands."""

from __future__ import annotations

from overgrant.model import Hook
from trees import analysis_of


def commands(text: str) -> list[tuple[str, str]]:
    world = analysis_of({".claude/skills/a/SKILL.md": f"---\nname: a\n---\n{text}".encode()}).world
    return [(hook.command, hook.injects) for hook in world.of("hook") if isinstance(hook, Hook)]


def test_inline_and_fenced() -> None:
    assert commands("Status: !`git status`\n\n```!\ngit log -1\n```\n") == [("git status", ""), ("git log -1", "")]


def test_an_argument_is_pasted() -> None:
    assert commands("!`gh issue view $1`\n") == [("gh issue view $1", "$1")]


def test_text_that_runs_nothing() -> None:
    assert commands("Stop!`x` and `foo!` (e.g. `bar`), `git status`\n```sh\ngit push\n```\n") == []
