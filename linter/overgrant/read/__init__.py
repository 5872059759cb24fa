"""Readers: text → a tree of values that know where they stand.

`read` never raises on what a file holds: everything wrong with it is a `Problem` with a place, and
what could still be read is in the tree. Nothing is imported before a file of its syntax is met.
"""

from __future__ import annotations

from overgrant.read.base import DEFAULT, Limits, Place, whole
from overgrant.text import Source, Undecodable
from overgrant.value import Document, Value

__all__ = ["DEFAULT", "SYNTAXES", "Limits", "read"]

SYNTAXES = frozenset({"json", "jsonc", "json5", "yaml", "yaml12", "toml", "markdown", "markdown11", "text", "python",
                      "notebook"})


def read(source: Source, syntax: str, *, limits: Limits = DEFAULT) -> Document:
    """The document in a source.

    syntax  `json` (strict), `jsonc` (comments and trailing commas), `json5`, `yaml` (1.1 as PyYAML
            resolves it), `yaml12` (core schema), `toml`, `markdown` (frontmatter in YAML 1.2 + body),
            `markdown11` (frontmatter in YAML 1.1), `text` (all of it is the body),
            `python` (a syntax tree), `notebook` (the same of its code cells)

    Raises `ValueError` for another syntax, which is a mistake of the caller and never of the file.
    """
    if syntax not in SYNTAXES:
        raise ValueError(f"no reader for {syntax!r}")
    if len(source.data) > limits.bytes:
        return Document(source, None, [whole(source, f"the file is larger than {limits.bytes // 1024} KiB")])
    try:
        text = source.text
    except Undecodable as error:
        return Document(source, None, [whole(source, str(error))])
    if syntax in ("json", "jsonc", "json5"):
        from overgrant.read import json

        return json.parse(source, syntax, limits)
    if syntax in ("yaml", "yaml12"):
        from overgrant.read import yaml

        return yaml.parse(source, syntax, limits)
    if syntax in ("python", "notebook"):
        from overgrant.read import python

        return python.parse(source, limits) if syntax == "python" else python.notebook(source, limits)
    if syntax == "toml":
        from overgrant.read import toml

        return toml.parse(source, limits)
    if syntax == "text":
        return Document(source, None, body=Value(source, "str", text, raw=text, locate=Place(0, len(text))))
    from overgrant.read import markdown

    return markdown.parse(source, "yaml" if syntax == "markdown11" else "yaml12", limits)
