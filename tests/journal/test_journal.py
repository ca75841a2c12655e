"""The journal: folded, bounded, and no query uncounted."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.journal import journal as module
from resolver.journal.frames import Batch, Row
from resolver.journal.journal import Journal
from resolver.journal.redaction import pseudonym
from resolver.model import Client, Exchange, Privacy

ME = Client("192.0.2.1", "kids")
SALT = b"salt" * 4


class Peer(NamedTuple):
    client: Client


class Packet:
    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange


def exchange(name: str = "a.example", verdict: str = "pass", origin: str = "upstream") -> Exchange:
    return Exchange(name, 1, 0, origin, verdict, "ads", f"||{name}^", f"via.{name}", "udp://192.0.2.53")


def rolled(journal: Journal, second: int = 1000) -> Batch:
    batch = asyncio.run(journal.roll(second))
    assert batch is not None
    return batch


def noted(journal: Journal, *names: str) -> Batch:
    for name in names:
        journal.note(ME, exchange(name), 10)
    return rolled(journal)


def test_nothing_is_no_batch() -> None:
    assert asyncio.run(Journal("feed").roll(1000)) is None


def test_equal_exchanges_are_one_row() -> None:
    journal = Journal("feed")
    for took in (10, 30, 20):
        journal.note(ME, exchange(), took)
    journal.note(Client("192.0.2.2", "kids"), exchange(), 5)
    journal.note(ME, exchange(origin="cache"), 1)
    batch = rolled(journal)
    assert batch == Batch(
        "feed",
        1,
        1000,
        [
            Row("192.0.2.1", "kids", exchange(), 3, 30),
            Row("192.0.2.1", "kids", exchange(origin="cache"), 1, 1),
            Row("192.0.2.2", "kids", exchange(), 1, 5),
        ],
        {"pass/upstream": 4, "pass/cache": 1},
    )
    assert (journal.answered, journal.dropped) == (5, 0)


def test_hits_are_folded_with_what_was_noted() -> None:
    journal = Journal("feed")
    peer, packet = Peer(ME), Packet(exchange(origin="cache"))
    journal.hits[peer][packet] += 7
    journal.hits[Peer(Client("192.0.2.2", "kids"))][packet] += 1
    journal.note(ME, exchange(origin="cache"), 40)
    batch = rolled(journal)
    assert sorted((row.client, row.count, row.took_us) for row in batch.rows) == [
        ("192.0.2.1", 8, 40),
        ("192.0.2.2", 1, 0),
    ]
    assert batch.totals == {"pass/cache": 9}
    assert asyncio.run(journal.roll(1001)) is None


def test_whoever_was_let_in_meanwhile_is_still_one_client() -> None:
    journal = Journal("feed")
    journal.note(Client("8.8.8.8", "default", admitted=False), exchange(), 1)
    journal.note(Client("8.8.8.8", "default"), exchange(), 1)
    assert [row.count for row in rolled(journal).rows] == [2]


def test_batches_are_numbered() -> None:
    journal = Journal("feed")
    assert [noted(journal, "a").seq for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("privacy", "row"),
    [
        ("full", Row("192.0.2.1", "kids", exchange(), 1, 10)),
        ("no-client", Row(pseudonym(SALT, "192.0.2.1"), "kids", exchange(), 1, 10)),
        ("no-name", Row("", "kids", Exchange("", 1, 0, "upstream", "pass", "ads"), 1, 10)),
        ("off", None),
    ],
)
def test_privacy(privacy: Privacy, row: Row | None) -> None:
    journal = Journal("feed")
    journal.redaction.take(0, SALT)
    journal.note(Client("192.0.2.1", "kids", privacy=privacy), exchange("a.example"), 10)
    batch = rolled(journal)
    assert batch.rows == ([] if row is None else [row])
    assert (batch.totals, batch.dropped, journal.answered) == ({"pass/upstream": 1}, 0, 1)


def test_each_client_has_its_own_privacy_in_hits_too() -> None:
    journal = Journal("feed")
    own = Exchange("a.example", 1, 0, "local", "block", "rules", "deny a.example", own="rule:7")
    every: list[Privacy] = ["full", "off", "no-name", "no-client"]
    for number, privacy in enumerate(every):
        journal.hits[Peer(Client(f"192.0.2.{number}", "kids", privacy=privacy))][Packet(own)] += 2
    batch = rolled(journal)
    assert {(row.client, row.exchange.name, row.exchange.own, row.count) for row in batch.rows} == {
        ("192.0.2.0", "a.example", "rule:7", 2),
        ("", "", "", 2),
        ("", "a.example", "rule:7", 2),  # no salt came yet
    }
    assert (batch.totals, batch.dropped) == ({"block/local": 8}, 0)


def test_what_privacy_makes_equal_is_one_row() -> None:
    journal = Journal("feed")
    for number, name in enumerate("abc"):
        journal.note(Client(f"192.0.2.{number}", "kids", privacy="no-name"), exchange(name), 10)
    (row,) = rolled(journal).rows
    assert row.count == 3


def test_only_a_part_of_addresses_may_be_kept() -> None:
    journal = Journal("feed")
    journal.redaction.keep((24, 48))
    for address in ("192.0.2.1", "192.0.2.77", "2001:db8:1:2::9", "2001:db8:1:ffff::9"):
        journal.note(Client(address, "kids", device="tablet"), exchange(), 10)
    assert [(row.client, row.count) for row in rolled(journal).rows] == [
        ("192.0.2.0/24", 2),
        ("2001:db8:1::/48", 2),
    ]


def test_a_second_of_too_many_rows_keeps_the_first_and_counts_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ROWS", 3)
    journal = Journal("feed")
    for _ in range(2):
        for n in range(5):
            journal.note(ME, exchange(f"n{n}"), 1)
    batch = rolled(journal)
    assert ([row.count for row in batch.rows], batch.dropped, batch.totals) == ([2, 2, 2], 4, {"pass/upstream": 10})
    assert (journal.dropped, journal.answered) == (4, 10)
    assert noted(journal, "a").dropped == 0


def test_a_flood_takes_the_rows_of_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ROWS", 10)
    journal = Journal("feed")
    for n in range(20):
        journal.note(Client("192.0.2.66", "kids"), exchange(f"flood{n}"), 1)
        journal.hits[Peer(Client("192.0.2.67", "kids"))][Packet(exchange(f"known{n}"))] += 1
    journal.note(ME, exchange("quiet"), 1)
    for _ in range(3):
        journal.hits[Peer(ME)][Packet(exchange("known"))] += 1
    batch = rolled(journal)
    assert [row.count for row in batch.rows if row.client == ME.address] == [1, 3]
    assert (len(batch.rows), batch.dropped, sum(batch.totals.values())) == (10, 32, 44)


def test_rows_that_wait_too_long_go_oldest_first_and_their_totals_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 5)
    journal = Journal("feed")
    for _ in range(4):
        noted(journal, "a", "b")
    assert [len(batch.rows) for batch in journal.waiting] == [0, 0, 2, 2]
    assert [batch.dropped for batch in journal.waiting] == [2, 2, 0, 0]
    assert [batch.totals for batch in journal.waiting] == [{"pass/upstream": 2}] * 4
    assert [batch.seq for batch in journal.waiting] == [1, 2, 3, 4]
    assert (journal.waiting_rows, journal.dropped) == (4, 4)


def test_what_batches_counted_that_wait_too_long_goes_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BATCHES", 2)
    journal = Journal("feed")
    for count in (1, 2, 3, 4):
        noted(journal, *[f"n{n}" for n in range(count)])
    assert [batch.seq for batch in journal.waiting] == [3, 4]
    assert [batch.dropped for batch in journal.waiting] == [3, 0]
    assert [batch.totals for batch in journal.waiting] == [{"pass/upstream": 6}, {"pass/upstream": 4}]
    assert [len(batch.rows) for batch in journal.waiting] == [3, 4]
    assert (journal.waiting_rows, journal.dropped) == (7, 3)
    assert noted(journal, "a").dropped == 0, "control may have those that went; it counts them itself"


def test_control_being_away_for_long_does_not_cost_what_comes_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The count of rows that wait must come down with the batches that go."""
    monkeypatch.setattr(module, "MAX_BATCHES", 3)
    monkeypatch.setattr(module, "MAX_WAITING", 20)
    journal = Journal("feed")
    for _ in range(50):
        noted(journal, "a", "b", "c")
    assert journal.waiting_rows == 9
    assert [len(batch.rows) for batch in journal.waiting] == [3, 3, 3]
    journal.acknowledge(50)
    assert journal.waiting_rows == 0


