from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import IntegrityError

from resolver.store import bulk
from resolver.store.face import Store
from resolver.store.tables import clients, facets, hour_names, names, postings
from tests.store.making import look

COUNTS = [0, 1, 7, 8, 9, 63, 64, 65, 511, 512, 513, 1200]


@pytest.mark.parametrize("count", COUNTS)
def test_every_row_once(database: Store, count: int) -> None:
    rows = [(id, f"k{id}", f"n{id}") for id in range(1, count + 1)]
    database.run(lambda connection: bulk.insert(connection, names, rows))
    assert look(database, 'SELECT id, "key", name FROM names ORDER BY id') == rows


def test_many_rows_are_few_statements(database: Store) -> None:
    statements: list[str] = []

    def work(connection: Connection) -> None:
        event.listen(connection, "before_cursor_execute", lambda *all: statements.append(all[2]))
        bulk.insert(connection, clients, [(id, str(id)) for id in range(1200)])

    database.run(work)
    assert sum(statement.startswith("INSERT INTO clients") for statement in statements) == 2 + 3


def test_columns_whose_names_are_words_of_sql(database: Store) -> None:
    row = (1, "the group", 28, 3, "o", "v", "s", "u", 4)
    database.run(lambda connection: bulk.insert(connection, facets, [row]))
    assert look(database, 'SELECT "group", type FROM facets') == [("the group", 28)]


def test_what_is_there_already_is_left_alone(database: Store) -> None:
    database.run(lambda connection: bulk.ignore(connection, postings, [(1, 2), (1, 3)]))
    database.run(lambda connection: bulk.ignore(connection, postings, [(1, 3), (2, 3)]))
    assert look(database, "SELECT term, block FROM postings ORDER BY term, block") == [(1, 2), (1, 3), (2, 3)]
    with pytest.raises(IntegrityError):
        database.run(lambda connection: bulk.insert(connection, postings, [(1, 2)]))


def test_counts_add_up_by_their_key(database: Store) -> None:
    for rows in ([(0, 1, 5, 1), (0, 2, 1, 0)], [(0, 2, 3, 2), (0, 3, 1, 1)]):
        database.run(lambda connection, rows=rows: bulk.add_up(connection, hour_names, rows))  # type: ignore[misc]
    found = look(database, "SELECT name, count, blocked FROM hour_names ORDER BY name")
    assert found == [(1, 5, 1), (2, 4, 2), (3, 1, 1)]


@pytest.mark.parametrize("count", COUNTS)
def test_ids_of_those_that_are_there(database: Store, count: int) -> None:
    rows = [(id, f"client {id}") for id in range(1, count + 1)]
    wanted: list[Any] = [f"client {id}" for id in range(0, 2 * count, 2)]

    def work(connection: Connection) -> dict[Any, int]:
        bulk.insert(connection, clients, rows)
        return bulk.find(connection, clients.c.client, wanted)

    assert database.run(work) == {f"client {id}": id for id in range(2, count + 1, 2)}
