"""Says how the package would be pinned in its own ecosystem."""

from __future__ import annotations

from collections.abc import Iterator

from overgrant.model import Fact, World
from overgrant.rule import Hit

FORM = {"npm": "`{name}@1.2.3`", "pypi": "`{name}==1.2.3`", "oci": "`{name}@sha256:…`",
        "git": "`…@` and the full commit", "url": "an address that names a version, with its checksum",
        "go": "`{name}@v1.2.3`", "deno": "`{name}@1.2.3`"}
SAYS = {"latest": "the newest version, whatever it is", "range": "any version in this range", "none": "no version"}


def check(subject: Fact, world: World) -> Iterator[Hit]:
    """One hit at the package."""
    at = subject.at.get("package")
    name = str(getattr(subject, "package", ""))
    form = FORM.get(str(getattr(subject, "ecosystem", "")), "its exact version")
    yield Hit(primary=at.span if at is not None else None,
              words={"pinned": SAYS[str(getattr(subject, "pin", "none"))], "pinned-form": form.format(name=name)})
