from __future__ import annotations

import pytest

from resolver.store import places as module
from resolver.store import terms
from resolver.store.conditions import Group, group_of
from resolver.store.face import Store
from resolver.store.filters import LogFilter
from resolver.store.places import Places, bounds, places
from resolver.store.terms import Of
from tests.store.logged import Log
from tests.store.making import NOON, look, row


@pytest.fixture
def log(database: Store, monkeypatch: pytest.MonkeyPatch) -> Log:
    """Blocks of four rows; in each there is a name of its own, and in every other a client."""
    monkeypatch.setattr(terms, "BLOCK_BITS", 2)
    monkeypatch.setattr(module, "_ENOUGH", 0)
    log = Log(database)
    log.put(row("first.example"), row("first.example"), row("first.example"))
    for number in range(1, 10):
        client = "192.0.2.1" if number % 2 else "192.0.2.2"
        log.put(row(f"n{number}.example", client=client), *[row("every.example")] * 3, second=NOON + number)
    return log


def group(log: Log, of: Of, *texts: str) -> Group:
    table, column = ("names", "name") if of is Of.NAME else ("clients", "client")
    known = {text: int(str(id)) for id, text in look(log.database, f"SELECT id, {column} FROM {table}")}
    return group_of(of, [known[text] for text in texts])


def found(log: Log, *groups: Group, first: int = 0, last: int = 9) -> Places | None:
    return log.database.read(lambda connection: places(connection, groups, first, last))


def test_where_terms_are(log: Log) -> None:
    some = group(log, Of.NAME, "n3.example", "n5.example", "n8.example")
    there = found(log, some)
    assert there is not None
    assert list(there.blocks) == [8, 5, 3]
    assert {block: len(names) for block, names in there.names.items()} == {8: 1, 5: 1, 3: 1}
    within = found(log, some, first=4, last=7)
    assert within is not None
    assert list(within.blocks) == [5]


def test_where_all_groups_are(log: Log) -> None:
    names = group(log, Of.NAME, "n3.example", "n4.example", "n5.example")
    odd = group(log, Of.CLIENT, "192.0.2.1")
    for asked in ((names, odd), (odd, names)):
        there = found(log, *asked)
        assert there is not None
        assert list(there.blocks) == [5, 3]
        assert set(there.names) == {5, 3}
    nowhere = found(log, group(log, Of.NAME, "n4.example"), odd)
    assert nowhere is not None
    assert list(nowhere.blocks) == []


def test_what_is_nearly_everywhere_is_no_help(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 5)
    every = group(log, Of.NAME, "every.example")
    assert found(log, every) is None
    assert found(log) is None
    there = found(log, group(log, Of.NAME, "n3.example"), every)
    assert there is not None
    assert list(there.blocks) == [3]


def test_between_which_blocks_a_time_is(log: Log) -> None:
    def ends(below: int = 1 << 62, **time: float) -> tuple[int | None, int | None]:
        return log.database.read(lambda connection: bounds(connection, LogFilter(**time), below))  # type: ignore[arg-type]

    assert ends() == (0, 9)
    assert ends(since=NOON + 3, until=NOON + 6) == (3, 5)
    assert ends(below=16) == (0, 3)
    assert ends(below=17) == (0, 4)
    assert ends(since=NOON + 50) == (None, None)
