"""The running daemon with its database on a PostgreSQL server, which is stopped, started and frozen under queries."""

from __future__ import annotations

import pathlib
import time
import urllib.error
from collections.abc import Iterator

import pytest

from tests.daemon.harness import Daemon, Load, running
from tests.postgres import PASSWORD, Postgres

NAMES = ["doubleclick.net", *(f"host{n}.example" for n in range(200))]


class House:
    """A daemon, and the database that it has on the server."""

    def __init__(self, daemon: Daemon, postgres: Postgres, name: str) -> None:
        self.daemon = daemon
        self._postgres = postgres
        self._name = name

    def number(self, what: str, table: str) -> int:
        return int(self._postgres.sql(f"SELECT coalesce(sum({what}), 0) FROM {table}", database=self._name)[0][0])

    def state(self) -> str:
        return str(self.daemon.api("GET", "status", timeout=2)["store"]["state"])

    def counted(self, queries: int) -> None:
        """Every one of the queries is in the totals, and in a row or among the drops."""
        self.daemon.wait(lambda: self.number("count", "totals") >= queries, 15)
        assert self.number("count", "totals") == queries
        assert self.number("count", "log") + self.number("count", "drops") == queries

    def status_of(self, method: str, path: str, body: object = None, timeout: float = 30) -> tuple[int, float]:
        began = time.monotonic()
        try:
            self.daemon.api(method, path, body, timeout=timeout)
        except urllib.error.HTTPError as error:
            return error.code, time.monotonic() - began
        return 200, time.monotonic() - began


@pytest.fixture
def house(postgres: Postgres, tmp_path: pathlib.Path) -> Iterator[House]:
    name = postgres.database()
    config = f"store: {postgres.over_tcp(name, password=PASSWORD)}\nlog: {{write-every: 1s}}\n"
    with running(tmp_path, config) as daemon:
        daemon.wait(daemon.up, 20)
        house = House(daemon, postgres, name)
        daemon.wait(lambda: house.state() == "ok", 10)
        yield house


def settled(house: House) -> int:
    """How many queries there were, once all of them are written down."""
    before = -1
    while (now := house.number("count", "totals")) != before:
        before = now
        time.sleep(2.5)
    return now


def test_what_is_asked_and_made_is_kept_there(house: House) -> None:
    daemon = house.daemon
    daemon.api("POST", "rules", {"action": "deny", "name": "kept.example", "comment": "a \0 nothing"})
    assert daemon.blocked("kept.example")
    daemon.wait(lambda: daemon.api("GET", "log?name=kept.example")["entries"], 10)
    assert daemon.api("GET", "stats?since=1h")["queries"] >= 1
    assert daemon.stop() == 0
    assert house.number("count", "log") + house.number("count", "drops") == house.number("count", "totals") > 0
    assert not list(daemon.state.glob("lull.db*"))
    daemon.start()
    daemon.wait(daemon.up, 20)
    assert [rule["name"] for rule in daemon.api("GET", "rules")] == ["kept.example"]
    assert daemon.blocked("kept.example")
    assert PASSWORD not in str(daemon.api("GET", "status"))
    assert PASSWORD.partition(" ")[0] not in daemon.log.read_text()


def test_the_server_is_stopped_and_started_under_queries(house: House, postgres: Postgres) -> None:
    daemon = house.daemon
    before = settled(house)
    with Load(daemon.dns, NAMES, 500) as load:
        time.sleep(1)
        postgres.stop()
        daemon.wait(lambda: house.state() == "failed", 10)
        code, took = house.status_of("POST", "rules", {"action": "deny", "name": "late.example"})
        assert (code, took < 1) == (503, True)
        assert daemon.blocked("doubleclick.net")
        postgres.start()
        back = daemon.wait(lambda: house.state() == "ok", 10)
        time.sleep(1)
    assert load.lost == 0
    assert back < 4
    house.counted(before + load.sent + 1)
    assert house.status_of("POST", "rules", {"action": "deny", "name": "late.example"})[0] == 200
    assert daemon.blocked("late.example")


def test_the_server_is_frozen_under_queries(house: House, postgres: Postgres) -> None:
    daemon = house.daemon
    daemon.api("POST", "rules", {"action": "deny", "name": "kept.example"})
    before = settled(house)
    with Load(daemon.dns, NAMES, 500) as load:
        time.sleep(1)
        postgres.freeze()
        for _ in range(6):
            code, took = house.status_of("GET", "stats?since=1h")
            assert (code, took < 12) == (503, True)
        daemon.wait(lambda: house.state() == "hung", 20)
        since = daemon.api("GET", "status")["store"]["since"]
        assert 0 < time.time() - since < 60
        slowest = 0.0
        for _ in range(20):
            slowest = max(slowest, house.status_of("GET", "status")[1])
            code, took = house.status_of("POST", "rules", {"action": "deny", "name": "late.example"})
            assert (code, took < 7) == (503, True), "one at a time tries to connect"
        assert slowest < 1
        assert [rule["name"] for rule in daemon.api("GET", "rules")] == ["kept.example"]
        postgres.resume()
        back = daemon.wait(lambda: house.state() == "ok", 20)
        time.sleep(1)
    assert load.lost == 0
    assert load.slowest < 1
    assert back < 8
    house.counted(before + load.sent)
    assert house.status_of("POST", "rules", {"action": "deny", "name": "late.example"})[0] == 200
    assert daemon.blocked("late.example")


def test_the_server_is_not_there_at_the_start(house: House, postgres: Postgres) -> None:
    daemon = house.daemon
    daemon.api("POST", "rules", {"action": "deny", "name": "kept.example"})
    daemon.stop()
    postgres.stop()
    daemon.start()
    daemon.wait(daemon.up, 20)
    assert house.state() == "failed"
    assert daemon.blocked("kept.example"), "the policy on disk knows it"
    postgres.start()
    daemon.wait(lambda: house.state() == "ok", 10)
    daemon.wait(lambda: [rule["name"] for rule in daemon.api("GET", "rules")] == ["kept.example"], 5)
    assert daemon.blocked("kept.example")
