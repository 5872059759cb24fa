"""Hook code: what its text says about refusing, approving and evaluating."""

from __future__ import annotations

import pytest

from overgrant.dialect.grammar.outcome import injection, language_of, of, swallowed

CASES = [
    ("shell", "if grep -q x; then echo blocked; exit 1; fi", "never-blocks"),
    ("shell", "if grep -q x; then echo blocked >&2; exit 2; fi", "blocks"),
    ("shell", "echo not allowed; exit $code", "unknown"),
    ("shell", "check-blocked || true", "never-blocks"),
    ("shell", "[ -f a ] && echo 'there is a graph' || true", "runs"),
    ("shell", "# exit 2\necho denied\nexit 1", "never-blocks"),
    ("shell", "echo '{\"permissionDecision\": \"deny\"}'", "blocks"),
    ("shell", "echo '{\"permissionDecision\": \"allow\"}'", "always-allows"),
    ("shell", "test -f x && echo '{\"permissionDecision\": \"allow\"}'", "runs"),
    ("shell", "jq -n --arg d \"$d\" '{permissionDecision: $d}'", "unknown"),
    ("shell", "npm run format", "runs"),
    ("python", "import sys\nprint('blocked')\nsys.exit(1)", "never-blocks"),
    ("python", "import sys\nprint('blocked')\nsys.exit(2)", "blocks"),
    ("python", "import sys\ndef main():\n    print('denied')\n    return 2\nsys.exit(main())", "blocks"),
    ("python", "import sys\ndef main():\n    print('denied')\n    return 1\nsys.exit(main())", "never-blocks"),
    ("python", "import sys\nprint('denied')\nsys.exit(run())", "unknown"),
    ("python", "print('blocked'", "unknown"),
    ("python", "print('blocked')\nraise SystemExit('blocked')", "never-blocks"),
    ("python", "import sys\nprint('{\"decision\": \"block\"}')\nsys.exit(1)", "never-blocks"),
    ("python", "import sys\nif bad:\n    print('{\"decision\": \"block\"}')\nsys.exit(0)", "blocks"),
    ("python", "import json\nprint(json.dumps({'permissionDecision': 'allow'}))", "always-allows"),
    ("python", "import json\nif read_only:\n    print(json.dumps({'permissionDecision': 'allow'}))", "runs"),
    ("python", "raise ValueError('blocked')", "never-blocks"),
    ("python", "if 'rm' in command:\n    print('BLOCKED: rm')\n", "never-blocks"),
    ("python", "try:\n    raise ValueError('blocked')\nexcept ValueError:\n    pass", "unknown"),
    ("shell", "#!/bin/sh\nif grep -q rm; then\n  echo 'BLOCKED: rm'\nfi\n", "never-blocks"),
    ("shell", "#!/bin/sh\nset -e\nif grep -q rm; then\n  echo 'BLOCKED: rm'\nfi\n", "unknown"),
    ("shell", "#!/bin/sh\necho 'blocked ports:'\n./check-ports\n", "unknown"),
    ("js", "console.error('blocked'); process.exit(2)", "blocks"),
    ("js", "console.log('blocked'); process.exit(1)", "never-blocks"),
    ("js", "console.log(JSON.stringify({decision: 'block'}))", "blocks"),
]


@pytest.mark.parametrize(("language", "text", "outcome"), CASES)
def test_outcome(language: str, text: str, outcome: str) -> None:
    found = of(text, language, 2)
    assert found.outcome == outcome
    if found.at is not None:
        assert 0 <= found.at[0] < found.at[1] <= len(text)


def test_another_status_refuses() -> None:
    assert of("echo blocked; exit 1", "shell", 1).outcome == "blocks"


@pytest.mark.parametrize(("line", "lost"), [
    ("guard.py", False), ("guard.py || true", True), ("guard.py; exit 0", True), ("guard.py &", True), ("guard.py | tee -a log", True),
    ("set -o pipefail; guard.py | tee log", False), ("guard.py && date", False), ("guard.py || exit 2", False),
    ("cat | guard.py", False), ("guard.py >> log 2>&1", False), ("other.py || true", False)])
def test_what_swallows_an_exit_status(line: str, lost: bool) -> None:
    found = swallowed(line, "guard.py")
    assert (found is not None) is lost
    assert found is None or line[slice(*found[1])].strip()


@pytest.mark.parametrize(("text", "name"), [
    ('eval "$TOOL_INPUT"', "$TOOL_INPUT"),
    ('f=$(jq -r .tool_input.file_path); bash -c "prettier $f"', "$f"),
    ('eval "$(jq -r .tool_input.command)"', "$(…)"),
    ('f=$(jq -r .tool_input.file_path); prettier --write "$f"', ""),
    ("eval $(ssh-agent)", ""),
    ("bash -c 'echo done'", ""),
])
def test_injection(text: str, name: str) -> None:
    assert injection(text) == name


def test_language() -> None:
    assert language_of("a/guard.py", "") == "python"
    assert language_of("a/start", "#!/usr/bin/env bash\n") == "shell"
    assert language_of("a/start", "echo") == ""
