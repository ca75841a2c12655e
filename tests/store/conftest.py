import pathlib
from collections.abc import Iterator

import pytest

from resolver.store.database import Database
from tests.store.making import Writing


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
