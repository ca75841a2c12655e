"""What a filter becomes: terms to look for, and conditions on rows. That these are right, the tests of pages show."""

from __future__ import annotations

import pytest

from resolver.store import conditions
from resolver.store.conditions import Wanted, wanted
from resolver.store.face import Store
from resolver.store.filters import ANY, LogFilter
from resolver.store.terms import Of
from tests.store.logged import Log
from tests.store.making import row


@pytest.fixture
def log(database: Store) -> Log:
    log = Log(database)
    log.put(*(row(f"n{number}.example", client=f"192.0.2.{number % 3}") for number in range(9)))
    log.put(row("b.example", verdict="block"), row("b.example", shadow="trial: x"), row("c.example", group="kids"))
    return log


def asked(log: Log, filter: LogFilter) -> Wanted:
    return log.database.read(lambda connection: wanted(connection, filter))


def groups(log: Log, **conditions: object) -> list[tuple[Of, int]]:
    found = asked(log, LogFilter(**conditions))  # type: ignore[arg-type]  # fields by name
    return [(group.of, len(group.terms)) for group in found.groups]


def test_the_terms_that_are_looked_for(log: Log) -> None:
    assert groups(log) == []
    assert groups(log, since=5.0, until=9.0, name=".") == []
    assert groups(log, clients=("192.0.2.1", "192.0.2.2", "192.0.2.77")) == [(Of.CLIENT, 2)]
    assert groups(log, exact="b.example") == [(Of.NAME, 1)]
    assert groups(log, name="example") == [(Of.NAME, 11)]
    assert groups(log, name="example", part="n") == [(Of.NAME, 11)]
    assert groups(log, verdict="pass") == [(Of.FACET, 2)]
    assert groups(log, rule="||rule^") == [(Of.KIND, 4)]
    assert groups(log, shadow="trial") == groups(log, shadow=ANY) == [(Of.KIND, 1)]
    assert groups(log, slower=1.0, upstream="udp://192.0.2.53") == [(Of.FACET, 3)]


def test_the_smallest_group_comes_first(log: Log) -> None:
    found = groups(log, name="example", clients=("192.0.2.1", "192.0.2.2"), shadow="trial", verdict="pass")
    assert found == [(Of.KIND, 1), (Of.CLIENT, 2), (Of.FACET, 2), (Of.NAME, 11)]


def test_what_can_never_be(log: Log) -> None:
    for filter in (
        LogFilter(clients=()),
        LogFilter(clients=("192.0.2.77",), verdict="pass"),
        LogFilter(exact="none.example"),
        LogFilter(verdict="rewrite"),
        LogFilter(rule="none"),
        LogFilter(slower=6000.0),
    ):
        assert asked(log, filter).impossible, filter
    assert not asked(log, LogFilter(part="none")).impossible, "it is not known yet"


def test_many_are_known_by_their_text(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditions, "MANY", 3)
    assert groups(log, name="example") == []
    assert groups(log, name="b.example") == [(Of.NAME, 1)]
    assert groups(log, rule="||rule^") == []
    assert groups(log, rule="||rule^", verdict="block") == [(Of.FACET, 1), (Of.KIND, 1)]


def test_a_piece_is_left_to_be_found(log: Log) -> None:
    found = asked(log, LogFilter(part="N1", verdict="pass"))
    assert (found.piece, [group.of for group in found.groups]) == ("N1", [Of.FACET])
    whole = found.with_names([4, 2])
    assert (whole.piece, whole.groups[1].of, whole.groups[1].terms) == ("", Of.NAME, [8, 16])
    assert found.with_names([]).impossible
