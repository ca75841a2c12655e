"""Names and interned sets of facts."""

import pathlib

from resolver.rules import files
from resolver.rules.table import Table


def index_of(table: Table, out: pathlib.Path) -> files.Index:
    table.write(out)
    return files.read_index(out / files.INDEX)


def test_equal_sets_are_one_whatever_the_order(tmp_path: pathlib.Path) -> None:
    table = Table()
    for name, facts in (("a", (1, 2, 3)), ("b", (3, 2, 1)), ("c", (2, 2, 3, 1, 1)), ("d", (2,))):
        for fact in facts:
            table.add(name, fact)
    index = index_of(table, tmp_path)
    assert sorted(index.sets) == [[1, 2, 3], [2]]
    assert index.count == 4


def test_sets_passed_through_are_not_written(tmp_path: pathlib.Path) -> None:
    table = Table()
    for fact in range(50):
        table.add("a.example", fact)
    assert index_of(table, tmp_path).sets == [list(range(50))]


def test_set_ids_take_two_bytes_while_they_can(tmp_path: pathlib.Path) -> None:
    table = Table()
    for number in range(1 << 16):
        table.add(f"n{number}", number)
    assert index_of(table, tmp_path).width == 2
    table.add("one-more", 1 << 16)
    index = index_of(table, tmp_path)
    assert index.width == 4
    assert (tmp_path / files.ARRAY).stat().st_size == 4 * ((1 << 16) + 1)
    trie = files.map_trie(tmp_path / files.TRIE, index)
    ids = files.map_ids(tmp_path / files.ARRAY, index)
    assert index.sets[ids[trie.key_id(files.key("one-more"))]] == [1 << 16]
    assert index.sets[ids[trie.key_id(files.key("n77"))]] == [77]
