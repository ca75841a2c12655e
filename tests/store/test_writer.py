import pathlib
import sqlite3
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.errors import StoreError
from resolver.store import engines
from resolver.store.backlog import Waiting
from resolver.store.database import Database
from resolver.store.face import Store
from resolver.store.writer import Writer
from tests.store.adding_up import check, logged
from tests.store.making import NOON, Acks, Writing, batch, count, look, row, store_all, until, waiting


def test_a_batch_is_stored_with_all_it_says(writing: Writing, path: pathlib.Path) -> None:
    writing.writer.submit(batch(1, [row(count=3, verdict="block"), row("x.example")], second=NOON + 5, dropped=7))
    writing.done("f", 1)
    shared = ("udp://192.0.2.53", "", NOON + 5)
    rest = ("ads", "||rule^", "via.example")
    assert logged(path) == [
        ("192.0.2.10", "default", "www.example.com", 1, 0, "upstream", "block", *rest, *shared, 3, 1500),
        ("192.0.2.10", "default", "x.example", 1, 0, "upstream", "pass", *rest, *shared, 1, 1500),
    ]
    assert look(path, "SELECT * FROM totals ORDER BY verdict") == [
        (NOON, "block", "upstream", 3),
        (NOON, "pass", "upstream", 1),
    ]
    assert look(path, "SELECT * FROM feeds") == [("f", 1, NOON + 5)]
    assert look(path, "SELECT * FROM drops") == [(NOON, 7)]
    counts = writing.writer.counts()
    assert (counts.rows_written, counts.rows_waiting, counts.dropped_before, counts.transactions) == (2, 0, 7, 1)


def test_totals_add_up_by_the_hour(writing: Writing, path: pathlib.Path) -> None:
    for seq, second in enumerate((NOON, NOON + 3599, NOON + 3600, NOON - 1), 1):
        writing.writer.submit(batch(seq, [row(count=2)], second=second))
        writing.done("f", seq)
    assert look(path, "SELECT hour, count FROM totals ORDER BY hour") == [
        (NOON - 3600, 2),
        (NOON, 4),
        (NOON + 3600, 2),
    ]


def test_a_batch_sent_again_is_stored_once(writing: Writing, path: pathlib.Path, database: Database) -> None:
    for seq in (1, 2):
        writing.writer.submit(batch(seq, [row()]))
    writing.done("f", 2)
    writing.writer.submit(batch(2, [row()]))
    assert writing.writer.counts().repeated == 1
    after = Writing(database)  # control was started again: only the database knows
    for seq in (1, 2, 3):
        after.writer.submit(batch(seq, [row()]))
    after.done("f", 3)
    assert after.writer.counts().repeated == 2
    assert after.writer.close(5)
    assert count(path) == 3
    assert look(path, "SELECT count FROM totals") == [(3,)]
    assert look(path, "SELECT feed, seq FROM feeds") == [("f", 3)]


def test_submitting_never_waits_and_rows_are_bounded(database: Database, path: pathlib.Path) -> None:
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    writing = Writing(database, capacity=1000)
    began = time.monotonic()
    for seq in range(1, 101):
        writing.writer.submit(batch(seq, [row(count=2)] * 50))
    assert time.monotonic() - began < 0.5
    counts = writing.writer.counts()
    assert counts.rows_waiting <= 1000
    assert counts.rows_waiting + counts.rows_dropped == 5000
    blocker.close()
    writing.done("f", 100)
    assert writing.writer.close(5)
    counts = writing.writer.counts()
    assert counts.rows_written + counts.rows_dropped == 5000
    assert count(path) == counts.rows_written <= 1000
    assert look(path, "SELECT sum(count) FROM totals") == [(10_000,)]
    assert look(path, "SELECT count FROM drops") == [(counts.queries_dropped,)] == [(2 * counts.rows_dropped,)]
    check(path)


def test_a_lock_held_for_a_while_loses_nothing(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_WAIT", 0.1)
    database = Database.open(path)
    writing = Writing(database)
    writing.writer.submit(batch(1, [row()]))
    writing.done("f", 1)
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    writing.writer.submit(batch(2, [row()]))
    until(lambda: database.state.state == "locked")
    writing.writer.submit(batch(3, [row()]))
    assert writing.acknowledged == [("f", 1)]
    blocker.close()
    writing.done("f", 3)
    until(lambda: database.state.state == "ok")
    assert writing.writer.close(5)
    database.close()
    assert count(path) == 3


def test_the_state_is_well_again_without_anything_to_write(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_WAIT", 0.05)
    database = Database.open(path)
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another process"):
        database.probe()
    writing = Writing(database)
    time.sleep(0.02)
    assert database.state.state == "locked"
    blocker.close()
    until(lambda: database.state.state == "ok")
    assert writing.writer.close(5)
    database.close()


def test_of_what_no_database_takes_the_queries_are_counted(writing: Writing, path: pathlib.Path) -> None:
    for seq in range(1, 12):
        name = "bad\ud800.example" if seq == 5 else "good.example"
        writing.writer.submit(batch(seq, [row(name, count=seq), row("other.example")], dropped=1))
    writing.done("f", 11)
    writing.writer.submit(batch(12, [row(count=1 << 70)]))
    writing.done("f", 12)
    counts = writing.writer.counts()
    assert (counts.rejected, counts.rows_written, counts.rows_waiting, counts.rows_dropped) == (1, 20, 0, 2)
    assert (count(path), counts.queries_dropped, counts.dropped_before) == (20, 6, 11)
    assert look(path, "SELECT sum(count) FROM totals") == [(sum(range(12)) + 11,)]
    assert look(path, "SELECT count FROM drops") == [(6 + 11,)]
    check(path, off=-11)  # those that batches told of are not in the totals that this test makes


def test_the_one_beyond_storing_is_found_in_the_order_of_numbers(database: Database, path: pathlib.Path) -> None:
    """What is left of a later batch may be taken before whole ones: stored by itself first, it would hide them."""
    acknowledged: Acks = []
    writer = Writer(database, lambda *ack: acknowledged.append(ack))
    names = ("", "a", "b", "bad\ud800", "c")
    taken = [waiting(seq, [row(name)]) for seq, name in enumerate(names) if name]
    writer._write([Waiting("f", 9, NOON, (), {"pass/upstream": 5}, 5), *taken])
    assert [name for _, _, name, *_ in logged(path)] == ["a", "b", "c"]
    assert acknowledged[-1] == ("f", 9)
    check(path)


def test_an_acknowledgement_that_fails_stops_nothing(database: Database, path: pathlib.Path) -> None:
    def fail(feed: str, seq: int) -> None:
        raise RuntimeError("the loop is closed")

    writer = Writer(database, fail, interval=0.005)
    writer.start()
    for seq in (1, 2):
        writer.submit(batch(seq, [row()]))
        until(lambda written=seq: writer.counts().rows_written == written)  # type: ignore[misc]  # binds now
    assert writer.close(5)
    assert (count(path), writer.counts().rows_waiting) == (2, 0)


_text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))  # which PostgreSQL does not take


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_text, _text, _text), min_size=1, max_size=5))
def test_any_text_is_kept_as_it_is(database: Store, texts: list[tuple[str, str, str]]) -> None:
    before = len(logged(database))
    rows = [row(name, client=client, group=group) for name, client, group in texts]
    store_all(database, [waiting(before + 1, rows)])
    assert [(name, client, group) for client, group, name, *_ in logged(database)[before:]] == texts
