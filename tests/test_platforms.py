"""Frameworks, platforms and gateways: small manifests and every finding that they give, line by line.

A case of `tests/platforms/<product>.yaml` names its files and its findings, each as `line rule` for the only file
or `path:line rule`. What is not listed must not be found: most cases say more about silence than about findings.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from overgrant.ruletest import expanded
from trees import judged

CASES = [(path.stem, case) for path in sorted((Path(__file__).parent / "platforms").glob("*.yaml"))
         for case in yaml.safe_load(path.read_text(encoding="utf-8"))]


def found(case: dict[str, Any]) -> list[str]:
    """The findings of severity low and above, in the words of a case."""
    files: dict[str, str] = case["files"]
    alone = len(files) == 1
    result = judged({path: expanded(text).encode() for path, text in files.items()})
    assert result.coverage.by_format, "no file of this case is recognised"
    rows = set()
    for each in result.findings:
        place = each.primary.span
        if each.severity != "info":
            path = "" if alone else f"{place.source.path}:"
            rows.add(f"{path}{place.begin[0]} {each.rule.id}")
    return sorted(rows)


@pytest.mark.parametrize(("product", "case"), CASES, ids=[f"{product}: {case['name']}" for product, case in CASES])
def test_findings(product: str, case: dict[str, Any]) -> None:
    assert found(case) == sorted(case["findings"]), product
