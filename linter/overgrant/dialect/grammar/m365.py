"""Microsoft 365 Copilot: what a plugin's function says about confirmation, beside what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from overgrant.value import Value

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context

Fields = dict[str, Any]


def waived(value: Value, context: Context) -> list[Fields]:
    """`isNonConsequential: true` on a function that, by its own words, changes something."""
    if value.data is not True or value.parent is None or value.parent.parent is None:
        return []
    handling = value.parent.parent.get("security_info", "data_handling")
    changes = handling is not None and any(item.text == "ResourceStateUpdate" for item in handling.items)
    return [{"text": "true"}] if changes else []
