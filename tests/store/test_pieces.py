from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.store import pieces as module
from resolver.store.face import Store
from resolver.store.pieces import Pieces
from tests.store.logged import Log, emptied
from tests.store.making import look, row


def find(log: Log, pieces: Pieces, part: str, until: float = math.inf, generation: int = 1) -> Sequence[int] | None:
    return log.database.read(lambda connection: pieces.find(connection, part, generation, until))


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(alphabet="abc.", min_size=1, max_size=5), max_size=20, unique=True),
    st.text(alphabet="abC.", min_size=1, max_size=2),
    st.integers(1, 6),
)
def test_every_name_that_has_it(database: Store, names: list[str], part: str, stretch: int) -> None:
    emptied(database, "names", "postings", "log", "blocks", "feeds")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "STRETCH", stretch)
        log, pieces = Log(database), Pieces()
        half = len(names) // 2
        for some in (names[:half], names[half:]):
            log.put(*map(row, some))
            known = [
                id for id, name in look(database, "SELECT id, name FROM names ORDER BY id") if part.lower() in str(name)
            ]
            assert list(find(log, pieces, part) or ()) == known


def test_it_goes_on_where_time_was_over(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STRETCH", 10)
    log, pieces = Log(database), Pieces()
    log.put(*(row(f"n{number}.example") for number in range(35)))
    assert [find(log, pieces, "EXAMPLE", 0.0) is None for _ in range(5)] == [True, True, True, False, False]


def test_too_many_are_not_told(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MANY", 20)
    monkeypatch.setattr(module, "STRETCH", 5)
    log, pieces = Log(database), Pieces()
    log.put(*(row(f"n{number}.example") for number in range(35)))
    assert find(log, pieces, "example") is None
    assert len(find(log, pieces, "n1") or ()) == 11


def test_names_are_looked_at_once(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    log, pieces = Log(database), Pieces()
    log.put(row("a.example"), row("b.example"))
    assert find(log, pieces, "a.ex") == (1,)
    looked: list[int] = []
    further = module._further

    def counted(*rest: object) -> object:
        looked.append(1)
        return further(*rest)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_further", counted)
    assert find(log, pieces, "A.EX") == (1,)
    assert not looked
    assert find(log, pieces, "a.ex", generation=2) == (1,)
    assert len(looked) == 1, "another database"


def test_few_pieces_are_remembered(database: Store) -> None:
    log, pieces = Log(database), Pieces()
    log.put(row("a.example"))
    for number in range(20):
        find(log, pieces, f"x{number}")
    assert len(pieces._known) == module.KNOWN
