"""What tests share: snapshots of whole outputs. `pytest --accept` writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

SNAPSHOTS = Path(__file__).parent / "snapshots"
Snapshot = Callable[[str, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write snapshots as the code prints them now")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    """Whether this run writes snapshots instead of comparing them."""
    return bool(request.config.getoption("--accept"))


@pytest.fixture
def snapshot(accept: bool) -> Snapshot:
    """`snapshot(name, text)`: the text is what `tests/snapshots/<name>` holds."""
    def compare(name: str, text: str) -> None:
        path = SNAPSHOTS / name
        if accept:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.is_file(), f"no snapshot {name}; look at the output and run pytest --accept"
        assert text == path.read_bytes().decode(), f"{name} differs; look at it and run pytest --accept"

    return compare
