import pathlib
import time

from resolver.store.database import Database
from resolver.store.opened import open_store
from resolver.store.server import Server
from tests.postgres import Postgres


def test_without_a_url_it_is_a_file(tmp_path: pathlib.Path) -> None:
    store = open_store("", tmp_path, time, dict)
    assert isinstance(store, Database)
    assert store.place == str(tmp_path / "lull.db")
    store.close()


def test_a_url_is_a_server(postgres: Postgres, tmp_path: pathlib.Path) -> None:
    store = open_store(postgres.schema(), tmp_path, time, dict)
    assert isinstance(store, Server)
    assert store.state.state == "ok"
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_nobody_has(tmp_path: pathlib.Path) -> None:
    store = open_store(f"postgresql://lull:hunter2@/lull?host={tmp_path}", tmp_path, time, dict)
    assert store.state.state == "failed"
    assert "cannot be reached" in store.state.detail
    assert "hunter2" not in store.state.detail + store.place
    store.close()
