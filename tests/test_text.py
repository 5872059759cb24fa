from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.text import Edit, Source, Span, Undecodable, apply

TEXT = st.text(alphabet="ab\n\r\té😀\u2028", max_size=40)


@settings(deadline=None)
@given(TEXT, st.booleans(), st.data())
def test_offsets_positions_and_bytes_agree(text: str, mark: bool, data: st.DataObject) -> None:
    raw = b"\xef\xbb\xbf" * mark + text.encode()
    source = Source("a/b.json", raw)
    assert source.text == text
    assert source.line_count == text.count("\n") + 1
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    span = source.span(start, end)
    line, column = span.begin
    assert source.offset(line, column) == start
    assert text.split("\n")[line - 1][:column - 1] == text[:start].rpartition("\n")[2]
    low, high = span.bytes
    assert raw[low:high].decode() == span.text == text[start:end]


@settings(deadline=None)
@given(TEXT, st.booleans(), st.lists(st.integers(0, 40), min_size=4, max_size=4),
       st.lists(TEXT, min_size=2, max_size=2))
def test_edits_change_nothing_outside(text: str, mark: bool, cuts: list[int],
                                           new: list[str]) -> None:
    source = Source("x", b"\xef\xbb\xbf" * mark + text.encode())
    a, b, c, d = sorted(min(cut, len(text)) for cut in cuts)
    edits = [Edit(source.span(c, d), new[1]), Edit(source.span(a, b), new[0])]
    expected = text[:a] + new[0] + text[b:c] + new[1] + text[d:]
    if (a, b) == (c, d) or b > c:
        return
    assert apply(source, edits) == source.data[:source.bom] + expected.encode()


def test_edits_that_overlap_or_are_elsewhere() -> None:
    source = Source("x", b"abcdef")
    with pytest.raises(ValueError, match="overlap"):
        apply(source, [Edit(source.span(0, 3), ""), Edit(source.span(2, 4), "")])
    with pytest.raises(ValueError, match="does not fit"):
        apply(source, [Edit(Source("y", b"abc").span(0, 1), "")])


@pytest.mark.parametrize(("data", "words"), [
    (b"\xff\xfea\x00", "UTF-16"), (b"\xfe\xff\x00a", "UTF-16"), (b"\xff\xfe\x00\x00a\x00\x00\x00", "UTF-32"),
    (b"ab\xffc", "byte 2 is not UTF-8"), (b"\xef\xbb\xbfab\xff", "byte 5"), (b"\xed\xa0\x80", "byte 0")])
def test_what_is_no_text(data: bytes, words: str) -> None:
    with pytest.raises(Undecodable, match=words):
        _ = Source("x", data).text


def test_lines_end_at_line_feeds_only() -> None:
    source = Source("x", "a\r\nb\x0bc\u2028d\r".encode())
    assert [source.line(number) for number in range(1, source.line_count + 1)] == ["a", "b\x0bc\u2028d"]
    assert source.position(3) == (2, 1)
    assert (source.offset(99), source.offset(0), source.offset(1, 999)) == (3, 0, len(source.text))


def test_spans() -> None:
    source = Source("x", b"hello\nworld")
    span = source.span(6, 11)
    assert (span.text, span.begin, span.finish) == ("world", (2, 1), (2, 6))
    assert span.part(1, 3).text == "or"
    assert (span.part(-5, 99).text, span.part(9, 20).text) == ("world", "")
    assert source.span(-3, 99).text == source.text
    assert source.span(5, 2).text == ""
    assert len({span, source.span(6, 11), source.span(6, 10)}) == 2
    whole = Span.file(Source("bin", b"\xff"))
    assert (whole.text, whole.begin, whole.finish, whole.bytes) == ("", (1, 1), (1, 1), (0, 0))
