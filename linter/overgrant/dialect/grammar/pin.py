"""References to code that is fetched by name: which package, which version, and whether that version can move.

Sources: npm package specs https://docs.npmjs.com/cli/v11/using-npm/package-spec; PEP 440 and PEP 508; uv's
`name@version` https://docs.astral.sh/uv/guides/tools/; images https://github.com/distribution/reference; Go's module
queries https://go.dev/ref/mod#version-queries.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from overgrant.pattern import later


class Package(NamedTuple):
    """A reference as written in one word of a command line.

    `ecosystem`: npm, pypi, oci, git, url, local, go, deno or other. `pin`: `exact` (a registry's immutable version),
    `digest` and `sha` (content), `tag` (a name that its owner can move), `range`, `latest` (a moving tag, or an image
    without one), `none` (whatever is newest), `local`, `lockfile`, `unknown` (computed by the shell).
    `at` is the index of the word, `start` and `end` the reference's place in its text.
    """

    ecosystem: str
    name: str
    version: str = ""
    pin: str = "none"
    at: int = 0
    start: int = 0
    end: int = 0


_SEMVER = later(r"[v=]?\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[0-9A-Za-z.-]{1,80})?(?:\+[0-9A-Za-z.-]{1,80})?")
_RANGE = later(r"[\^~<>=v*xX\d. |-]{1,80}|[\^~<>=]{0,2} ?\d[0-9A-Za-z.+-]{0,80}(?: .{0,80})?")
_BRANCHES = ("main", "master", "HEAD", "develop", "dev", "trunk", "next", "nightly", "latest")
_SHA = later(r"[0-9a-fA-F]{40}|[0-9a-fA-F]{64}")
_PYPI = later(r"([A-Za-z0-9][A-Za-z0-9._-]{0,127})\s*(?:\[[^\]]{0,200}\])?\s*(.{0,200})", re.DOTALL)
_PY_EXACT = later(r"={2,3}\s*[^\s,;*<>=!~]{1,80}\s*(?:;.{0,200})?", re.DOTALL)
_VERSIONISH = later(r"v?\d[0-9A-Za-z.!+-]{0,80}")
_URL_VERSION = later(r"@v?(\d+\.\d+\.\d+[0-9A-Za-z.+-]{0,40})(?:/|$)")
_DIGEST = later(r"sha(?:256:[0-9a-fA-F]{64}|512:[0-9a-fA-F]{128})")


def is_path(text: str) -> bool:
    """Whether a reference is a file or directory of this machine."""
    if text in (".", "..") or text.startswith(("./", "../", "/", "~/", ".\\", "..\\", "file:", "link:")):
        return True
    return len(text) > 2 and text[1] == ":" and text[2] in "\\/" and text[0].isalpha()


def _ref(name: str, ref: str) -> Package:
    if not ref:
        return Package("git", name, "", "none")
    if ref.startswith("semver:"):
        return Package("git", name, ref, "range")
    if ref in _BRANCHES:
        return Package("git", name, ref, "latest")
    return Package("git", name, ref, "sha" if _SHA.fullmatch(ref) else "tag")


def git(text: str) -> Package:
    """`git+https://host/x/y@ref#subdirectory=z`, `https://host/x/y.git#ref`, `github:x/y#ref`."""
    base, _, fragment = text.partition("#")
    _, scheme, rest = base.partition("://")
    _, slash, path = (rest if scheme else base).partition("/")
    _, at, ref = path.rpartition("@")
    if slash and at:
        return _ref(base[: len(base) - len(ref) - 1], ref)
    return _ref(base, "" if "=" in fragment else fragment)


def _remote(text: str) -> Package | None:
    """What every ecosystem understands alike: paths, git URLs and archives."""
    if is_path(text):
        return Package("local", text, "", "local")
    if text.startswith(("git+", "git://", "ssh://", "git@")):
        return git(text)
    if text.startswith(("https://", "http://")):
        base = text.partition("#")[0].partition("?")[0]
        return git(text) if base.endswith(".git") else Package("url", text, "", _archive_pin(text))
    return None


def _archive_pin(text: str) -> str:
    _, _, fragment = text.partition("#")
    return "digest" if fragment.startswith(("sha256=", "sha512=")) else "none"


def npm(text: str) -> Package:
    """`name`, `@scope/name@1.2.3`, `name@^1`, `name@latest`, `alias@npm:name@1`, `user/repo#ref`, URLs, paths."""
    remote = _remote(text)
    if remote is not None:
        return remote
    if text.startswith(("github:", "gitlab:", "bitbucket:", "gist:")):
        return git(text)
    cut = text.find("@", 1)
    name, version = (text, "") if cut < 0 else (text[:cut], text[cut + 1 :])
    if version.startswith("npm:"):
        return npm(version[4:])
    if version and (other := _remote(version) or (git(version) if version.startswith("github:") else None)):
        return other
    if "/" in name and not name.startswith("@"):
        return git(text)
    return Package("npm", name, version, npm_pin(version))


def npm_pin(version: str) -> str:
    """Whether a version or dist-tag of a registry with semantic versions can move."""
    if not version:
        return "none"
    if _SEMVER.fullmatch(version):
        return "exact"
    return "range" if _RANGE.fullmatch(version) else "latest"


def pypi(text: str) -> Package:
    """`name`, `name[extra]==1.2`, `name@1.2` (uv), `name>=1`, `name @ git+https://…`, URLs, paths."""
    remote = _remote(text)
    if remote is not None:
        return remote
    found = _PYPI.fullmatch(text.strip())
    if found is None:
        return Package("pypi", text, "", "unknown")
    name, rest = found[1], found[2].strip()
    if rest.startswith("@"):
        version = rest[1:].strip()
        other = _remote(version)
        if other is not None:
            return other
        return Package("pypi", name, version, "exact" if _VERSIONISH.fullmatch(version) else "latest")
    if not rest or rest.startswith(";"):
        return Package("pypi", name)
    if _PY_EXACT.fullmatch(rest):
        return Package("pypi", name, rest.lstrip("= ").partition(";")[0].strip(), "exact")
    return Package("pypi", name, rest, "range")


def oci(text: str) -> Package:
    """`image`, `registry:5000/team/image:tag`, `image@sha256:…`."""
    reference = text.removeprefix("docker://")
    name, _, digest = reference.partition("@")
    cut = name.find(":", name.rfind("/") + 1)
    bare, tag = (name, "") if cut < 0 else (name[:cut], name[cut + 1 :])
    if digest:
        return Package("oci", bare, digest, "digest" if _DIGEST.fullmatch(digest) else "unknown")
    return Package("oci", bare, tag, "tag" if tag and tag != "latest" else "latest")


def go(text: str) -> Package:
    """`module/path@v1.2.3`, `@latest`, `@<commit>`; without a version the module's own lock decides."""
    if is_path(text) or text.endswith(".go"):
        return Package("local", text, "", "local")
    name, at, version = text.partition("@")
    if not at:
        return Package("go", name, "", "lockfile")
    if _SEMVER.fullmatch(version):
        return Package("go", name, version, "exact")
    if re.fullmatch(r"[0-9a-f]{7,40}", version):
        return Package("go", name, version, "sha")
    return Package("go", name, version, "range" if re.fullmatch(r"v\d+(\.\d+)?|[<>].*", version) else "latest")


def deno(text: str) -> Package:
    """`npm:x@1`, `jsr:@a/b@1`, `https://deno.land/x/y@v1.2.3/mod.ts`, local files."""
    if text.startswith(("npm:", "jsr:")):
        parts = text[4:].lstrip("/").split("/")
        found = npm("/".join(parts[: 2 if parts[0].startswith("@") else 1]))
        return found if text.startswith("npm:") else found._replace(ecosystem="deno")
    if text.startswith(("https://", "http://")):
        version = _URL_VERSION.search(text)
        return Package("deno", text, version[1] if version else "", "exact" if version else "none")
    return Package("local", text, "", "local")


def other(text: str) -> Package:
    """A registry of another kind (crates, NuGet, gems): `name@version`."""
    if is_path(text):
        return Package("local", text, "", "local")
    name, _, version = text.partition("@")
    return Package("other", name, version, npm_pin(version))


READERS: dict[str, Callable[[str], Package]] = {
    "npm": npm, "pypi": pypi, "oci": oci, "go": go, "deno": deno, "other": other, "git": git,
}  # fmt: skip
