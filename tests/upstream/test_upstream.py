"""How one upstream has been doing."""

from __future__ import annotations

import pytest

from resolver.upstream.do53 import Address
from resolver.upstream.upstream import Upstream
from tests.support import StillClock


def made() -> tuple[Upstream, StillClock]:
    clock = StillClock()
    return Upstream("udp://192.0.2.53", Address("192.0.2.53", 53), (), clock), clock


def test_one_failure_is_none() -> None:
    upstream, _ = made()
    upstream.failing("once")
    assert upstream.up
    upstream.succeeded(0.01)
    upstream.failing("again")
    assert upstream.up
    assert not upstream.due


def test_two_in_a_row_are_down_and_one_success_is_up() -> None:
    upstream, clock = made()
    began = clock.time()
    assert upstream.health().since == began
    upstream.failing("a")
    clock.advance(5)
    upstream.failing("b")
    assert not upstream.up
    clock.advance(5)
    upstream.failing("c")
    health = upstream.health()
    assert (health.up, health.since, health.reason, health.failed) == (False, began + 5, "c", 3)
    upstream.succeeded(0.02)
    health = upstream.health()
    assert (health.up, health.since, health.reason, health.latency_ms) == (True, began + 10, "", 20.0)


@pytest.mark.parametrize("tells", [True, False])
def test_it_is_due_after_pauses_that_double_and_once_each(tells: bool) -> None:
    upstream, clock = made()
    upstream.failing("a")
    upstream.failing("b")
    for pause in (1, 2, 4, 8, 16, 30, 30, 30):
        assert not upstream.due
        clock.advance(pause - 0.01)
        assert not upstream.due
        clock.advance(0.02)
        assert upstream.due
        assert not upstream.due
        if tells:
            upstream.failing("still")
    upstream.succeeded(0.01)
    upstream.failing("c")
    upstream.failing("d")
    clock.advance(1.01)
    assert upstream.due  # it begins anew


def test_latency_is_smoothed() -> None:
    upstream, _ = made()
    upstream.succeeded(0.1)
    assert upstream.health().latency_ms == 100.0
    upstream.succeeded(0.2)
    assert upstream.health().latency_ms == 110.0
