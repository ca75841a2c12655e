"""The three files: keys, check sums, damage."""

import pathlib
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import BundleError
from resolver.rules import files
from resolver.rules.rule import Action, Fact, Form
from resolver.rules.ruleset import RuleSet
from resolver.rules.table import Table

PARTS = (files.TRIE, files.ARRAY, files.INDEX)


@pytest.fixture
def whole(tmp_path: pathlib.Path) -> pathlib.Path:
    table = Table()
    for number in range(300):
        table.add(f"n{number}.example", Fact(number % 3, Action.BLOCK, Form.SUBTREE).pack())
    table.write(tmp_path)
    return tmp_path


def refused(directory: pathlib.Path, why: str) -> None:
    with pytest.raises(BundleError, match=why):
        RuleSet.open(directory, ["a", "b", "c"])


def rewrite(directory: pathlib.Path, **fields: object) -> None:
    """Write the index again with other values, its check sum right."""
    index = files.read_index(directory / files.INDEX)
    (directory / files.INDEX).write_bytes(files.encode_index(msgspec.structs.replace(index, **fields)))


@given(st.text("ab.", min_size=1))
def test_a_key_gives_its_name_back(name: str) -> None:
    assert files.name_of(files.key(name)) == name


def test_an_ancestor_is_a_prefix_and_half_a_label_is_not() -> None:
    assert files.key("ads.example") == "elpmaxe.sda."
    assert files.key("x.ads.example").startswith(files.key("ads.example"))
    assert not files.key("xads.example").startswith(files.key("ads.example"))


def test_the_files_open_when_whole(whole: pathlib.Path) -> None:
    assert len(RuleSet.open(whole, ["a", "b", "c"])) == 300


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_file_is_named(whole: pathlib.Path, part: str) -> None:
    (whole / part).unlink()
    refused(whole, re.escape(f"{whole / part} cannot be read: No such file or directory; compile the lists again"))


@pytest.mark.parametrize("part", PARTS)
def test_every_shorter_file_is_refused(whole: pathlib.Path, part: str) -> None:
    data = (whole / part).read_bytes()
    for size in [*range(0, len(data), 13), len(data) - 1]:
        (whole / part).write_bytes(data[:size])
        refused(whole, re.escape(str(whole / part)))


@pytest.mark.parametrize("part", PARTS)
def test_a_longer_file_is_refused(whole: pathlib.Path, part: str) -> None:
    with (whole / part).open("ab") as file:
        file.write(b"\0")
    refused(whole, re.escape(str(whole / part)))


@pytest.mark.parametrize("part", PARTS)
def test_every_changed_byte_is_noticed(whole: pathlib.Path, part: str) -> None:
    data = (whole / part).read_bytes()
    for offset in {*range(0, len(data), 5), *range(16), len(data) - 1}:
        (whole / part).write_bytes(data[:offset] + bytes([data[offset] ^ 1]) + data[offset + 1 :])
        refused(whole, re.escape(str(whole / part)))


def test_another_format_is_refused_by_its_number(whole: pathlib.Path) -> None:
    rewrite(whole, format=2)
    refused(whole, "its format is 2, not 1")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"width": 3}, "300 names of 3 bytes do not make 600"),
        ({"width": 4}, "300 names of 4 bytes do not make 600"),
        ({"count": 299}, "299 names of 2 bytes do not make 600"),
        ({"count": 299, "array": files.Part(598, 0)}, "it holds 300 names, not 299"),
        ({"sets": [[0x0F]]}, "15 is not a valid Form"),
        ({"sets": [[0x90]]}, "9 is not a valid Action"),
        ({"sets": [[3 << 8]]}, "it speaks of list 3 of 3"),
        ({"sets": [[-1]]}, "is not a valid|it speaks of list -1"),
        ({"sets": "many"}, "Expected `array`"),
        ({"trie": files.Part(0, 0)}, "bytes, not 0"),
    ],
)
def test_an_index_that_is_whole_but_wrong_is_refused(whole: pathlib.Path, fields: dict[str, object], why: str) -> None:
    rewrite(whole, **fields)
    refused(whole, why)


def test_a_trie_that_is_whole_but_none_is_refused(whole: pathlib.Path) -> None:
    data = b"not a trie" * 100
    (whole / files.TRIE).write_bytes(data)
    rewrite(whole, trie=files.Part.of(data))
    refused(whole, r"names\.trie cannot be used")


@given(data=st.binary())
def test_any_bytes_are_an_index_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("set") / files.INDEX
    path.write_bytes(data)
    with pytest.raises(BundleError):
        files.read_index(path)