def test_acknowledged_is_forgotten() -> None:
    journal = Journal("feed")
    assert journal.all_safe.is_set()
    for _ in range(3):
        noted(journal, "a")
    assert not journal.all_safe.is_set()
    journal.acknowledge(2)
    assert [batch.seq for batch in journal.waiting] == [3]
    assert not journal.all_safe.is_set()
    journal.acknowledge(1)
    journal.acknowledge(3)
    assert (list(journal.waiting), journal.waiting_rows) == ([], 0)
    assert journal.all_safe.is_set()


def test_rolling_gives_others_their_turn_and_loses_nothing_meanwhile() -> None:
    async def main() -> None:
        journal = Journal("feed")
        for n in range(5000):
            journal.note(ME, exchange(f"n{n}"), 1)
        rolling = asyncio.ensure_future(journal.roll(1000))
        turns = 0
        while not rolling.done():
            journal.note(ME, exchange("meanwhile"), 1)
            turns += 1
            await asyncio.sleep(0)
        assert turns >= 10
        batches = [await rolling, await journal.roll(1001)]
        assert sum(batch.totals["pass/upstream"] for batch in batches if batch is not None) == 5000 + turns

    asyncio.run(main())


NAMES = st.sampled_from("abcdef")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("note"), NAMES),
        st.tuples(st.just("note"), NAMES),
        st.tuples(st.just("hit"), NAMES),
        st.tuples(st.just("roll"), st.just("")),
        st.tuples(st.just("ack"), st.just("")),
    ),
    max_size=60,
)


