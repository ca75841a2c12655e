from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.journal.frames import Row
from resolver.store import backlog as module
from resolver.store.backlog import Backlog, Waiting, bare
from tests.store.making import NOON, batch, row

ALL = 1 << 30
HOUR = 3600


def rows(count: int) -> list[Row]:
    return [row() for _ in range(count)]


def seqs(batches: list[Waiting]) -> list[int]:
    return [item.seq for item in batches]


def sizes(batches: list[Waiting]) -> list[tuple[int, int]]:
    return [(item.seq, len(item.rows)) for item in batches]


def test_what_is_added_is_taken_in_order() -> None:
    backlog = Backlog(100)
    for seq in (1, 2, 3):
        backlog.add(batch(seq, [row()]))
    assert len(backlog) == 3
    assert seqs(backlog.take(ALL)) == [1, 2, 3]
    assert (len(backlog), backlog.rows) == (0, 3)


def test_no_more_is_taken_than_asked_for_but_one_batch_at_least() -> None:
    backlog = Backlog(100)
    for seq, size in enumerate((5, 5, 5, 50, 1), 1):
        backlog.add(batch(seq, rows(size)))
    assert [seqs(backlog.take(8)) for _ in range(4)] == [[1, 2], [3, 4], [5], []]


def test_rows_taken_count_until_they_are_done() -> None:
    backlog = Backlog(100)
    backlog.add(batch(1, rows(2)))
    (taken,) = backlog.take(ALL)
    assert backlog.rows == 2
    backlog.done(taken)
    assert backlog.rows == 0


def test_the_oldest_rows_give_way_but_what_they_count_stays() -> None:
    backlog = Backlog(5)
    for seq in (1, 2, 3):
        assert backlog.add(batch(seq, [row(count=3), row()], dropped=seq)) == []
    assert (backlog.rows, backlog.rows_dropped, backlog.queries_dropped, backlog.dropped_before) == (4, 2, 4, 6)
    taken = backlog.take(ALL)
    assert [(item.seq, len(item.rows), dict(item.totals), item.dropped) for item in taken] == [
        (1, 0, {"pass/upstream": 4}, 5),
        (2, 2, {"pass/upstream": 4}, 2),
        (3, 2, {"pass/upstream": 4}, 3),
    ]


