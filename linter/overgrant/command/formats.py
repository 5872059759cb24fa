"""List the files that are read, and what in them is not."""

from __future__ import annotations

import json
import os
from typing import Any

import click

from overgrant.command._common import gather
from overgrant.command._session import Choice, configured, open_session


@click.command("formats")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--product", help="Only this product.")
@click.option("--unclaimed", metavar="DIR", type=click.Path(exists=True, file_okay=False),
              help="List the keys of the files in DIR that no format claims, by frequency.")
@configured
def command(choice: Choice, style: str, product: str | None, unclaimed: str | None) -> None:
    """List products and the files that are read, with the version they were checked against."""
    open_session(choice)
    if unclaimed is not None:
        _unclaimed(unclaimed, style)
        return
    products = known()
    if product is not None:
        products = [each for each in products if each["product"] == product]
        if not products:
            raise click.UsageError(f"There is no product `{product}`; `overgrant formats` lists them.")
    if style == "json":
        click.echo(json.dumps({"version": 1, "products": products}, indent=2))
        return
    for number, each in enumerate(products):
        version = f", as of version {each['version']}" if each["version"] else ""
        click.echo(f"{chr(10) if number else ''}{each['title']} (`{each['product']}`{version}, checked {each['checked']})")
        for format in each["formats"]:
            click.echo(f"  {format['title']}: {', '.join(format['paths'])}")
            for key, word in (("reads", "reads"), ("unread", "does not read")):
                if format[key]:
                    click.echo(f"    {word} {_sentence(format[key])}")


def known() -> list[dict[str, Any]]:
    """Products with their formats as plain data, by product."""
    from overgrant.dialect.catalogue import catalogue, policy

    by: dict[str, list[dict[str, Any]]] = {}
    for format in catalogue().formats:
        about, row = policy(format.product), format.row
        by.setdefault(format.product, []).append({
            "id": format.id, "title": format.title, "paths": format.paths, "tier": format.tier,
            "marks": [*row.get("marks", ()), *row.get("marks-all", ())], "power": format.power,
            "reads": row.get("reads", ""), "unread": row.get("unread", ""), "versions": row.get("versions", ""),
            "source": row.get("source", about.get("source", "")), "checked": row.get("checked", about.get("checked", ""))})
    found = []
    for product, formats in sorted(by.items()):
        about = policy(product)
        checked = about.get("checked") or max((each["checked"] for each in formats), default="")
        found.append({"product": product, "title": about.get("title", product), "version": about.get("version", ""),
                      "checked": checked, "source": about.get("source", ""), "formats": formats})
    return found


def _sentence(words: Any) -> str:
    return ", ".join(map(str, words)) if isinstance(words, list) else str(words)


def _unclaimed(folder: str, style: str) -> None:
    """Keys that no schema claims: what a product may have learnt since its format was written down."""
    from overgrant.run import Plan, analyse
    from overgrant.template import safe

    os.chdir(folder)
    found = analyse(gather(()).inputs, Plan([])).unclaimed
    rows = {format: dict(sorted(keys.items(), key=lambda each: (-each[1], each[0])))
            for format, keys in sorted(found.items())}
    if style == "json":
        click.echo(json.dumps({"version": 1, "unclaimed": rows}, indent=2))
        return
    for format, keys in rows.items():
        click.echo(format)
        for key, times in keys.items():
            click.echo(f"  {times:5} {safe(key)}")
    if not rows:
        click.echo("every key is claimed")
