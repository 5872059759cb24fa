"""Python that nobody means well with ends in a coverage note; other people's libraries are no agents; libcst stays out."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trees import judged

ROOT = Path(__file__).parent.parent
HEAD = "from agents import Agent, function_tool\n"
AGENT = HEAD + "import os\n\n\n@function_tool\ndef run(x: str) -> str:\n    return os.popen(x).read()\n\n\nagent = Agent(name='x', tools=[run])\n"
NOT_READ = {
    "brackets": HEAD + "x = " + "(" * 1400 + ")" * 1400,
    "lists": HEAD + "x = " + "[" * 1500 + "]" * 1500,
    "signs": HEAD + "x = " + "-" * 20_000 + "1",
    "lambdas": HEAD + "x = " + "lambda: " * 5_000 + "1",
    "a number": HEAD + "x = " + "9" * 5_000,
    "a zero byte": HEAD + "x = '\0'\n",
    "no Python": HEAD + "def x(:\n",
    "an old Python": HEAD + "print 'x'\n",
    "templates of a newer Python": HEAD + "x = t'{y}'\n" if sys.version_info < (3, 14) else HEAD + "x = $\n",
    "clauses of a newer Python": HEAD + ("try:\n    pass\nexcept A, B:\n    pass\n" if sys.version_info < (3, 14) else "x = $\n"),
    "newer syntax": HEAD + "x = t'{1}' if lazy import y else $\n",
    "half a string": HEAD + "x = '''",
    "indents": HEAD + "\n".join(" " * depth + "if x:" for depth in range(150)) + "\n" + " " * 150 + "pass\n",
    "a large file": HEAD + "x = '" + "a" * (1024 * 1024) + "'\n",
}
READ = {
    "attributes": "x = " + "a." * 800 + "b\n",
    "sums": "x = " + "1 + " * 800 + "1\n",
    "calls": "x = " + "f(" * 90 + "1" + ")" * 90 + "\n",
    "a long list": "x = [" + "1, " * 30_000 + "]\n",
    "a long text": "x = '" + "a" * 300_000 + "'\n",
    "names in a ring": "a = b\nb = c\nc = a\ntools = tools + tools\nagent2 = Agent(name=a, tools=[*a, *tools])\n",
    "calls in a ring": "def f():\n    return g()\n\n\ndef g():\n    return f()\n\n\nagent2 = Agent(name='y', tools=f())\n",
    "classes in a ring": "class A(B):\n    pass\n\n\nclass B(A):\n    pass\n\n\nagent2 = Agent(name='y', tools=[A().run])\n",
    "an import of itself": "from app import *\nfrom . import app\nimport app\nfrom .app import agent as other\nagent2 = Agent(tools=[other.x])\n",
    "a dictionary in itself": "d = {**d, 'tools': d}\nagent2 = Agent(**d, **d['tools'])\n",
    "surrogates and marks": "x = '\\ud800 \\U0010ffff'\n",
    "true and false as patterns": "match x:\n    case True:\n        pass\n"
                                  "    case None | False | -1 | 1+2j | {'a': 1, **rest} | A(b=1):\n        pass\n",
    "thousands of decorators": "\n".join(f"@d{i}" for i in range(4000)) + "\ndef decorated():\n    pass\n",
    "a ladder": "@function_tool\ndef ladder(x: str) -> None:\n    if x == '0': pass\n" + "\n".join(
        f"    elif x == '{i}': y{i} = x" for i in range(2000)) + "\n",
    "thousands of calls": "@function_tool\ndef all_of_them(count: int) -> None:\n" + "    os.system('true')\n" * 4000,
    "thousands of checks": "@function_tool\ndef checked(count: int) -> None:\n" + "    if count in BAD: pass\n" * 2000
                           + "    os.system('true')\n" * 30,
    "helpers in a ring": "\n".join(f"def h{i}(x):\n    h{(i + 1) % 60}(x); h{(i + 7) % 60}(x)" for i in range(60))
                         + "\n\n\n@function_tool\ndef helped(x: str) -> None:\n    h0(x)\n",
    "answers in a ring": "\n".join(f"def r{i}(x):\n    if x: return r{(i + 1) % 200}(x)\n    return r{(i + 7) % 200}(x)" for i in range(200))
                         + "\n\n\n@function_tool\ndef opened(x: str) -> None:\n    open(r0(x))\n",
    "names bound six times": "\n".join("\n".join(f"c{i} = c{i + 1}.x()" for _ in range(6)) for i in range(40))
                             + "\n\n\n@function_tool\ndef bound(x: str) -> None:\n    c0.execute(x)\n",
    "a list in itself": "xs = []\nxs.append(xs)\nxs.extend(xs)\nxs += xs\nagent2 = Agent(name='a', tools=xs)\n",
    "divided paths": "p = 'a'" + " / x" * 800 + "\np.read_text()\n",
    "methods of methods": "m = a" + ".b()" * 700 + "\nm.execute(1)\n",
    "functions in functions": "\n".join("    " * i + f"def f{i}(x):" for i in range(60)) + "\n" + "    " * 60 + "pass\n",
    "generated": "G = {}\n" + "\n".join(f"G['{i}']._serialized_start = {i}" for i in range(6000)) + "\n",
    "patterns": "match x:\n" + "".join(f"    case {{'a{i}': [*_, A(b={i})]}}: pass\n" for i in range(1500)),
    "everything at once": "@(lambda f: f)\nclass X[T]:\n    pass\n" if sys.version_info >= (3, 12) else "x: int\n",
}


@pytest.mark.parametrize("text", NOT_READ.values(), ids=NOT_READ)
def test_ends_in_a_note(text: str) -> None:
    result = judged({"app.py": text.encode(), "other.py": AGENT.encode()})
    assert [each.path for each in result.coverage.unread] == ["app.py"]
    assert "not read" in result.coverage.unread[0].why
    assert [each.rule.id for each in result.findings] == ["parameter-runs-commands"]  # what can be read is judged


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_is_read(text: str) -> None:
    result = judged({"app.py": (AGENT + text).encode()})
    assert [each.rule.id for each in result.findings] == ["parameter-runs-commands"]


@pytest.mark.parametrize("data", [
    b"\xff\xfe" + AGENT.encode("utf-16-le"), b"# coding: utf-7\n" + AGENT.encode(), AGENT.encode() + b"\n# \xe9\xff\n",
    b"\xef\xbb\xbf" + AGENT.encode(), AGENT.replace("\n", "\r\n").encode(), AGENT.replace("\n", "\r").encode(),
], ids=["utf-16", "utf-7", "latin-1", "with a mark", "with carriage returns", "with nothing else"])
def test_encodings_end_in_findings_or_notes(data: bytes) -> None:
    result = judged({"app.py": data})
    assert result.findings or result.coverage.unread or b"from agents" not in data


@pytest.mark.parametrize("data", [
    b'{"cells": 1, "x": "from agents import Agent"}', b'{"cells": [1, null, {"cell_type": "code"}], "x": "from agents"}',
    b'{"cells": [{"cell_type": "code", "source": ["from agents import (", 3, null]}]}', b'{"cells": [{"cell_type": "code", "source": "from agents',
    b'{"cells": [{"cell_type": "code", "source": "from agents import Agent\\nx = (' + b"(" * 300 + b'"}]}',
])
def test_notebooks_end_in_nothing_worse(data: bytes) -> None:
    judged({"book.ipynb": data})


ATOMS = st.sampled_from(["a", "b", "tools", "run", "agent", "None", "True", "1", "'x'", "[]", "{}", "self"])
NODES = st.recursive(ATOMS, lambda inner: st.one_of(
    st.builds("[{}, *{}]".format, inner, inner), st.builds("{{'tools': {}, **{}}}".format, inner, inner),
    st.builds("{}({}, **{})".format, st.sampled_from(["Agent", "function_tool", "dict", "a", "partial", "os.popen"]), inner, inner),
    st.builds("{}[{}]".format, inner, inner), st.builds("{}.{}".format, ATOMS, st.sampled_from(["tools", "x", "append", "values"])),
    st.builds("({} if {} else {})".format, inner, inner, inner), st.builds("[{} for a in {}]".format, inner, inner),
    st.builds("(lambda a, *b: {})".format, inner), st.builds("({} + {})".format, inner, inner), st.builds("(a := {})".format, inner),
), max_leaves=8)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", "tools", "agent", "self.x", "a.tools", "os.environ['X']"]), NODES), max_size=6))
def test_no_module_ends_the_run(rows: list[tuple[str, str]]) -> None:
    text = AGENT + "\n".join(f"{name} = {value}" for name, value in rows) + f"\nc = Agent(name='c', tools=[{', '.join(v for _, v in rows)}])\n"
    try:
        ast.parse(text)
    except SyntaxError:
        return
    assert "parameter-runs-commands" in {each.rule.id for each in judged({"app.py": text.encode()}).findings}


def test_libcst_is_not_imported_by_a_check(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(AGENT)
    code = ("import sys\nfrom overgrant.cli import main\nsys.argv = ['overgrant', 'check', '.']\n"
            "try:\n    main()\nexcept SystemExit:\n    pass\nassert 'libcst' not in sys.modules, 'libcst'\nprint('out of it')\n")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
                          env={"PYTHONPATH": str(ROOT / "linter"), "PATH": "/usr/bin:/bin", "OVERGRANT_CACHE_DIR": str(tmp_path / "cache")})
    assert "parameter-runs-commands" in done.stdout
    assert done.stdout.rstrip().endswith("out of it"), done.stderr


def test_the_worker_alone_imports_libcst() -> None:
    importing = [path.name for path in (ROOT / "linter/overgrant").rglob("*.py") for node in ast.walk(ast.parse(path.read_bytes()))
                 if isinstance(node, ast.Import | ast.ImportFrom)
                 and any(each.name.split(".")[0] == "libcst" for each in node.names) | (getattr(node, "module", None) or "").startswith("libcst")]
    assert [name for name in importing if name != "codemod_worker.py"] == []


@pytest.mark.index
@pytest.mark.slow
@pytest.mark.parametrize("name", ["sympy", "django", "sqlalchemy"])
def test_ordinary_libraries_are_no_agents(name: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(tmp_path / "lib"), name], check=True)
    tree = {path.relative_to(tmp_path / "lib").as_posix(): path.read_bytes() for path in (tmp_path / "lib").rglob("*.py")}
    assert len(tree) > 100
    result = judged(tree)
    assert [f"{each.primary.span.source.path}: {each.message}" for each in result.findings] == []
