import pytest

from resolver.store import changes
from resolver.store.people import PeopleStore
from resolver.store.rules import NewRule


def test_pages_of_changes(people: PeopleStore) -> None:
    for number in range(5):
        people.add(NewRule("deny", f"n{number}.example", who="ada"))
    assert [change.id for change in people.changes(2)] == [5, 4]
    assert [change.id for change in people.changes(2, 4)] == [3, 2]
    assert [change.id for change in people.changes(0, 2)] == [1]


def test_which_are_taken_back(people: PeopleStore) -> None:
    people.add(NewRule("deny", "a.example"))
    for number, undone in ((1, [2, None]), (2, [None, 3, None]), (3, [2, None, 4, None])):
        people.undo(number)
        assert [change.undone for change in reversed(people.changes())] == undone


def test_what_they_did_to_thousands_of_rows_is_not_read(people: PeopleStore, monkeypatch: pytest.MonkeyPatch) -> None:
    people.add(NewRule("deny", "a.example"))
    monkeypatch.setattr(changes, "items_of", None)
    assert [change.what for change in people.changes()] == ["deny a.example"]