def test_what_is_left_of_batches_is_joined_by_feed_and_hour() -> None:
    backlog = Backlog(1)
    for seq in range(1, 1001):
        second = NOON + (seq > 600) * HOUR + seq % 3
        assert backlog.add(batch(seq, rows(2), second=second, feed="fg"[seq % 2], dropped=1)) == []
    taken = {(item.feed, item.second // HOUR): item for item in backlog.take(0)}
    found = {key: (item.seq, dict(item.totals), item.dropped) for key, item in taken.items()}
    noon = NOON // HOUR
    assert found == {
        ("f", noon): (600, {"pass/upstream": 600}, 900),
        ("g", noon): (599, {"pass/upstream": 600}, 900),
        ("f", noon + 1): (1000, {"pass/upstream": 400}, 600),
        ("g", noon + 1): (999, {"pass/upstream": 400}, 600),
    }


def test_a_batch_larger_than_all_room_keeps_what_it_counts() -> None:
    backlog = Backlog(3)
    backlog.add(batch(1, rows(4)))
    assert (backlog.rows, backlog.rows_dropped, len(backlog)) == (0, 4, 1)


def test_rows_that_are_being_written_take_room_and_are_not_given_up() -> None:
    backlog = Backlog(4)
    backlog.add(batch(1, rows(4)))
    taken = backlog.take(ALL)
    backlog.add(batch(2, [row()]))
    assert backlog.rows_dropped == 1
    backlog.put_back(taken)
    again = backlog.take(ALL)
    assert {item.seq: len(item.rows) for item in again} == {1: 4, 2: 0}


def test_what_was_put_back_is_the_oldest_again() -> None:
    backlog = Backlog(4)
    backlog.add(batch(1, [row()]))
    backlog.add(batch(2, [row()]))
    taken = backlog.take(ALL)
    backlog.add(batch(3, [row()]))
    backlog.put_back(taken)
    backlog.add(batch(4, rows(2)))
    assert sizes(backlog.take(ALL)) == [(1, 0), (2, 1), (3, 1), (4, 2)]


def test_what_was_put_back_goes_before_or_with_what_is_left_of_later_ones() -> None:
    """The highest number is remembered as stored: nothing below it may come after it."""
    backlog = Backlog(4)
    for seq in (1, 2):
        backlog.add(batch(seq, rows(2)))
    taken = backlog.take(ALL)
    backlog.add(batch(3, [row()]))  # gives way at once
    backlog.add(batch(1, rows(0), feed="g"))
    backlog.put_back(taken)
    assert sorted(sizes(backlog.take(1))) == [(1, 2), (2, 2), (3, 0)]
    assert seqs(backlog.take(1)) == [1]


def test_rows_beyond_storing_are_given_up_after_they_were_taken() -> None:
    backlog = Backlog(10)
    backlog.add(batch(1, [row(count=7), row()], dropped=2))
    (taken,) = backlog.take(ALL)
    left = bare(taken)
    assert (left.seq, left.rows, left.dropped, left.totals) == (1, (), 10, taken.totals)
    backlog.done(left)
    backlog.gave_up(taken)
    assert (backlog.rows, backlog.rows_dropped, backlog.queries_dropped) == (0, 2, 8)


def test_the_same_batch_waits_once() -> None:
    backlog = Backlog(100)
    for seq in (1, 2, 1, 2, 3):
        backlog.add(batch(seq, [row()], dropped=1))
    backlog.add(batch(1, [row()], feed="g"))
    assert [(item.feed, item.seq) for item in backlog.take(ALL)] == [("f", 1), ("f", 2), ("f", 3), ("g", 1)]
    assert (backlog.repeated, backlog.dropped_before) == (2, 3)


def test_batches_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BATCHES", 3)
    backlog = Backlog(100)
    gone = [item.seq for seq in range(1, 6) for item in backlog.add(batch(seq, [row()]))]
    assert (gone, backlog.lost, backlog.rows, backlog.rows_dropped, len(backlog)) == ([], 0, 2, 3, 3)
    hours = [batch(seq, [], second=NOON + seq * HOUR) for seq in range(6, 10)]
    gone = [item.seq for one in hours for item in backlog.add(one)]
    assert (gone, backlog.lost, backlog.rows, len(backlog)) == ([5, 6], 2, 0, 3)


def test_feeds_are_bounded_the_silent_ones_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FEEDS", 2)
    backlog = Backlog(100)
    for feed in ("a", "b", "c"):
        backlog.add(batch(5, [], feed=feed))
    backlog.add(batch(5, [], feed="c"))
    assert backlog.repeated == 1
    backlog.add(batch(5, [], feed="a"))
    assert backlog.repeated == 1


_steps = st.tuples(
    st.sampled_from(["add", "fail", "write", "meanwhile"]), st.integers(0, 6), st.sampled_from("fg"), st.integers(0, 2)
)


@given(st.lists(_steps, max_size=40), st.integers(1, 12))
def test_every_query_is_stored_waiting_or_counted(steps: list[tuple[str, int, str, int]], together: int) -> None:
    """As the tables see it: of each feed what has a higher number than all that is stored of it."""
    backlog = Backlog(10)
    added, stored = Counter[str](), Counter[str]()
    highest: dict[str, int] = {}

    def add(seq: int, size: int, feed: str, hour: int) -> None:
        assert backlog.add(batch(seq, [row(count=2)] * size, feed=feed, second=NOON + hour * HOUR, dropped=1)) == []
        added.update(rows=size, queries=2 * size, dropped=1)

    def store(batches: list[Waiting]) -> None:
        fresh = [item for item in batches if item.seq > highest.get(item.feed, -1)]
        for item in batches:
            backlog.done(item)
        for item in fresh:
            highest[item.feed] = max(item.seq, highest.get(item.feed, -1))
            stored.update(rows=len(item.rows), queries=sum(item.totals.values()), dropped=item.dropped)

    for seq, (step, size, feed, hour) in enumerate(steps):
        taken = [] if step == "add" else backlog.take(together)
        if step in {"add", "meanwhile"}:
            add(seq, size, feed, hour)
        if step in {"fail", "meanwhile"}:
            backlog.put_back(taken)
        elif step == "write":
            store(taken)
        assert backlog.rows <= 10
        assert added["rows"] == stored["rows"] + backlog.rows + backlog.rows_dropped
    while taken := backlog.take(together):
        store(taken)
    assert stored["queries"] == added["queries"]
    assert stored["dropped"] == added["dropped"] + backlog.queries_dropped
    assert stored["dropped"] + 2 * stored["rows"] == stored["queries"] + added["dropped"]
