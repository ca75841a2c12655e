import pathlib
from collections.abc import Iterator

import pytest

from resolver.store.database import Database


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "lull.db"


@pytest.fixture
def database(path: pathlib.Path) -> Iterator[Database]:
    opened = Database.open(path)
    yield opened
    opened.close()
