"""Actions and workflows of other repositories: which are named as not read, and how often."""

from __future__ import annotations

import pytest

from trees import analysis_of

PATH = ".github/workflows/a.yml"
STEPS = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: claude -p x\n{}"
CASES = [
    ("      - uses: example/claude-fixer@v1\n", "`example/claude-fixer@v1`, which seems to start an agent, is another repository's"),
    ("      - uses: example/claude-fixer@v1\n      - uses: example/claude-fixer@v1\n",
     "`example/claude-fixer@v1`, which seems to start an agent, is another repository's"),
    ("      - uses: example/review@v1\n        with: {key: '${{ secrets.ANTHROPIC_API_KEY }}'}\n",
     "`example/review@v1`, which is given `ANTHROPIC_API_KEY`, is another repository's"),
    ("      - uses: example/setup-goose-action@v1\n", ""),
    ("      - uses: actions/checkout@v4\n        with: {token: '${{ secrets.PAT }}'}\n", ""),
    ("      - uses: actions/setup-node@v4\n      - uses: docker/login-action@v3\n        with: {password: '${{ secrets.REGISTRY }}'}\n", ""),
    ("      - uses: anthropics/claude-code-action@v1\n", ""),
    ("  b:\n    uses: example/ci/.github/workflows/test.yml@v1\n", ""),
    ("  b:\n    uses: example/ci/.github/workflows/codex.yml@v1\n",
     "`example/ci/.github/workflows/codex.yml@v1`, which seems to start an agent, is another repository's"),
    ("  b:\n    uses: example/ci/.github/workflows/test.yml@v1\n    secrets: inherit\n",
     "`example/ci/.github/workflows/test.yml@v1`, which is given secrets, is another repository's"),
    ("  b:\n    uses: example/claude-tools/.github/workflows/lint.yml@v1\n", ""),
]


@pytest.mark.parametrize(("text", "why"), CASES)
def test_what_is_named(text: str, why: str) -> None:
    assert [each.why for each in analysis_of({PATH: STEPS.format(text).encode()}).coverage.unread] == ([why] if why else [])
