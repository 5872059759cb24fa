"""Which version of a framework is assumed: the nearest lock or pin, else the newest that a range allows."""

from __future__ import annotations

import pytest

from overgrant.command._common import builtin_rules
from overgrant.dialect.code.versions import NEWEST, Versions, is_aside, key_of
from overgrant.run import Input, Plan, lint

UV = '[[package]]\nname = "langgraph"\nversion = "0.6.11"\nsource = { registry = "https://pypi.org/simple" }\n'
POETRY = '[[package]]\nname = "langgraph"\nversion = "0.6.11"\ndescription = "graphs"\n'
PDM = '[[package]]\nname = "langgraph"\nversion = "0.6.11"\nrequires_python = ">=3.9"\n'
PYLOCK = 'lock-version = "1.0"\n\n[[packages]]\nname = "langgraph"\nversion = "0.6.11"\n'
PIPFILE = '{"_meta": {}, "default": {"langgraph": {"hashes": ["sha256:00"], "index": "pypi", "version": "==0.6.11"}}}'


def _assumed(files: dict[str, str], path: str = "app/main.py", name: str = "langgraph", text: str = "", said: str = "") -> str:
    return Versions({key: value.encode() for key, value in files.items()}, {"LangGraph": said} if said else None).of(path, text, name).text


@pytest.mark.parametrize(("name", "text"), [
    ("uv.lock", UV), ("poetry.lock", POETRY), ("pdm.lock", PDM), ("pylock.toml", PYLOCK), ("pylock.dev.toml", PYLOCK),
    ("Pipfile.lock", PIPFILE), ("requirements.txt", "langgraph==0.6.11\n"), ("requirements-dev.txt", "LangGraph[x] == 0.6.11 ; x\n"),
    ("requirements/base.txt", "a==1\nlanggraph==0.6.11  # why\n"), ("constraints.txt", "langgraph===0.6.11"),
    ("pyproject.toml", '[project]\ndependencies = ["langgraph==0.6.11"]\n'),
    ("pyproject.toml", '[tool.poetry.dependencies]\nlanggraph = "0.6.11"\n'),
    ("pyproject.toml", '[dependency-groups]\ndev = [\n  "langgraph==0.6.11",\n]\n'),
    ("pyproject.toml", '[project.optional-dependencies]\ngraphs = ["langgraph [x] == 0.6.11"]\n'),
    ("pyproject.toml", '[tool.poetry.group.dev.dependencies]\nlanggraph = "==0.6.11"\n'),
    ("pyproject.toml", '[tool.uv]\ndev-dependencies = ["langgraph==0.6.11"]\n'),
    ("requirements.txt", "langgraph==0.6.11 \\\n    --hash=sha256:00\n"), ("requirements.in", "langgraph==0.6.11\n"),
    ("pyproject.toml", '[tool.poetry.dependencies]\nlanggraph = {version = "==0.6.11", extras = ["x"]}\n'),
    ("setup.py", 'setup(install_requires=["langgraph==0.6.11"])'), ("setup.cfg", "[options]\ninstall_requires =\n    langgraph==0.6.11\n"),
    ("environment.yml", "dependencies:\n  - pip:\n    - langgraph==0.6.11\n"), ("Pipfile", '[packages]\nlanggraph = "==0.6.11"\n'),
])
def test_a_file_says_the_version(name: str, text: str) -> None:
    assert _assumed({name: text}) == "0.6.11"
    assert is_aside(name) or name == "setup.py"


@pytest.mark.parametrize(("files", "expected"), [
    ({"uv.lock": UV, "app/uv.lock": UV.replace("0.6.11", "1.1.0")}, "1.1.0"),             # the nearest lock
    ({"uv.lock": UV, "app/pyproject.toml": 'dependencies = ["langgraph>=0.2"]'}, "0.6.11"),  # a lock before a range
    ({"uv.lock": UV, "app/requirements.txt": "langgraph==1.2.22"}, "1.2.22"),             # a list of versions is a lock
    ({"uv.lock": UV, "app/requirements.txt": "langgraph>=1"}, "0.6.11"),
    ({"uv.lock": UV, "other/uv.lock": UV.replace("0.6.11", "1.1.0")}, "0.6.11"),          # another project's
    ({"uv.lock": UV + UV.replace("0.6.11", "1.0.0")}, "1.0.0"),                          # of several the newest
    ({"uv.lock": UV.replace("langgraph", "langgraph-sdk")}, ""),                         # another package
    ({"requirements.txt": "langgraph-sdk==0.1\n"}, ""),
    ({"requirements.txt": "mylanggraph==0.1\n"}, ""),
    ({}, ""),
])
def test_the_nearest_decides(files: dict[str, str], expected: str) -> None:
    assert _assumed(files) == expected


