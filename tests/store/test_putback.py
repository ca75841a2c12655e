import pathlib

import msgspec

from resolver.policy.document import Change, DeviceEntry, Document, OwnRule, Pause, SiteEntry
from resolver.store import putback
from resolver.store.database import Database
from resolver.store.overrides import NewOverride
from resolver.store.pauses import NewPause
from resolver.store.people import PeopleStore
from resolver.store.rules import NewRule
from resolver.store.sites import NewSite
from tests.store.making import NOON, StillClock, look


def begin(people: PeopleStore) -> None:
    people.delete(people.add(NewRule("deny", "gone.example")).rule.id)
    people.add(NewRule("allow", "a.example", client="tv", until=NOON + 60, exact=True))
    people.add(NewRule("deny", "", group="kids", text="/ads/"))
    people.pause(NewPause(NOON + 60, group="kids"))
    people.put_site(NewSite("news.example", ("x.example", "y.example"), window=None, client="tv", until=NOON + 90))
    people.put_site(NewSite("all.example", everything=True))
    people.put_override(NewOverride("bedtime", False, NOON, NOON + 60, "", "kids", "not today"))


def document(people: PeopleStore) -> Document:
    return Document(
        rules=(OwnRule("allow", "config.example", origin="config", key="config:x"), *people.own_rules()),
        pauses=people.own_pauses(),
        sites=(SiteEntry("config.example", everything=True, origin="config"), *people.own_sites()),
        changes=people.own_changes(),
    )


def test_as_policy_has_it(people: PeopleStore) -> None:
    begin(people)
    assert people.own_rules() == (
        OwnRule("allow", "a.example", "tv", "", NOON + 60, exact=True, key="rule:2"),
        OwnRule("deny", "", "", "kids", text="/ads/", key="rule:3"),
    )
    assert people.own_pauses() == (Pause(NOON + 60, "", "kids"),)
    assert people.own_sites() == (
        SiteEntry("news.example", ("x.example", "y.example"), False, None, "tv", "", NOON + 90, key="site:1"),
        SiteEntry("all.example", everything=True, key="site:2"),
    )
    assert people.own_changes() == (Change("bedtime", False, NOON, NOON + 60, "", "kids", "not today"),)


def test_what_a_policy_has_comes_back(people: PeopleStore, tmp_path: pathlib.Path) -> None:
    """Also rules, sites and changes with their ids, so that hits go on."""
    begin(people)
    had = document(people)
    clock = StillClock()
    other = Database.open(tmp_path / "other.db", clock, lambda: putback.rows_of(had, NOON))
    again = PeopleStore(other, clock)
    assert document(again) == had
    assert again.rules()[0].created == NOON
    assert again.add(NewRule("deny", "new.example")).rule.id == 4
    other.close()


def test_rules_whose_keys_tell_no_ids(tmp_path: pathlib.Path) -> None:
    rules = (OwnRule("allow", "a.example", key="rule:7"), OwnRule("allow", "b.example"))
    twice = tuple(msgspec.structs.replace(rule, key="rule:7") for rule in rules)
    for had in (rules, twice, (OwnRule("deny", "c.example", key="rule:²"),)):
        rows = putback.rows_of(Document(rules=had), NOON)["rules"]
        assert [row["name"] for row in rows] == [rule.name for rule in had]
        assert all("id" not in row for row in rows)


def test_devices_that_are_not_of_the_config(tmp_path: pathlib.Path) -> None:
    found = (("192.0.2.1", "MAC 02:00:5e:10:00:01"), ("2001:db8::1", "name tv"))
    devices = (
        DeviceEntry("nas", ("192.0.2.9",), (("192.0.2.9", "name nas"),), mac="02:00:5e:10:00:02"),
        DeviceEntry("tv", (), found, mac="02:00:5e:10:00:01", group="kids"),
        DeviceEntry("phone", (), (("2001:db8::1", "name phone"),), privacy="no-name"),
        DeviceEntry("", mac="02:00:5e:10:00:03", group="kids"),
        DeviceEntry("", mac="02:00:5e:10:00:04", group="kids"),
    )
    clock = StillClock()
    rows = putback.rows_of(Document(devices=devices), NOON, {"NAS", "02:00:5e:10:00:03", "02:00:5e:10:00:01"})
    database = Database.open(tmp_path / "x.db", clock, lambda: rows)
    database.close()
    assert look(tmp_path / "x.db", "SELECT * FROM devices") == [
        (1, "tv", "kids", "02:00:5e:10:00:01", "", float(NOON), float(NOON), ""),
        (2, "phone", "", "", "", float(NOON), float(NOON), "no-name"),
        (3, "", "kids", "02:00:5e:10:00:04", "", float(NOON), float(NOON), ""),
    ]
    assert look(tmp_path / "x.db", "SELECT address, device FROM addresses ORDER BY 1") == [
        ("192.0.2.1", 1),
        ("2001:db8::1", 2),
    ]
