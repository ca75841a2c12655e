"""A PostgreSQL server that is locked, read-only or full for a while."""

import pathlib
import threading
import time
from collections.abc import Iterator

import pytest

from resolver.errors import StoreError
from resolver.store.server import Server
from tests import mounting
from tests.postgres import Postgres
from tests.store.making import Writing, batch, row, until, write, written


def probed(server: Server) -> bool:
    try:
        server.probe()
    except StoreError:
        return False
    return server.state.state == "ok"


def test_locked_by_another_session(postgres: Postgres, tmp_path: pathlib.Path) -> None:
    url = postgres.schema()
    server = Server.open(url, tmp_path)
    lock = f"BEGIN; LOCK TABLE {url.rpartition('%3D')[2]}.feeds IN EXCLUSIVE MODE; SELECT pg_sleep(3)"
    other = threading.Thread(target=postgres.sql, args=(lock,))
    other.start()
    time.sleep(0.2)
    began = time.monotonic()
    with pytest.raises(StoreError, match="another session holds the database locked"):
        write(server, "a")
    assert 1.5 < time.monotonic() - began < 2.7
    assert server.state.state == "locked"
    assert written(server) == [], "reading goes on"
    write(server, "b")
    other.join()
    assert server.state.state == "ok"
    server.close()


def test_read_only_for_a_while(postgres: Postgres, tmp_path: pathlib.Path) -> None:
    name = postgres.database()
    server = Server.open(postgres.url(name), tmp_path)
    write(server, "a")
    postgres.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    postgres.cut()
    with pytest.raises(StoreError, match="25006"):
        write(server, "b")
    assert server.state.state == "readonly"
    postgres.sql(
        "SET default_transaction_read_only = off", f"ALTER DATABASE {name} RESET default_transaction_read_only"
    )
    until(lambda: probed(server))
    write(server, "c")
    assert written(server) == ["a", "c"]
    server.close()


@pytest.fixture
def small(postgres: Postgres, tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A disk of 16 MiB, the server's tablespace of that name; skipped where nothing can be mounted."""
    with mounting.small(postgres.directory / "small", "16m") as where:
        postgres.own(where)
        postgres.sql(f"CREATE TABLESPACE small LOCATION '{where}'")
        yield where
        postgres.sql("DROP DATABASE IF EXISTS full_one WITH (FORCE)")
        postgres.sql("DROP TABLESPACE small")


def test_a_full_disk(small: pathlib.Path, postgres: Postgres, tmp_path: pathlib.Path) -> None:
    postgres.sql("CREATE DATABASE full_one OWNER lull TABLESPACE small")
    server = Server.open(postgres.url("full_one"), tmp_path)
    writing = Writing(server)
    writing.writer.submit(batch(1, [row()]))
    writing.done("f", 1)
    ballast = small / "ballast"
    with ballast.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(bytes(65536))
            except OSError:
                break
    writing.writer.submit(batch(2, [row(f"{n}.{'x' * 40}.example") for n in range(10_000)]))
    until(lambda: server.state.state == "full")
    assert "53100" in server.state.detail
    assert written(server) == ["f"]
    ballast.unlink()
    writing.done("f", 2)
    assert server.state.state == "ok"
    assert writing.writer.close(5)
    server.close()
    assert postgres.sql("SELECT sum(count) FROM log", database="full_one") == [["10001"]]
