from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.read import read
from overgrant.read.markdown import fences
from overgrant.text import Source
from overgrant.value import Document, Value


def doc(text: str | bytes, syntax: str = "markdown") -> Document:
    return read(Source("SKILL.md", text.encode() if isinstance(text, str) else text), syntax)


def parts(document: Document) -> tuple[Value, Value]:
    assert document.root is not None
    assert document.body is not None
    return document.root, document.body


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_frontmatter_and_body(end: str, mark: str) -> None:
    root, body = parts(doc(mark + end.join(["---", "name: x", "tools: [Read, 'Bash(*)']", "---", "Do it.", ""])))
    assert root.plain() == {"name": "x", "tools": ["Read", "Bash(*)"]}
    assert body.text == body.span.text == f"Do it.{end}"
    assert body.span.begin == (5, 1)
    tool = root.get("tools", 1)
    assert tool is not None
    assert (tool.span.text, tool.span.begin) == ("'Bash(*)'", (3, 15))


@pytest.mark.parametrize(("text", "body"), [("no\n---\nname: x\n---\n", None), ("", None), ("---\n---\nx", "x"),
                                            ("---\n# only a comment\n---\n", ""), ("---", None),
                                            ("----\na: b\n---\n", None)])
def test_without_metadata_the_root_is_an_empty_map(text: str, body: str | None) -> None:
    document = doc(text)
    root, found = parts(document)
    assert not document.problems
    assert root.kind == "map"
    assert root.plain() == {}
    assert found.text == (text if body is None else body)


def test_dialects() -> None:
    text = "---\ndisable: off\n---\n"
    assert parts(doc(text))[0].plain() == {"disable": "off"}
    assert parts(doc(text, "markdown11"))[0].plain() == {"disable": False}


def test_frontmatter_without_an_end() -> None:
    document = doc("---\nname: x\ntools: Bash\n\nDo: it.\n")
    root, body = parts(document)
    assert root.plain() == {"name": "x", "tools": "Bash"}
    assert body.text.startswith("---")
    assert document.refused


@pytest.mark.parametrize(("line", "value"), [
    ("description: Use when: the user asks", "Use when: the user asks"), ("tools: *", "*"),
    ("globs: **/*.ts,*.js", "**/*.ts,*.js"),
    ("description: [draft] does it", "[draft] does it"), ("model: @fast", "@fast"),
    ("description: *all* of it", "*all* of it")])
def test_what_products_read_as_text_is_no_reason_to_refuse(line: str, value: str) -> None:
    document = doc(f"---\nname: x\n{line}\nskills: [pdf]\n---\nbody")
    root, _ = parts(document)
    assert not document.refused
    assert len(document.problems) == 1
    assert root.get("skills", 0) is not None
    key = line.partition(":")[0]
    found = root.get(key)
    assert found is not None
    assert (found.data, found.span.text) == (value, value)
    assert found.key_span is not None
    assert found.key_span.text == key


def test_broken_frontmatter_is_refused_and_read_as_far_as_it_goes() -> None:
    document = doc('---\nname: "x\ntools: [Bash]\n---\n')
    assert document.refused
    assert parts(document)[0].plain() == {"tools": ["Bash"]}


def test_text_is_all_body() -> None:
    document = doc("---\na: b\n---\n", "text")
    assert document.root is None
    assert document.body is not None
    assert document.body.span.text == document.body.text == "---\na: b\n---\n"


def test_fences() -> None:
    body = parts(doc("---\na: b\n---\n"
                     "```json title=x\n{}\n```\n"
                     "````md\n```sh\nls\n```\n````\n"
                     "  ~~~\n  a\n b\n ~~~~  \n"
                     "    ```no\n"
                     "``` a`b\n"
                     "```\nopen"))[1]
    assert [(fence.info, fence.text.text, fence.line) for fence in fences(body)] == [
        ("json title=x", "{}\n", 4), ("md", "```sh\nls\n```\n", 7), ("", "a\nb\n", 12), ("", "open", 18)]
    assert [fence.text.span.text for fence in fences(body)] == ["{}\n", "```sh\nls\n```\n", "  a\n b\n", "open"]


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="-`~ab: \n\r", max_size=60))
def test_body_and_fences_are_where_they_say(text: str) -> None:
    document = doc(text)
    _, body = parts(document)
    assert body.span.text == body.text
    assert text.endswith(body.text)
    for fence in fences(body):
        assert fence.text.text.replace(" ", "") == fence.text.span.text.replace(" ", "")
