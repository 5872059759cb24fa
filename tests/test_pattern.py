"""Patterns that are compiled when they are first used."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from overgrant.pattern import _Later, later
from test_layers import MODULES, PACKAGE

HOLDING = [path for path in MODULES if "import later" in path.read_text(encoding="utf-8")]


def test_a_pattern_is_compiled_when_it_is_used() -> None:
    wrong = later("(")
    with pytest.raises(re.error):
        wrong.search("")
    right = later("a(b)", re.IGNORECASE)
    assert right.fullmatch("AB") and right.sub(r"\1", "ab") == "b" and right.groups == 1


@pytest.mark.parametrize("path", HOLDING, ids=lambda path: path.stem)
def test_every_pattern_of_a_module_holds(path: object) -> None:
    assert hasattr(path, "relative_to")
    module = import_module(".".join(("overgrant", *path.relative_to(PACKAGE).with_suffix("").parts)))
    made = [each for each in vars(module).values() if isinstance(each, _Later)]
    assert made and all(each.pattern for each in made)
