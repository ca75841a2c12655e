"""Who is held back, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.model import Transport
from resolver.pipeline.forwarder import Forwarder
from resolver.pipeline.rates import BURST, Fate, Rates
from resolver.policy.document import Limits
from tests.support import MemoryReach, StillClock, bundle, query

RATE = 10
ME, OTHER = "192.0.2.1", "198.51.100.7"


YES, NO, CUT, SILENT = Fate.ANSWERED, Fate.REFUSED, Fate.CUT, Fate.SILENT


def rates(slip: int = 0) -> Rates:
    made = Rates()
    made.take(Limits(RATE, 2, slip=slip))
    return made


def second(
    held: Rates, queries: int = 0, address: str = ME, hits: Mapping[str, int] | None = None, *, proven: bool = False
) -> list[Fate]:
    found = [held.count(address, proven=proven) for _ in range(queries)]
    held.turn(hits or {})
    return found


def test_a_burst_is_answered_and_going_on_like_that_is_not() -> None:
    held = rates()
    assert second(held, BURST * RATE) == [YES] * BURST * RATE
    assert not held.wild
    assert second(held, 3 * RATE) == [YES] * 3 * RATE
    assert held.wild == {ME}
    assert second(held, 3 * RATE) == [YES] * RATE + [NO] * RATE + [SILENT] * RATE
    assert held.count(OTHER) is YES
    assert held.refused == 2 * RATE


def test_a_little_more_than_the_rate_is_found_after_a_while() -> None:
    held = rates()
    seconds = next(n for n in range(1, 1000) if not (second(held, RATE + 2) and held.wild))
    assert seconds == 1
    for _ in range(BURST * RATE // 2):
        second(held, RATE + 2)
    assert held.wild == {ME}


def test_hits_count_as_queries_do() -> None:
    held = rates()
    second(held, hits={ME: 12 * RATE})
    assert held.wild == {ME}


def test_who_is_calm_again_is_free_soon_and_who_is_not_stays() -> None:
    held = rates()
    for _ in range(50):
        second(held, 100 * RATE)
    assert held.wild == {ME}
    second(held, RATE * 2)
    assert held.wild == {ME}
    seconds = 0
    while held.wild:
        second(held, 1)
        seconds += 1
    assert seconds <= 3


def test_every_so_many_of_what_is_refused_is_told_to_come_again_over_tcp() -> None:
    held = rates(slip=3)
    second(held, 12 * RATE)
    assert second(held, 2 * RATE + 2) == [YES] * RATE + [NO, CUT, NO, NO, CUT, NO, NO, CUT, NO, NO] + [SILENT] * 2
    assert held.refused == RATE + 2


def test_what_a_client_proved_is_counted_by_itself_and_never_met_with_silence() -> None:
    """Somebody floods Lull in its name; over TCP it is answered all the same, within the limit."""
    held = rates(slip=2)
    second(held, 50 * RATE)
    assert held.count(ME, hit=True, proven=True) is YES
    assert second(held, RATE, proven=True) == [YES] * RATE
    second(held, 50 * RATE, proven=True)
    assert second(held, 50 * RATE, proven=True) == [YES] * RATE + [NO] * 49 * RATE
    assert held.wild == {ME}


def test_hits_of_who_is_wild_in_one_way_count_in_the_other() -> None:
    held = rates()
    second(held, 50 * RATE)
    for _ in range(50 * RATE):
        held.count(ME, hit=True, proven=True)
    held.turn({ME: 1000 * RATE})  # are counted already
    assert held.count(ME, hit=True, proven=True) is YES
    assert [held.count(ME, hit=True, proven=True) for _ in range(RATE)][-1] is NO


def test_no_limit_at_all() -> None:
    held = rates()
    second(held, 100 * RATE, OTHER)
    assert held.wild == {OTHER}
    held.take(Limits(0))
    assert not held.wild
    assert set(second(held, 100 * RATE, OTHER)) == {YES}


def test_errors_are_told_so_often_a_second() -> None:
    held = rates()
    assert [held.errs(ME) for _ in range(4)] == [True, True, False, False]
    assert held.errs(OTHER)
    held.turn({})
    assert held.errs(ME)


@given(st.lists(st.integers(0, 30 * RATE), max_size=60))
def test_nobody_who_keeps_to_the_rate_is_ever_held_back(counts: list[int]) -> None:
    """Against the bucket itself: what was asked in any stretch is at most the rate times its length, and the burst."""
    held, debt = rates(), 0
    for count in counts:
        second(held, count)
        debt = max(debt + count - RATE, 0)
        if not debt:
            assert not held.wild
    for _ in range(2 * BURST):
        second(held, 0)
    assert not held.wild
    assert not held._debts


@pytest.mark.parametrize("addresses", [20_000])
def test_a_flood_of_forged_addresses_is_bounded(addresses: int) -> None:
    held = rates()
    held.turn({f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}": 20 * RATE for n in range(addresses)})
    assert len(held._debts) == len(held.wild) == 10_000


async def flooded(made: Forwarder, *addresses: str) -> int:
    """Ten seconds' worth of queries in each of two seconds from these addresses, in turn; how many got no answer at
    all."""
    silent = 0
    for _ in range(2):
        for number in range(BURST * RATE * 2):
            answer = made.answering.answer(query("localhost"), addresses[number % len(addresses)], Transport.UDP)
            if answer is None:
                silent += 1
            elif not isinstance(answer, bytes):
                await answer
        found = made.journal.hits
        await made.journal.roll(0)
        await made.tend(found)
    return silent


def test_an_ipv6_network_is_one_client() -> None:
    async def main() -> None:
        made, _ = answering(Limits(RATE))
        many = [f"fd00::{number:x}" for number in range(1, BURST * RATE)]
        assert await flooded(made, *many) > BURST * RATE
        assert made.rates.wild == {"fd00::/64"}
        assert made.peers["fd00::aaaa"].packets is not made.peers["fd00::aaaa"].held
        assert made.peers["fd00:0:0:1::1"].packets is made.peers["fd00:0:0:1::1"].held
        made.close()

    asyncio.run(main())


def test_those_that_are_exempt_cost_their_neighbours_nothing() -> None:
    async def main() -> None:
        made, _ = answering(Limits(RATE, 20, ("192.0.2.0/24", "fd00::1")))
        assert not await flooded(made, "192.0.2.9", "fd00::1")
        assert not made.rates.wild
        await flooded(made, "fd00::2")
        assert made.rates.wild == {"fd00::/64"}
        assert made.peers["fd00::1"].packets is made.peers["fd00::1"].held
        assert not await flooded(made, "fd00::1")
        made.close()

    asyncio.run(main())


def answering(limits: Limits) -> tuple[Forwarder, Callable[[int], Awaitable[None]]]:
    """A forwarder, and a second of so many hits over a stream."""
    made = Forwarder(bundle(limits=limits), StillClock(), MemoryReach(), "feed")

    async def hits(count: int) -> None:
        for _ in range(count):
            made.answering.answer(query("localhost"), ME, Transport.TCP)
        found = made.journal.hits
        await made.journal.roll(0)
        await made.tend(found)

    return made, hits


def test_hits_that_do_not_come_by_the_hot_path_count_once() -> None:
    async def main() -> None:
        made, hits = answering(Limits(RATE))
        assert isinstance(made.answering.answer(query("localhost"), ME, Transport.TCP), bytes)
        for _ in range(50):
            await hits(RATE - 1)
        assert not made.rates.wild
        await hits(20 * RATE)
        assert made.rates.wild == {ME}
        for _ in range(BURST * RATE):
            await hits(RATE - 1)
        assert not made.rates.wild
        made.close()

    asyncio.run(main())


def test_with_other_limits_everybody_has_finished_answers_again() -> None:
    async def main() -> None:
        made, _ = answering(Limits(RATE))
        made.rates.turn({ME: 20 * RATE})
        made.peers.hold_back(made.rates.wild)
        assert made.peers[ME].packets is not made.peers[ME].held
        made.take(bundle(limits=Limits(2 * RATE)))
        assert made.peers[ME].packets is made.peers[ME].held
        made.close()

    asyncio.run(main())
