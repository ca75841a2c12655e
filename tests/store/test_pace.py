from __future__ import annotations

import threading
import time

import pytest

from resolver.store import pace as module
from resolver.store.pace import Pace, Stopped


def test_slow_bites_become_smaller_and_quick_ones_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST_REST", 0.0)
    pace = Pace(threading.Event(), 16, least=4, most=64)
    monkeypatch.setattr(module, "SHORT", 60.0)
    assert pace.bite(lambda size: size) == 16
    assert [pace.bite(lambda size: size) for _ in range(3)] == [32, 64, 64]
    sizes: list[int] = []

    def slow(size: int) -> None:
        sizes.append(size)
        time.sleep(module.LONG + 0.002)

    for _ in range(6):
        pace.bite(slow)
    assert sizes == [64, 32, 16, 8, 4, 4]


def test_it_rests_longer_than_it_works() -> None:
    pace = Pace(threading.Event())
    began = time.monotonic()
    pace.bite(lambda _: time.sleep(0.05))
    assert time.monotonic() - began >= 0.05 * (1 + module.REST)


def test_it_ends_when_told_and_the_bite_is_done() -> None:
    stop = threading.Event()
    done: list[int] = []
    pace = Pace(stop)
    stop.set()
    with pytest.raises(Stopped):
        pace.bite(done.append)
    assert done == [1]
