"""IDs of queries."""

from __future__ import annotations

import itertools

from resolver.upstream.ids import random_ids


def test_they_are_of_the_whole_range_and_in_no_order() -> None:
    draw = random_ids()
    drawn = [draw() for _ in range(65_536)]
    assert min(drawn) < 50
    assert max(drawn) > 65_485
    assert 40_000 < len(set(drawn)) < 43_000  # 1 - 1/e of all
    assert 30_000 < sum(after > before for before, after in itertools.pairwise(drawn)) < 35_000
    assert [random_ids()() for _ in range(4)] != [random_ids()() for _ in range(4)]
