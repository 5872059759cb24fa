"""The quick breadth of common patterns is the one that the automaton decides."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.breadth import Breadth, breadth_of
from overgrant.scope import Scope, command_glob, path_glob, tool_glob

WORDS = st.lists(st.sampled_from(["git", "push", "npm", "run", "--x", "a.py", "-c"]), min_size=1, max_size=3)
COMMANDS = st.builds(lambda words, tail: " ".join(words) + tail, WORDS, st.sampled_from(["", " *", "*", " x", "*y"]))
PATHS = st.builds(lambda head, parts, tail: head + "/".join(parts) + tail,
                  st.sampled_from(["", "./", "../", "../../", "~/", "/", "/home/", "/home/me/", "C:/"]),
                  st.lists(st.sampled_from(["src", ".ssh", "..", ".", "etc"]), max_size=3),
                  st.sampled_from(["", "/**", "/*", "/", "*", "/*.py"]))


def slow(one: Scope) -> Breadth:
    return breadth_of(one._language, one._nfa)


@settings(deadline=None, max_examples=150)
@given(COMMANDS)
def test_commands(pattern: str) -> None:
    one = command_glob(pattern, space_star_boundary=True)
    assert one.breadth is slow(one)


@settings(deadline=None, max_examples=250)
@given(PATHS, st.booleans())
def test_paths(pattern: str, anywhere: bool) -> None:
    if pattern:
        one = path_glob(pattern, anchor_anywhere=anywhere)
        assert one.breadth is slow(one)


@pytest.mark.parametrize("name", ["mcp__a__b", "read_file", "@s/t", "mcp__a__*", "*"])
def test_tools(name: str) -> None:
    one = tool_glob(name)
    assert one.breadth is slow(one)
