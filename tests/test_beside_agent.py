"""What stands beside an agent in its job: scripts that a stranger's words are put into, builds of a stranger's code."""

from __future__ import annotations

import pytest

from trees import judged

PATH = ".github/workflows/a.yml"
JOB = "on: {event}\njobs:\n  a:\n    runs-on: x\n    env: {{HEAD: '${{{{ github.event.workflow_run.head_sha }}}}', BASE: main}}\n    steps:\n{steps}"
AGENT = '      - run: codex exec --sandbox workspace-write "Repair it."\n'
OUT = "      - uses: actions/checkout@v4\n        with: {{ref: '${{{{ {} }}}}'{}}}\n"
OWN = ("      - run: |\n          TITLE=\"${{{{ github.event.issue.{} }}}}\"\n"
       "          codex exec --sandbox read-only \"$TITLE\"\n")
CASES = [
    ("workflow_run", OUT.format("env.HEAD", "") + "      - run: npm ci\n" + AGENT, {"stranger-checkout"}),
    ("workflow_run", OUT.format("env.HEAD", "") + AGENT + "      - run: |\n          cd web\n          make test\n", {"stranger-checkout"}),
    ("workflow_run", OUT.format("github.event.workflow_run.head_branch", "") + "      - run: pytest\n" + AGENT, {"stranger-checkout"}),
    ("workflow_run", OUT.format("env.BASE", "") + "      - run: npm ci\n" + AGENT, set()),
    ("workflow_run", OUT.format("env.HEAD", ", path: theirs") + "      - run: npm ci\n" + AGENT, set()),
    ("workflow_run", OUT.format("env.HEAD", "") + "      - run: npm install -g @openai/codex@0.1.0\n" + AGENT, set()),
    ("push", OUT.format("env.HEAD", "") + "      - run: npm ci\n" + AGENT, set()),
    ("issues", OWN.format("title"), {"text-in-script"}),
    ("issues", OWN.format("number"), set()),
]


@pytest.mark.parametrize(("event", "steps", "expected"), CASES)
def test_beside(event: str, steps: str, expected: set[str]) -> None:
    found = judged({PATH: JOB.format(event=event, steps=steps).encode()}).findings
    assert {each.rule.id for each in found} & {"stranger-checkout", "text-in-script"} == expected
