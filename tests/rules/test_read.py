"""Bytes of list files → lines."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.rules.read import LONGEST_LINE, TooLong, lines


def read(data: bytes, *, indent: bool = False) -> list[str | TooLong]:
    return list(lines(io.BytesIO(data), indent=indent))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"a\nb", ["a", "b"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\rb\r", ["a", "b"]),
        (b"\xef\xbb\xbfa\nb\n", ["a", "b"]),
        (b"a\n\xef\xbb\xbf# second file\n", ["a", "# second file"]),
        ("b\u00fccher\n".encode(), ["b\u00fccher"]),
        ("a\nb\u00fc\r\n".encode("utf-16"), ["a", "b\u00fc"]),
        ("\ufeffa\nb\n".encode("utf-16-le"), ["a", "b"]),
        ("\ufeffa\nb\n".encode("utf-16-be"), ["a", "b"]),
        ("\ufeffab".encode("utf-16-le")[:-1], ["a\ufffd"]),
        ("b\u00fccher\nb".encode("latin-1"), ["b\ufffdcher", "b"]),
        (b"a\0b\n\0\0\0\nc\n", ["a\0b", "\0\0\0", "c"]),
        (b" \t a b \xc2\xa0\n", ["a b"]),
        ("a\u2028b\x0cc\x85d\n".encode(), ["a\u2028b\x0cc\x85d"]),
    ],
)
def test_lines_survive(data: bytes, expected: list[str]) -> None:
    assert read(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a\n b\n\tc\n \t d \n", ["a", " b", " c", " d"]),
        (b" a\r\n  \r\n\t\r\n\r\n b", [" a", "", "", "", " b"]),
        ("\ufeffa\n b\n".encode(), ["a", " b"]),
        ("a\n b\n".encode("utf-16"), ["a", " b"]),
        ("\xa0a\n\x0bb\n".encode(), ["a", "b"]),
        (b" \0\n", [" \0"]),
    ],
)
def test_an_indent_is_kept_as_one_space(data: bytes, expected: list[str]) -> None:
    assert read(data, indent=True) == expected
    assert read(data) == [line.strip() for line in expected if isinstance(line, str)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_line_that_is_too_long_is_skipped_alone(end: bytes) -> None:
    first, long, last = read(b"a" + end + b"x" * 200_000 + end + b"b" + end)
    assert (first, last) == ("a", "b")
    assert isinstance(long, TooLong)
    assert long.head.startswith("xxx")


def test_the_longest_line_is_read() -> None:
    whole = "x" * LONGEST_LINE
    assert read(whole.encode()) == [whole]
    assert read(whole.encode() + b"\na") == [whole, "a"]
    assert [type(line) for line in read(whole.encode() + b"x")] == [TooLong]
    assert [type(line) for line in read(whole.encode() + b"x\na")] == [TooLong, str]


def test_a_file_of_one_endless_line_is_one_line() -> None:
    assert [type(line) for line in read(b"\0" * 1_000_000)] == [TooLong]


@given(st.binary())
def test_any_bytes_are_lines(data: bytes) -> None:
    for line, indented in zip(read(data), read(data, indent=True), strict=True):
        assert isinstance(line, str)
        line.encode()
        assert indented in (line, " " + line)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"])), min_size=1))
def test_text_comes_back(texts: list[str]) -> None:
    data = "".join(text + "\n" for text in texts)
    assert read(data.encode()) == texts
    assert read(data.encode("utf-16")) == texts
