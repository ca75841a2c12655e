import pytest

from resolver.admin import mishaps
from resolver.admin.mishaps import SPAN, Mishaps
from tests.admin.parts import StillClock

WRONG = "used a wrong token"


@pytest.fixture
def notes() -> list[tuple[str, str]]:
    return []


def test_the_first_is_told_at_once_and_more_are_summed_up(notes: list[tuple[str, str]]) -> None:
    clock = StillClock()
    kept = Mishaps(lambda who, what: notes.append((who, what)), clock)
    for _ in range(1235):
        kept.add(WRONG, "192.0.2.1")
    kept.add(WRONG, "192.0.2.2")
    kept.tell()
    assert notes == [("somebody (192.0.2.1)", WRONG), ("somebody (192.0.2.2)", WRONG)]
    clock.now += SPAN
    kept.tell()
    assert notes[2:] == [("somebody (192.0.2.1)", f"{WRONG}, 1,234 times more within 10 minutes")]
    kept.tell()
    assert len(notes) == 3
    kept.add(WRONG, "192.0.2.1")
    assert notes[3:] == [("somebody (192.0.2.1)", WRONG)]


def test_whoever_comes_from_everywhere_fills_nothing(notes: list[tuple[str, str]]) -> None:
    clock = StillClock()
    kept = Mishaps(lambda who, what: notes.append((who, what)), clock)
    for number in range(5000):
        kept.add(WRONG, f"2001:db8::{number:x}")
    clock.now += SPAN
    kept.tell()
    assert len(notes) == mishaps._MOST + 2
    assert notes[-1] == (
        "somebody (many addresses)",
        f"{WRONG}, {5000 - mishaps._MOST - 1:,} times more within 10 minutes",
    )
    assert not kept._sums
