"""The three files: check sums, damage."""

import pathlib
import re
import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import BundleError
from resolver.rules import files, keys
from resolver.rules.fact import Fact
from resolver.rules.files import Expression
from resolver.rules.rule import Action, Form, Network, Options, Pattern, Rule
from resolver.rules.ruleset import RuleSet
from resolver.rules.table import Table
from tests.rules.sets import NOBODY

PARTS = (files.TRIE, files.ARRAY, files.INDEX)


@pytest.fixture
def whole(tmp_path: pathlib.Path) -> pathlib.Path:
    table = Table()
    for number in range(300):
        table.add(number % 3, Rule(f"n{number}.example", Action.BLOCK, Form.SUBTREE))
    table.add(0, Rule("n0.example", Action.ALLOW, Form.EXACT, Options(types=(1,), clients=("tv",))))
    table.add(1, Pattern("^ads[0-9]", Action.BLOCK, "/^ads[0-9]/"))
    table.add(2, Network("192.0.2.0/24", Action.BLOCK, "192.0.2.0/24"))
    table.write(tmp_path)
    return tmp_path


def refused(directory: pathlib.Path, why: str) -> None:
    with pytest.raises(BundleError, match=why):
        RuleSet.open(directory, ["a", "b", "c"])


def rewrite(directory: pathlib.Path, **fields: object) -> None:
    """Write the index again with other values, its check sum right."""
    index = files.read_index(directory / files.INDEX)
    (directory / files.INDEX).write_bytes(files.encode_index(msgspec.structs.replace(index, **fields)))


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
    rewrite(whole, format=1)
    refused(whole, "its format is 1, not 2")


BLOCK = Fact(0, Action.BLOCK, Form.EXACT).pack()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"width": 3}, "301 keys of 3 bytes do not make 602"),
        ({"width": 4}, "301 keys of 4 bytes do not make 602"),
        ({"count": 300}, "300 keys of 2 bytes do not make 602"),
        ({"count": 300, "networks": 0, "array": files.Part(600, 0)}, "it holds 301 keys, not 300"),
        ({"networks": 2}, "300 names and 2 networks are not 301"),
        ({"networks": -1}, "300 names and -1 networks are not 301"),
        ({"sets": [[4 << 25]], "names": [300]}, "4 is not a valid Form"),
        ({"sets": [[9 << 29]], "names": [300]}, "9 is not a valid Action"),
        ({"sets": [[3 << 33]], "names": [300]}, "it speaks of list 3 of 3"),
        ({"sets": [[-1]], "names": [300]}, "is not a valid|it speaks of list -1"),
        ({"sets": [[BLOCK | 3 << 1]], "names": [300]}, "it speaks of options 3 of 1"),
        ({"sets": [[BLOCK]]}, "it counts the names of 4 sets, not 1"),
        ({"names": [-1, 301, 0, 0]}, "it counts the names of 4 sets"),
        ({"sets": "many"}, "Expected `array`"),
        ({"options": []}, "it speaks of options 1 of 0"),
        ({"options": [{"types": ["A"]}]}, "Expected `int`, got `str`"),
        ({"options": [{"says": {"type": "shout"}}]}, "Invalid value"),
        ({"expressions": []}, "its filters take 1 expressions, not 0"),
        ({"filters": [0, 1]}, "its filters take 1 expressions, not 1"),
        ({"filters": []}, "its filters take 0 expressions, not 1"),
        ({"expressions": [Expression("(", [(BLOCK, "")])]}, "1 expressions do not compile"),
        ({"expressions": [Expression("a", [(9 << 29, "")])]}, "9 is not a valid Action"),
        ({"expressions": [Expression("a", [(3 << 33, "")])]}, "it speaks of list 3 of 3"),
        ({"expressions": [("a", [(BLOCK, 7)])]}, "Expected `str`, got `int`"),
        ({"trie": files.Part(0, 0)}, "bytes, not 0"),
    ],
)
def test_an_index_that_is_whole_but_wrong_is_refused(whole: pathlib.Path, fields: dict[str, object], why: str) -> None:
    rewrite(whole, **fields)
    refused(whole, why)


@pytest.mark.parametrize(("sets", "id"), [(300, 1 << 9), (300, (1 << 16) - 1), (1 << 16 | 1, 1 << 20)])
def test_ids_of_sets_that_there_are_not_are_refused_or_say_nothing(tmp_path: pathlib.Path, sets: int, id: int) -> None:
    table = Table()
    for number in range(sets):
        table.add(number, Rule(f"n{number}.example", Action.BLOCK, Form.EXACT))
    table.write(tmp_path)
    names = [str(number) for number in range(sets)]
    width = files.read_index(tmp_path / files.INDEX).width
    trie = files.map_trie(tmp_path / files.TRIE, files.read_index(tmp_path / files.INDEX))
    place = trie.key_id(keys.key("n7.example"))
    whole = bytearray((tmp_path / files.ARRAY).read_bytes())
    for wrong in (sets, id):
        whole[place * width : (place + 1) * width] = wrong.to_bytes(width, "little")
        (tmp_path / files.ARRAY).write_bytes(whole)
        rewrite(tmp_path, array=files.Part.of(bytes(whole)))
        try:
            opened = RuleSet.open(tmp_path, names)
        except BundleError as error:
            assert wrong >= sets
            assert f"it speaks of more than {sets} sets" in str(error)
        else:
            assert wrong < sets + files.PAGE
            found = opened.winner("n7.example", (1 << sets) - 1, 1, NOBODY)
            assert (found is None) == (wrong >= sets)


def test_an_index_of_text_that_is_none_is_refused(whole: pathlib.Path) -> None:
    path = whole / files.INDEX
    _, body = msgspec.msgpack.decode(path.read_bytes(), type=tuple[int, bytes])
    body = body.replace(b"format", b"\xfformat", 1)
    path.write_bytes(msgspec.msgpack.encode((zlib.crc32(body), body)))
    with pytest.raises(BundleError, match="cannot be used"):
        files.read_index(path)


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
