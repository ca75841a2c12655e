"""The log of one device, as repairs look at it."""

from __future__ import annotations

import pytest

from resolver.journal.frames import Row
from resolver.repair.look import look
from resolver.repair.suspects import Asked
from resolver.store import scans, terms
from resolver.store.face import Store
from resolver.store.loads import DeviceRows, lately_on
from tests.store.making import NOON, row, store_all, waiting

TV, PHONE = "192.0.2.10", "2001:db8::7"


def keep(database: Store, *batches: tuple[int, list[Row]]) -> None:
    made = [waiting(seq, rows, second=second) for seq, (second, rows) in enumerate(batches, 1)]
    store_all(database, made)


def blocked(name: str, client: str = TV, count: int = 1) -> Row:
    return row(name, client=client, verdict="block", count=count)


@pytest.fixture
def log(database: Store) -> DeviceRows:
    return logged(database)


def logged(database: Store) -> DeviceRows:
    keep(
        database,
        (NOON - 9000, [row("www.news.example", client=TV)]),
        (
            NOON,
            [row("www.news.example", client=TV), row("news.example", client=PHONE), row("anews.example", client=TV)],
        ),
        (NOON + 1, [blocked("x.player.example", count=3), blocked("x.player.example", client="192.0.2.99")]),
        (NOON + 2, [row("", client=TV), row("cdn.example", client=PHONE)]),
        (NOON + 100, [blocked("x.player.example", PHONE), blocked("y.player.example")]),
    )
    return DeviceRows(database, [TV, PHONE, ""], NOON - 3600)


def test_when_it_was_on_the_site(log: DeviceRows) -> None:
    assert log.times("news.example") == [NOON]
    assert log.times("player.example") == [NOON + 1, NOON + 100]
    assert log.times("example") == [NOON, NOON + 2], "what is blocked is asked for by others, too"
    assert log.times("nothing.example") == []


def test_what_it_asked_for(log: DeviceRows) -> None:
    found = log.between(NOON + 1, NOON + 2)
    assert found == [
        Asked(NOON + 1, "x.player.example", True, "ads", "||rule^", "via.example", 3),
        Asked(NOON + 2, "cdn.example", False, "ads", "||rule^", "via.example", 1),
    ]
    assert [one.at for one in log.between(NOON - 9000, NOON)] == [NOON] * 3


def test_steps(log: DeviceRows) -> None:
    assert log.steps() == {NOON // 10, NOON // 10 + 10}
    assert sorted(log.steps_of(["x.player.example", "cdn.example", "nothing.example"])) == [
        ("cdn.example", NOON // 10),
        ("x.player.example", NOON // 10),
        ("x.player.example", NOON // 10 + 10),
    ]


def test_a_log_of_many_stretches(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "BLOCK_BITS", 1)
    monkeypatch.setattr(scans, "BLOCKS", 1)
    log = logged(database)
    assert log.steps() == {NOON // 10, NOON // 10 + 10}


def test_a_device_without_addresses(database: Store, log: DeviceRows) -> None:
    nobody = DeviceRows(database, [], NOON - 3600)
    assert (nobody.times("news.example"), nobody.steps(), nobody.between(NOON, NOON + 9)) == ([], set(), [])


def test_an_empty_log(database: Store) -> None:
    empty = DeviceRows(database, [TV], 0)
    assert (empty.times("x.example"), empty.steps(), empty.steps_of(["x.example"])) == ([], set(), [])


def test_look(log: DeviceRows) -> None:
    evidence = look(log, "news.example", lambda name: ".".join(name.split(".")[-2:]))
    assert [known.suspect.domain for known in evidence.known] == ["player.example"]


def test_who_was_on_a_site_lately(database: Store, log: DeviceRows) -> None:
    assert lately_on(database, "player.example", NOON, 10) == [TV, PHONE, "192.0.2.99"]
    assert lately_on(database, "player.example", NOON + 50, 1) == [TV]
    assert lately_on(database, "news.example", NOON + 1, 10) == []
