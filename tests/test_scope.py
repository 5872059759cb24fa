"""Scopes: the algebra's laws on generated patterns, and what single patterns mean."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.scope import (
    HOME,
    LANGUAGES,
    WORKSPACE,
    Answer,
    Breadth,
    Scope,
    command_exact,
    command_glob,
    command_prefix,
    command_regex,
    common,
    covers,
    everything,
    host_glob,
    is_loopback,
    is_private,
    name_glob,
    overlaps,
    path_glob,
    show,
    tool_glob,
    union_covers,
)

YES, NO, UNDECIDABLE = Answer.YES, Answer.NO, Answer.UNDECIDABLE
laws = settings(max_examples=100, deadline=None)


def glob(pattern: str) -> Scope:
    return command_glob(pattern, space_star_boundary=True)


def words(*choices: str, most: int = 4, between: str = "") -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(choices), min_size=1, max_size=most).map(between.join)


COMMANDS = words("git", "push", " ", "*", " *", "-f", "a")
PATHS = words("src", "*", "**", "a.py", "*.py", "..", "~", "", "?", "[ab]", "etc", ".env")
HOSTS = words("com", "example", "*", "a", "a*", most=3, between=".")
TOOLS = words("mcp__", "a", "__", "*", "get_", "/", ":", "@", "_")
NAMES = words("s3", ":", "Get", "*", "/", ".", "a")

SCOPES = {
    "command": st.one_of(
        COMMANDS.map(glob), st.builds(lambda p: command_glob(p, space_star_boundary=False), COMMANDS),
        st.builds(lambda p, b: command_prefix(p, boundary=b), COMMANDS, st.booleans()), COMMANDS.map(command_exact),
        st.sampled_from(["^git", "git|ls", "^ls$", "a.*b$", "^(?:git|hg) [a-z]+$", ".*", r"\brm\b"]).map(
            lambda p: command_regex(p, "js", False, False))),
    "path": st.builds(lambda p, a, d, t: path_glob(t + "/".join(p), anchor_anywhere=a, directory=d),
                      st.lists(PATHS, min_size=1, max_size=3), st.booleans(), st.booleans(),
                      st.sampled_from(["", "/", "~/", "C:\\", "../"])),
    "host": st.builds(lambda p, a, e: host_glob(p + e, apex=a), HOSTS, st.booleans(),
                      st.sampled_from(["", "", ":443", ":*"])),
    "tool": TOOLS.map(tool_glob),
    "name": NAMES.map(name_glob),
}
SCOPE = st.one_of(*SCOPES.values())
TWO = st.sampled_from(LANGUAGES).flatmap(lambda language: st.tuples(SCOPES[language], SCOPES[language]))
THREE = st.sampled_from(LANGUAGES).flatmap(
    lambda language: st.tuples(SCOPES[language], SCOPES[language], SCOPES[language]))
ITEMS = {
    "command": words("git", "push", " ", "-f", "a", "ls", "rm"),
    "path": words("/", "src", "etc", "a.py", "~", "home", ".env", "c:", ".."),
    "host": words("com", "example", "a", "ab", between=".", most=3),
    "tool": words("mcp__", "a", "__", "get_", "/", ":", "@"),
    "name": words("s3", ":", "Get", "/", ".", "a"),
}


# --- laws

@laws
@given(SCOPE)
def test_a_scope_covers_itself_and_everything_covers_it(a: Scope) -> None:
    assert covers(a, a) is YES
    for language in LANGUAGES:
        assert covers(everything(language), a) is YES
    assert everything(a.language).breadth is Breadth.ALL


@laws
@given(THREE)
def test_covering_is_transitive(scopes: tuple[Scope, Scope, Scope]) -> None:
    a, b, c = scopes
    if covers(a, b) is YES and covers(b, c) is YES:
        assert covers(a, c) is YES


@laws
@given(TWO, st.data())
def test_what_a_covered_scope_matches_its_cover_matches(scopes: tuple[Scope, Scope], data: st.DataObject) -> None:
    a, b = scopes
    item = data.draw(ITEMS[a.language])
    if covers(a, b) is YES and b.matches(item) is YES:
        assert a.matches(item) is YES


@laws
@given(TWO)
def test_a_larger_scope_is_never_narrower(scopes: tuple[Scope, Scope]) -> None:
    a, b = scopes
    if covers(a, b) is YES and a.reason is None and b.reason is None:
        assert a.breadth >= b.breadth


@laws
@given(st.sampled_from([("command", glob), ("tool", tool_glob), ("name", name_glob)]), st.data())
def test_a_star_instead_of_a_piece_covers_and_is_never_narrower(
        kind: tuple[str, Callable[[str], Scope]], data: st.DataObject) -> None:
    # random pairs seldom cover each other; these nearly always do
    language, make = kind
    words_of = ITEMS[language].filter(lambda text: not set(text) & set("/:@"))
    pieces = data.draw(st.lists(words_of, min_size=1, max_size=3))
    at = data.draw(st.integers(0, len(pieces) - 1))
    narrow = make("".join(pieces))
    wide = make("".join([*pieces[:at], "*", *pieces[at + 1:]]))
    if narrow.breadth is Breadth.EXACT:  # `mcp__a` is a server, and `*cp__a` is not
        assert covers(wide, narrow) is YES
        assert wide.breadth >= narrow.breadth


@laws
@given(TWO)
def test_witnesses_are_true(scopes: tuple[Scope, Scope]) -> None:
    a, b = scopes
    beyond = a.witness_beyond(b)
    if beyond is not None:
        assert a.matches(beyond) is YES
        assert b.matches(beyond) is NO
    if covers(b, a) is NO and a.reason is None and b.reason is None:
        assert beyond is not None
    both = common(a, b)
    if both is not None:
        assert a.matches(both) is YES
        assert b.matches(both) is YES
    if a.reason is None and b.reason is None:
        assert overlaps(a, b) is (YES if both is not None else NO)


@laws
@given(TWO)
def test_overlapping_is_symmetric(scopes: tuple[Scope, Scope]) -> None:
    a, b = scopes
    assert overlaps(a, b) is overlaps(b, a)


@laws
@given(THREE)
def test_a_union_covers_what_its_parts_cover(scopes: tuple[Scope, Scope, Scope]) -> None:
    a, b, c = scopes
    if YES in (covers(a, c), covers(b, c)):
        assert union_covers([a, b], c) is YES
    if union_covers([a, b], c) is NO and c.reason is None:
        witness = c.witness_beyond(a)
        assert witness is None or c.matches(witness) is YES


@laws
@given(TWO)
def test_equal_scopes_have_equal_hashes(scopes: tuple[Scope, Scope]) -> None:
    a, b = scopes
    assert (a == b) == (b == a)
    if a == b:
        assert hash(a) == hash(b)
        assert covers(a, b) is YES


# --- against a reference that tries every way

@cache
def plain(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(plain(pattern[1:], text[n:]) for n in range(len(text) + 1))
    return text[:1] == pattern[0] and plain(pattern[1:], text[1:])


def by_names(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(by_names(pattern[1:], path[n:]) for n in range(len(path) + 1))
    return bool(path) and plain(pattern[0], path[0]) and by_names(pattern[1:], path[1:])


@settings(max_examples=300, deadline=None)
@given(st.text("ab *", max_size=6), st.text("ab ", max_size=6))
def test_command_globs_match_as_the_reference(pattern: str, text: str) -> None:
    expected = plain(pattern, text)
    assert (command_glob(pattern, space_star_boundary=False).matches(text) is YES) == expected
    bare = pattern.endswith(" *") and plain(pattern[:-2], text)
    assert (glob(pattern).matches(text) is YES) == (expected or bare)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["**", "*", "a", "b", "a*", "*b"]), min_size=1, max_size=4),
       st.lists(st.sampled_from(["a", "b", "ab", "ba"]), min_size=1, max_size=4))
def test_path_globs_match_as_the_reference(pattern: list[str], path: list[str]) -> None:
    scope = path_glob("/" + "/".join(pattern))
    assert (scope.matches("/" + "/".join(path)) is YES) == by_names(tuple(pattern), tuple(path))


# --- answers

def test_an_answer_is_no_truth_value() -> None:
    with pytest.raises(TypeError, match="is Answer"):
        bool(YES)


def test_a_scope_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        setattr(glob("a"), "pattern", "b")


def test_languages_do_not_mix() -> None:
    assert covers(glob("*"), path_glob("/**")) is NO
    assert overlaps(glob("*"), host_glob("*")) is NO
    assert common(glob("*"), host_glob("*")) is None
    assert covers(everything("tool"), host_glob("a.com")) is YES
    assert overlaps(everything("tool"), host_glob("a.com")) is YES
    assert common(everything("tool"), host_glob("a.com")) == "a.com"
    with pytest.raises(ValueError, match="no language"):
        everything("colour")


def test_what_cannot_be_compared_is_never_a_no() -> None:
    unknown = command_regex("(?!rm).*", "js", True, False)
    assert unknown.reason is not None
    assert "ahead" in unknown.reason
    assert unknown.matches("ls") is UNDECIDABLE
    assert covers(unknown, glob("ls")) is UNDECIDABLE
    assert covers(glob("ls *"), unknown) is UNDECIDABLE
    assert covers(glob("*"), unknown) is YES
    assert covers(unknown, unknown) is YES
    assert overlaps(unknown, glob("ls")) is UNDECIDABLE
    assert union_covers([unknown, glob("ls *")], glob("ls -a")) is YES
    assert union_covers([unknown, glob("ls *")], glob("rm")) is UNDECIDABLE
    assert unknown.breadth is Breadth.FAMILY
    assert unknown.witness_beyond(glob("ls")) is None


def test_a_union_covers_what_no_part_does_alone() -> None:
    whole = command_regex("^(?:git|hg) .*", "js", False, False)
    assert covers(glob("git *"), whole) is NO
    assert union_covers([glob("git *"), glob("hg *")], whole) is YES
    assert union_covers([], whole) is NO


def test_hostile_patterns_have_an_answer() -> None:
    bad = command_regex("(a|b)*a(a|b){18}", "js", True, False)
    assert covers(bad, command_regex("(a|b)*b(a|b){20}", "js", True, False)) is UNDECIDABLE
    assert bad.breadth is Breadth.FAMILY
    assert glob("*a" * 1000).breadth is Breadth.FAMILY
    assert path_glob("/**/a*" * 600).matches("/a" * 500) is NO
    assert path_glob("{a,b}" * 30, braces=True).reason is not None
    assert path_glob("[" * 4000).matches("[" * 4000) is YES
    assert glob("x" * 5000).reason is not None


# --- breadth

@pytest.mark.parametrize(("make", "pattern", "breadth"), [
    (glob, "ls -la", Breadth.EXACT), (glob, "git push *", Breadth.PREFIX), (glob, "npm run test:*", Breadth.PREFIX),
    (glob, "git * --stat", Breadth.PREFIX), (glob, "git *", Breadth.FAMILY), (glob, "git*", Breadth.FAMILY),
    (glob, "*foo*", Breadth.FAMILY), (glob, "* --version", Breadth.FAMILY), (glob, "*", Breadth.ALL),
    (glob, "**", Breadth.ALL), (glob, "*\\**", Breadth.FAMILY), (glob, "", Breadth.EXACT),
    (path_glob, "src/x.py", Breadth.EXACT), (path_glob, "src/?.py", Breadth.EXACT),
    (path_glob, "src/*.py", Breadth.PREFIX), (path_glob, "**/*.py", Breadth.PREFIX), (path_glob, "src/", Breadth.TREE),
    (path_glob, "src/**", Breadth.TREE), (path_glob, "**", Breadth.TREE), (path_glob, ".", Breadth.TREE),
    (path_glob, "..", Breadth.TREE), (path_glob, "/etc/**", Breadth.TREE), (path_glob, "$FOO/x", Breadth.TREE),
    (path_glob, "~", Breadth.FAMILY), (path_glob, "~/**", Breadth.FAMILY), (path_glob, "C:\\", Breadth.FAMILY),
    (path_glob, "/**/*.pem", Breadth.FAMILY), (path_glob, "/", Breadth.ALL), (path_glob, "/**", Breadth.ALL),
    (host_glob, "example.com", Breadth.EXACT), (host_glob, "example.com:*", Breadth.EXACT),
    (host_glob, "api-*.example.com", Breadth.PREFIX), (host_glob, "*.example.com", Breadth.TREE),
    (host_glob, "*.com", Breadth.FAMILY), (host_glob, "*:443", Breadth.FAMILY), (host_glob, "*", Breadth.ALL),
    (tool_glob, "Read", Breadth.EXACT), (tool_glob, "mcp__s__t", Breadth.EXACT),
    (tool_glob, "mcp__s__get_*", Breadth.PREFIX), (tool_glob, "get_*", Breadth.PREFIX),
    (tool_glob, "server/get_*", Breadth.PREFIX), (tool_glob, "mcp__s__*", Breadth.FAMILY),
    (tool_glob, "mcp__my_server", Breadth.FAMILY), (tool_glob, "server/*", Breadth.FAMILY),
    (tool_glob, "server:*", Breadth.FAMILY), (tool_glob, "@server", Breadth.FAMILY), (tool_glob, "*", Breadth.ALL),
    (name_glob, "repo", Breadth.EXACT), (name_glob, "s3:Get*", Breadth.PREFIX), (name_glob, "s3:*", Breadth.FAMILY),
    (name_glob, "https://www.googleapis.com/auth/*", Breadth.PREFIX), (name_glob, "*:*", Breadth.ALL),
    (name_glob, "*", Breadth.ALL),
])
def test_breadth(make: Callable[[str], Scope], pattern: str, breadth: Breadth) -> None:
    assert make(pattern).breadth is breadth


def test_breadth_follows_the_language_and_not_the_spelling() -> None:
    assert command_regex("^ls$", "js", False, False).breadth is Breadth.EXACT
    assert command_regex("^git", "js", False, False).breadth is Breadth.FAMILY
    assert command_regex("", "js", False, False).breadth is Breadth.ALL
    assert command_regex("[^x]|x", "js", False, False).breadth is Breadth.ALL
    assert command_regex("^(?:git|hg) push$", "js", False, False).breadth is Breadth.EXACT
    assert command_prefix("git", boundary=False).breadth is Breadth.FAMILY


# --- commands

def test_a_last_star_behind_a_space_keeps_the_word_whole() -> None:
    assert [text for text in ("ls", "ls -a", "lsof", "l") if glob("ls *").matches(text) is YES] == ["ls", "ls -a"]
    without = command_glob("ls *", space_star_boundary=False)
    assert [text for text in ("ls", "ls -a", "lsof") if without.matches(text) is YES] == ["ls -a"]
    assert glob("echo \\*").matches("echo *") is YES
    assert glob("echo \\*").matches("echo x") is NO
    assert glob("a\\**").matches("a*b") is YES
    assert glob("a*b").matches("a; rm -rf / #b") is YES


def test_command_prefixes() -> None:
    assert command_prefix("git", boundary=True).matches("gitk") is NO
    assert command_prefix("git", boundary=False).matches("gitk") is YES
    assert command_prefix("Get-Item", boundary=True, ignore_case=True).matches("get-item x") is YES
    assert command_prefix("git", boundary=True).pattern == "git *"
    assert command_prefix("git", boundary=True) != command_prefix("git", boundary=True, ignore_case=True)
    assert covers(command_prefix("git", boundary=False), command_prefix("git", boundary=True)) is YES


def test_witnesses_of_commands() -> None:
    assert glob("git *").witness_beyond(glob("git push *")) == "git"
    assert common(glob("git *"), glob("* --force")) == "git --force"
    assert glob("git push *").witness_beyond(glob("git *")) is None


# --- tools

def test_a_server_stands_for_its_tools() -> None:
    assert covers(tool_glob("mcp__git"), tool_glob("mcp__git__*")) is YES
    assert tool_glob("mcp__git").matches("mcp__github__x") is NO
    assert tool_glob("@git").matches("@git/push") is YES
    assert tool_glob("@git/push").matches("@git/pull") is NO
    assert tool_glob("*").matches("server/x") is YES
    assert tool_glob("get_*").matches("get_x/y") is NO
    assert tool_glob("server/*").matches("server/a/b") is YES


# --- hosts

@pytest.mark.parametrize(("pattern", "yes", "no"), [
    ("example.com", ["example.com", "EXAMPLE.com.", "example.com:8080", "https://example.com/x"],
     ["a.example.com", "example.com.evil.org", "examplexcom"]),
    ("*.example.com", ["a.example.com", "a.b.example.com"], ["example.com", "aexample.com", "evil.com/.example.com"]),
    ("**.example.com", ["a.b.example.com", "example.com"], ["aexample.com"]),
    (".example.com", ["a.example.com", "example.com"], ["aexample.com"]),
    ("api.*.example.com", ["api.x.example.com"], ["api.x.y.example.com", "api..example.com"]),
    ("example.com:443", ["example.com:443"], ["example.com", "example.com:80"]),
    ("example.com:*", ["example.com:80"], ["example.com"]),
    ("https://Example.com/*", ["example.com"], ["x.example.com"]),
    ("[::1]:8080", ["[::1]:8080"], ["[::1]:80"]),
    ("::1", ["::1", "[::1]", "[::1]:80"], ["::2"]),
    ("*", ["a", "10.0.0.1:5"], []),
])
def test_hosts(pattern: str, yes: list[str], no: list[str]) -> None:
    scope = host_glob(pattern)
    assert [item for item in yes if scope.matches(item) is not YES] == []
    assert [item for item in no if scope.matches(item) is not NO] == []


def test_a_pattern_that_is_more_than_a_host_cannot_be_compared() -> None:
    for pattern in ("10.0.0.0/8", "https://example.com/api/*", "user@example.com"):
        assert host_glob(pattern).reason is not None
        assert host_glob(pattern).matches("example.com") is UNDECIDABLE
    assert host_glob("*.example.com", apex=True).matches("example.com") is YES


def test_hosts_of_this_machine_and_of_private_networks() -> None:
    assert [host for host in ("localhost:80", "127.0.0.5", "[::1]:8", "http://localhost/x", "a.localhost", "10.0.0.1",
                              "localhost.evil.com") if not is_loopback(host)] == ["10.0.0.1", "localhost.evil.com"]
    assert [host for host in ("10.1.2.3", "192.168.0.1:80", "169.254.169.254", "db.internal", "nas.local", "localhost",
                              "fd00::1", "8.8.8.8", "example.com", "") if not is_private(host)] == [
        "8.8.8.8", "example.com", ""]


# --- paths

@pytest.mark.parametrize(("pattern", "yes", "no"), [
    ("src/x.py", ["src/x.py", "./src/x.py", "src/a/../x.py", f"{WORKSPACE}/src/x.py"], ["src/x.pyc", "/src/x.py"]),
    ("src/", ["src", "src/a/b"], ["srcs", "a/src"]),
    ("src/**", ["src", "src/a/b"], ["srcs"]),
    ("src/**/t", ["src/t", "src/a/b/t"], ["src/at"]),
    ("src/*", ["src/a", "src/.env"], ["src", "src/a/b"]),
    ("s?c", ["sxc"], ["sc", "s/c"]),
    ("[a-c]/[!x]", ["b/y"], ["d/y", "b/x"]),
    ("[]x]", ["]", "x"], ["[]x]"]),
    ("a[b", ["a[b"], ["ab"]),
    ("\\*x", ["*x"], ["ax"]),
    ("../x", ["../x", "~/src/x"], ["x"]),
    ("~/.ssh/*", ["~/.ssh/id", "$HOME/.ssh/id", "${HOME}/.ssh/id"], ["/.ssh/id", ".ssh/id"]),
    ("%USERPROFILE%\\.aws\\**", ["~/.aws/credentials"], ["~/.awsx"]),
    ("${env:HOME}/x", ["~/x"], ["x"]),
    ("${workspaceFolder}/src/**", ["src/a"], ["a"]),
    ("$PWD/a", ["a"], ["b"]),
    ("C:\\Users\\*", ["C:\\Users\\a", "c:/Users/a", "/c:/Users/a"], ["C:\\Users\\a\\b", "D:\\Users\\a"]),
    ("/Users/ada/.ssh/**", ["~/.ssh/id", "/c/Users/ada/.ssh/id", "/mnt/c/Users/ada/.ssh/id", "C:\\Users\\ada\\.ssh\\id"],
     ["~/x", "/Users/Shared/.ssh/id"]),
    ("~/.aws/**", ["/Users/ada/.aws/config", "/root/.aws/config", "/home/ada/.aws/config"], ["/srv/home/ada/.aws/config"]),
    ("/home/*/.ssh/**", ["~/.ssh/id", "/Users/ada/.ssh/id"], ["~/x"]),
    ("src\\x.py", ["src/x.py"], ["srcx.py"]),
    (".\\src\\*", ["src/x"], ["x"]),
    ("/", ["/", "/etc/passwd", "x"], []),
    ("/../../etc", ["/etc"], ["etc"]),
    ("/etc//./hosts", ["/etc/hosts"], ["/etc"]),
])
def test_paths(pattern: str, yes: list[str], no: list[str]) -> None:
    scope = path_glob(pattern)
    assert [item for item in yes if scope.matches(item) is not YES] == []
    assert [item for item in no if scope.matches(item) is not NO] == []


def test_options_of_paths() -> None:
    bare = path_glob(".env", anchor_anywhere=True)
    assert bare.matches("a/b/.env") is YES
    assert bare.matches(".env") is YES
    assert bare.matches("~/.env") is NO
    assert path_glob("build/", anchor_anywhere=True).matches("a/build/x") is YES
    assert path_glob("./.env", anchor_anywhere=True).matches("a/.env") is NO
    assert path_glob("src/x", anchor_anywhere=True).matches("a/src/x") is NO
    assert path_glob("a*", literal=True).matches("a*") is YES
    assert path_glob("a*", literal=True).matches("ab") is NO
    assert path_glob("src", directory=True).matches("src/a/b") is YES
    assert path_glob("x", base="apps/[web]").matches("apps/[web]/x") is YES
    assert path_glob("x", base="~/.claude").matches("~/.claude/x") is YES
    assert path_glob("*.{ts,js{,x}}", braces=True).matches("a.jsx") is YES
    assert path_glob("*.{ts,js}", braces=True).matches("a.py") is NO
    assert path_glob("{a,b}").matches("{a,b}") is YES


@pytest.mark.parametrize("pattern", ["$FOO/x", "${FOO}", "src/$FOO", "%APPDATA%\\x", "~root/x", "{{dir}}/x",
                                     "${HOME:-/root}", "$HOME.bak", "**/../x"])
def test_a_path_with_an_unknown_start_cannot_be_compared(pattern: str) -> None:
    scope = path_glob(pattern)
    assert scope.reason is not None
    assert scope.place == "unknown"
    assert scope.beyond_workspace is UNDECIDABLE
    assert scope.matches("x") is UNDECIDABLE
    assert covers(path_glob("/**"), scope) is YES
    assert covers(path_glob("**"), scope) is UNDECIDABLE


@pytest.mark.parametrize(("pattern", "place", "beyond"), [
    ("src/**", "workspace", NO), ("**", "workspace", NO), ("a/../b", "workspace", NO), (WORKSPACE, "workspace", NO),
    ("..", "home", YES), ("~", "home", YES), ("~/*", "home", YES), (HOME, "home", YES), ("/**", "filesystem", YES),
    ("/home/**", "filesystem", YES), ("C:\\", "filesystem", YES), ("/*/x", "filesystem", YES),
    ("~/.ssh/**", "elsewhere", YES), ("/etc/nginx/**", "elsewhere", YES), ("../other", "elsewhere", YES),
    ("C:\\Users", "filesystem", YES), ("/Users/ada", "home", YES), ("C:\\Users\\ada", "home", YES), ("/root/**", "home", YES),
    ("/Users/Shared/x", "elsewhere", YES), ("/tmp/x", "elsewhere", YES),
])
def test_places(pattern: str, place: str, beyond: Answer) -> None:
    scope = path_glob(pattern)
    assert scope.place == place
    assert scope.beyond_workspace is beyond


def test_the_place_of_a_choice_holds_all_of_it() -> None:
    assert path_glob("{/etc/a,/etc/b}", braces=True).place == "elsewhere"
    assert path_glob("{/etc/a,/var/b}", braces=True).place == "filesystem"
    assert path_glob("{src,../x}", braces=True).place == "home"
    assert host_glob("a.com").place == "unknown"
    assert host_glob("a.com").beyond_workspace is UNDECIDABLE
    assert everything("path").place == "filesystem"


def test_temporary_directories() -> None:
    assert path_glob("/tmp/**").is_temporary
    assert path_glob("$TMPDIR/x").is_temporary
    assert not path_glob("/tmpx/**").is_temporary
    assert not path_glob("/**").is_temporary


def test_anchors_compare() -> None:
    assert covers(path_glob("~/**"), path_glob("src/**")) is YES
    assert covers(path_glob("**"), path_glob("../x")) is NO
    assert covers(path_glob("/**"), everything("path")) is YES
    assert covers(path_glob("/home/**"), path_glob("~/.ssh/id_rsa")) is YES
    assert overlaps(path_glob("/etc/**"), path_glob("~/**")) is NO
    witness = path_glob("~/**").witness_beyond(path_glob("**"))
    assert witness is not None
    assert show(witness) == "~"


@pytest.mark.parametrize(("item", "shown"), [
    (f"{WORKSPACE}/src/x.py", "src/x.py"), (WORKSPACE, "."), (f"{HOME}/.ssh/id_rsa", "~/.ssh/id_rsa"), (HOME, "~"),
    ("/c:/Users/a", "C:\\Users\\a"), ("/c:", "C:\\"), ("/etc/passwd", "/etc/passwd"), ("/", "/"),
    ("/home/~x", "/home/~x"),
])
def test_paths_are_shown_as_people_write_them(item: str, shown: str) -> None:
    assert show(item) == shown
    assert path_glob(shown, literal=True).matches(item) is YES or shown.startswith("/home")
