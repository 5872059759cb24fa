"""List the files that are read, and what in them is not."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click

from overgrant.command._common import gather
from overgrant.command._session import Choice, configured, open_session

if TYPE_CHECKING:
    from overgrant.dialect.catalogue import Format


@click.command("formats", short_help="List products and files that are read.")
@click.option("--format", "style", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
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
            from difflib import get_close_matches

            close = get_close_matches(product, [each["product"] for each in known()], 1)
            hint = f"did you mean `{close[0]}`?" if close else "`overgrant formats` lists them."
            raise click.UsageError(f"There is no product `{product}`; {hint}")
    if style == "json":
        click.echo(json.dumps({"version": 1, "products": products}, indent=2))
        return
    if style == "markdown":
        click.echo(table(products))
        return
    for number, each in enumerate(products):
        version = f", as of version {each['version']}" if each["version"] else ""
        checked = f", checked {each['checked']}" if each["checked"] else ""
        click.echo(f"{chr(10) if number else ''}{each['title']} (`{each['product']}`{version}{checked})")
        for format in each["formats"]:
            click.echo(f"  {format['title']}: {', '.join(format['paths'])}{_by_content(format['anywhere'], '')}")
            click.echo(f"    reads {', '.join(format['reads']) or 'nothing that gives power by itself'}")
        if each["unread"]:
            click.echo(f"  does not read {', '.join(each['unread'])}")


def known() -> list[dict[str, Any]]:
    """Products with their formats as plain data, by product."""
    from overgrant.dialect.catalogue import catalogue, policy, row_of

    by: dict[str, list[dict[str, Any]]] = {}
    for format in catalogue().formats:
        about, row = policy(format.product), row_of(format)
        by.setdefault(format.product, []).append({
            "id": format.id, "title": row.get("title") or format.id, "paths": format.paths, "anywhere": format.anywhere,
            "tier": format.tier, "syntax": format.syntax,
            "marks": [*row.get("marks", ()), *row.get("marks-all", ())], "power": format.power,
            "reads": _reads(format, row), "versions": row.get("versions", ""),
            "source": row.get("source", about.get("source", "")), "checked": row.get("checked", about.get("checked", ""))})
    found = []
    for product, formats in sorted(by.items()):
        about = policy(product)
        checked = about.get("checked") or max((each["checked"] for each in formats), default="")
        found.append({"product": product, "title": about.get("title", product), "version": about.get("version", ""),
                      "checked": checked, "source": about.get("source", ""), "unread": about.get("unread", []), "formats": formats})
    return found


def table(products: list[dict[str, Any]]) -> str:
    """One line of a Markdown table for each product: the README shows the table of all of them."""
    rows = ["| Product | Files | What is read | What is not | Checked |", "| --- | --- | --- | --- | --- |"]
    for each in products:
        paths = dict.fromkeys(path for format in each["formats"] for path in format["paths"])
        reads = [word for word in WORDS.values() if any(word in format["reads"] for format in each["formats"])]
        reads += dict.fromkeys(word for format in each["formats"] for word in format["reads"] if word not in reads)
        endings = list(dict.fromkeys(ending for format in each["formats"] for ending in format["anywhere"]))
        cells = [each["title"], _shortened(list(paths)) + _by_content(endings, "`"), ", ".join(reads), "; ".join(each["unread"]),
                 f"{each['checked']}, version {each['version']}" if each["version"] else each["checked"]]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


MOST = 8
WORDS = {"agent": "agents", "grant": "permissions", "control": "guards", "containment": "sandbox", "server": "tool servers",
         "tool": "tools", "hook": "hooks", "launch": "command lines that start agents", "setting": "modes and switches",
         "limit": "limits", "secret": "credentials", "instruction": "instructions", "delegation": "delegation", "flow": "flows"}
"""What a person calls the kinds of facts, in the order in which they are listed."""


def _by_content(endings: list[str], quote: str) -> str:
    """That files with these endings are known by their content, too."""
    return f", and by its content any {', '.join(f'{quote}*.{ending}{quote}' for ending in endings)}" if endings else ""


def _shortened(paths: list[str]) -> str:
    more = f" and {len(paths) - MOST} more" if len(paths) > MOST else ""
    return ", ".join(f"`{path}`" for path in paths[:MOST]) + more


def _reads(format: Format, row: dict[str, Any]) -> list[str]:
    """What is read of a file: as its row says, else what its schema states."""
    from overgrant.dialect.schema import builtin

    if "reads" in row:
        return [str(word) for word in row["reads"]]
    stated = builtin().facts(format.schema) if format.schema else set()
    return [word for kind, word in WORDS.items() if kind in stated]


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
