"""Windows: opened, renewed, ended, told, learned; bounded; and nothing to the wall clock."""

from __future__ import annotations

import pytest

from resolver.journal.frames import Window
from resolver.pipeline.visits import Visits
from tests.support import StillClock


class Told:
    """Visits over a clock that stands, and what was told of them."""

    def __init__(self, capacity: int = 100) -> None:
        self.clock = StillClock(monotonic=1000.0, time=5_000_000.0)
        self.visits = Visits(self.clock, capacity)
        self.told: list[list[Window]] = []
        self.visits.tell = self.told.append


def test_a_window_opens_is_renewed_and_ends() -> None:
    made = Told()
    visits, clock = made.visits, made.clock
    assert visits.until("me", "rule") == 0.0
    visits.open("me", "rule", 600)
    assert visits.until("me", "rule") == 5_000_600.0
    assert visits.until("you", "rule") == visits.until("me", "other") == 0.0
    clock.advance(100)
    visits.open("me", "rule", 600)
    assert visits.until("me", "rule") == 5_000_700.0
    visits.open("me", "rule", 60)  # a rule that was shortened does not close what is open
    assert visits.until("me", "rule") == 5_000_700.0
    clock.advance(600)
    assert visits.until("me", "rule") <= clock.time()
    assert visits.of("me") == {}
    assert visits.all() == []


def test_it_is_told_at_once_when_it_is_news() -> None:
    made = Told()
    made.visits.open("me", "rule", 600)
    assert made.told == [[("me", "rule", 1600.0)]]
    for _ in range(9):
        made.clock.advance(0.1)
        made.visits.open("me", "rule", 600)
    assert len(made.told) == 1
    made.clock.advance(0.11)
    made.visits.open("me", "rule", 600)
    ((again,),) = made.told[1:]
    assert again[2] == pytest.approx(1601.01)
    assert made.visits.until("me", "rule") == pytest.approx(5_000_601.01)  # what was not told was not lost


def test_what_others_tell_is_learned_and_told_no_further() -> None:
    made = Told()
    news = [("me", "rule", 1100.0), ("you", "rule", 1200.0)]
    assert made.visits.take(news) == news
    assert made.told == []
    assert made.visits.until("you", "rule") == 5_000_200.0
    assert made.visits.take([("me", "rule", 1100.5), ("you", "rule", 1000.0), ("you", "rule", 1201.0)]) == [
        ("you", "rule", 1201.0)
    ]
    made.visits.open("you", "rule", 201.5)
    assert made.told == []  # the others know it, give or take a second
    made.visits.open("you", "rule", 202)
    assert made.told == [[("you", "rule", 1202.0)]]


@pytest.mark.parametrize("years", [-50, -1, 1, 50])
def test_to_set_the_clock_neither_closes_nor_keeps_open(years: int) -> None:
    made = Told()
    made.visits.open("me", "rule", 600)
    made.clock._time += years * 365 * 86_400
    assert made.visits.until("me", "rule") == made.clock.time() + 600
    made.clock.advance(599)
    assert made.visits.until("me", "rule") > made.clock.time()
    made.clock.advance(1)
    assert made.visits.until("me", "rule") <= made.clock.time()


def test_those_not_renewed_for_longest_make_room() -> None:
    made = Told(capacity=3)
    for name in ("a", "b", "c"):
        made.visits.open(name, "rule", 600)
        made.clock.advance(1)
    made.visits.open("a", "rule", 600)
    made.visits.open("d", "rule", 600)
    assert [client for client, _, _ in made.visits.all()] == ["c", "a", "d"]
    made.told.clear()
    made.visits.open("b", "rule", 600)
    assert made.told == [[("b", "rule", 1603.0)]]  # it had been told once, and then forgotten
    assert len(made.visits) == 3


def test_a_flood_of_clients_takes_no_more_room() -> None:
    made = Told(capacity=50)
    for n in range(1000):
        made.visits.open(f"10.0.{n // 256}.{n % 256}", "rule", 600)
        made.visits.take([(f"10.1.{n // 256}.{n % 256}", "rule", 9000.0)])
    assert len(made.visits) == len(made.visits._told) == 50


def test_the_windows_of_one_client_and_all_of_them() -> None:
    made = Told()
    made.visits.open("me", "one", 10)
    made.visits.open("me", "two", 20)
    made.visits.open("you", "one", 30)
    made.clock.advance(15)
    assert made.visits.of("me") == {"two": 5_000_020.0}
    assert made.visits.all() == [("me", "two", 1020.0), ("you", "one", 1030.0)]
