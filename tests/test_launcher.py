"""Files that start agents: which of their lines are command lines, and what the launches say."""

from __future__ import annotations

import pytest

from overgrant.model import Agent, Launch
from trees import analysis_of, judged


def launches(path: str, text: str) -> list[Launch]:
    world = analysis_of({path: text.encode()}).world
    return [fact for fact in world.of("launch") if isinstance(fact, Launch)]


YOLO = "--dangerously-skip-permissions"
FILES = [
    ("Makefile", f"FLAGS ?= {YOLO}\nfix:\n\tclaude -p x $(FLAGS)\n", "fix", "claude"),
    ("Makefile", f"fix:\n\tclaude -p {YOLO}\n", "fix", "claude"),
    ("Makefile", f"a: b\n\techo\nfix: a\n\t-@claude {YOLO} \\\n\t  -p x\n", "fix", "claude"),
    ("justfile", f"default:\n  @claude -p {YOLO} 'x'\n", "default", "claude"),
    ("package.json", f'{{"scripts": {{"ai": "cd web && claude {YOLO}"}}}}', "ai", "claude"),
    ("tools/run.sh", f"#!/bin/sh\nwhile true; do\n  claude -p {YOLO} < plan.md\ndone\n", "run.sh", "claude"),
    ("Dockerfile", f"FROM x\nCMD claude {YOLO}\n", "image", "claude"),
    ("Dockerfile", f'FROM x\nCMD ["claude", "{YOLO}"]\n', "image", "claude"),
    ("compose.yml", f"services:\n  a:\n    command: claude -p {YOLO}\n", "a", "claude"),
    ("compose.yml", f"services:\n  a:\n    entrypoint: [claude, {YOLO}]\n", "a", "claude"),
    ("crontab", f"@daily claude -p {YOLO}\n", "crontab", "claude"),
    ("crontab", f"*/5 * * * 1-5 cd /srv && claude -p {YOLO}\n", "crontab", "claude"),
    (".vscode/tasks.json", f'{{"tasks": [{{"label": "fix", "command": "claude -p x {YOLO}", '
                           '"runOptions": {"runOn": "folderOpen"}, // at once\n}]}', "fix at folder open", "claude"),
    (".vscode/tasks.json", f'{{"tasks": [{{"label": "fix", "command": "npx claude", "args": ["-p", {{"value": "{YOLO}", '
                           '"quoting": "strong"}]}]}', "fix", "claude"),
    (".zed/tasks.json", f'[{{"label": "fix", "command": "claude", "args": ["{YOLO}", "-p", "x"]}}]', "fix", "claude"),
    ("a.service", f"[Service]\nExecStart=-/usr/bin/claude -p {YOLO}\n", "a.service", "claude"),
]


@pytest.mark.parametrize(("path", "text", "name", "product"), FILES)
def test_launches(path: str, text: str, name: str, product: str) -> None:
    found = launches(path, text)
    assert [(fact.agent.name if fact.agent else "", fact.product, fact.bypass) for fact in found] == [(name, product, YOLO)]


def test_a_flag_stands_where_it_is_written_beside_texts_that_variables_hold() -> None:
    loop = (f'#!/bin/bash\nTEXT="Fix the next ticket."\nfor ((i = 1; i <= $1; i++)); do\n  claude \\\n    --print \\\n    {YOLO} \\\n'
            '    --append-system-prompt "$TEXT" "$TEXT" | tee log.txt\ndone\n')
    found = judged({"loop.sh": loop.encode()}).findings
    assert [(each.rule.id, each.primary.span.begin[0]) for each in found] == [("approvals-off", 6)]


NOT = [
    ("Makefile", f"# claude {YOLO}\nFLAGS = claude {YOLO}\n"),
    ("package.json", f'{{"scripts": {{"a": "echo claude {YOLO}"}}, "description": "claude {YOLO}"}}'),
    ("run.sh", f"# claude {YOLO}\necho 'claude {YOLO}'\n"),
    ("Dockerfile", f"FROM x\n# CMD claude {YOLO}\nLABEL a='claude {YOLO}'\n"),
    ("crontab", f"# @daily claude {YOLO}\nFLAGS=claude {YOLO}\n"),
    (".vscode/tasks.json", f'{{"tasks": [{{"label": "claude {YOLO}", "command": "echo", "detail": "claude {YOLO}"}}]}}'),
    (".vscode/tasks.json", '{"tasks": [{"label": "a", "command": "npx claude", "args": []}]}'),
    ("README.md", f"    claude {YOLO}\n"),
    ("run.sh", f"cat <<'EOF'\nclaude {YOLO}\nEOF\n"),
]


@pytest.mark.parametrize(("path", "text"), NOT)
def test_no_launches(path: str, text: str) -> None:
    assert launches(path, text) == []
    assert [each for each in judged({path: text.encode()}).findings if each.rule.id == "approvals-off"] == []


def test_who_watches() -> None:
    text = f"a:\n\tclaude {YOLO}\nb:\n\tclaude -p x {YOLO} --max-turns 3\n"
    first, second = launches("Makefile", text)
    assert (first.attended, first.bounded) == (None, False)
    assert (second.attended, second.bounded) == (False, True)


def test_the_flag_is_underlined() -> None:
    text = f"b:\n\t@cd x && claude -p 'do it' {YOLO}\n"
    finding = next(each for each in judged({"Makefile": text.encode()}).findings if each.rule.id == "approvals-off")
    assert finding.primary.span.text == YOLO


def test_a_launch_is_an_agent_of_its_own() -> None:
    world = analysis_of({"Makefile": f"b:\n\tclaude -p x {YOLO}\n".encode()}).world
    agent = next(agent for agent in world.agents if agent.type == "command")
    assert isinstance(agent, Agent)
    assert (agent.product, agent.attended, agent.bypasses) == ("claude", False, True)


def waiving() -> list[str]:
    """A command line for every option, and every value of one, that waives an agent's approvals."""
    from overgrant.read.knowledge import load

    lines = []
    for agent in load("agents-cli")["agents"].values():
        for head in agent["heads"]:
            head += "".join(f" {word}" for word in agent.get("only", ())[:1])
            lines += [f"{head} {option} 'fix it'" for option in agent.get("bypass", ())]
            lines += [f"{head} {option} {value} 'fix it'" for option, values in agent.get("values", {}).items()
                      for value, meant in values.items() if meant["meaning"] == "approvals-off"]
    return lines


@pytest.mark.parametrize("line", waiving())
def test_what_waives_approvals_is_looked_for(line: str) -> None:
    found = list(analysis_of({"Makefile": f"run:\n\t{line}\n".encode()}).world.of("launch"))
    assert found, "no mark of `launch.yaml` lets this file be read"


@pytest.mark.parametrize(("flags", "found"), [
    ("--auto-approve true 'Fix it.'", True),
    ("--auto-approve=true --json 'Fix it.'", True),
    ("--auto-approve false 'Fix it.'", False),
    ("--data-dir -y-is-no-flag-here 'Plan it.'", False),
    ("--thinking high -y 'Fix it.'", True),
])
def test_approvals_of_cline(flags: str, found: bool) -> None:
    result = judged({"run.sh": f"#!/bin/sh\ncline {flags}\n".encode()})
    assert any(each.rule.id == "approvals-off" for each in result.findings) is found
