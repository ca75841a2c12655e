import logging

import pytest

from resolver.store.health import INCIDENTS, Health, Incident, StoreState
from resolver.store.trouble import Kind, Trouble
from tests.store.making import NOON, StillClock


def test_a_state_is_logged_when_it_is_news(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = StillClock()
    health = Health("lull.db", clock)
    for _ in range(3):
        health.ill(Trouble(Kind.FULL, "the disk is full"))
        clock.now += 1
    assert health.state == StoreState("full", "the disk is full", NOON)
    health.ill(Trouble(Kind.FULL, "the disk quota is used up"))
    assert health.state == StoreState("full", "the disk quota is used up", NOON)
    health.well()
    health.well()
    assert health.state == StoreState("ok", "", NOON + 3)
    assert [record.getMessage() for record in caplog.records] == [
        "lull.db: full: the disk is full",
        "lull.db: full: the disk quota is used up",
        "lull.db: in use",
    ]


@pytest.mark.parametrize("kind", [Kind.FAILED, Kind.GONE, Kind.SCHEMA])
def test_what_has_no_word_of_its_own_is_failed(kind: Kind) -> None:
    health = Health("lull.db", StillClock())
    health.ill(Trouble(kind, "x"))
    assert health.state.state == "failed"


def test_incidents_are_bounded() -> None:
    health = Health("lull.db", StillClock())
    for number in range(INCIDENTS + 5):
        health.happened(str(number), "file")
    assert len(health.incidents) == INCIDENTS
    assert health.incidents[-1] == Incident(NOON, str(INCIDENTS + 4), "file")
