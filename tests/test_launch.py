"""What command lines start."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.dialect.grammar.launch import MAX_DEPTH, Started, every, understand, understand_line


def first(text: str) -> Started:
    return understand_line(text)[0]


@pytest.mark.parametrize(
    ("text", "ecosystem", "name", "pin"),
    [
        ("npx -y @scope/pkg@1.2.3 --stdio", "npm", "@scope/pkg", "exact"),
        ("npx -y --package=foo@1 bar", "npm", "foo", "range"),
        ("npx --package foo --yes bar", "npm", "foo", "none"),
        ("npx -p foo@1.0.0 -c 'bar | baz'", "npm", "foo", "exact"),
        ("npx -y $PKG", "npm", "$PKG", "unknown"),
        ("npx --no-install foo", "npm", "foo", "local"),
        ("npx --no foo", "npm", "foo", "local"),
        ("npx ./tool", "local", "./tool", "local"),
        ("/usr/local/bin/npx foo", "npm", "foo", "none"),
        ("npm exec --package=x -- y", "npm", "x", "none"),
        ("npm exec -- y@2.0.0", "npm", "y", "exact"),
        ("npm x -y foo", "npm", "foo", "none"),
        ("npm --prefix d exec foo", "npm", "foo", "none"),
        ("bunx --bun foo", "npm", "foo", "none"),
        ("bun x foo@^1", "npm", "foo", "range"),
        ("pnpm dlx foo@1.2.3", "npm", "foo", "exact"),
        ("pnpm --filter x dlx foo", "npm", "foo", "none"),
        ("pnpm --package cowsay --package=b dlx c", "npm", "cowsay", "none"),
        ("pnpx foo", "npm", "foo", "none"),
        ("yarn dlx foo@latest", "npm", "foo", "latest"),
        ("uvx ruff@0.1.0 check", "pypi", "ruff", "exact"),
        ("uvx --from git+https://h/a/b@v1 tool x", "git", "git+https://h/a/b", "tag"),
        ("uvx --python 3.12 --with a==1 tool", "pypi", "tool", "none"),
        ("uv tool run --from x==1 y", "pypi", "x", "exact"),
        ("uv run --with 'mcp[cli]' mcp run s.py", "pypi", "mcp", "none"),
        ("uv run https://h/y.py", "url", "https://h/y.py", "none"),
        ("pipx run --spec foo==1 bar", "pypi", "foo", "exact"),
        ("deno run -A --allow-net=x npm:@a/b@1", "npm", "@a/b", "range"),
        ("go run -mod mod h/x@latest -f", "go", "h/x", "latest"),
        ("dnx Foo@1.2.3 --x", "other", "Foo", "exact"),
        ("docker run -i --rm -e X -v a:b image:tag args", "oci", "image", "tag"),
        ("sudo -u root env A=b timeout -k 1 5 npx foo", "npm", "foo", "none"),
    ],
)
def test_the_package_and_its_place(text: str, ecosystem: str, name: str, pin: str) -> None:
    started = first(text)
    package = started.package
    assert package is not None
    assert (package.ecosystem, package.name, package.pin) == (ecosystem, name, pin)
    word = [*started.argv][package.at - started.base].text
    assert package.name in word[package.start : package.end]


@pytest.mark.parametrize(
    ("text", "kind", "head", "script", "inline", "module"),
    [
        ("python scripts/x.py -c a", "interpreter", "python", "scripts/x.py", None, None),
        ("python3.12 -u -W ignore x.py", "interpreter", "python3.12", "x.py", None, None),
        ("python -m pytest -q", "interpreter", "python", None, None, "pytest"),
        ("python -Im http.server", "interpreter", "python", None, None, "http.server"),
        ("python -c 'print(1)' x", "interpreter", "python", None, "print(1)", None),
        ("node --import ./a.mjs dist/i.js", "interpreter", "node", "dist/i.js", None, None),
        ("node -e x", "interpreter", "node", None, "x", None),
        ("deno run -A s.ts", "interpreter", "deno", "s.ts", None, None),
        ("go run ./cmd/x", "interpreter", "go", "./cmd/x", None, None),
        ("bash s.sh -c x", "shell", "bash", "s.sh", None, None),
        ("bash -euo pipefail -c 'a b'", "shell", "bash", None, "a b", None),
        ("sh -lc ls", "shell", "sh", None, "ls", None),
        ("pwsh -NoProfile -File x.ps1 a", "shell", "pwsh", "x.ps1", None, None),
        ("perl -ne 'x' f", "interpreter", "perl", None, "x", None),
        ("awk -F: '{print}' f", "interpreter", "awk", None, "{print}", None),
        ("npm run build -- --x", "script-runner", "npm", "build", None, None),
        ("npm test", "script-runner", "npm", "test", None, None),
        ("yarn build", "script-runner", "yarn", "build", None, None),
        ("make -C d test", "script-runner", "make", "test", None, None),
        ("uv --directory /p run server.py", "launcher", "uv", "server.py", None, None),
        ("uv run -s tool a", "launcher", "uv", "tool", None, None),
        ("mcp run --transport stdio server.py", "interpreter", "mcp", "server.py", None, None),
        ("uv run --extra x -m pkg", "launcher", "uv", None, None, "pkg"),
        ("./run.sh a", "program", "run.sh", "./run.sh", None, None),
        ("git status", "program", "git", None, None, None),
        ("sudo", "launcher", "sudo", None, None, None),
    ],
)
def test_what_is_run(
    text: str, kind: str, head: str, script: str | None, inline: str | None, module: str | None
) -> None:
    started = first(text)
    assert (started.kind, started.head) == (kind, head)
    assert (started.script, started.inline, started.module) == (script, inline, module)


@pytest.mark.parametrize(
    ("argv", "heads"),
    [
        (["cmd", "/c", "npx", "-y", "foo"], ["cmd", "npx", "foo"]),
        (["cmd.exe", "/d", "/s", "/c", "npx -y foo & bar"], ["cmd", "npx", "foo", "bar"]),
        (["C:\\Program Files\\nodejs\\npx.cmd", "-y", "foo"], ["npx", "foo"]),
        (["bash", "-lc", "cd x && npx foo@latest"], ["bash", "cd", "npx", "foo"]),
        (["powershell", "-NoProfile", "-Command", "iwr x | iex"], ["powershell", "iwr", "iex"]),
        (["ssh", "-p", "22", "host", "curl x | sh"], ["ssh", "curl", "sh"]),
        (["xargs", "-n1", "sh", "-c", "id"], ["xargs", "sh", "id"]),
        (["env", "-S", "npx foo"], ["env", "npx", "foo"]),
        (["docker", "run", "img", "sh", "-c", "id"], ["docker", "sh", "id"]),
        (["docker", "exec", "-it", "c", "sh"], ["docker", "sh"]),
        (["docker", "compose", "-f", "x.yml", "run", "--rm", "svc", "sh"], ["docker", "sh"]),
        (["uv", "run", "--with", "x", "python", "-m", "y"], ["uv", "python"]),
        (["poetry", "run", "pytest"], ["poetry", "pytest"]),
        (["conda", "run", "-n", "e", "python", "x.py"], ["conda", "python"]),
        (["mise", "exec", "node@22", "--", "node", "x.js"], ["mise", "node"]),
        (["pnpm", "dlx", "-c", "a | b"], ["pnpm", "a", "b"]),
        (["pnpm", "--package=x", "-c", "dlx", "a | b"], ["pnpm", "a", "b"]),
        (["npx", "ts-node", "x.ts"], ["npx", "ts-node"]),
        (["find", ".", "-exec", "rm", "{}", "+"], ["find", "rm"]),
        (["timeout", "5", "nice", "-n", "1", "git", "status"], ["git"]),
    ],
)
def test_the_processes_inside(argv: list[str], heads: list[str]) -> None:
    assert [started.head for started in every(understand(argv))] == heads


def test_wrappers_and_environment() -> None:
    started = first("A=1 sudo -E env B=2 nohup node x.js")
    assert started.wrappers == ["sudo", "env", "nohup"]
    assert started.env == {"A": "1", "B": "2"}
    assert started.base == 5


def test_places_of_a_package_inside_cmd_count_from_the_whole_vector() -> None:
    inner = understand(["cmd", "/c", "npx", "-y", "foo@latest"]).inner[0]
    assert inner.package is not None
    assert (inner.package.at, inner.package.start, inner.package.end) == (4, 0, 10)


def test_commands_inside_commands_end() -> None:
    text = "id"
    for _ in range(MAX_DEPTH * 3):
        text = f"bash -c {text!r}" if "'" not in text else f'bash -c "{text}"' if '"' not in text else f"sudo {text}"
    assert len(list(every(first(text)))) <= MAX_DEPTH * 3
    nested = understand(["find", ".", "-exec"] * 500)
    assert len(list(every(nested))) <= MAX_DEPTH + 2
    deep = ["xargs"] * 200
    assert len(list(every(understand(deep)))) <= MAX_DEPTH + 2


_WORDS = """
npx -y --package= foo docker run exec compose -v a:b -- uv sudo env A=b bash -c python -m node -e cmd /c powershell
-Command ssh git push xargs timeout 5 deno go $x '' - = --
"""


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.sampled_from(_WORDS.split()),
        max_size=9,
    )
)
def test_any_vector_is_understood(argv: list[str]) -> None:
    for started in every(understand(argv)):
        if started.package is not None:
            assert started.package.start <= started.package.end
