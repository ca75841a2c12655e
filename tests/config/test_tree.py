"""YAML that is not readable is one Problem with its line; nothing else ever comes of it."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from resolver.config import tree
from resolver.errors import Problem


def test_nodes_know_their_lines() -> None:
    root = tree.compose("\ufeffa: 1\n\nb: [x,\n  y]\n".encode(), "f")
    assert isinstance(root, yaml.MappingNode)
    (_, one), (_, many) = root.value
    assert one.start_mark.line == 0
    assert [node.start_mark.line for node in many.value] == [2, 3]


@pytest.mark.parametrize("data", [b"", b"\n", b"# nothing\n", b"---\n...\n# end\n"])
def test_an_empty_file(data: bytes) -> None:
    root = tree.compose(data, "f")
    assert root is None or (isinstance(root, yaml.ScalarNode) and root.value == "")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            b"a: b: c",
            "f:1: not readable as YAML: mapping values are not allowed here; check the indentation, and "
            "quote a text that holds a colon and a space",
        ),
        (
            b"a:\n\tb: 1",
            "f:2: not readable as YAML: while scanning for the next token, found character '\\t' that "
            "cannot start any token; indent with spaces, not tabs",
        ),
        (b"a: *x", "f:1: not readable as YAML: found undefined alias 'x'; quote a text that begins with *"),
        (
            b'a:\n- "b\n- c\n',
            "f:4: not readable as YAML: while scanning a quoted scalar, found unexpected end of stream (it "
            "began on line 2)",
        ),
        (
            b"a: 1\n---\nb: 2\n",
            "f:2: not readable as YAML: expected a single document in the stream, but found another "
            "document (it began on line 1)",
        ),
        (b"a: 1\nb: \xff\n", "f:2: byte 0xff is not UTF-8; save the file as UTF-8"),
        ("a: 1".encode("utf-16"), "f:1: byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"a: 1\nb: \x07\n", "f:2: the character U+0007 cannot stand in YAML; remove it"),
        (b"[" * 500, "f:1: not readable as YAML: nested more than 32 deep"),
        (b"a: 1\nb: " + b"- " * 40, "f:2: not readable as YAML: sequence entries are not allowed here"),
        (b'a: 1\nb: "\\UFFFFFFFF"', "f:2: not readable as YAML: an escape or a directive is out of range"),
        (
            b"%YAML " + b"1" * 5000 + b".1\n---\na: 1",
            "f:1: not readable as YAML: an escape or a directive is out of range",
        ),
        (b"#" * (tree.LARGEST + 1), "f: is larger than 1 MiB; a config file is short, lists are files of their own"),
    ],
)
def test_not_readable(data: bytes, said: str) -> None:
    found = tree.compose(data, "f")
    assert isinstance(found, Problem)
    assert str(found) == said


@given(st.binary() | st.text().map(str.encode) | st.text("[]{}&*!|>'\"%@-?:, \n\tab\\U\x00").map(str.encode))
def test_any_bytes_give_a_tree_or_a_problem(data: bytes) -> None:
    assert isinstance(tree.compose(data, "f"), yaml.Node | Problem | None)
