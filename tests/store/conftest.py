import pathlib
from collections.abc import Iterator

import pytest

from resolver.store.database import Database
from resolver.store.people import PeopleStore
from tests.store.making import StillClock, Writing


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "lull.db"


@pytest.fixture
def database(path: pathlib.Path) -> Iterator[Database]:
    opened = Database.open(path)
    yield opened
    opened.close()


@pytest.fixture
def writing(database: Database) -> Iterator[Writing]:
    writing = Writing(database)
    yield writing
    writing.writer.close(5)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def people(database: Database, clock: StillClock) -> PeopleStore:
    """What people made, by a clock that has been followed since the start."""
    people = PeopleStore(database, clock)
    people.clock_moved("boot", clock.offset, clock.time())
    return people
