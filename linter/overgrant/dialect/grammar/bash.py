"""Bash through tree-sitter: from a syntax tree, errors and all, to simple commands."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from overgrant.dialect.grammar.word import Line, Problem, Redirect, Simple, Word, word_of
from overgrant.pattern import later

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_NODES = 60_000

_ESCAPE = later(r"\\.", re.DOTALL)

_WORDS = frozenset(
    [
        "word",
        "string",
        "raw_string",
        "ansi_c_string",
        "translated_string",
        "concatenation",
        "number",
        "simple_expansion",
        "expansion",
        "command_substitution",
        "process_substitution",
        "brace_expression",
        "arithmetic_expansion",
        "extglob_pattern",
        "regex",
        "variable_name",
        "special_variable_name",
        "test_operator",
        "array",
    ]
)
_HOLES = frozenset(
    [
        "simple_expansion",
        "expansion",
        "command_substitution",
        "process_substitution",
        "arithmetic_expansion",
        "brace_expression",
    ]
)
_SUBSTITUTIONS = frozenset({"command_substitution", "process_substitution"})
_GROUPS = {
    "subshell": "subshell", "for_statement": "loop", "while_statement": "loop", "c_style_for_statement": "loop",
    "select_statement": "loop", "if_statement": "", "compound_statement": "", "case_statement": "",
}  # fmt: skip
_COMMANDS = frozenset({"command", "declaration_command", "unset_command", "test_command"})
_REDIRECTS = frozenset({"file_redirect", "herestring_redirect", "heredoc_redirect"})
_UNENDING = later(r"while\s+(?:true|:|\[\[?\s+(?:1|true)\s+\]\]?|\(\(\s*1\s*\)\))\s*[;\n]|until\s+false\s*[;\n]")
_WAY_OUT = later(r"\b(?:break|exit|return|sleep|wait|read)\b")
_PIPES = frozenset({"|", "|&"})
_OPERATORS = frozenset({"&&", "||", ";", "&", ";;", "\n"})
_LITERAL = frozenset({"comment", "heredoc_start", "heredoc_content", "heredoc_end", "file_descriptor"})


class _Scope:
    """One list of commands that share operators: the line, a substitution, a group."""

    __slots__ = ("depth", "endless", "last", "op", "outer", "pipe", "seen", "stage", "statement")

    def __init__(self, depth: str, outer: _Scope | None = None) -> None:
        self.depth = depth
        self.outer = outer
        self.op: str = "" if outer is None else outer.op or ("\n" if outer.seen else "")
        self.pipe: int = 0 if outer is None else outer.pipe
        self.stage: int = 0 if outer is None else outer.stage
        self.seen: bool = False
        self.last: Simple | None = None
        self.endless: bool = outer is not None and outer.endless
        self.statement: list[Simple] = []


def _mask(text: str) -> str:
    """Stand-ins of the same length for what the grammar does not know: an escaped space, and workflow expressions
    `${{ … }}`, which are filled in before a shell sees the text.
    """
    if "\\ " in text:
        text = _ESCAPE.sub(lambda found: "\\_" if found[0] == "\\ " else found[0], text)
    at = text.find("${{")
    if at < 0:
        return text
    out, done = [], 0
    while at >= 0:
        close = text.find("}}", at)
        if close < 0:
            break
        out += [text[done:at], "$", "X" * (close + 1 - at)]
        done = close + 2
        at = text.find("${{", done)
    return "".join([*out, text[done:]])


class Walk:
    """Visits the syntax tree in document order, without recursion and within a node budget."""

    def __init__(self, line: Line, text: str) -> None:
        self.line = line
        self.text = text
        masked = _mask(text).replace("\0", "\ufffd")
        self.source = masked.encode("utf-8", "replace" if masked.isascii() else "surrogatepass")
        self.starts: list[int] | None = None
        if not masked.isascii():
            self.starts = list(accumulate((len(char.encode("utf-8", "surrogatepass")) for char in masked), initial=0))
        self.pipes = 0
        self.nodes = 0
        self.todo: list[tuple[str, Any, _Scope]] = []

    def run(self) -> None:
        """Fill the line's commands, in document order, and its problems."""
        import tree_sitter_bash
        from tree_sitter import Language, Parser

        tree = Parser(Language(tree_sitter_bash.language())).parse(self.source)
        if tree is None:
            self.line.problems.append(Problem("the shell syntax is not understood", 0, len(self.text)))
            return
        self.todo = [("node", tree.root_node, _Scope(""))]
        self.drain()
        self.line.commands.sort(key=lambda simple: simple.start)

    def drain(self) -> None:
        while self.todo:
            what, node, scope = self.todo.pop()
            if what == "restore":
                scope.pipe, scope.stage = node
                continue
            if what == "loose" and self.loose(node, scope):
                continue
            self.nodes += 1
            if self.nodes > MAX_NODES:
                self.problem("the script is too large to follow further", node)
                return
            self.visit(node, scope)

    # offsets and problems

    def at(self, offset: int) -> int:
        return offset if self.starts is None else max(0, bisect_right(self.starts, offset) - 1)

    def span(self, node: Node) -> tuple[int, int]:
        return self.at(node.start_byte), self.at(node.end_byte)

    def problem(self, what: str, node: Node) -> None:
        start, end = self.span(node)
        if len(self.line.problems) < 50:
            self.line.problems.append(Problem(what, start, max(start, end)))

    # structure

    def push(self, nodes: Iterable[Node], scope: _Scope, what: str = "node") -> None:
        self.todo.extend((what, node, scope) for node in reversed(list(nodes)))

    def visit(self, node: Node, scope: _Scope) -> None:
        kind = node.type
        if node.is_error or node.is_missing:
            self.problem("the shell syntax is not understood here", node)
        if kind in _OPERATORS:
            self.operator(kind, scope)
        elif kind in _PIPES:
            scope.op = "|"
        elif kind in _COMMANDS:
            self.command(node, scope)
        elif kind in _REDIRECTS:
            self.redirect(node, scope.last or self.emit(node, scope), scope)
        elif kind in ("variable_assignment", "variable_assignments"):
            self.assignments(node, scope)
        elif kind == "pipeline":
            self.pipeline(node, scope)
        elif kind in _SUBSTITUTIONS:
            self.push(node.children, _Scope("substitution"))
        elif kind == "function_definition":
            self.push(node.children, _Scope("function"))
        elif kind in _GROUPS:
            inner = self.inner(scope, _GROUPS[kind] or scope.depth)
            inner.endless = inner.endless or kind == "while_statement" and self.unending(node)
            self.push(node.children, inner)
        elif kind in _WORDS or kind in _HOLES:
            self.substitutions([node])
        elif kind not in _LITERAL:
            self.push(node.children, scope, "loose" if node.is_error else "node")

    def unending(self, node: Node) -> bool:
        """`while true` or `until false` without a word that leaves the loop, or that waits in it."""
        match = _UNENDING.match(self.text, *self.span(node))
        return match is not None and _WAY_OUT.search(self.text, *self.span(node)) is None

    def inner(self, scope: _Scope, depth: str) -> _Scope:
        """A group takes part in the list and the pipeline around it; a substitution or a function does not."""
        inner = _Scope(depth, scope)
        if inner.op == "\n":
            scope.statement = []
        scope.op, scope.seen = "", True
        return inner

    def operator(self, kind: str, scope: _Scope) -> None:
        scope.op = ";" if kind == ";;" else kind
        if kind == "&":
            for simple in scope.statement:
                simple.background = True
        if kind not in ("&&", "||"):
            scope.statement = []

    def pipeline(self, node: Node, scope: _Scope) -> None:
        self.todo.append(("restore", (scope.pipe, scope.stage), scope))
        continues = node.child_count > 0 and node.children[0].type in _PIPES and scope.last is not None
        if continues and scope.last is not None:  # `cat <<EOF | sh` hangs the rest of the pipeline below the heredoc
            scope.pipe, stage = scope.last.pipe, scope.last.stage
        else:
            self.pipes += 1
            scope.pipe, stage = self.pipes, 0
        scope.stage = stage
        entries: list[tuple[str, Any, _Scope]] = []
        for child in node.children:
            if child.type in _PIPES:
                stage += 1
                entries += [("restore", (scope.pipe, stage), scope), ("node", child, scope)]
            else:
                entries.append(("node", child, scope))
        self.todo.extend(reversed(entries))

    # commands

    def emit(self, node: Node, scope: _Scope) -> Simple:
        op = scope.op or ("\n" if scope.seen else "")
        simple = Simple(*self.span(node), op, scope.depth)
        simple.endless = scope.endless
        if op == "\n":
            scope.statement = []
        scope.op, scope.seen = "", True
        around: _Scope | None = scope
        while around is not None:
            around.last = simple
            around.statement.append(simple)
            around = around.outer
        if scope.pipe:
            simple.pipe, simple.stage = scope.pipe, scope.stage
        else:
            self.pipes += 1
            simple.pipe = self.pipes
        self.line.commands.append(simple)
        return simple

    def command(self, node: Node, scope: _Scope) -> None:
        simple = self.emit(node, scope)
        parts = _leaves(node) if node.type == "test_command" else node.children
        group: list[Node] = []
        nested: list[Node] = []
        for child in parts:
            if child.type in ("comment", "subshell") or child.type in _REDIRECTS or child.is_missing:
                if child.type in _REDIRECTS:
                    self.redirect(child, simple, scope)
                elif child.type == "subshell":
                    nested.append(child)
            elif child.type == "variable_assignment" and node.type == "command" and not (simple.words or group):
                self.assign(child, simple)
            elif group and group[-1].end_byte == child.start_byte:
                group.append(child)
            else:
                self.word(group, simple)
                group = [child]
        self.word(group, simple)
        simple.words.sort(key=lambda word: word.start)
        self.push(nested, scope)

    def word(self, group: list[Node], simple: Simple) -> None:
        """Add the word made of adjacent nodes, and queue what is substituted in it."""
        if not group:
            return
        for node in group:
            if node.is_error:
                self.problem("the shell syntax is not understood here", node)
        simple.words.append(self.read(group, self.at(group[0].start_byte), self.at(group[-1].end_byte)))

    def read(self, nodes: list[Node], start: int, end: int) -> Word:
        holes = self.substitutions(nodes)
        raw = self.text[start:end]
        start += len(raw) - len(raw.lstrip())
        return word_of(raw.lstrip(), start, [(a - start, b - start) for a, b in holes])

    def substitutions(self, nodes: list[Node]) -> list[tuple[int, int]]:
        """Queue the commands substituted below `nodes`; returns the outermost computed parts in document order."""
        holes: list[tuple[int, int]] = []
        nested: list[Node] = []
        todo = list(reversed(nodes))
        while todo and self.nodes <= MAX_NODES:
            node = todo.pop()
            self.nodes += 1
            if node.type in _HOLES and (not holes or self.at(node.start_byte) >= holes[-1][1]):
                holes.append(self.span(node))
            if node.type in _SUBSTITUTIONS:
                nested.append(node)
            else:
                todo.extend(reversed(node.children))
        self.push(nested, _Scope("substitution"))
        return holes

    def assign(self, node: Node, simple: Simple) -> None:
        start, end = self.span(node)
        name = self.text[start:end].partition("=")[0]
        value = self.read([node], min(start + len(name) + 1, end), end)
        simple.assignments.append((name.rstrip("+"), value))

    def assignments(self, node: Node, scope: _Scope) -> None:
        simple = self.emit(node, scope)
        for child in [node] if node.type == "variable_assignment" else node.children:
            self.assign(child, simple)

    def redirect(self, node: Node, simple: Simple, scope: _Scope) -> None:
        op = next((child.type for child in node.children if not child.is_named and child.type[:1] in "<>&"), ">")
        if node.type == "heredoc_redirect":
            self.heredoc(node, op, simple, scope)
            return
        words = [child for child in node.children if child.is_named and child.type != "file_descriptor"]
        for index, child in enumerate(words):
            word = self.read([child], *self.span(child))
            if index == 0:
                simple.redirects.append(Redirect(op, word))
            else:  # the grammar hangs the arguments that follow a redirect below it
                simple.words.append(word)

    def heredoc(self, node: Node, op: str, simple: Simple, scope: _Scope) -> None:
        rest: list[Node] = []
        for child in node.children:
            if child.type == "heredoc_body":
                start, end = self.span(child)
                holes = self.substitutions(child.children)
                body = self.text[start:end]
                simple.redirects.append(Redirect(op, Word(body, start, end, bool(holes), not holes, body)))
            elif child.type in _WORDS:
                simple.words.append(self.read([child], *self.span(child)))
            elif child.type not in _LITERAL and child.type != op:
                rest.append(child)
        self.push(rest, scope)

    def loose(self, node: Node, scope: _Scope) -> bool:
        """Inside an error, words stand alone: put those without an operator between them into one command."""
        if node.type == "command_name":
            self.push(node.children, scope, "loose")
            return True
        if node.type not in _WORDS:
            return False
        simple = scope.last
        if simple is None or scope.op or simple.end > self.at(node.start_byte) or "\n" in self.gap(simple, node):
            simple = self.emit(node, scope)
        self.word([node], simple)
        simple.end = max(simple.end, self.at(node.end_byte))
        return True

    def gap(self, simple: Simple, node: Node) -> str:
        return self.text[simple.end : self.at(node.start_byte)]


def _leaves(node: Node) -> list[Node]:
    """The words and operators of a test, without the expressions around them."""
    out: list[Node] = []
    todo = list(reversed(node.children))
    while todo and len(out) < MAX_NODES:
        child = todo.pop()
        if child.type in _WORDS or not child.is_named or child.is_error or not child.children:
            out.append(child)
        else:
            todo.extend(reversed(child.children))
    return out
