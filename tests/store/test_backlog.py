import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.journal.frames import Row
from resolver.store import backlog as module
from resolver.store.backlog import Backlog, Waiting
from tests.store.making import batch, row


def rows(count: int) -> list[Row]:
    return [row() for _ in range(count)]


def seqs(batches: list[Waiting]) -> list[int]:
    return [item.seq for item in batches]


def test_what_is_added_is_taken_in_order() -> None:
    backlog = Backlog(100)
    for seq in (1, 2, 3):
        backlog.add(batch(seq, [row()]))
    assert len(backlog) == 3
    assert seqs(backlog.take()) == [1, 2, 3]
    assert (len(backlog), backlog.rows) == (0, 3)


def test_rows_taken_count_until_they_are_done() -> None:
    backlog = Backlog(100)
    backlog.add(batch(1, [row(), row()]))
    (taken,) = backlog.take()
    assert backlog.rows == 2
    backlog.done(taken)
    assert backlog.rows == 0


def test_the_oldest_rows_give_way_but_their_totals_stay() -> None:
    backlog = Backlog(5)
    for seq in (1, 2, 3):
        assert backlog.add(batch(seq, [row(), row()])) == []
    assert (backlog.rows, backlog.rows_dropped) == (4, 2)
    taken = backlog.take()
    assert [(item.seq, len(item.rows), dict(item.totals)) for item in taken] == [
        (1, 0, {"pass/upstream": 2}),
        (2, 2, {"pass/upstream": 2}),
        (3, 2, {"pass/upstream": 2}),
    ]


def test_a_batch_larger_than_all_room_keeps_its_totals_only() -> None:
    backlog = Backlog(3)
    backlog.add(batch(1, [row()] * 4))
    assert (backlog.rows, backlog.rows_dropped, len(backlog)) == (0, 4, 1)


def test_rows_that_are_being_written_take_room_and_are_not_given_up() -> None:
    backlog = Backlog(4)
    backlog.add(batch(1, [row()] * 4))
    taken = backlog.take()
    backlog.add(batch(2, [row()]))
    assert backlog.rows_dropped == 1
    backlog.put_back(taken)
    again = backlog.take()
    assert {item.seq: len(item.rows) for item in again} == {1: 4, 2: 0}


def test_what_was_put_back_is_the_oldest_again() -> None:
    backlog = Backlog(4)
    backlog.add(batch(1, [row()]))
    backlog.add(batch(2, [row()]))
    taken = backlog.take()
    backlog.add(batch(3, [row()]))
    backlog.put_back(taken)
    backlog.add(batch(4, [row(), row()]))
    assert [(item.seq, len(item.rows)) for item in backlog.take()] == [(1, 0), (2, 1), (3, 1), (4, 2)]


def test_the_same_batch_waits_once() -> None:
    backlog = Backlog(100)
    for seq in (1, 2, 1, 2, 3):
        backlog.add(batch(seq, [row()]))
    backlog.add(batch(1, [row()], feed="g"))
    assert [(item.feed, item.seq) for item in backlog.take()] == [("f", 1), ("f", 2), ("f", 3), ("g", 1)]
    assert backlog.repeated == 2


def test_batches_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BATCHES", 3)
    backlog = Backlog(100)
    gone = [item.seq for seq in range(1, 6) for item in backlog.add(batch(seq, [row()]))]
    assert gone == [1, 2]
    assert (backlog.lost, backlog.rows, backlog.rows_dropped) == (2, 3, 2)


def test_feeds_are_bounded_the_silent_ones_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FEEDS", 2)
    backlog = Backlog(100)
    for feed in ("a", "b", "c"):
        backlog.add(batch(5, [], feed=feed))
    backlog.add(batch(5, [], feed="c"))
    assert backlog.repeated == 1
    backlog.add(batch(5, [], feed="a"))
    assert backlog.repeated == 1


@given(st.lists(st.tuples(st.sampled_from(["add", "fail", "write"]), st.integers(0, 6)), max_size=40))
def test_every_row_is_written_waiting_or_counted(steps: list[tuple[str, int]]) -> None:
    backlog = Backlog(10)
    added = written = queries = counted = 0
    for seq, (step, size) in enumerate(steps):
        if step == "add":
            backlog.add(batch(seq, [row()] * size))
            added += size
        else:
            taken = backlog.take()
            if random.random() < 0.5:  # what is added meanwhile
                backlog.add(batch(seq, [row()] * size))
                added += size
            if step == "fail":
                backlog.put_back(taken)
                continue
            for item in taken:
                backlog.done(item)
                written += len(item.rows)
                counted += sum(item.totals.values())
        assert backlog.rows <= 10
        assert added == written + backlog.rows + backlog.rows_dropped
    left = backlog.take()
    queries = counted + sum(sum(item.totals.values()) for item in left)
    assert queries == added
    assert sum(len(item.rows) for item in left) == backlog.rows
