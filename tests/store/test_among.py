from __future__ import annotations

import random

import pytest
from sqlalchemy import Connection, bindparam, insert, select

from resolver.store.among import among
from resolver.store.face import Store
from resolver.store.tables import postings

CHANCE = random.Random(6)


@pytest.mark.parametrize("wanted", [[], [7], [1 << 40, 3], sorted(CHANCE.sample(range(100_000), 50_000))])
def test_one_of_many(database: Store, wanted: list[int]) -> None:
    known = [0, 3, 7, 500, 1 << 40, *CHANCE.sample(range(1000, 100_000), 300)]
    database.run(
        lambda connection: connection.execute(insert(postings), [{"term": one, "block": 0} for one in set(known)])
    )

    def work(connection: Connection) -> list[int]:
        statement = select(postings.c.term).where(
            among(connection, postings.c.term, "wanted"), postings.c.block == bindparam("block")
        )
        return list(connection.scalars(statement, {"wanted": wanted, "block": 0}))

    assert sorted(database.read(work)) == sorted(set(known) & set(wanted))


def test_it_goes_by_the_key(path: object, database: Store) -> None:
    def work(connection: Connection) -> str:
        statement = select(postings.c.term).where(among(connection, postings.c.term, "wanted"))
        text = str(statement.compile(dialect=connection.dialect))
        return str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("[1]",)).all())

    assert "SEARCH postings USING PRIMARY KEY (term=?)" in database.read(work)