@given(STEPS, st.integers(1, 4), st.integers(1, 8), st.integers(1, 3))
def test_rows_and_what_was_dropped_are_all_there_was(
    steps: list[tuple[str, str]], most: int, waiting: int, batches: int
) -> None:
    """Whatever goes for want of room: what control gets of rows, and of dropped ones, adds up."""
    journal = Journal("feed")
    got: list[Batch] = []
    asked = 0
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("MAX_ROWS", most), ("MAX_WAITING", waiting), ("MAX_BATCHES", batches)):
            patch.setattr(module, name, value)
        for step, name in [*steps, ("roll", ""), ("ack", ""), ("note", "z"), ("roll", ""), ("ack", "")]:
            match step:
                case "note":
                    journal.note(ME, exchange(name), 1)
                    asked += 1
                case "hit":
                    journal.hits[Peer(ME)][Packet(exchange(name, origin="cache"))] += 1
                    asked += 1
                case "roll":
                    asyncio.run(journal.roll(1000))
                case _:
                    got += journal.waiting
                    journal.acknowledge(journal.waiting[-1].seq if journal.waiting else 0)
            assert journal.waiting_rows == sum(len(batch.rows) for batch in journal.waiting) <= waiting
            assert len(journal.waiting) <= batches
    rows: Counter[str] = Counter()
    for batch in got:
        for row in batch.rows:
            rows[row.exchange.name] += row.count
    assert rows.total() + sum(batch.dropped for batch in got) == asked == journal.answered
    assert sum(count for batch in got for count in batch.totals.values()) == asked
    assert journal.dropped == sum(batch.dropped for batch in got)
    assert [batch.seq for batch in got] == sorted({batch.seq for batch in got})
