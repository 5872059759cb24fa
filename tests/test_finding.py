"""What findings are made of facts: several entries of one list on one line are one finding."""

from __future__ import annotations

import json

from trees import judged

TWENTY = ["git", "npm", "node", "python3", "uv", "npx", "docker", "make", "bash", "ssh", "perl", "ruby", "php", "go", "cargo", "xargs",
          "env", "sed", "awk", "gradle"]


def settings(allow: list[str], indent: int | None = None) -> dict[str, bytes]:
    return {".claude/settings.json": json.dumps({"permissions": {"allow": allow}}, indent=indent).encode()}


def test_one_list_on_one_line_is_one_finding() -> None:
    allow = [f"Bash({head} *)" for head in TWENTY]
    [found] = judged(settings(allow)).findings
    assert found.message == ("`Bash(git *)` lets `claude` run any program through `git`; so do `Bash(npm *)`, `Bash(node *)`, "
                             "`Bash(python3 *)` and 16 more on this line")
    assert [place.span.text for place in found.places] == [json.dumps(text) for text in allow[:7]]


def test_a_list_over_several_lines_has_a_finding_for_each() -> None:
    assert len(judged(settings([f"Bash({head} *)" for head in TWENTY], indent=2)).findings) == len(TWENTY)


def test_another_entry_on_the_line_is_another_finding() -> None:
    one, two = (judged(settings(allow)).findings[0] for allow in (["Bash(git *)", "Bash(npm *)"], ["Bash(git *)", "Bash(npm *)", "Bash(ssh *)"]))
    assert one.fingerprint != two.fingerprint


def test_other_rules_and_other_lists_stay_apart() -> None:
    tree = {".claude/settings.json": b'{"permissions": {"allow": ["Bash(git *)", "Bash(rm -rf *)"], "additionalDirectories": ["/", "~"]}}'}
    assert [each.rule.id for each in judged(tree).findings] == ["command-opens-shell", "destructive-command", "outside-workspace"]


def test_what_can_be_mended_stands_apart_and_is_mended_at_once() -> None:
    tree = {**settings(["Bash(npm run *)", "Bash(npm *)", "Bash(git *)"]), "package.json": b'{"scripts": {"test": "x"}}'}
    mended, rest = judged(tree).findings
    assert [edit.text for edit in mended.fixes[0].edits] == ['"Bash(npm run test)"'] * 2
    assert rest.fixes == []
