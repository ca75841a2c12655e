from __future__ import annotations

import contextlib
import pathlib
import sqlite3

import pytest

from resolver.config.chosen import Choice
from resolver.errors import ApiError, ConflictError, StoreError
from resolver.store import choices
from resolver.store.database import Database
from resolver.store.face import Store
from resolver.store.people import PeopleStore

ANNA, KIM = "anna (192.0.2.7)", "kim (192.0.2.8)"


def anything(_: tuple[Choice, ...]) -> None:
    """Every choice fits."""


def _values(people: PeopleStore) -> dict[str, object]:
    return {one.path: one.value for one in people.choices()}


def _last(people: PeopleStore) -> int:
    return people.changes()[0].id


def test_a_choice_is_kept_with_who_made_it(database: Store) -> None:
    people = PeopleStore(database)
    value = [{"id": "mine", "url": "https://lists.example/ä.txt"}, "balanced", None, 7, True]
    put = people.choose("lists", value, ANNA, anything)
    assert put.changed
    assert put.before is None
    assert put.now is not None
    assert (put.now.path, put.now.value, put.now.who) == ("lists", value, ANNA)
    assert people.choices() == (put.now,) == PeopleStore(database).choices()
    assert people.changes()[0].what == "choose lists: mine, balanced, nothing, 7, yes"


def test_the_same_again_is_no_change(database: Store) -> None:
    people = PeopleStore(database)
    first = people.choose("blocking", {"mode": "nodata", "ttl": "10s"}, ANNA, anything).now
    again = people.choose("blocking", {"ttl": "10s", "mode": "nodata"}, KIM, anything)
    assert (again.changed, again.now, len(people.changes())) == (False, first, 1)


def test_another_value_takes_its_place_and_undo_brings_it_back(database: Store) -> None:
    people = PeopleStore(database)
    people.choose("strategy", "random", ANNA, anything)
    people.choose("strategy", "sticky", KIM, anything)
    assert _values(people) == {"strategy": "sticky"}
    people.undo(_last(people), KIM)
    [one] = people.choices()
    assert (one.value, one.who) == ("random", ANNA)
    people.undo(_last(people), KIM)
    assert _values(people) == {"strategy": "sticky"}
    assert people.changes()[0].what == "again: choose strategy: sticky"


def test_what_is_undone_is_looked_at_as_what_is_chosen(database: Store) -> None:
    people = PeopleStore(database)
    people.choose("schedules.bed", {}, ANNA, anything)
    seen: list[tuple[str, ...]] = []

    def refuse(there: tuple[Choice, ...]) -> None:
        seen.append(tuple(one.path for one in there))
        raise ConflictError("a group is under it")

    with pytest.raises(ConflictError, match="a group is under it"):
        people.undo(_last(people), ANNA, refuse)
    assert (seen, _values(people), len(people.changes())) == ([()], {"schedules.bed": {}}, 1)


def test_what_does_not_fit_changes_nothing(database: Store) -> None:
    people = PeopleStore(database)

    def refuse(there: tuple[Choice, ...]) -> None:
        raise ApiError(400, "invalid", f"{len(there)} do not fit")

    with pytest.raises(ApiError, match="1 do not fit"):
        people.choose("strategy", "random", ANNA, refuse)
    assert (people.choices(), people.changes()) == ((), [])
    people.choose("strategy", "random", ANNA, anything)
    with pytest.raises(ApiError, match="0 do not fit"):
        people.take_back("strategy", ANNA, refuse)
    assert _values(people) == {"strategy": "random"}


def test_a_whole_ends_its_parts_in_one_change(database: Store) -> None:
    people = PeopleStore(database)
    for path in ("groups.kids.lists", "groups.kids.default", "groups.kids2", "groups.tv.lists"):
        people.choose(path, [], ANNA, anything)
    people.choose("groups.kids", {"lists": ["ads"]}, ANNA, anything)
    assert sorted(_values(people)) == ["groups.kids", "groups.kids2", "groups.tv.lists"]
    people.undo(_last(people), ANNA)
    assert sorted(_values(people)) == ["groups.kids.default", "groups.kids.lists", "groups.kids2", "groups.tv.lists"]
    gone = people.take_back("groups.kids", ANNA, anything)
    assert (gone.changed, gone.before, gone.now) == (True, None, None)
    assert sorted(_values(people)) == ["groups.kids2", "groups.tv.lists"]
    assert people.changes()[0].what == "group kids as the config file says"
    assert people.take_back("groups.kids", ANNA, anything).changed is False


def test_nothing_can_be_chosen_as_well(database: Store) -> None:
    people = PeopleStore(database)
    people.choose("groups.kids", None, ANNA, anything)
    assert _values(people) == {"groups.kids": None}
    assert people.changes()[0].what == "choose to say nothing of group kids"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (
            "lists",
            ["balanced", {"id": "mine", "mode": "shadow", "url": "https://x.example/"}],
            "balanced, mine (shadow)",
        ),
        ("groups.kids", {}, ""),
        ("groups.kids.services", [], "none"),
        ("groups.kids.blocking", {"mode": "nodata"}, "mode nodata"),
        (
            "schedules.bedtime",
            {"days": ["mon", "tue"], "from": "21:00", "only": []},
            "days mon, tue; from 21:00; only none",
        ),
        ("groups.kids.safe-search", ["google\x1b[2J"], "google\\x1b[2J"),
    ],
)
def test_a_choice_is_told_in_words(path: str, value: object, words: str) -> None:
    subject = {
        "lists": "lists",
        "groups.kids": "group kids",
        "groups.kids.services": "services of group kids",
        "groups.kids.blocking": "blocking of group kids",
        "groups.kids.safe-search": "safe-search of group kids",
        "schedules.bedtime": "schedule bedtime",
    }[path]
    assert choices.told(path, value) == f"choose {subject}" + (f": {words}" if words else "")


def test_there_is_a_limit(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "MOST", 2)
    people = PeopleStore(database)
    for name in ("a", "b"):
        people.choose(f"groups.{name}", {}, ANNA, anything)
    with pytest.raises(ConflictError, match="2 things are chosen already"):
        people.choose("groups.c", {}, ANNA, anything)
    people.choose("groups.a", {"lists": []}, ANNA, anything)
    assert _values(people) == {"groups.a": {"lists": []}, "groups.b": {}}


def test_a_database_that_is_begun_anew_has_them(path: pathlib.Path) -> None:
    database = Database.open(path)
    people = PeopleStore(database)
    people.choose("strategy", "random", ANNA, anything)
    path.unlink()
    with contextlib.suppress(StoreError):
        database.probe()
    assert _values(people) == {"strategy": "random"}
    assert _values(PeopleStore(database)) == {"strategy": "random"}
    database.close()


def test_a_row_that_cannot_be_read_is_as_good_as_none(path: pathlib.Path) -> None:
    database = Database.open(path)
    PeopleStore(database).choose("strategy", "random", ANNA, anything)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO choices VALUES ('log.keep', '{\"', 'x', 1.0)")
        connection.commit()
    assert _values(PeopleStore(database)) == {"strategy": "random"}
    database.close()


def test_long_values_are_cut_short_in_words() -> None:
    assert len(choices.told("lists", ["x" * 5000])) < 200
    assert "\u202e" not in choices.told("groups.kids.rules", ["allow \u202e"])
