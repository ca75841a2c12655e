"""What these tests share."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest

from resolver.store.database import Database
from tests.backup.house import House


@pytest.fixture
def database(tmp_path: pathlib.Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "lull.db")
    yield opened
    opened.close()


@pytest.fixture
def house(tmp_path: pathlib.Path) -> House:
    """A house in which everything is set."""
    made = House(tmp_path / "house")
    made.begin()
    made.furnish()
    return made
