import pathlib

from sqlalchemy import Connection

from resolver.store import scopes
from resolver.store.overrides import NewOverride
from resolver.store.pauses import NewPause
from resolver.store.people import PeopleStore
from resolver.store.repairs import Repair
from resolver.store.rules import NewRule
from resolver.store.sites import NewSite
from resolver.store.trail import Trail
from tests.store.making import NOON, look, remember

TABLES = ("rules", "pauses", "sites", "overrides", "repairs")


def clients(path: pathlib.Path) -> set[tuple[object, ...]]:
    return {client for table in TABLES for client in look(path, f"SELECT client FROM {table}")}


def test_what_is_for_a_device_goes_with_its_name(people: PeopleStore, path: pathlib.Path) -> None:
    people.add(NewRule("deny", "a.example", client="tv"))
    people.pause(NewPause(NOON + 60, client="tv"))
    people.put_site(NewSite("news.example", everything=True, client="tv"))
    people.put_override(NewOverride("bedtime", True, NOON, NOON + 60, client="tv"))
    remember(people, Repair("news.example", "tv", "{}", NOON + 60))
    remember(people, Repair("news.example", "television", "{}", NOON + 60))
    people.add(NewRule("deny", "a.example", client="192.0.2.1"))
    people.change("ada", "tv is a television", lambda _, trail: scopes.rename(trail, "tv", "television"))
    assert clients(path) == {("television",), ("192.0.2.1",)}
    assert [rule.client for rule in people.rules()] == ["television", "192.0.2.1"]
    change = people.changes()[0]
    assert change.what == "tv is a television"
    people.undo(change.id)
    assert [rule.client for rule in people.rules()] == ["tv", "192.0.2.1"]


def test_of_two_that_are_alike_the_newer_stays(people: PeopleStore) -> None:
    """As when a device is named that had rules for each of its addresses."""
    older = people.add(NewRule("deny", "a.example", client="192.0.2.1")).rule
    newer = people.add(NewRule("allow", "a.example", client="2001:db8::1")).rule
    other = people.add(NewRule("deny", "a.example", client="192.0.2.1", until=NOON + 60)).rule

    def work(order: tuple[str, str]) -> None:
        def whole(_: Connection, trail: Trail) -> None:
            for client in order:
                scopes.rename(trail, client, "tv")

        people.change("ada", "tv", whole)

    for order in (("192.0.2.1", "2001:db8::1"), ("2001:db8::1", "192.0.2.1")):
        work(order)
        assert [(rule.id, rule.client) for rule in people.rules()] == [(newer.id, "tv"), (other.id, "tv")]
        people.undo(people.changes()[0].id)
        assert people.rules() == [older, newer, other]
