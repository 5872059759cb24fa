"""Dialects: keys of the top level that stand below the header of a table, and so are keys of that table.

A TOML file has no way back to its top level: what follows a header belongs to that header's table, whatever
blank line or comment stands between them. A product ignores such a key without a word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from overgrant.dialect.facts import Maker
from overgrant.dialect.schema import Schema, Schemas
from overgrant.dialect.shape import fits
from overgrant.model import KIND_OF, Control, Fact, Setting
from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context


def report(root: Value, schema: str, context: Context) -> list[Fact]:
    """What the misplaced keys of a file say: a control that protects nothing, or a setting without effect.

    Only where the schema, or the one that it refers to as a whole, has `x-overgrant.tables`: `open` lists the tables
    that take keys of the top level, too, `protects` which values of a key are a protection.
    """
    top = context.schemas.file(schema)
    if "$ref" in top:
        top, schema = context.schemas.resolve(top["$ref"], schema)
    said = top.get("x-overgrant", {}).get("tables")
    maker = Maker(context)
    for name, table in root.entries.items() if said else ():
        if table.kind == "map" and name not in said["open"]:
            for item, place in _scalars(table, name):
                if _known(top, item, place, schema, context.schemas):
                    _state(item, place, said["protects"].get(item.key, ()), maker)
    return maker.reading.facts


def _scalars(table: Value, name: str) -> Iterator[tuple[Value, tuple[str, ...]]]:
    """Texts and numbers at any depth, each with the names of the tables that it stands in."""
    todo: list[tuple[Value, tuple[str, ...]]] = [(table, (name,))]
    while todo:
        here, place = todo.pop()
        for key, item in here.entries.items():
            if item.kind == "map":
                todo.append((item, (*place, key)))
            elif item.kind in ("str", "int"):
                yield item, place


def _known(top: Schema, item: Value, place: tuple[str, ...], file: str, schemas: Schemas) -> bool:
    """The top level has this key, with a meaning, and the table has none of that name."""
    wanted = top["properties"].get(item.key)
    if not isinstance(wanted, dict) or not fits(item, wanted, schemas, file) or not _means(wanted, file, schemas):
        return False
    here: Any = top
    for step in place:
        here, file = _below(here, step, file, schemas)
    declared = schemas.keys(here, file) if isinstance(here, dict) else frozenset()
    return declared is not None and item.key not in declared


def _below(schema: Any, key: str, file: str, schemas: Schemas) -> tuple[Any, str]:
    """The schema of a key; True where nothing is said about it."""
    while isinstance(schema, dict) and "$ref" in schema and key not in schema.get("properties", {}):
        schema, file = schemas.resolve(schema["$ref"], file)
    if not isinstance(schema, dict):
        return True, file
    return schema.get("properties", {}).get(key, schema.get("additionalProperties", True)), file


def _means(schema: Any, file: str, schemas: Schemas) -> bool:
    """Something is said about the key: a fact, at the key or at one of its values."""
    if not isinstance(schema, dict):
        return False
    if not KIND_OF.keys().isdisjoint(schema.get("x-overgrant", {})):
        return True
    if "$ref" in schema:
        target, file = schemas.resolve(schema["$ref"], file)
        return _means(target, file, schemas)
    return any(_means(each, file, schemas) for each in (*schema.get("oneOf", ()), *schema.get("allOf", ())))


def _state(item: Value, place: tuple[str, ...], protects: Collection[str], maker: Maker) -> None:
    why = f"it stands below `[{'.'.join(place)}]` and is a key of that table, which has none of this name"
    if item.data in protects:
        maker.make(Control, item, what="setting", text=str(item.key), state="ignored", why=why)
    else:
        maker.make(Setting, item, name=str(item.key), text=item.text, meaning="misplaced", state="ignored", why=why)
