import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.store.speeds import LIMITS_MS, SLOWER, speed


@pytest.mark.parametrize(
    ("took_us", "step"), [(0, 0), (1000, 0), (1001, 1), (2000, 1), (20_000, 4), (5_000_000, 11), (5_000_001, SLOWER)]
)
def test_the_first_step_whose_limit_is_kept(took_us: int, step: int) -> None:
    assert speed(took_us) == step


@given(st.integers(0, 10_000_000))
def test_as_a_plain_search_finds_it(took_us: int) -> None:
    assert speed(took_us) == next((i for i, limit in enumerate(LIMITS_MS) if took_us <= limit * 1000), SLOWER)
