"""A PostgreSQL server that is stopped, started, cut off or frozen: nobody waits for it, nothing that can wait is lost,
nothing is stored twice, and it is used again by itself."""

import functools
import pathlib
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, insert

from resolver.errors import StoreError
from resolver.store import enginespg
from resolver.store.people import PeopleStore
from resolver.store.rules import NewRule
from resolver.store.server import Server
from resolver.store.tables import feeds
from tests.postgres import Postgres
from tests.store.making import Writing, batch, row, until, written


@pytest.fixture
def url(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(enginespg, "ALLOWANCE", 0.7)  # seconds; the tests have not got seventeen
    return postgres.schema() + "&connect_timeout=2"


@pytest.fixture
def server(url: str, tmp_path: pathlib.Path) -> Iterator[Server]:
    server = Server.open(url, tmp_path)
    yield server
    server.close()


@pytest.fixture
def schema(url: str) -> str:
    return url.partition("%3D")[2].partition("&")[0]


class Load:
    """Batches of one row, submitted until the end."""

    def __init__(self, server: Server) -> None:
        self.writing = Writing(server)
        self.submitted = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(0.002):
            self.submitted += 1
            self.writing.writer.submit(batch(self.submitted, [row(f"{self.submitted % 50}.example")]))

    def end(self, postgres: Postgres, schema: str) -> None:
        """All of it is stored, and nothing twice."""
        self._stop.set()
        self._thread.join()
        self.writing.done("f", self.submitted)
        counts = self.writing.writer.counts()
        assert (counts.rows_written, counts.rows_waiting, counts.rows_dropped) == (self.submitted, 0, 0)
        for table in ("log", "totals"):
            assert postgres.sql(f"SELECT sum(count) FROM {schema}.{table}") == [[str(self.submitted)]]
        assert self.writing.writer.close(5)


def refusal(call: Callable[[], object], seconds: float = 0.2) -> str:
    """What it says in that time."""
    began = time.monotonic()
    with pytest.raises(StoreError) as caught:
        call()
    assert time.monotonic() - began < seconds
    return str(caught.value)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stop", "crash"])
def test_restarted_under_load(server: Server, postgres: Postgres, schema: str, how: signal.Signals) -> None:
    load = Load(server)
    for _ in range(2):
        time.sleep(0.2)
        postgres.stop(how)
        until(lambda: server.state.state == "failed")
        assert "the server cannot be reached" in refusal(lambda: written(server))
        postgres.start()
        until(lambda: server.state.state == "ok")
    load.end(postgres, schema)


def test_cut_off_under_load(server: Server, postgres: Postgres, schema: str) -> None:
    load = Load(server)
    for _ in range(10):
        time.sleep(0.05)
        postgres.cut()
    load.end(postgres, schema)
    assert server.state.state == "ok"


def test_a_server_that_is_not_there_at_the_start(url: str, postgres: Postgres, tmp_path: pathlib.Path) -> None:
    postgres.stop()
    began = time.monotonic()
    server = Server.open(url, tmp_path)
    people = PeopleStore(server)
    assert time.monotonic() - began < 1
    assert server.state.state == "failed"
    with pytest.raises(StoreError, match="cannot be reached"):
        people.rules()
    writing = Writing(server)
    writing.writer.submit(batch(1, [row()]))
    postgres.start()
    writing.done("f", 1)
    assert people.rules() == []
    assert writing.writer.close(5)
    server.close()


def test_frozen_under_load(server: Server, postgres: Postgres, schema: str) -> None:
    people = PeopleStore(server)
    people.add(NewRule("allow", "before.example"))
    written(server)  # a reader is connected too
    load = Load(server)
    time.sleep(0.2)
    postgres.freeze()
    until(lambda: server.state.state == "hung")
    time.sleep(0.7)
    threads = threading.active_count()
    began = time.monotonic()
    for _ in range(50):  # one now and then tries, and then it takes as long as connecting may
        assert "the server does not answer" in refusal(lambda: people.add(NewRule("allow", "x.example")), 3)
        assert "the server does not answer" in refusal(lambda: written(server), 3)
        assert [rule.name for rule in people.rules()] == ["before.example"]
    assert time.monotonic() - began < 4
    assert threading.active_count() <= threads
    postgres.resume()
    until(lambda: server.state.state == "ok")
    load.end(postgres, schema)
    people.add(NewRule("allow", "after.example"))
    assert [rule.name for rule in people.rules()] == ["before.example", "after.example"]


def test_frozen_while_it_is_read(server: Server, postgres: Postgres) -> None:
    written(server)
    postgres.freeze()
    began = time.monotonic()
    with pytest.raises(StoreError, match="does not answer"):
        server.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar(), seconds=0.1)
    assert time.monotonic() - began < 3.5
    assert server.state.state == "hung"
    postgres.resume()
    until(lambda: server.state.state == "ok" or probed(server))
    assert written(server) == []


def test_frozen_at_the_start(url: str, postgres: Postgres, tmp_path: pathlib.Path) -> None:
    postgres.freeze()
    began = time.monotonic()
    server = Server.open(url, tmp_path)
    assert time.monotonic() - began < 4
    assert (server.state.state, server.state.detail) == ("hung", "the server does not answer")
    assert "does not answer" in refusal(lambda: written(server))
    postgres.resume()
    until(lambda: probed(server))
    server.close()


def probed(server: Server) -> bool:
    try:
        server.probe()
    except StoreError:
        return False
    return server.state.state == "ok"


# -- in doubt ---------------------------------------------------------------------------------------------------------


def put(connection: Connection, feed: str = "a") -> str:
    connection.execute(insert(feeds).values(feed=feed, seq=1, at=1))
    return feed


def test_what_was_stored_though_nobody_could_say_so_is_found_out(server: Server, postgres: Postgres) -> None:
    """The server commits, and waits for a copy of itself that is not there before it says so."""
    told: list[str] = []
    asked = 0
    postgres.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()")
    try:
        with pytest.raises(StoreError, match="does not answer"):
            while True:  # until the server has taken that up
                asked += 1
                server.run(functools.partial(put, feed=f"{asked:04}"), told.append)
        assert len(told) == asked - 1, "it is not known yet"
    finally:
        postgres.sql("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
    until(lambda: probed(server))
    assert told == written(server) == [f"{number + 1:04}" for number in range(asked)]


def test_a_connection_that_breaks_while_it_is_committed(server: Server, postgres: Postgres, schema: str) -> None:
    """The one transaction is over before the other begins, so `work` is not done twice if it was stored."""
    told: list[str] = []
    slow = (
        "CREATE FUNCTION {}.slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END'"
    )
    trigger = "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON {0}.feeds DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    postgres.sql(slow.format(schema), f"{trigger.format(schema)} EXECUTE FUNCTION {schema}.slow()")
    cut = threading.Timer(0.1, postgres.cut)
    cut.start()
    assert server.run(put, told.append) == "a", "it was not stored, so it was done again"
    cut.join()
    assert told == ["a"]
    assert written(server) == ["a"]
