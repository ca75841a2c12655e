"""How one upstream has been doing."""

from __future__ import annotations

from resolver.errors import UpstreamError, UpstreamUntimely
from resolver.upstream.upstream import GIVE_UP, State, Upstream
from tests.support import StillClock


def made() -> tuple[Upstream, StillClock]:
    clock = StillClock()
    return Upstream("udp://192.0.2.53", (), clock), clock


def test_one_failure_raises_a_doubt_and_a_success_ends_it() -> None:
    upstream, clock = made()
    upstream.failing(UpstreamError("once"), clock.monotonic())
    assert (upstream.up, upstream.state) == (True, State.DOUBTFUL)
    upstream.succeeded(0.01)
    assert upstream.state == State.WELL
    upstream.failing(UpstreamError("again"), clock.monotonic())
    assert upstream.up


def test_two_in_a_row_are_down_and_one_success_is_up() -> None:
    upstream, clock = made()
    began = clock.time()
    assert upstream.health().since == began
    upstream.failing(UpstreamError("a"), clock.monotonic())
    clock.advance(5)
    upstream.failing(UpstreamError("b"), clock.monotonic())
    assert not upstream.up
    clock.advance(5)
    upstream.failing(UpstreamError("c"), clock.monotonic())
    health = upstream.health()
    assert (health.up, health.since, health.reason, health.failed) == (False, began + 5, "c", 3)
    upstream.succeeded(0.02)
    health = upstream.health()
    assert (health.up, health.since, health.reason, health.latency_ms) == (True, began + 10, "", 20.0)


def test_many_that_fail_for_one_reason_are_one() -> None:
    upstream, clock = made()
    asked = clock.monotonic()
    clock.advance(0.1)
    for _ in range(100):
        upstream.failing(UpstreamError("the connection was lost"), asked)
    assert upstream.up
    upstream.failing(UpstreamError("refused"), clock.monotonic())
    assert not upstream.up


def test_a_doubt_after_one_failure_does_not_last() -> None:
    upstream, clock = made()
    upstream.failing(UpstreamError("refused"), clock.monotonic() - 10)
    states = []
    for seconds in (GIVE_UP - 0.01, 0.02):
        clock.advance(seconds)
        upstream.judge()
        states.append(upstream.state)
    assert states == [State.DOUBTFUL, State.DOWN]
    upstream.succeeded(0.01)
    upstream.judge()
    assert upstream.state == State.WELL


def test_silence_is_down_after_a_while_in_which_nothing_else_came() -> None:
    upstream, clock = made()
    asked = clock.monotonic()
    clock.advance(0.6)
    upstream.silent(asked)
    upstream.judge()
    assert upstream.state == State.DOUBTFUL
    clock.advance(GIVE_UP - 0.61)
    upstream.judge()
    assert upstream.up
    clock.advance(0.02)
    upstream.judge()
    assert not upstream.up


def test_silence_while_others_were_answered_is_a_loss_and_nothing_more() -> None:
    upstream, clock = made()
    asked = clock.monotonic()
    clock.advance(0.1)
    upstream.succeeded(0.01)
    clock.advance(0.5)
    upstream.silent(asked)
    assert upstream.state == State.WELL
    assert upstream.health().loss == 0.05


def test_any_reply_shows_that_it_is_there() -> None:
    upstream, clock = made()
    upstream.silent(clock.monotonic())
    clock.advance(1)
    upstream.heard()
    clock.advance(GIVE_UP)
    upstream.judge()
    assert upstream.state == State.WELL


def test_one_that_answers_what_is_of_no_use_is_down_until_it_is_of_use() -> None:
    upstream, _ = made()
    for _ in range(4):
        upstream.useless("REFUSED")
    upstream.succeeded(0.01)
    for _ in range(4):
        upstream.useless("REFUSED")
    assert upstream.up
    upstream.useless("REFUSED")
    upstream.heard()
    assert not upstream.up
    upstream.succeeded(0.01)
    assert upstream.up


def test_it_is_untimely_while_nothing_but_the_date_is_wrong() -> None:
    upstream, _ = made()
    upstream.failing(UpstreamUntimely("expired"), 0)
    assert upstream.untimely
    upstream.failing(UpstreamError("reset"), 0)
    assert not upstream.untimely
    upstream.failing(UpstreamUntimely("expired"), 0)
    upstream.succeeded(0.1)
    assert not upstream.untimely
