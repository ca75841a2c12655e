import pytest

from resolver.lists.schedule import CHANCE, TIMING, Timing, again, at_start, longest, retry, spread


@pytest.mark.parametrize(
    ("failures", "pause"), [(1, 5), (2, 30), (3, 120), (4, 600), (5, 3600), (6, 3600), (10**9, 3600)]
)
def test_pauses_grow_to_an_hour(failures: int, pause: float) -> None:
    assert retry(failures, TIMING) == pause


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 90.0), (0.5, 100.0), (1.0, 110.0)])
def test_the_spread_is_a_tenth_either_way(chance: float, seconds: float) -> None:
    assert spread(100.0, TIMING, lambda: chance) == pytest.approx(seconds)


def test_machines_do_not_ask_all_at_once() -> None:
    pauses = {spread(100.0, TIMING, CHANCE) for _ in range(100)}
    assert len(pauses) > 50
    assert max(pauses) <= longest(100.0, TIMING) == pytest.approx(110.0)


@pytest.mark.parametrize(
    ("failures", "chance", "pause"),
    [(1, 0.0, 2.5), (1, 0.5, 5.0), (1, 1.0, 7.5), (2, 0.5, 30.0), (3, 0.5, 120.0), (5, 1.0, 5400.0), (99, 0.0, 1800.0)],
)
def test_tries_after_failures_in_seconds_then_minutes(failures: int, chance: float, pause: float) -> None:
    assert again(failures, 43_200.0, TIMING, lambda: chance) == pytest.approx(pause)


def test_a_list_that_fails_is_asked_for_as_often_as_one_that_does_not() -> None:
    assert again(9, 600.0, TIMING, CHANCE) == 600.0


def test_lists_that_failed_together_are_not_tried_together() -> None:
    pauses = sorted(again(4, 43_200.0, TIMING, CHANCE) for _ in range(100))
    assert pauses[0] >= 300.0
    assert pauses[-1] <= 900.0
    assert pauses[90] - pauses[10] > 200.0


def test_what_is_overdue_at_a_start_is_spread_over_the_first_minutes() -> None:
    tries = sorted(at_start(0.0, 1e9, 43_200.0, TIMING, CHANCE) - 1e9 for _ in range(100))
    assert tries[0] >= 0.0
    assert tries[-1] <= TIMING.overdue == 300.0
    assert tries[90] - tries[10] > 100.0


@pytest.mark.parametrize(
    ("due", "refresh", "first"),
    [(1000.0, 9e4, 1150.0), (500.0, 9e4, 1150.0), (1000.5, 9e4, 1000.5), (9e9, 9e4, 9e9), (0.0, 60.0, 1030.0)],
)
def test_the_first_check_after_a_start(due: float, refresh: float, first: float) -> None:
    assert at_start(due, 1000.0, refresh, TIMING, lambda: 0.5) == first


def test_a_start_without_patience() -> None:
    assert at_start(0.0, 1000.0, 60.0, Timing(overdue=0.0), CHANCE) == 1000.0
