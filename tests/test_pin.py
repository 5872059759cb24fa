"""Package references: the name, and whether what it stands for can move."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.dialect.grammar.pin import READERS, is_path

SHA = "0123456789abcdef0123456789abcdef01234567"
DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("reader", "text", "ecosystem", "name", "version", "pin"),
    [
        ("npm", "foo", "npm", "foo", "", "none"),
        ("npm", "foo@1.2.3", "npm", "foo", "1.2.3", "exact"),
        ("npm", "foo@v1.2.3-rc.1+b", "npm", "foo", "v1.2.3-rc.1+b", "exact"),
        ("npm", "@a/b@2025.8.21", "npm", "@a/b", "2025.8.21", "exact"),
        ("npm", "@a/b", "npm", "@a/b", "", "none"),
        ("npm", "foo@^1.2.3", "npm", "foo", "^1.2.3", "range"),
        ("npm", "foo@~1", "npm", "foo", "~1", "range"),
        ("npm", "foo@1", "npm", "foo", "1", "range"),
        ("npm", "foo@1.x", "npm", "foo", "1.x", "range"),
        ("npm", "foo@>=1.0.0 <2", "npm", "foo", ">=1.0.0 <2", "range"),
        ("npm", "foo@*", "npm", "foo", "*", "range"),
        ("npm", "foo@latest", "npm", "foo", "latest", "latest"),
        ("npm", "foo@next", "npm", "foo", "next", "latest"),
        ("npm", "a@npm:b@1.0.0", "npm", "b", "1.0.0", "exact"),
        ("npm", "./local", "local", "./local", "", "local"),
        ("npm", "github:a/b#main", "git", "github:a/b", "main", "latest"),
        ("npm", "a/b", "git", "a/b", "", "none"),
        ("npm", f"git+https://h/a/b.git#{SHA}", "git", "git+https://h/a/b.git", SHA, "sha"),
        ("npm", "git+ssh://git@h/a/b#semver:^1", "git", "git+ssh://git@h/a/b", "semver:^1", "range"),
        ("npm", "https://h/a.tgz", "url", "https://h/a.tgz", "", "none"),
        ("pypi", "foo", "pypi", "foo", "", "none"),
        ("pypi", "foo==1.2.3", "pypi", "foo", "1.2.3", "exact"),
        ("pypi", "foo[cli]==1.2", "pypi", "foo", "1.2", "exact"),
        ("pypi", "foo==1.*", "pypi", "foo", "==1.*", "range"),
        ("pypi", "foo>=1", "pypi", "foo", ">=1", "range"),
        ("pypi", "foo@1.2", "pypi", "foo", "1.2", "exact"),
        ("pypi", "foo@latest", "pypi", "foo", "latest", "latest"),
        ("pypi", f"git+https://h/a/b@{SHA}", "git", "git+https://h/a/b", SHA, "sha"),
        ("pypi", "git+https://h/a/b@v1#subdirectory=x", "git", "git+https://h/a/b", "v1", "tag"),
        ("pypi", "git+https://h/a/b", "git", "git+https://h/a/b", "", "none"),
        ("pypi", "foo @ git+https://h/a/b@v1", "git", "git+https://h/a/b", "v1", "tag"),
        ("pypi", ".", "local", ".", "", "local"),
        ("oci", "img", "oci", "img", "", "latest"),
        ("oci", "img:latest", "oci", "img", "latest", "latest"),
        ("oci", "reg:5000/a/img", "oci", "reg:5000/a/img", "", "latest"),
        ("oci", "reg:5000/a/img:1.2", "oci", "reg:5000/a/img", "1.2", "tag"),
        ("oci", f"img:1@{DIGEST}", "oci", "img", DIGEST, "digest"),
        ("oci", "img@sha256:short", "oci", "img", "sha256:short", "unknown"),
        ("go", "h/a@v1.2.3", "go", "h/a", "v1.2.3", "exact"),
        ("go", "h/a@latest", "go", "h/a", "latest", "latest"),
        ("go", "h/a@v1", "go", "h/a", "v1", "range"),
        ("go", f"h/a@{SHA}", "go", "h/a", SHA, "sha"),
        ("go", "h/a", "go", "h/a", "", "lockfile"),
        ("go", "./cmd/x", "local", "./cmd/x", "", "local"),
        ("deno", "npm:@a/b@1.0.0/c", "npm", "@a/b", "1.0.0", "exact"),
        ("deno", "jsr:@a/b@1", "deno", "@a/b", "1", "range"),
        (
            "deno",
            "https://deno.land/x/y@v1.2.3/mod.ts",
            "deno",
            "https://deno.land/x/y@v1.2.3/mod.ts",
            "1.2.3",
            "exact",
        ),
        ("deno", "https://h/mod.ts", "deno", "https://h/mod.ts", "", "none"),
        ("other", "Foo@1.2.3", "other", "Foo", "1.2.3", "exact"),
    ],
)
def test_a_reference(reader: str, text: str, ecosystem: str, name: str, version: str, pin: str) -> None:
    package = READERS[reader](text)
    assert (package.ecosystem, package.name, package.version, package.pin) == (ecosystem, name, version, pin)


@pytest.mark.parametrize(
    ("text", "path"), [("./x", True), ("C:\\x", True), ("~/x", True), ("a/b", False), ("@a/b", False)]
)
def test_what_is_a_path(text: str, path: bool) -> None:
    assert is_path(text) is path


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(sorted(READERS)), st.text(alphabet="aX1.@:/#^*=<>[] -~$gith+sp", max_size=60))
def test_any_text_is_some_reference(reader: str, text: str) -> None:
    package = READERS[reader](text)
    assert package.pin in {"exact", "digest", "sha", "tag", "range", "latest", "none", "local", "lockfile", "unknown"}
