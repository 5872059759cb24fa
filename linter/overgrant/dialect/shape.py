"""Dialects: does a value have the shape that a schema node describes, and if not, what to say."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from overgrant.dialect.schema import Schema, Schemas
from overgrant.value import Value

TYPES: dict[str, tuple[str, ...]] = {
    "object": ("map",), "array": ("list",), "string": ("str",), "integer": ("int",), "number": ("int", "float"),
    "boolean": ("bool",), "null": ("null",)}
NAMES = {"map": "a map", "list": "a list", "str": "a text", "int": "a number", "float": "a number",
         "bool": "true or false", "null": "nothing"}
WANTED = {"object": "a map", "array": "a list", "string": "a text", "integer": "a whole number", "number": "a number",
          "boolean": "true or false", "null": "nothing"}
_PROTECTS = frozenset(("control", "limit", "containment"))


def fits(value: Value, schema: Any, schemas: Schemas, here: str, depth: int = 2) -> bool:
    """The shallow shape of `value` agrees with `schema`: type, constants, required keys, direct properties.

    `here` is the name of the file that `schema` stands in.
    """
    if not isinstance(schema, dict):
        return schema is not False
    if "$ref" in schema:
        target, file = schemas.resolve(schema["$ref"], here)
        if not fits(value, target, schemas, file, depth):
            return False
    wanted = schema.get("type")
    if wanted is not None and not any(value.kind in TYPES[each] for each in
                                      ([wanted] if isinstance(wanted, str) else wanted)):
        return False
    if "const" in schema and (value.data != schema["const"] or isinstance(value.data, bool) != isinstance(
            schema["const"], bool)):
        return False
    if "enum" in schema and _constant(value) not in schema["enum"]:
        return False
    if "pattern" in schema and (value.kind != "str" or not pattern_matches(schema["pattern"], value.text)):
        return False
    if value.kind == "map":
        if any(key not in value.entries for key in schema.get("required", ())):
            return False
        if depth and any(key in value.entries and not fits(value.entries[key], inner, schemas, here, depth - 1)
                         for key, inner in schema.get("properties", {}).items()):
            return False
    if any(word in schema and not any(fits(value, each, schemas, here, depth) for each in schema[word])
           for word in ("oneOf", "anyOf")):
        return False
    return all(fits(value, each, schemas, here, depth) for each in schema.get("allOf", ()))


def _constant(value: Value) -> object:
    """A value as an `enum` lists it: a scalar, or a list of scalars."""
    return [item.data for item in value.items] if value.kind == "list" else value.data


@lru_cache(maxsize=256)
def pattern_matches(pattern: str, text: str) -> bool:
    """`pattern` occurs in `text`, as JSON Schema's `pattern` means it; a linear engine decides."""
    from overgrant.automaton import matches
    from overgrant.regex import Unsupported, from_regex

    automaton = from_regex(pattern, flavour="js", anchored=False, ignore_case=False)
    return not isinstance(automaton, Unsupported) and matches(automaton, text)


def describe(value: Value, schema: Schema) -> tuple[str, str]:
    """What is wrong and what was expected, for a value that does not fit."""
    key = f"`{value.key}`" if isinstance(value.key, str) else "this entry"
    shown = NAMES[value.kind] if value.kind in ("map", "list", "null") else f"`{value.text}`"
    if "enum" in schema or "const" in schema:
        words = schema.get("enum", [schema.get("const")])
        wanted = "one of " + ", ".join(f"`{_word(word)}`" for word in words) if len(words) > 1 else f"`{_word(words[0])}`"
    else:
        types = schema.get("type", [])
        names = [WANTED[each] for each in ([types] if isinstance(types, str) else types)]
        for branch in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
            if isinstance(branch, dict) and isinstance(branch.get("type"), str):
                names.append(WANTED[branch["type"]])
        wanted = " or ".join(dict.fromkeys(names)) or "something else"
    return f"{key} is {shown}, not {wanted}", "the product does not read it"


def _word(word: object) -> str:
    return {"True": "true", "False": "false", "None": "null"}.get(str(word), str(word))


def guards(key: str, declared: dict[str, Any], parent: Value | None, schemas: Schemas, file: str) -> str:
    """The protective key that `key` misspells, or an empty string.

    Only an edit distance that nobody means counts: same letters in another case or with other
    separators, or one or two slips in a long name; and only if the right key is not there too.
    """
    here = parent.entries if parent is not None else {}
    plain = _letters(key)
    for name, schema in declared.items():
        if name in here or not _protective(schema, schemas, file):
            continue
        other = _letters(name)
        if plain == other or (min(len(plain), len(other)) >= 4 and _distance(plain, other) <= (
                1 if len(other) < 10 else 2)):
            return name
    return ""


def _letters(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace(".", "").lower()


def _protective(schema: Any, schemas: Schemas, here: str, depth: int = 4) -> bool:
    if not isinstance(schema, dict) or not depth:
        return False
    annotation = schema.get("x-overgrant", {})
    if any(word in annotation for word in _PROTECTS):
        return True
    grant = annotation.get("grant")
    if isinstance(grant, dict) and grant.get("decision") in ("deny", "ask", "inherit"):
        return True
    if annotation.get("field", "").startswith("containment."):
        return True
    inner = [*schema.get("properties", {}).values(), schema.get("items"), *schema.get("allOf", ())]
    if "$ref" in schema:
        target, file = schemas.resolve(schema["$ref"], here)
        if _protective(target, schemas, file, depth - 1):
            return True
    return any(_protective(each, schemas, here, depth - 1) for each in inner)


def _distance(a: str, b: str) -> int:
    """Levenshtein distance of two short names."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]
