"""Which trusted folders hold all others."""

from __future__ import annotations

import json

import pytest

from trees import judged


@pytest.mark.parametrize(("folder", "wide"), [
    ("/", True), ("~", True), ("~/", True), ("$HOME", True), ("/home", True), ("/home/dev", True), ("/Users/dev/", True), ("C:\\", True),
    ("C:\\Users", True), ("/**", True), ("~/src/website", False), ("/home/dev/src", False), ("/srv/website", False), ("", False),
    ("/" * 5000 + "x", False)])
def test_a_folder_that_holds_all_others(folder: str, wide: bool) -> None:
    tree = {".copilot/config.json": json.dumps({"trustedFolders": [folder]}).encode()}
    assert bool(judged(tree).findings) is wide
