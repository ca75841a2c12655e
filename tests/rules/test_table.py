"""Rules on their way into a set."""

import pathlib

import pytest

from resolver.model import Nxdomain
from resolver.rules import files, keys, table
from resolver.rules.fact import Fact
from resolver.rules.rule import Action, Cancel, Form, Network, Options, Pattern, Reason, Rule
from resolver.rules.table import Table


def index_of(gathered: Table, out: pathlib.Path) -> files.Index:
    gathered.write(out)
    return files.read_index(out / files.INDEX)


def rule(name: str, options: Options | None = None) -> Rule:
    return Rule(name, Action.BLOCK, Form.EXACT, options)


def fact(index: int, options: int = 0) -> int:
    return Fact(index, Action.BLOCK, Form.EXACT, options).pack()


def test_equal_sets_are_one_whatever_the_order(tmp_path: pathlib.Path) -> None:
    gathered = Table()
    for name, lists in (("a", (1, 2, 3)), ("b", (3, 2, 1)), ("c", (2, 2, 3, 1, 1)), ("d", (2,))):
        for number in lists:
            gathered.add(number, rule(name))
    index = index_of(gathered, tmp_path)
    found = dict(zip(map(tuple, index.sets), index.names, strict=True))
    assert found == {(fact(1), fact(2), fact(3)): 3, (fact(2),): 1}
    assert (index.count, index.networks, index.options, index.expressions) == (4, 0, [], [])


def test_sets_passed_through_are_not_written(tmp_path: pathlib.Path) -> None:
    gathered = Table()
    for index in range(50):
        gathered.add(index, rule("a.example"))
    assert index_of(gathered, tmp_path).sets == [[fact(index) for index in range(50)]]


def test_set_ids_take_two_bytes_while_they_can(tmp_path: pathlib.Path) -> None:
    gathered = Table()
    for number in range(1 << 16):
        gathered.add(number, rule(f"n{number}"))
    assert index_of(gathered, tmp_path).width == 2
    gathered.add(1 << 16, rule("one-more"))
    index = index_of(gathered, tmp_path)
    assert index.width == 4
    assert (tmp_path / files.ARRAY).stat().st_size == 4 * ((1 << 16) + 1)
    trie = files.map_trie(tmp_path / files.TRIE, index)
    ids = files.map_ids(tmp_path / files.ARRAY, index)
    assert index.sets[ids[trie.key_id(keys.key("one-more"))]] == [fact(1 << 16)]
    assert index.sets[ids[trie.key_id(keys.key("n77"))]] == [fact(77)]


def test_many_rules_with_equal_options_share_them(tmp_path: pathlib.Path) -> None:
    gathered = Table()
    for number in range(1000):
        gathered.add(0, rule(f"n{number}", Options(says=Nxdomain(), frame=("", " CNAME ."))))
    index = index_of(gathered, tmp_path)
    assert index.sets == [[fact(0, 1)]]
    assert index.options == [Options(says=Nxdomain(), frame=("", " CNAME ."))]
    assert (tmp_path / files.INDEX).stat().st_size < 500


def test_it_counts_names_by_list(tmp_path: pathlib.Path) -> None:
    gathered = Table()
    for index, name in ((0, "a"), (0, "b"), (0, "b"), (1, "b"), (1, "c"), (2, "d")):
        gathered.add(index, rule(name))
    gathered.add(1, Rule("c", Action.ALLOW, Form.SUBTREE))
    gathered.add(2, Cancel(rule("a")))
    gathered.add(1, Network("192.0.2.0/24", Action.BLOCK, "192.0.2.0/24"))
    gathered.add(1, Pattern("a", Action.BLOCK, "/a/"))
    written = gathered.write(tmp_path)
    assert written.names == {0: 2, 1: 2, 2: 1}
    assert written.shared == {0: 1, 1: 1}
    assert written.dropped == []


@pytest.mark.parametrize(
    "one",
    [rule("a"), Network("192.0.2.0/24", Action.BLOCK, "192.0.2.0/24"), Pattern("a", Action.BLOCK, "/a/")],
)
def test_what_cancels_nothing_leaves_nothing(tmp_path: pathlib.Path, one: Rule | Network | Pattern) -> None:
    gathered = Table()
    gathered.add(0, Cancel(one))
    gathered.add(1, Cancel(one), trust=True)
    index = index_of(gathered, tmp_path)
    assert (index.count, index.sets, index.expressions) == (0, [], [])


def test_a_name_has_so_many_rules_with_options(tmp_path: pathlib.Path) -> None:
    gathered = Table()
    taken = [gathered.add(0, rule("a", Options(types=(number,)))) for number in range(table.MAX_FACTS + 10)]
    assert taken == [None] * table.MAX_FACTS + [Reason.TOO_MANY] * 10
    assert gathered.add(0, rule("a", Options(types=(0,)))) is None
    assert gathered.add(0, Cancel(rule("a"))) is Reason.TOO_MANY
    assert gathered.add(1, rule("a")) is None
    assert len(index_of(gathered, tmp_path).sets[0]) == table.MAX_FACTS + 1


def test_what_there_is_no_room_for_is_refused(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolver.rules.options.MAX_OPTIONS", 1)
    gathered = Table()
    assert gathered.add(0, rule("a", Options(types=(1,)))) is None
    many = Options(types=(2,))
    for one in (
        rule("b", many),
        Pattern("b", Action.BLOCK, "/b/", many),
        Network("192.0.2.0/24", Action.BLOCK, "x", many),
    ):
        assert gathered.add(0, one) is Reason.TOO_MANY
        assert gathered.add(0, Cancel(one)) is Reason.TOO_MANY
    assert gathered.add(1, rule("b", Options(types=(1,)))) is None
    assert index_of(gathered, tmp_path).count == 2
