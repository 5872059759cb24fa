"""Dialects: formats that an organisation teaches, by a row and an annotated schema each and without code.

A folder holds `<product>.yaml`, in the form of `knowledge/products/`, and `<schema>.json`, in the form of
`schemas/`. They stand behind the formats that come with the tool: no row takes a file away from one of
those, and no schema replaces one, so a folder inside the tree that is checked can't blind the check.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from overgrant.dialect import catalogue, schema
from overgrant.model import FIELDS, TIERS
from overgrant.pattern import later
from overgrant.read import SYNTAXES
from overgrant.read.knowledge import home

ROW_KEYS = frozenset("id title paths syntax schema tier marks marks-all set skips source checked power".split())
PRODUCT_KEYS = frozenset("title host version attended source checked unread decide formats".split())
_SLUG = later(r"[a-z][a-z0-9-]{0,62}")
# what the patterns of a plain grammar usually give; a grant without a capability would say nothing
_POWERS = {"plain-command": "exec.shell", "plain-path": "fs.write", "plain-host": "net.egress"}
_MOST_PATTERNS = 3
_MOST_BYTES = 1 << 20


class HouseError(Exception):
    """What is wrong with an organisation's formats; `messages` hold one sentence each, with the file."""

    def __init__(self, messages: Iterable[str]) -> None:
        self.messages = list(messages)
        super().__init__("\n".join(self.messages))


def use(folders: Iterable[str]) -> None:
    """Know the formats in these folders from now on; without folders, only the tool's own.

    Raises `HouseError` with every mistake, and then knows what it knew before.
    """
    paths = list(dict.fromkeys(folders))
    messages: list[str] = []
    products: dict[str, dict[str, Any]] = {}
    for folder in map(Path, paths):
        files = [*folder.glob("*.yaml"), *folder.glob("*.yml")] if folder.is_dir() else []
        if not files:
            messages.append(f"{folder}: there is no format here; a format is a row in a file `PRODUCT.yaml`")
        for file in sorted(files):
            product = _product(file, products, messages)
            if product is not None:
                products[file.stem] = product
    schemas = schema.Schemas([home("schemas"), *paths])
    for name, product in products.items():
        for row in product["formats"]:
            messages += _schema_problems(row, schemas, f"{name}.yaml")
    if messages:
        raise HouseError(messages)
    catalogue.furnish(products)
    schema.furnish(paths)


def _product(file: Path, others: dict[str, dict[str, Any]], messages: list[str]) -> dict[str, Any] | None:
    loaded = _load(file, messages)
    if loaded is None:
        return None
    if not _SLUG.fullmatch(file.stem):
        messages.append(f"{file.name}: name the file in lower case, such as `our-agents.yaml`")
    elif file.stem in others or Path(home("knowledge"), "products", f"{file.stem}.yaml").is_file():
        messages.append(f"{file.name}: there is a product `{file.stem}` already; choose another name")
    messages += [f"{file.name}: a product has no key `{key}`" for key in loaded if key not in PRODUCT_KEYS]
    rows = loaded.get("formats")
    if not isinstance(rows, list) or not rows:
        messages.append(f"{file.name}: `formats` names no format")
        return None
    known = {row.id for row in catalogue.catalogue().formats} - {
        row["id"] for other in catalogue._HOUSE.values() for row in other["formats"]}
    known |= {row["id"] for other in others.values() for row in other["formats"]}
    wrong = [message for row in rows for message in _row_problems(row, known)]
    messages += [f"{file.name}: {message}" for message in wrong]
    return None if wrong else {**loaded, "formats": rows}


def _load(file: Path, messages: list[str]) -> dict[str, Any] | None:
    from overgrant.read import read
    from overgrant.text import Source

    try:
        data = file.read_bytes()[:_MOST_BYTES]
    except OSError as error:
        messages.append(f"{file.name}: it cannot be read ({error.strerror})")
        return None
    document = read(Source(file.name, data), "yaml12")
    messages += [f"{file.name}:{each.span.begin[0]}: {each.what}" for each in document.problems]
    if document.root is None or document.root.kind != "map":
        messages.append(f"{file.name}: it is no map of a product's keys")
        return None
    loaded: Any = document.root.plain()
    return dict(loaded)


def _row_problems(row: Any, known: set[str]) -> list[str]:
    """What is wrong with one row of `formats`."""
    if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not _SLUG.fullmatch(row["id"]):
        return ["a format needs an `id` in lower case, such as `our-agent`"]
    name = row["id"]
    found = [f"format `{name}` has no key `{key}`" for key in row if key not in ROW_KEYS]
    if name in known:
        found.append(f"there is a format `{name}` already; choose another id")
    found += [f"format `{name}` needs `{key}`" for key in ("paths", "syntax", "schema") if key not in row]
    if row.get("syntax", "json") not in SYNTAXES:
        found.append(f"format `{name}`: `syntax` is one of {', '.join(sorted(SYNTAXES))}")
    if row.get("tier", "project") not in TIERS:
        found.append(f"format `{name}`: `tier` is one of {', '.join(TIERS)}")
    for key in ("paths", "marks", "marks-all", "skips"):
        texts = row.get(key, [])
        if not isinstance(texts, list) or not all(isinstance(text, str) and 0 < len(text) <= 200 for text in texts):
            found.append(f"format `{name}`: `{key}` is a list of short texts")
        elif key in ("paths", "skips"):
            found += [f"format `{name}`: the pattern `{text}` has more than {_MOST_PATTERNS} wildcards or an open brace"
                      for text in texts if len(re.findall(r"\*+", text)) > _MOST_PATTERNS
                      or text.count("{") != text.count("}") or text.count("{") > 1 or text.find("}") < text.find("{")]
    for target in row.get("set", {}) if isinstance(row.get("set", {}), dict) else [""]:
        kind, _, field = str(target).partition(".")
        if field not in FIELDS.get(kind, {}):
            found.append(f"format `{name}`: `set` names no field: `{target}`")
    return found


def _schema_problems(row: dict[str, Any], schemas: schema.Schemas, file: str) -> list[str]:
    name = str(row["schema"])
    if not _SLUG.fullmatch(name):
        return [f"{file}: format `{row['id']}`: name the schema in lower case, without `.json`"]
    try:
        found = list(schema.problems(schemas, name))
    except schema.SchemaError as error:
        return [f"{file}: format `{row['id']}`: {error}"]
    return [*found, *_grammar_problems(schemas.file(name), f"{name}.json")]


def _grammar_problems(node: Any, file: str) -> list[str]:
    """Grammars that don't exist, and grants that don't say what they give, anywhere in a schema."""
    from overgrant.dialect.registry import grammar

    found: list[str] = []
    stack = [node]
    while stack:
        here = stack.pop()
        if isinstance(here, list):
            stack += here
        elif isinstance(here, dict):
            stack += here.values()
            annotation = here.get("x-overgrant")
            if isinstance(annotation, dict) and isinstance(annotation.get("grammar"), str):
                try:
                    grammar(annotation["grammar"].partition(":")[0])
                except LookupError as error:
                    found.append(f"{file}: {error}")
                if annotation["grammar"] in _POWERS and isinstance(annotation.get("grant"), dict) and "capability" not in annotation["grant"]:
                    found.append(f"{file}: a grant read by `{annotation['grammar']}` needs its `capability`, such as "
                                 f"`{_POWERS[annotation['grammar']]}`")
    return found
