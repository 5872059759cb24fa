"""Every row of `knowledge/sinks/` fires where a caller chooses its argument, and stays silent where the code does."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from overgrant.dialect.code.names import File
from overgrant.dialect.code.package import Package
from overgrant.dialect.code.sinks import Sink, sinks_of
from overgrant.dialect.code.sinktable import known, rows
from overgrant.model import CAPABILITIES
from overgrant.read.base import DEFAULT
from overgrant.read.knowledge import load, names
from overgrant.read.python import parse
from overgrant.text import Source
from trees import judged

KEYS = {"names", "form", "argument", "receiver", "receivers", "capability", "chooses", "when", "made", "changes", "deletes", "waits", "verifies",
        "source"}
FORMS = {"command", "shell", "code", "open", "path", "url", "sql", "load", "variable", "money", "effect", "contained"}
RULES = {"exec.shell": "parameter-runs-commands", "exec.code": "parameter-runs-commands", "pkg.install": "parameter-runs-commands",
         "tool.load": "tools-loaded-at-run-time", "fs.read": "parameter-names-any-file", "fs.write": "parameter-names-any-file",
         "fs.delete": "parameter-names-any-file", "net.egress": "tool-fetches-any-host", "db.write": "query-from-parameters",
         "secret.read": "tool-returns-secrets", "comm.send": "recipient-from-parameter", "money.move": "money-moves-unasked"}
NAMED = [pytest.param(row, name, id=name) for row in rows() for name in row["names"]]


def call(row: dict[str, Any], name: str, value: str) -> str:
    """A call of the name, with a value where its resource goes."""
    target = name
    if name.startswith("?."):
        held = row["receivers"][0] if row["receivers"][0] != "*" else "thing"
        *inner, last = name[2:].split(".")
        target = f"{'.'.join(['owner', *inner]) if inner else held}.{last}"
    words = [f"{key.split('@')[0]}={one!r}" if not isinstance(one, str) else f"{key.split('@')[0]}={one}"
             for key, (one, *_) in row.get("when", {}).items()]
    if row.get("receiver"):
        head, _, method = target.rpartition("().")
        return f"{head}({value}).{method}({', '.join(words)})"
    if "made" in row:
        head, _, method = target.rpartition("().")
        target = f"{head}({', '.join(f'{key}={one!r}' for key, (one, *_) in row['made'].items())}).{method}"
    places = row.get("argument") or row.get("chooses") or [None]
    place = places[0]
    if place is None:
        words += [f"{places[1]}={value}"] if len(places) > 1 else []
        given = []
    else:
        given = [*["None"] * place, value] if isinstance(place, int) else []
        words += [f"{place}={value}"] if isinstance(place, str) else []
    return f"{target.removeprefix('builtins.')}({', '.join([*given, *words])})"


def module(row: dict[str, Any], values: dict[str, str]) -> str:
    """A server with a tool for each name of a row."""
    tops = sorted({name.split(".")[0] for name in values if not name.startswith(("?.", "builtins."))})
    lines = [*(f"import {top}" for top in tops), "from mcp.server.fastmcp import FastMCP", "", "mcp = FastMCP('made-up')", ""]
    for at, (name, value) in enumerate(values.items()):
        lines += ["", "@mcp.tool()", f"def tool_{at}(x: str) -> str:", f"    answer = {call(row, name, value)}", "    return answer"]
    return "\n".join(lines) + "\n"


def found(text: str) -> list[Sink]:
    """What the first function of a module does."""
    code = parse(Source("app.py", text.encode()), DEFAULT)
    assert code.tree is not None
    file = File(code, Package({"app.py": text.encode()}))
    function = next(node for node in ast.walk(code.tree) if isinstance(node, ast.FunctionDef))
    return sinks_of(function, file.scope)


@pytest.mark.parametrize(("row", "name"), NAMED)
def test_a_sink_takes_what_its_caller_says(row: dict[str, Any], name: str) -> None:
    value = "[x]" if row["form"] == "command" else "x"
    open_, fixed = found(module(row, {name: value})), found(module(row, {name: "'fixed'"}))
    if row["form"] == "contained":
        assert (open_, fixed) == ([], [])
        return
    chosen = ("x",) if "chooses" in row or row["form"] != "effect" else ()
    assert [(each.capability, each.parameters, each.guarded) for each in open_[:1]] == [(row["capability"], chosen, False)]
    assert [(each.capability, each.parameters) for each in fixed[:1]] == [(row["capability"], ())]


@pytest.mark.parametrize("row", [pytest.param(row, id=row["names"][0]) for row in rows()])
def test_a_row_gives_findings(row: dict[str, Any]) -> None:
    rule = RULES.get(row["capability"]) if "chooses" in row or row["form"] not in ("effect", "contained") else None
    value = "[x]" if row["form"] == "command" else "x"
    open_ = judged({"app.py": module(row, dict.fromkeys(row["names"], value)).encode()}).findings
    fixed = judged({"app.py": module(row, dict.fromkeys(row["names"], "'fixed'")).encode()}).findings
    # what comes with a framework is found by what it is, too
    assert {each.rule.id for each in (*open_, *fixed)} <= {rule, "code-execution-on-host"}
    assert [each.rule.id for each in open_ if each.rule.id == rule] == ([rule] * len(row["names"]) if rule is not None else [])
    assert [each.message for each in fixed if each.rule.id == rule] == []


def test_rows_say_what_is_understood() -> None:
    seen: set[str] = set()
    for name in names("sinks"):
        data = load(name)
        assert data["source"].startswith("https://") and data["checked"]
        for row in data["sinks"]:
            assert set(row) <= KEYS, row["names"]
            assert row["form"] in FORMS and row["capability"] in CAPABILITIES, row["names"]
            assert ("receivers" in row) == any(each.startswith("?.") for each in row["names"]), row["names"]
            twice = {each for each in row["names"] if each in seen and not each.startswith("?.")}
            assert not twice
            seen |= set(row["names"])


@pytest.mark.parametrize(("text", "does"), [
    ("boto3.client('ec2').terminate_instances(InstanceIds=[x])", ("changes", "deletes")),
    ("boto3.client('ec2').create_security_group(GroupName=x)", ("changes",)),
    ("boto3.Session().client('iam').create_access_key(UserName=x)", ("changes",)),
    ("boto3.client('ec2').describe_instances()", None),
    ("boto3.client('s3').list_objects_v2(Bucket=x)", None),
    ("kubernetes.client.CoreV1Api().delete_namespaced_pod(x, 'default')", ("changes", "deletes")),
    ("kubernetes.client.CoreV1Api().list_namespaced_pod('default')", None),
    ("azure.mgmt.compute.ComputeManagementClient(None, None).virtual_machines.begin_delete('g', x)", ("changes", "deletes")),
    ("google.cloud.compute_v1.InstancesClient().insert(project=x)", ("changes",)),
])
def test_the_verb_of_a_cloud_s_client_says_what_it_does(text: str, does: tuple[str, ...] | None) -> None:
    top = text.split(".")[0]
    made = found(f"import {top}\n\n\ndef tool(x: str) -> None:\n    {text}\n")
    assert [each.does for each in made] == ([does] if does is not None else [])
    assert all(each.capability in ("infra.mutate", "iam.mutate") for each in made)


def test_clients_of_clouds_are_known_by_their_package() -> None:
    assert known().tops >= {"boto3", "kubernetes", "azure", "google"}
