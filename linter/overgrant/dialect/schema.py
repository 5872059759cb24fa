"""Dialects: the schemas that say what a format means, loaded and checked.

A schema is JSON Schema 2020-12 in a small subset of keywords, with annotations under
`x-overgrant`. An unknown keyword, fact word or field is an error when the schema is loaded, so a
schema can't silently mean nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from functools import cache
from os import PathLike
from typing import Any, cast

from overgrant.model import FIELDS, KIND_OF
from overgrant.read.knowledge import home

Schema = dict[str, Any]

KEYWORDS = frozenset(
    "$schema $id $comment $ref $defs title description examples type properties patternProperties "
    "additionalProperties items allOf oneOf anyOf if then else const enum pattern required default x-overgrant "
    "minimum maximum deprecated".split())
ANNOTATIONS = frozenset("field set grammar tiers absent ignored harmless tables".split())
# fields of a fact that hold values or objects and that no rule can match on
EXTRA = {"server": {"args", "env", "headers"}, "grant": {"scope", "priority", "literal", "open_tail", "whole_line"}, "hook": {"args", "fails_closed"}}
PRINCIPAL = {"agent": "name", "server": "name", "tool": "name", "grant": "text", "limit": "amount", "secret": "text",
             "setting": "text", "hook": "command", "instruction": "text", "delegation": "to", "containment": "type",
             "control": "text", "launch": "command", "unread": "what", "flow": "source"}


class SchemaError(Exception):
    """A schema says something that its reader does not know; `str()` names file, place and word."""


class Schemas:
    """The schemas of one or more folders; the first folder that has a name wins."""

    def __init__(self, folders: Iterable[str | PathLike[str]]) -> None:
        self.folders = [os.fspath(folder) for folder in folders]
        self._files: dict[str, Schema] = {}
        self._keys: dict[int, frozenset[str] | None] = {}

    def file(self, name: str) -> Schema:
        """The schema file `<name>.json`. Raises `SchemaError` when there is none or it is wrong."""
        if name not in self._files:
            try:
                loaded = json.loads(self._bytes(f"{name}.json"))
            except ValueError as error:
                raise SchemaError(f"{name}.json: {error}") from None
            if not isinstance(loaded, dict):
                raise SchemaError(f"{name}.json: the top level is no object")
            self._files[name] = cast(Schema, loaded)
        return self._files[name]

    def _bytes(self, file: str) -> bytes:
        for folder in self.folders:
            try:
                with open(os.path.join(folder, file), "rb") as stream:
                    return stream.read()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                continue
        raise SchemaError(f"there is no schema `{file.removesuffix('.json')}`")

    def resolve(self, reference: str, here: str) -> tuple[Schema, str]:
        """The schema that `$ref` names, and the name of its file. `here` is the file that refers."""
        name, _, pointer = reference.partition("#")
        name = name.removesuffix(".json") or here
        node: Any = self.file(name)
        for step in filter(None, pointer.split("/")):
            if not isinstance(node, dict) or step not in node:
                raise SchemaError(f"{here}.json: `{reference}` leads nowhere")
            node = node[step]
        return cast(Schema, node), name

    def keys(self, schema: Schema, here: str) -> frozenset[str] | None:
        """The keys that a schema declares, itself or through what it refers to and chooses from; None for all keys."""
        if id(schema) not in self._keys:
            self._keys[id(schema)] = frozenset()  # a schema that refers to itself adds nothing to itself
            self._keys[id(schema)] = self._declared(schema, here)
        return self._keys[id(schema)]

    def _declared(self, schema: Schema, here: str) -> frozenset[str] | None:
        if isinstance(schema.get("additionalProperties"), dict) or schema.get("patternProperties"):
            return None
        found = frozenset(schema.get("properties", ()))
        parts = [(each, here) for word in ("allOf", "oneOf", "anyOf") for each in schema.get(word, ())]
        parts += [(schema[word], here) for word in ("then", "else") if word in schema]
        if "$ref" in schema:
            parts.append(self.resolve(schema["$ref"], here))
        for part, file in parts:
            if isinstance(part, dict):
                keys = self.keys(part, file)
                if keys is None:
                    return None
                found |= keys
        return found


    def facts(self, name: str) -> set[str]:
        """The kinds of facts that a schema states, itself or through what it refers to."""
        found: set[str] = set()
        seen: set[int] = set()
        todo: list[tuple[Any, str]] = [(self.file(name), name)]
        while todo:
            node, file = todo.pop()
            if isinstance(node, list):
                todo += [(each, file) for each in node]
            if not isinstance(node, dict) or id(node) in seen:
                continue
            seen.add(id(node))
            found |= set(node.get("x-overgrant", ())) & set(KIND_OF)
            if isinstance(node.get("$ref"), str):
                todo.append(self.resolve(node["$ref"], file))
            todo += [(inner, file) for word, inner in node.items() if word not in ("x-overgrant", "$defs")]
        return found


_HOUSE: list[str] = []


def furnish(folders: list[str]) -> None:
    """Also look for schemas in an organisation's folders, behind the tool's own."""
    _HOUSE[:] = folders
    builtin.cache_clear()


@cache
def builtin() -> Schemas:
    """The schemas that come with the tool, then those of the folders that `furnish` added."""
    return Schemas([home("schemas"), *_HOUSE])


def problems(schemas: Schemas, name: str) -> Iterator[str]:
    """What is wrong with a schema file, one sentence each; nothing when it is fine."""
    yield from _problems(schemas, schemas.file(name), name, "#")


def _problems(schemas: Schemas, node: object, name: str, at: str) -> Iterator[str]:
    if isinstance(node, bool):
        return
    if not isinstance(node, dict):
        yield f"{name}.json{at}: a schema is an object, true or false"
        return
    yield from (f"{name}.json{at}: keyword `{word}` is not understood" for word in node if word not in KEYWORDS)
    if "$ref" in node:
        try:
            schemas.resolve(node["$ref"], name)
        except SchemaError as error:
            yield str(error)
    yield from _annotation_problems(node.get("x-overgrant", {}), f"{name}.json{at}")
    for word in ("properties", "patternProperties", "$defs"):
        for key, inner in node.get(word, {}).items():
            yield from _problems(schemas, inner, name, f"{at}/{word}/{key}")
    for word in ("additionalProperties", "items", "if", "then", "else"):
        if word in node:
            yield from _problems(schemas, node[word], name, f"{at}/{word}")
    for word in ("allOf", "oneOf", "anyOf"):
        for index, inner in enumerate(node.get(word, [])):
            yield from _problems(schemas, inner, name, f"{at}/{word}/{index}")


def _annotation_problems(annotation: dict[str, Any], at: str) -> Iterator[str]:
    for word, content in annotation.items():
        if word in KIND_OF:
            for constants in content if isinstance(content, list) else [content]:
                yield from (f"{at}: a {word} has no field `{field}`" for field in constants if not _known(word, field))
        elif word == "set":
            for target in content:
                kind, _, field = target.partition(".")
                if kind not in KIND_OF or not _known(kind, field):
                    yield f"{at}: `set` names no field: `{target}`"
        elif word == "field":
            kind, _, field = content.rpartition(".")
            if not any(_known(each, field) for each in ([kind] if kind else KIND_OF)):
                yield f"{at}: `field` names no field: `{content}`"
        elif word not in ANNOTATIONS:
            yield f"{at}: annotation `{word}` is not understood"


def _known(kind: str, field: str) -> bool:
    return field in FIELDS.get(kind, {}) or field in EXTRA.get(kind, ()) or field in ("unbounded", "off")
