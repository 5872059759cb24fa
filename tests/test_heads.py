"""Names of commands, and options told from arguments."""

from __future__ import annotations

from typing import Any

import pytest

from overgrant.dialect.grammar import heads
from overgrant.dialect.grammar.word import Word


@pytest.mark.parametrize(
    ("program", "head"),
    [
        ("git", "git"),
        ("/usr/bin/git", "git"),
        ("C:\\Program Files\\nodejs\\NPX.CMD", "npx"),
        ("./run.sh", "run.sh"),
        (".exe", ".exe"),
        ("", ""),
    ],
)
def test_the_name_of_a_program(program: str, head: str) -> None:
    assert heads.head_of(program) == head


@pytest.mark.parametrize(("head", "like"), [("python3.12", "python"), ("pip3.11", "pip"), ("clang-18", "clang")])
def test_versions_in_names(head: str, like: str) -> None:
    found, expected = heads.find(head), heads.find(like)
    assert found is not None
    assert expected is not None
    assert found.get("kind") == expected.get("kind")


@pytest.mark.parametrize("head", ["frobnicate", "", "7", "..."])
def test_an_unknown_name(head: str) -> None:
    assert heads.find(head) is None


def scan(text: str, node: dict[str, Any]) -> tuple[list[tuple[str, str | None]], int]:
    options, at = heads.scan([Word(word, 0, 0) for word in text.split()], 0, node)
    return [(option.name, option.value) for option in options], at


@pytest.mark.parametrize(
    ("text", "node", "options", "at"),
    [
        ("-a b", {}, [("-a", None)], 1),
        ("-a b c", {"values": ["-a"]}, [("-a", "b")], 2),
        ("-ab c", {"values": ["-a"]}, [("-a", "b")], 1),
        ("-xa b c", {"values": ["-a"]}, [("-a", "b")], 2),
        ("--a=b c", {}, [("--a", "b")], 1),
        ("--a b c", {"values": ["--a"]}, [("--a", "b")], 2),
        ("-v=/a:/b c", {"values": ["-v"]}, [("-v", "/a:/b")], 1),
        ("-- -a", {}, [], 1),
        ("-it --rm -e X img -q", {"flags": ["-i", "-t", "--rm"]}, [("-it", None), ("--rm", None), ("-e", "X")], 4),
        ("-c x -d", {"code": ["-c"], "values": ["-d"]}, [("-c", "x")], 2),
        ("-a", {"values": ["-a"]}, [("-a", None)], 1),
        ("/d /c npx", {"slash": True}, [("/d", None), ("/c", None)], 2),
        ("-File x.ps1", {"long": True, "fold": True, "values": ["-file"]}, [("-file", "x.ps1")], 2),
        ("-exec sh x", {"long": True, "values": ["-exec"]}, [("-exec", "sh")], 2),
        ("-type f -exec rm", {"long": True, "values": ["-type"], "exec": ["-exec"]}, [("-type", "f")], 2),
        ("- x", {}, [], 0),
        ("+o posix x", {"values": ["+o"]}, [("+o", "posix")], 2),
    ],
)
def test_options(text: str, node: dict[str, Any], options: list[tuple[str, str | None]], at: int) -> None:
    assert scan(text, node) == (options, at)


def test_a_subcommand_keeps_the_options_of_its_parent() -> None:
    docker = heads.find("docker")
    assert docker is not None
    compose = heads.below(docker, "compose")
    assert compose is not None
    assert {"--context", "-f"} <= set(compose["values"])
    assert compose["source"]
    assert heads.below(docker, "frobnicate") is None


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("dist", True),
        ("./packages/a/node_modules/", True),
        ("src", True),
        (".next", True),
        ("/tmp/work", True),
        ("/tmp", False),
        ("/dist", False),
        ("../dist", False),
        (".git", False),
        (".claude/skills", False),
        ("src/*", False),
        ("$OUT", False),
        ("C:\\work", False),
        (".", False),
        ("", False),
    ],
)
def test_one_thing_that_a_command_may_remove(path: str, named: bool) -> None:
    assert heads.is_named_inside(path) is named
