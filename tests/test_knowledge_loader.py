from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from overgrant.read import knowledge


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout's package with one knowledge file, and an empty cache."""
    package = tmp_path / "linter" / "overgrant"
    (package / "knowledge" / "products").mkdir(parents=True)
    (package / "knowledge" / "words.yaml").write_text("a: [1, 2]\nchecked: 2026-11-24\n")
    (package / "knowledge" / "products" / "one.yaml").write_text("slug: one\n")
    monkeypatch.setattr(knowledge, "PACKAGE", str(package))
    monkeypatch.setattr(knowledge, "_loaded", {})
    monkeypatch.setattr(knowledge, "_code", "")
    monkeypatch.setenv("OVERGRANT_CACHE_DIR", str(tmp_path / "cache"))
    return package


def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge, "_loaded", {})


def forbid_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge, "parse", lambda path: pytest.fail(f"{path} is parsed again"))


def test_names_are_sorted_and_filtered_by_folder(checkout: Path) -> None:
    assert knowledge.names() == ["products/one", "words"]
    assert knowledge.names("products") == ["products/one"]


def test_data_is_plain_and_the_same_from_the_cache(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = knowledge.load("words")
    assert first == {"a": [1, 2], "checked": "2026-11-24"}
    assert knowledge.load("words") is first
    fresh(monkeypatch)
    forbid_yaml(monkeypatch)
    assert knowledge.load("words") == first


def test_a_changed_file_is_read_again(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    knowledge.load("words")
    fresh(monkeypatch)
    (checkout / "knowledge" / "words.yaml").write_text("b: 1\n")
    assert knowledge.load("words") == {"b": 1}


def test_changed_code_makes_compiled_data_stale(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = [str(checkout / "knowledge")]
    before = knowledge.signature(source)
    (checkout / "rulefile.py").write_text("")
    assert knowledge.signature(source) == before
    monkeypatch.setattr(knowledge, "_code", "")
    assert knowledge.signature(source) != before


def test_a_directory_as_source_stands_for_every_file_below_it(checkout: Path) -> None:
    before = knowledge.signature([str(checkout / "knowledge")])
    (checkout / "knowledge" / "products" / "two.yaml").write_text("x")
    assert knowledge.signature([str(checkout / "knowledge")]) != before


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"signature": "x"}', '{"signature": "x", "data": {"evil": 1}}'])
def test_damaged_cache_is_ignored_and_replaced(checkout: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    first = knowledge.load("words")
    cache = knowledge.cache_dir()
    assert cache is not None
    kept = Path(cache, "knowledge", "words.json")
    kept.write_text(damage)
    fresh(monkeypatch)
    assert knowledge.load("words") == first
    assert json.loads(kept.read_text())["data"] == first


@pytest.mark.skipif(os.name == "nt", reason="needs permission bits")
def test_a_cache_that_others_may_write_is_not_believed(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    knowledge.load("words")
    cache = knowledge.cache_dir()
    assert cache is not None
    kept = Path(cache, "knowledge", "words.json")
    held = json.loads(kept.read_text())
    kept.write_text(json.dumps({**held, "data": {"planted": True}}))
    kept.chmod(0o666)
    fresh(monkeypatch)
    assert "planted" not in knowledge.load("words")


def test_no_place_for_a_cache_costs_time_only(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / "file").write_text("")
    monkeypatch.setenv("OVERGRANT_CACHE_DIR", str(checkout / "file"))
    assert knowledge.load("words")["a"] == [1, 2]


def test_the_cache_never_lies_in_the_working_directory_unless_the_user_says_so(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OVERGRANT_CACHE_DIR", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "below"))
    assert knowledge.cache_dir() is None
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path.parent))
    assert str(knowledge.cache_dir()).startswith(str(tmp_path.parent / "overgrant"))
    monkeypatch.setenv("OVERGRANT_CACHE_DIR", "chosen")
    assert str(knowledge.cache_dir()).startswith(str(tmp_path / "chosen"))


def test_an_installed_package_believes_its_compiled_data(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / "_data" / "rules").mkdir(parents=True)
    assert knowledge.home("rules") == str(checkout / "_data" / "rules")
    knowledge.write(str(checkout / "_compiled" / "knowledge" / "words.json"), None, {"from": "the wheel"})
    assert knowledge.load("words") == {"from": "the wheel"}
    assert knowledge.load("products/one") == {"slug": "one"}


def test_compiled_data_beside_a_checkout_counts_while_it_is_fresh(
        checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = checkout / "knowledge" / "words.yaml"
    knowledge.write(str(checkout / "_compiled" / "knowledge" / "words.json"), [str(source)], {"from": "the build"})
    assert knowledge.load("words") == {"from": "the build"}
    fresh(monkeypatch)
    source.write_text("from: source\n")
    assert knowledge.load("words") == {"from": "source"}


def test_a_wheel_has_the_same_bytes_whenever_it_is_built(checkout: Path) -> None:
    path, data = checkout / "x.json", {"a": 1}
    knowledge.write(str(path), None, data)
    before = path.read_bytes()
    os.utime(checkout / "knowledge" / "words.yaml", (1, 1))
    knowledge.write(str(path), None, data)
    assert path.read_bytes() == before


@pytest.mark.parametrize(("text", "what"), [
    ("a: 1\na: 2\n", "words.yaml:2: the key `a` stands here twice"),
    ("on: push\n", "words.yaml:1: the key `on` is not text"),
    ("x:\n  443: tls\n", "words.yaml:2: the key `443` is not text"),
    ("a: [\n", "words.yaml"),
])
def test_bad_knowledge_names_its_place(checkout: Path, text: str, what: str) -> None:
    (checkout / "knowledge" / "words.yaml").write_text(text)
    with pytest.raises(knowledge.BadKnowledge, match=what.replace("[", r"\[")):
        knowledge.load("words")


@pytest.mark.parametrize("name", knowledge.names())
def test_our_own_knowledge_is_plain_data(name: str) -> None:
    data = knowledge.parse(f"{knowledge.home('knowledge')}/{name}.yaml")
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_both_homes_exist_in_a_checkout() -> None:
    kinds: list[Any] = ["rules", "schemas", "knowledge"]
    assert all(Path(knowledge.home(kind)).is_dir() for kind in kinds)


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted((Path(knowledge.__file__).parent.parent / "knowledge").rglob("*.yaml")), ids=lambda path: path.stem)
def test_both_loaders_of_yaml_read_the_same(path: Path) -> None:
    text = path.read_text()
    assert yaml.load(text, yaml.SafeLoader) == yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
