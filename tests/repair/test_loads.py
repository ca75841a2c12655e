"""When a device was on a site."""

from __future__ import annotations

from resolver.repair.loads import AFTER, BEFORE, STAYS, STEP, Load, elsewhere, loads_of

NOON = 1_767_268_800


def test_names_close_together_are_one_load() -> None:
    assert loads_of([]) == []
    assert loads_of([NOON + 3, NOON, NOON + 3]) == [Load(NOON - BEFORE, NOON + 3 + AFTER)]
    assert loads_of([NOON, NOON + 16]) == [Load(NOON - 1, NOON + AFTER), Load(NOON + 15, NOON + 16 + AFTER)]


def test_a_page_that_goes_on_asking_is_loaded_anew() -> None:
    found = loads_of(range(NOON, NOON + 600, 10))
    assert len(found) == 9
    assert all(load.ends - load.begins <= 60 + BEFORE + AFTER for load in found)


def test_where_the_device_was_otherwise() -> None:
    load = Load(NOON, NOON + 12)
    steps = range((NOON - 600) // STEP, (NOON + 900) // STEP)
    away = elsewhere(steps, [load])
    near = set(steps) - away
    assert {step * STEP for step in near} >= {NOON - STEP, NOON, NOON + STEP, NOON + STAYS}
    assert min(near) * STEP == NOON - STEP
    assert max(near) * STEP <= NOON + 12 + STAYS