@pytest.mark.parametrize(("files", "expected"), [
    ({}, "0.5.0"),                                                                         # nothing else says it
    ({"pyproject.toml": 'dependencies = ["langgraph>=0.2"]'}, "0.5.0"),                     # before a range
    ({"pyproject.toml": 'dependencies = ["langgraph==0.6.11"]'}, "0.6.11"),                 # behind a pin
    ({"requirements.txt": "langgraph==0.6.11"}, "0.6.11"),
    ({"uv.lock": UV, "pyproject.toml": 'dependencies = ["langgraph>=0.2"]'}, "0.6.11"),     # behind a lock
    ({"uv.lock": UV.replace("langgraph", "other")}, "0.5.0"),                              # a lock of something else
])
def test_what_the_configuration_assumes(files: dict[str, str], expected: str) -> None:
    assert _assumed(files, said="0.5.0") == expected


CREW = b"from crewai import Agent\n\nAgent(role='x', allow_code_execution=True, code_execution_mode='unsafe')\n"


@pytest.mark.parametrize(("version", "rules"), [("0.201.1", ["code-execution-on-host"]), ("1.15.30", []), ("", [])])
def test_a_configuration_decides_what_an_entry_says(version: str, rules: list[str]) -> None:
    plan = Plan(builtin_rules(), assume={"crewai": version} if version else None, debug=True)
    assert [each.rule.id for each in lint([Input("crew.py", CREW)], plan)[0].findings] == rules


@pytest.mark.parametrize(("spec", "since", "expected"), [
    (">=0.2", "1.1.0", True), (">=0.2,<1", "1.1.0", False), ("<1.1", "1.1.0", False), ("<=1.1", "1.1.0", True),
    ("<2", "1.1.0", True), ("~=0.6", "0.9", True), ("~=0.6", "1.0", False), ("~=0.6.1", "0.7", False), ("==0.6.*", "0.7", False),
    ("^0.6", "0.7", False), ("^1.0", "1.9", True), ("^1.0", "2.0", False), ("~1.0", "1.1", False), ("*", "99", True), ("", "99", True),
    ("!=0.5", "99", True), ("==1.1.0b2", "1.1.0", False), ("==1.1.0.post1", "1.1.0", True),
])
def test_a_range_means_its_newest(spec: str, since: str, expected: bool) -> None:
    poetry = f'[tool.poetry.dependencies]\nlanggraph = "{spec or "*"}"\n'
    standard = f'dependencies = ["langgraph{spec}"]\n'
    only_poetry = spec.startswith(("^", "*")) or (spec.startswith("~") and not spec.startswith("~="))
    for text in (poetry,) if only_poetry else (poetry, standard):
        found = Versions({"pyproject.toml": text.encode()}).of("main.py", "", "langgraph")
        assert found.within(since, None) is expected, text


def test_a_script_says_its_own() -> None:
    script = '# /// script\n# dependencies = ["langgraph==0.6.11"]\n# ///\nimport langgraph\n'
    assert _assumed({"uv.lock": UV.replace("0.6.11", "9")}, text=script) == "0.6.11"
    assert _assumed({}, text='# pip install -q "langgraph==0.6.11" other\n') == "0.6.11"


def test_nothing_known_is_the_newest() -> None:
    assert NEWEST.within("99", None) and not NEWEST.within(None, "99")
    assert key_of("nonsense") == ((0,), 0) and key_of("1.0") == key_of("1") and key_of("1.0rc1") < key_of("1.0")


@pytest.mark.parametrize("text", ["pip install " * 60_000, "langgraph[" * 60_000, "langgraph" + " " * 600_000, "langgraph={" * 60_000,
                                  "#" + '"' * 600_000 + "\n# /// script", "[[package]]\n" * 60_000, '"langgraph": {' * 60_000])
def test_hostile_text_comes_to_an_end(text: str) -> None:
    for name in ("requirements.txt", "uv.lock", "Pipfile.lock", "pyproject.toml"):
        assert _assumed({name: text}, text=text) == ""
