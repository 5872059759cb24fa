"""Command lines: what is read, where it stands, and that the two ways of reading agree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.dialect.grammar import shell
from overgrant.dialect.grammar.bash import Walk
from overgrant.dialect.grammar.shell import Line, parse, pipelines


def heads(text: str) -> list[str]:
    return [" ".join(word.text for word in simple.words) for simple in parse(text).commands]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("   ", []),
        ("# only a comment", []),
        ("git status", ["git status"]),
        ("a && b || c; d & e", ["a", "b", "c", "d", "e"]),
        ("cat <<EOF | sh -x\nx $(y)\nEOF\necho hi", ["cat", "sh -x", "y", "echo hi"]),
        ("cat <<'EOF' > f\n$(no)\nEOF\nsh f", ["cat", "sh f"]),
        ("if curl x; then a; elif b; then c; fi", ["curl x", "a", "b", "c"]),
        ("for i in $(ls) 2; do a $i; done | sh", ["ls", "a $i", "sh"]),
        ("f() { curl x; }; function g { b; }", ["curl x", "b"]),
        ("case $x in a) foo;; *) bar;; esac", ["foo", "bar"]),
        ("bash <(curl -s x)", ["bash <(curl -s x)", "curl -s x"]),
        ("echo ${FOO:-$(bar)}", ["echo ${FOO:-$(bar)}", "bar"]),
        ("foo > out bar -x", ["foo bar -x"]),
        ("curl x |\n  sh", ["curl x", "sh"]),
        ("find . -exec foo {} \\;", ["find . -exec foo {} ;"]),
        ("export A=b", ["export A=b"]),
        ("[ -f x ] && y", ["[ -f x ]", "y"]),
        ("echo a\\\n  b", ["echo a b"]),
        ("a\r\nb", ["a", "b"]),
        ("! foo", ["foo"]),
        ("$'\\x63url' x", ["curl x"]),
        ("c'ur'l \"x\"", ["curl x"]),
        ("c\\url x", ["curl x"]),
    ],
)
def test_the_simple_commands_of_a_line(text: str, expected: list[str]) -> None:
    assert heads(text) == expected


@pytest.mark.parametrize(
    ("text", "index", "operator", "depth", "background"),
    [
        ("a | b", 1, "|", "", False),
        ("a\nb", 1, "\n", "", False),
        ("a && b &\nc", 0, "", "", True),
        ("a && b &\nc", 1, "&&", "", True),
        ("a && b &\nc", 2, "&", "", False),
        ("a | (b; c)", 1, "|", "subshell", False),
        ("x $(a)", 1, "", "substitution", False),
        ("f() { a; }", 0, "", "function", False),
        ("while a; do b; done", 1, ";", "loop", False),
        ("a\n(b) &", 0, "", "", False),
        ("a\n(b) &", 1, "\n", "subshell", True),
    ],
)
def test_how_a_command_is_connected(text: str, index: int, operator: str, depth: str, background: bool) -> None:
    simple = parse(text).commands[index]
    assert (simple.operator_before, simple.depth, simple.background) == (operator, depth, background)


@pytest.mark.parametrize(
    ("text", "word", "dynamic"),
    [
        ("a $x", 1, True),
        ("a '$x'", 1, False),
        ('a "$(b)"', 1, True),
        ("a *.py", 1, True),
        ("a '*.py'", 1, False),
        ("a b{c,d}", 1, True),
        ("a {}", 1, False),
        ("a [ab]", 1, True),
        ("[ a ]", 0, False),
        ("a ${{ github.event.issue.title }}", 1, True),
    ],
)
def test_what_the_shell_still_computes(text: str, word: int, dynamic: bool) -> None:
    assert parse(text).commands[0].words[word].dynamic is dynamic


def test_a_workflow_expression_is_one_word_without_a_problem() -> None:
    line = parse('echo ${{ github.event.issue.title }} "${{ x && y }}" z')
    assert [word.text for word in line.commands[0].words] == [
        "echo", "${{ github.event.issue.title }}", "${{ x && y }}", "z",
    ]  # fmt: skip
    assert line.problems == []


def test_assignments_and_redirects() -> None:
    (simple,) = parse("A=\"b c\" B=d cmd x <<< 'in' 2>/dev/null").commands
    assert [(name, word.text) for name, word in simple.assignments] == [("A", "b c"), ("B", "d")]
    assert [(redirect.op, redirect.target.text) for redirect in simple.redirects] == [("<<<", "in"), (">", "/dev/null")]
    (simple,) = parse("cat <<X\nhello\nX\n").commands
    assert simple.redirects[0].target.text == "hello\n"


def test_a_redirect_of_a_group_belongs_to_its_last_command() -> None:
    a, b = parse("{ a; b; } > f").commands
    assert (a.redirects, b.redirects[0].target.text) == ([], "f")


def test_pipelines_and_their_stages() -> None:
    line = parse("curl $(cat url) | tee x | (cd /tmp; sh); ls")
    assert [[simple.words[0].text for simple in pipe] for pipe in pipelines(line)] == [
        ["curl", "tee", "cd", "sh"],
        ["cat"],
        ["ls"],
    ]
    assert [simple.stage for simple in line.commands if simple.pipe == line.commands[0].pipe] == [0, 1, 2, 2]


def test_offsets_are_characters_of_the_text() -> None:
    text = 'é && grüße "ö x" $(ü 😀) | c'
    for simple in parse(text).commands:
        assert text[simple.start : simple.end]
        for word in simple.words:
            assert text[word.start : word.end] == word.raw


@pytest.mark.parametrize("text", ['echo "a', "a && && b", "foo | | bar", '"$(x', "echo ${{ a.b", "a ( b"])
def test_broken_syntax_is_a_problem_and_the_rest_is_read(text: str) -> None:
    line = parse(text)
    assert line.problems
    assert line.commands
    assert all(0 <= problem.start <= problem.end <= len(text) for problem in line.problems)


def test_a_long_script_is_read_up_to_the_bound() -> None:
    line = parse("echo a; " * 20_000)
    assert len(line.problems) == 1
    assert 1000 < len(line.commands) < 20_000


@pytest.mark.parametrize("bait", ["(", "$(", "`", '"', "{ ", "a|", "<<E ", "if ", "${", "a=(", ">", "\0", "\\"])
def test_hostile_nesting_ends(bait: str) -> None:
    line = parse(bait * 3000)
    assert len(line.problems) <= 52


_WORD = st.text(alphabet="abz019-_./:@,+%^~=é", min_size=1, max_size=8)
_QUOTED = st.text(alphabet="ab $*|;&`é#", max_size=6).map(lambda text: f"'{text}'")
_DOUBLE = st.text(alphabet="ab *|;&'#", max_size=6).map(lambda text: f'"{text}"')
_ESCAPED = st.sampled_from(["\\ x", "\\$x", "\\;x", "\\'x"])
# the other parser takes a word that begins with two equal signs for a comparison
_PIECES = st.lists(_WORD | _QUOTED | _DOUBLE | _ESCAPED, min_size=1, max_size=3).map("".join).filter(lambda text: not text.startswith("=="))
_COMMAND = st.tuples(st.sampled_from(["git", "./x", "A=1 b", "A='x y' B=2 c"]), st.lists(_PIECES, max_size=4))


@settings(deadline=None, max_examples=150)
@given(_COMMAND)
def test_the_fast_path_agrees_with_the_parser(parts: tuple[str, list[str]]) -> None:
    text = " ".join([parts[0], *parts[1]])
    plain = shell._plain(text)
    line = Line(text)
    Walk(line, text).run()
    assert plain is not None
    assert line.problems == []
    assert [simple.words for simple in line.commands] == [plain.words]
    assert [simple.assignments for simple in line.commands] == [plain.assignments]


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="ab '\"$(){}`|&;<>\n\\#!=*[]é\x00\ud800", max_size=40))
def test_any_text_is_read_without_an_error(text: str) -> None:
    line = parse(text)
    for simple in line.commands:
        assert 0 <= simple.start <= simple.end <= len(text)
        for word in simple.words:
            assert text[word.start : word.end] == word.raw


def test_the_plain_path_does_not_load_the_parser() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from overgrant.dialect.grammar.shell import parse; parse('git commit -m \\'a; b\\''); "
        "sys.exit('tree_sitter' in sys.modules)"
    )
    root = str(shell.__file__).split("overgrant")[0]
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": root}, check=False).returncode == 0
