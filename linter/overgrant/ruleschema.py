"""Rules: the JSON Schema of a rule's frontmatter, made from the model, so that editors complete what rules may say.

`schemas/rule.schema.json` is what `build` returns; a test compares them, and `pytest --accept` writes the file.
The linter itself never validates with it: `rulefile` and `match` say more, and with places.
"""

from __future__ import annotations

from typing import Any

from overgrant.match import ALLOWED, fields_of
from overgrant.model import FIELDS, KIND_OF, Field
from overgrant.rulefile import KEYS, REQUIRED, WORDS

MEANING = {
    "id": "Name of the rule and of its file, in kebab-case; reads well after \"allow\".",
    "subject": "The kind of fact that the rule is about.",
    "severity": "How bad it is, before context moves it.",
    "confidence": "How sure a finding is.",
    "profile": "`default` is for facts, `strict` also gives advice.",
    "status": "`preview` is shown and never fails a run.",
    "since": "The first version that has the rule.",
    "replaces": "Earlier ids of the rule.",
    "when": "The condition on the subject; with `check`, it narrows what the Python sees.",
    "check": "A Python file beside the rule with a function `check(subject, world)`.",
    "message": "What is wrong, in the present tense; several texts: the first that can be filled.",
    "at": "The field to point at, when not the statement as a whole.",
    "label": "What stands beside the underlined place.",
    "related": "Labels for other places, by the field that they state.",
    "help": "What to do, as an imperative; several texts: the first that can be filled.",
    "fix": "What edit it offers: `remove` (only where nothing is lost), the fact's `suggestion`, or the `narrowed` statements.",
    "references": "Ids with or without titles: CWE, OWASP, ATLAS, CVE. No addresses.",
}
_TEXT = {"type": "string", "minLength": 1}
_ONE_OR_MORE = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}


def build() -> dict[str, Any]:
    """The schema, as plain data."""
    properties: dict[str, Any] = {key: {"description": MEANING[key], **_key(key)} for key in KEYS}
    subjects = [{"if": {"properties": {"subject": {"const": kind}}, "required": ["subject"]},
                 "then": {"properties": {"when": {"$ref": f"#/$defs/{kind}"}}}} for kind in KIND_OF]
    tests: dict[str, Any] = {}
    conditions = {kind: _condition(kind, tests) for kind in FIELDS}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Frontmatter of an overgrant rule",
        "type": "object",
        "required": list(REQUIRED),
        "anyOf": [{"required": ["when"]}, {"required": ["check"]}],
        "additionalProperties": False,
        "properties": properties,
        "allOf": subjects,
        "$defs": conditions | tests,
    }


def _key(key: str) -> dict[str, Any]:
    if key in WORDS:
        return {"enum": list(WORDS[key])}
    if key == "id":
        return {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
    if key == "when":
        return {"type": "object"}
    if key == "related":
        return {"type": "object", "additionalProperties": _TEXT}
    return _ONE_OR_MORE if key in ("message", "label", "help", "replaces", "references") else _TEXT


def _condition(kind: str, tests: dict[str, Any]) -> dict[str, Any]:
    """The conditions on a kind of fact; tests that several fields share are put beside it, once each."""
    here = {"$ref": f"#/$defs/{kind}"}
    groups = {name: {"type": "array", "items": here, "minItems": 1} for name in ("any-of", "none-of")}
    fields = {}
    for name, field in fields_of(kind).items():
        test = _field(field)
        shared = next((known for known, other in tests.items() if other == test), "")
        if not shared:
            shared = f"{kind}.{name}" if field.words else f"any-{field.type}"
            tests[shared] = test
        fields[name] = {"description": field.meaning, "$ref": f"#/$defs/{shared}"}
    return {"type": "object", "minProperties": 1, "additionalProperties": False,
            "properties": {**fields, "not": here, **groups}}


def _field(field: Field) -> dict[str, Any]:
    if field.type == "fact":
        missing = {"type": "object", "required": ["missing"], "additionalProperties": False,
                   "properties": {"missing": {"type": "boolean"}}}
        return {"anyOf": [{"$ref": f"#/$defs/{field.words[0]}"}, missing]}
    value = _value(field)
    several = {"type": "array", "items": value, "minItems": 1}
    operators: dict[str, Any] = {}
    for operator in ALLOWED[field.type]:
        if operator in ("in", "any-of", "none-of"):
            operators[operator] = several if operator == "in" else {"type": "array", "minItems": 1}
        elif operator == "missing":
            operators[operator] = {"type": "boolean"}
        elif operator in ("matches", "glob", "covers"):
            operators[operator] = _ONE_OR_MORE
        elif operator in ("is", "above", "below"):
            operators[operator] = value
        else:
            operators[operator] = {}
    tests: dict[str, Any] = {"type": "object", "minProperties": 1, "additionalProperties": False,
                             "properties": operators}
    return tests if field.type == "scope" else {"anyOf": [value, several, tests]}


def _value(field: Field) -> dict[str, Any]:
    if field.words:
        return {"enum": list(field.words)}
    return {"type": {"number": "number", "flag": "boolean"}.get(field.type, "string")}
