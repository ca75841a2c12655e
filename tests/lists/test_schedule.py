import pytest

from resolver.lists.schedule import CHANCE, TIMING, longest, retry, spread


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
