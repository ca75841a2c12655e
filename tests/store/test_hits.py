import pathlib

from sqlalchemy import insert

from resolver.store import hits
from resolver.store.database import Database
from resolver.store.face import Store
from resolver.store.hits import KEPT_SECONDS, Hits
from resolver.store.people import PeopleStore
from resolver.store.rules import NewRule
from resolver.store.sites import NewSite
from resolver.store.tables import hits as table
from tests.store.making import NOON, look, row, store_all, waiting


def test_rules_that_decided_are_counted(people: PeopleStore, database: Store) -> None:
    rows = [row("a", own="rule:1", count=3), row("b", own="rule:1"), row("c", own="site:2"), row("d")]
    store_all(database, [waiting(1, rows)])
    later = [row("a", own="rule:1", count=2), row("e", own="config:kids:allow e")]
    store_all(database, [waiting(2, later, second=NOON + 9)])
    older = [row("a", own="rule:1")]
    store_all(database, [waiting(3, older, second=NOON - 9)])
    assert people.hits() == {
        "rule:1": Hits(7, NOON + 9),
        "site:2": Hits(1, NOON),
        "config:kids:allow e": Hits(1, NOON + 9),
    }


def test_a_batch_that_comes_twice_counts_once(people: PeopleStore, database: Store) -> None:
    batches = [waiting(1, [row(own="rule:1")]), waiting(1, [row(own="rule:1")])]
    for _ in range(2):
        store_all(database, batches)
    assert people.hits() == {"rule:1": Hits(1, NOON)}


def test_those_of_rules_that_are_no_more_go(people: PeopleStore, database: Database, path: pathlib.Path) -> None:
    people.add(NewRule("deny", "a.example"))
    people.put_site(NewSite("news.example", everything=True))
    keys = ["rule:1", "rule:2", "rule:12", "site:1", "site:2", "config:new"]
    values = [{"key": key, "count": 1, "last": NOON} for key in keys]
    values.append({"key": "config:old", "count": 1, "last": NOON - KEPT_SECONDS - 1})
    database.run(lambda connection: connection.execute(insert(table), values))
    database.run(lambda connection: hits.tidy(connection, NOON))
    assert look(path, "SELECT key FROM hits ORDER BY key") == [("config:new",), ("rule:1",), ("site:1",)]


def test_since_when_a_rule_is_counted(people: PeopleStore, database: Store) -> None:
    people.add(NewRule("deny", "a.example"))
    people.put_site(NewSite("news.example", everything=True))
    for now in (NOON + 60, NOON + 120, NOON + 2 * KEPT_SECONDS):
        database.run(lambda connection: hits.tidy(connection, now))  # noqa: B023
        assert people.hits() == {"rule:1": Hits(0, NOON + 60), "site:1": Hits(0, NOON + 60)}
    store_all(database, [waiting(1, [row(own="rule:1")], second=NOON + 200)])
    assert people.hits()["rule:1"] == Hits(1, NOON + 200)
