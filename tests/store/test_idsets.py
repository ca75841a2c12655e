from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resolver.store import rollups
from resolver.store.counting import DAY, HOUR
from resolver.store.face import Store
from resolver.store.idsets import IdSet, in_sums
from resolver.store.terms import Of
from tests.store.logged import Log, emptied
from tests.store.making import NOON, look, row


@given(st.lists(st.integers(0, 5000)), st.lists(st.integers(0, 6000)))
def test_a_set_of_ids(ids: list[int], others: list[int]) -> None:
    found = IdSet()
    found.update(ids[: len(ids) // 2])
    found.update(ids[len(ids) // 2 :])
    assert all(id in found for id in ids)
    assert [id in found for id in others] == [id in set(ids) for id in others]


def test_what_hours_and_days_have(database: Store) -> None:
    log = Log(database)
    for number in range(10):
        log.put(row(f"n{number}.example", client=f"192.0.2.{number}"), second=NOON - number * 10 * DAY)
    log.put(row("hour.example"), second=NOON + HOUR)
    while database.run(lambda connection: rollups.close_days(connection, NOON)):
        pass
    emptied(database, "hour_names")
    log.put(row("now.example"), second=NOON)
    known = {str(name): int(str(id)) for id, name in look(database, "SELECT id, name FROM names")}
    found = in_sums(database, Of.NAME)
    assert [name for name, id in known.items() if id not in found] == ["n0.example", "hour.example"]
    assert all(id in in_sums(database, Of.CLIENT) for id in range(1, 11))
    assert 1 not in in_sums(database, Of.KIND)
