"""Start a rule of one's own."""

from __future__ import annotations

import os

import click

from overgrant.command._common import Wrong, builtin_rules
from overgrant.rule import FAMILIES

TEMPLATE = """\
---
id: {id}
subject: grant
severity: medium
confidence: high
when:
  decision: allow
  state: effective
  text: {{glob: "TODO *"}}
message: "`{{agent}}` may do this without asking: `{{text}}`"
label: what this allows
help: "Say here what to write instead."
---
# {title}

Say here why this is more power than the task needs, and what can happen.

```json .claude/settings.json
{{
  "permissions": {{
    "allow": [
      "Bash(terraform apply *)" // error: [{id}]
    ]
  }}
}}
```

## What it leaves alone

Say here what looks alike and is fine.

```json .claude/settings.json
{{
  "permissions": {{
    "allow": ["Bash(terraform plan)"],
    "ask": ["Bash(terraform apply *)"]
  }}
}}
```
"""


@click.group("new", short_help="Start a rule of your own.")
def command() -> None:
    """Start something of your own: a rule."""


@command.command("rule")
@click.argument("name", metavar="FAMILY/ID")
@click.option("--dir", "folder", default="agent-rules", show_default=True, help="The directory of your rules.")
def rule(name: str, folder: str) -> None:
    """Write a rule with an example that fails until its condition is right."""
    family, slash, id = name.partition("/")
    if not slash or family not in FAMILIES:
        raise click.UsageError(f"`{name}` is no FAMILY/ID; a family is one of {', '.join(FAMILIES)}.")
    if not id.isascii() or not id.replace("-", "").isalnum() or id != id.lower() or "--" in id or id.strip("-") != id:
        raise click.UsageError(f"`{id}` is not kebab-case: small letters, digits and single dashes.")
    if any(id in (each.id, *each.replaces) for each in builtin_rules()):
        raise click.UsageError(f"The name `{id}` is taken by a rule that comes with overgrant; choose another.")
    path = os.path.join(folder, family, f"{id}.md")
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "x", encoding="utf-8", newline="\n") as stream:
            stream.write(TEMPLATE.format(id=id, title=id.replace("-", " ").capitalize()))
    except FileExistsError:
        raise Wrong([f"{path}: the file exists; nothing is overwritten"]) from None
    except OSError as error:
        raise Wrong([f"{path}: the file cannot be written ({error.strerror})"]) from None
    click.echo(f"{path}: its example fails until `when:` finds it.\n"
               f"  test it   overgrant test {folder}\n"
               f"  use it    overgrant check --rules {folder}, or `rules: {folder}` in `.overgrant.yaml`")
