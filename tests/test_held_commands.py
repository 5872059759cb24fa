"""Commands that start an agent and stand in a variable, or in a text that another program runs."""

from __future__ import annotations

import pytest

from overgrant.dialect.grammar import agentcli
from trees import judged

YOLO = "--dangerously-skip-permissions"
RUN = f'CMD="claude -p {YOLO}"\n'
HELD = [
    RUN + '$CMD "$1"',
    RUN + 'out=$($CMD "$1")',
    RUN + 'timeout 60 $CMD "$1"',
    RUN + 'eval "$CMD"',
    RUN + 'bash -lc "cd x && $CMD"',
    RUN + 'tmux send-keys -t s "$CMD" C-m',
    f'CMD="claude -p"\nCMD="$CMD {YOLO}"\n$CMD x',
    f'CMD="claude -p"\nCMD+=" {YOLO}"\n$CMD x',
    f'F="{YOLO}"\nCMD="claude -p $F \\"${{P}}\\""\neval "$CMD"',
    f'F="{YOLO}"\nCMD="claude -p ${{F}}"\nS="ssh h \'cd work && ${{CMD}}\'"\nbash -c "$S"',
    f'cmd=(claude -p {YOLO})\n"${{cmd[@]}}" "$1"',
    f'cmd=(claude -p)\ncmd+=({YOLO})\n"${{cmd[@]}}" "$1"',
    f'CLAUDE="${{CLAUDE:-claude}}"\n$CLAUDE -p {YOLO} x',
    f'"${{CLAUDE_BIN:-claude}}" -p {YOLO} x',
    f'F="{YOLO}"\ntmux new-session -s x "cd y && claude $F"',
    f'tmux new-session -d -s x claude {YOLO}',
    f"tmux send-keys -t s 'claude {YOLO}' Enter",
    f'zellij run -- claude {YOLO}',
    f'expect -c "spawn claude {YOLO}"',
    f'su - user -c "claude {YOLO}"',
    f'asciinema rec -c "claude {YOLO}"',
    f'gum spin --title x -- claude {YOLO}',
    f'sops exec-env f "claude {YOLO}"',
    f'trap "claude {YOLO} -p x" EXIT',
    f'alias yolo="claude {YOLO}"',
]


@pytest.mark.parametrize("text", HELD)
def test_a_held_command_starts_an_agent(text: str) -> None:
    found = list(agentcli.find(text))
    assert [each.product for each in found] == ["claude"]
    assert YOLO in [word.text for word in found[0].words]


@pytest.mark.parametrize("text", [
    RUN + 'echo "$CMD"\nlogf "cmd: $CMD"',
    RUN + '"$CMD" x',  # one word: no such program
    "command -v claude",
    'CMD=claude\ncommand -v "$CMD" && which $CMD',
    'CMD=claude\n$CMD --version',
    'tmux kill-session -t claude-1',
    'alias c="ls"',
    'NAME=claude\ngit checkout "$NAME"',
    'NAME=claude\nmkdir -p "out/$NAME"',
])
def test_a_name_that_is_only_said_starts_nothing(text: str) -> None:
    assert list(agentcli.find(text)) == []


def test_the_finding_stands_where_the_flag_is_written() -> None:
    text = f'#!/bin/sh\nMODEL=x\nFLAGS="{YOLO} --model $MODEL"\nclaude $FLAGS -p one\nclaude $FLAGS -p two\n'
    found = [each for each in judged({"run.sh": text.encode()}).findings if each.rule.id == "approvals-off"]
    assert {each.primary.span.start for each in found} == {text.index(YOLO)}


def test_variables_that_grow_are_bounded() -> None:
    for text in ('CMD="claude -p"\n' + 'CMD="$CMD $CMD"\n' * 60 + "echo $CMD x\n" * 2000, "A=claude\n" + '"$A" --foo\n' * 5000,
                 "A=claude\n" + 'tmux send-keys "$A x" ' * 3000):
        assert len(list(agentcli.find(text))) <= 5000
