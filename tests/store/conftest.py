import pathlib
from collections.abc import Iterator

import pytest

from resolver.store.database import Database
from resolver.store.face import Store
from resolver.store.people import PeopleStore
from resolver.store.server import Server
from tests.store.making import StillClock, Writing


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "lull.db"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What takes a database runs on each kind; what takes its path too is about the file."""
    names = metafunc.fixturenames
    if metafunc.config.getoption("postgresql") and "database_kind" in names and "path" not in names:
        metafunc.parametrize("database_kind", ["sqlite", "postgresql"])


@pytest.fixture
def database_kind() -> str:
    """Which kind of database."""
    return "sqlite"


@pytest.fixture
def database(database_kind: str, tmp_path: pathlib.Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    opened: Store
    if database_kind == "sqlite":
        opened = Database.open(tmp_path / "lull.db")
    else:
        opened = Server.open(request.getfixturevalue("the_postgres").schema(), tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def writing(database: Store) -> Iterator[Writing]:
    writing = Writing(database)
    yield writing
    writing.writer.close(5)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def people(database: Store, clock: StillClock) -> PeopleStore:
    """What people made, by a clock that has been followed since the start."""
    people = PeopleStore(database, clock)
    people.clock_moved("boot", clock.offset, clock.time())
    return people
