"""Tables of a database that is no file are taken with the rest, and undone with it."""

from __future__ import annotations

import errno
import pathlib

import pytest

from resolver.backup import steps, taking
from resolver.backup.taking import PostponedError, commit, take
from resolver.errors import StoreError
from tests.backup.places import NOW, Places


@pytest.fixture
def places(tmp_path: pathlib.Path) -> Places:
    made = Places(tmp_path)
    made.fill()
    return made


class Tables:
    """What a database does when it is there."""

    def __init__(self, *, there: bool = True) -> None:
        self.there = there
        self.done: list[str] = []

    def _do(self, what: str) -> None:
        if not self.there:
            raise StoreError("the server is down")
        self.done.append(what)

    def take(self, schema: str) -> None:
        self._do(f"take {schema}")

    def undo(self, schema: str) -> None:
        self._do(f"undo {schema}")

    def drop(self, schema: str) -> None:
        self._do(f"drop {schema}")


def test_tables_are_taken_first(places: Places) -> None:
    places.plan("restored")
    commit(places.work)
    tables = Tables(there=False)
    for given in (None, tables):
        with pytest.raises(PostponedError):
            take(places.state, NOW, given)
        assert places.content() == places.waiting
    tables.there = True
    assert take(places.state, NOW, tables)
    assert tables.done == ["take restored", "drop restored"]
    assert places.content() == places.new


def test_tables_are_undone_with_the_rest(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    places.plan("restored")
    commit(places.work)
    tables = Tables()
    monkeypatch.setattr(steps.Move, "take", lambda self: (_ for _ in ()).throw(OSError(errno.EROFS, "read-only")))
    outcome = take(places.state, NOW, tables)
    assert outcome is not None
    assert outcome.state == "undone"
    assert tables.done == ["take restored", "undo restored", "drop restored"]
    assert places.content() == places.old
    assert taking.pending(places.state) is None
