"""Codex rules for commands: calls of `prefix_rule` in a small part of Starlark, read as a syntax tree and never run.

`decision` is `allow` where nothing is said, and an allowed command runs outside the sandbox
(developers.openai.com/codex/rules). What is no plain call with literals is `Unread`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from overgrant.dialect.facts import Maker
from overgrant.dialect.grammar.codex import DECISIONS, prefixes
from overgrant.model import Grant, Unread
from overgrant.scope import host_glob

if TYPE_CHECKING:
    from overgrant.dialect.walk import Context, Reading
    from overgrant.value import Document, Value

MOST = 128 * 1024
_KNOWN = ("prefix_rule", "host_executable", "network_rule")


def read(document: Document, context: Context) -> Reading:
    """One grant for each combination of words that a rule names."""
    maker = Maker(context)
    body = document.body
    if body is None or not body.text.strip():
        return maker.reading
    if len(body.text) > MOST:
        maker.make(Unread, body, type="unreadable", what=f"the file is larger than {MOST // 1024} KiB", power=True)
        return maker.reading
    try:
        tree = ast.parse(body.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        what = f"the rules cannot be read{f' from line {line}' if line else ''}"
        maker.make(Unread, body, type="unreadable", what=what, why="the product loads none of them", power=True)
        return maker.reading
    lines = [0]
    for text in body.text.split("\n"):
        lines.append(lines[-1] + len(text) + 1)
    for statement in tree.body:
        _statement(statement, body, lines, maker)
    return maker.reading


def _statement(statement: ast.stmt, body: Value, lines: list[int], maker: Maker) -> None:
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Constant):
        return
    name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
    if not isinstance(call, ast.Call) or name not in _KNOWN:
        maker.make(Unread, _part(statement, body, lines), type="unknown", what="this is no call of `prefix_rule` with plain words",
                   why="rules that are computed are not followed", power=True)
        return
    if name == "prefix_rule":
        _rule(call, body, lines, maker)
    if name == "network_rule":
        _host(call, body, lines, maker)


def _rule(call: ast.Call, body: Value, lines: list[int], maker: Maker) -> None:
    said = {word.arg: word.value for word in call.keywords if word.arg}
    if call.args and "pattern" not in said:
        said["pattern"] = call.args[0]
    words = _words(said.get("pattern"))
    decision = _text(said["decision"]) if "decision" in said else "allow"
    if words is None or decision not in DECISIONS:
        maker.make(Unread, _part(call, body, lines), type="unknown", what="this rule is not written in plain words",
                   why="rules that are computed are not followed", power=True)
        return
    at = _part(said["pattern"], body, lines)
    for fields in prefixes(words):
        grant = maker.make(Grant, at, capability="exec.shell", decision=DECISIONS[decision], **fields)
        if grant.decision == "allow":
            grant.consent = "it runs outside the sandbox and nobody is asked"
        if "decision" in said:
            grant.at["decision"] = _part(said["decision"], body, lines)


def _host(call: ast.Call, body: Value, lines: list[int], maker: Maker) -> None:
    """One host that commands may or may not reach; without a decision there is no rule."""
    said = {word.arg: word.value for word in call.keywords if word.arg}
    host, decision = _text(said["host"]) if "host" in said else None, _text(said["decision"]) if "decision" in said else None
    if host is None or decision not in (*DECISIONS, "deny"):
        maker.make(Unread, _part(call, body, lines), type="unknown", what="this rule is not written in plain words",
                   why="rules that are computed are not followed", power=True)
        return
    at = _part(said["host"], body, lines)
    grant = maker.make(Grant, at, capability="net.egress", decision=DECISIONS.get(decision, "deny"), text=host, tool="sandbox",
                       scope=host_glob(host))
    if "*" in host:
        grant.state, grant.why = "malformed", "a rule names one host"


def _words(node: ast.expr | None) -> list[list[str]] | None:
    """The pattern as a list of choices; None where it is anything but texts and lists of texts."""
    if not isinstance(node, ast.List) or not node.elts:
        return None
    found: list[list[str]] = []
    for element in node.elts:
        choice = [_text(each) for each in (element.elts if isinstance(element, ast.List) else [element])]
        if not choice or any(each is None for each in choice):
            return None
        found.append([each for each in choice if each is not None])
    return found


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _part(node: ast.stmt | ast.expr, body: Value, lines: list[int]) -> Value:
    """The place of a node; columns of `ast` count bytes, places characters."""
    def offset(line: int, column: int) -> int:
        start = lines[line - 1]
        text = body.text[start:lines[line] - 1].encode("utf-8", "surrogatepass")
        return start + len(text[:column].decode("utf-8", "ignore"))

    return body.part(offset(node.lineno, node.col_offset),
                     offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset))
