import decimal
import pathlib
import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, func, insert, select, text

from resolver.errors import StoreError
from resolver.store import engines, enginespg
from resolver.store.hands import Hands
from resolver.store.server import Server
from resolver.store.tables import feeds, rules, totals
from tests.postgres import PASSWORD, Postgres


@pytest.fixture
def server(postgres: Postgres, tmp_path: pathlib.Path) -> Iterator[Server]:
    server = Server.open(postgres.schema(), tmp_path)
    yield server
    server.close()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://lull@db.example/lull", "postgresql://lull@db.example/lull"),
        ("postgresql://lull:p%40ss%2Fw@db.example:5433/lull", "postgresql://lull@db.example:5433/lull"),
        ("postgresql://lull:p@[2001:db8::1]/lull", "postgresql://lull@[2001:db8::1]/lull"),
        (
            "postgresql:///lull?host=/run/postgresql&port=5433&password=p",
            "postgresql:///lull?host=%2Frun%2Fpostgresql&port=5433",
        ),
        ("postgresql://lull@h/lull?sslpassword=p&options=-cx%3Dp&passfile=/p", "postgresql://lull@h/lull"),
    ],
)
def test_what_is_shown_of_a_url(url: str, shown: str) -> None:
    assert enginespg.shown(url) == shown


def test_an_engine_does_not_show_its_password(postgres: Postgres) -> None:
    engine = enginespg.once(postgres.over_tcp(password=PASSWORD))
    assert "s3cret" not in repr(engine) + str(engine.url)


def test_what_is_in_the_url_counts_for_more(postgres: Postgres) -> None:
    hands = Hands("the server")
    engine = enginespg.writer(postgres.url() + "&application_name=mine", hands)
    with engine.begin() as connection:
        assert connection.execute(text("SHOW application_name")).scalar() == "mine"
        assert connection.execute(text("SHOW statement_timeout")).scalar() == f"{enginespg.WRITING}s"
        assert connection.execute(text("SHOW timezone")).scalar() == "UTC"
    engine.dispose()


def test_the_writer_is_not_connected_again_unasked(postgres: Postgres) -> None:
    engine = enginespg.writer(postgres.url(), Hands("the server"))
    with engine.begin() as connection:
        connection.execute(text("SELECT 1"))
    postgres.cut()
    for _ in range(2):
        with pytest.raises(Exception, match=r"terminat|cut|closed"), engine.begin() as connection:
            connection.execute(text("SELECT 1"))
    engine.dispose()


def test_a_nul_is_replaced_wherever_it_is_sent(server: Server) -> None:
    def work(connection: Connection) -> list[str]:
        connection.execute(insert(feeds).values(feed="a\0b", seq=1, at=1))
        connection.execute(insert(feeds), [{"feed": f"c\0{n}", "seq": n, "at": 1} for n in range(3)])
        connection.exec_driver_sql("INSERT INTO feeds (feed, seq, at) VALUES (%s, %s, %s)", ("d\0", 1, 1))
        assert connection.execute(select(feeds.c.seq).where(feeds.c.feed == "a\0b")).scalar() == 1
        return list(connection.scalars(select(feeds.c.feed).order_by(feeds.c.feed)))

    assert server.run(work) == ["a\ufffdb", "c\ufffd0", "c\ufffd1", "c\ufffd2", "d\ufffd"]
    assert server.read(lambda connection: connection.execute(select(feeds).where(feeds.c.feed == "\0")).all()) == []


def test_sums_are_whole_numbers(server: Server) -> None:
    def work(connection: Connection) -> list[object]:
        rows = [{"hour": n, "verdict": "pass", "origin": "cache", "count": 2**62} for n in range(3)]
        connection.execute(insert(totals), rows)
        return [
            connection.execute(select(func.sum(totals.c.count))).scalar(),
            connection.execute(text("SELECT 1.5::numeric, -7::numeric, 'NaN'::numeric")).one()[:2],
            connection.execute(text("SELECT avg(n) FROM (VALUES (1), (2)) AS v(n)")).scalar(),
        ]

    for found in (
        server.run(work),
        server.read(lambda connection: [connection.execute(select(func.sum(totals.c.count))).scalar()]),
    ):
        assert found[0] == 3 * 2**62
        assert type(found[0]) is int
        assert found[1:] in ([], [(1.5, -7), 1.5])
        assert not any(isinstance(one, decimal.Decimal) for one in found)


def test_ids_go_on_after_rows_that_brought_their_own(server: Server) -> None:
    rule = {"action": "deny", "name": "a", "client": "", "group": "", "comment": "", "created": 1.0, "origin": "api"}

    def work(connection: Connection) -> int:
        engines.follow_ids(connection, "rules")
        connection.execute(insert(rules).values(id=41, **rule))
        engines.follow_ids(connection, "rules")
        engines.follow_ids(connection, "feeds")  # has none
        key = connection.execute(insert(rules).values(**rule)).inserted_primary_key
        assert key is not None
        return int(key[0])

    assert server.run(work) == 42


def test_a_read_that_takes_too_long_is_ended_by_the_server(server: Server, postgres: Postgres) -> None:
    began = time.monotonic()
    with pytest.raises(StoreError, match="57014"):
        server.read(lambda connection: connection.execute(text("SELECT pg_sleep(60)")), seconds=0.3)
    assert 0.25 < time.monotonic() - began < 2
    assert server.state.state == "ok"
    assert postgres.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active'"
    ) != [["2"]]


def test_what_became_of_a_transaction(server: Server) -> None:
    known: list[str | None] = []

    def work(connection: Connection) -> None:
        connection.execute(insert(feeds).values(feed="a", seq=1, at=1))
        known.append(enginespg.transaction(connection))

    def broken(connection: Connection) -> None:
        connection.execute(text("DELETE FROM feeds"))
        work(connection)
        raise KeyError

    server.run(work)
    with pytest.raises(KeyError):
        server.run(broken)
    server.run(lambda connection: known.append(enginespg.transaction(connection)))
    stored, lost, nothing = known
    assert nothing is None
    assert stored is not None
    assert lost is not None

    def ask(connection: Connection) -> list[bool | None]:
        return [enginespg.was_stored(connection, one) for one in (stored, lost, str(int(lost) + 10**9))]

    assert server.read(ask) == [True, False, None]


def test_migrating_waits_for_who_migrates(postgres: Postgres) -> None:
    engine = enginespg.once(postgres.schema())
    order: list[str] = []

    def migrate(name: str) -> None:
        with engine.begin() as connection:
            enginespg.take_to_migrate(connection)
            order.append(f"{name} begins")
            time.sleep(0.1)
            order.append(f"{name} ends")

    threads = [threading.Thread(target=migrate, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.partition(" ")[2] for one in order] == ["begins", "ends"] * 2
    engine.dispose()
