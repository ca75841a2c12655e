"""Somebody sets the clock while a forwarder answers: whatever was to end in ten minutes does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from resolver.model import Transport
from resolver.pipeline.forwarder import Forwarder
from resolver.policy.bundle import Bundle
from resolver.policy.document import Change, GroupEntry, OwnRule, Pause, ScheduleEntry, SiteEntry
from tests.pipeline.house import URL, made
from tests.scenarios.virtual import START, VirtualClock, VirtualLoop
from tests.support import MemoryReach, MemoryUpstream, query, read, run_virtual

ZONE = "www.example. 3600 A 192.0.2.1\nsite.example. 3600 A 192.0.2.2\nfree.example. 3600 A 192.0.2.3"
ME = "192.0.2.10"
BOOT = "7c2f"
OFFSET = START - 1000
YEAR = 365 * 86_400
BEDTIME = ScheduleEntry("bedtime", (0, 1, 2, 3, 4, 5, 6), 0, 0, "UTC", only=())


class House:
    """A forwarder that looks at the clock when told to."""

    def __init__(self, loop: VirtualLoop, bundle: Bundle, boot: str = BOOT) -> None:
        self.clock = VirtualClock(loop)
        udp = MemoryUpstream(ZONE)
        self.forwarder = Forwarder(bundle, self.clock, MemoryReach(udp=(udp, udp)), "feed", boot=boot)

    async def ask(self, name: str = "www.example") -> tuple[str, int]:
        """The address and the TTL that a client hears."""
        answer = self.forwarder.answering.answer(query(name), ME, Transport.UDP)
        data = answer if answer is None or isinstance(answer, bytes) else await answer
        assert data is not None
        (rrset,) = read(data).answer
        return str(rrset[0]), rrset.ttl

    def set(self, by: float) -> None:
        self.clock.step(by)
        self.forwarder.keep_time()


def policy(**fields: Any) -> Bundle:
    return made({"ads": "||www.example^"}, boot=BOOT, offset=OFFSET, upstreams=(URL,), **fields)


def play(bundle: Bundle, by: float, *, until: int = 600, allowed: bool = True) -> None:
    """Answers hold for `until` seconds, of which the clock is set back or forth after 100."""

    async def main(loop: VirtualLoop) -> None:
        house = House(loop, bundle)
        before, after = ("192.0.2.1", "0.0.0.0") if allowed else ("0.0.0.0", "192.0.2.1")
        assert (await house.ask())[0] == before
        await asyncio.sleep(100)
        house.set(by)
        assert await house.ask() == (before, until - 100 if allowed else 10)
        await asyncio.sleep(until - 101)
        assert await house.ask() == (before, 1)
        await asyncio.sleep(1)
        assert (await house.ask())[0] == after
        house.forwarder.close()

    run_virtual(main)


SET = pytest.mark.parametrize("by", [-30 * YEAR, -YEAR, -3600, -2, 2, 3600, YEAR, 30 * YEAR])


@SET
def test_an_exception_ends_when_it_was_to_end(by: float) -> None:
    play(policy(rules=(OwnRule("allow", "www.example", until=START + 600),)), by)


@SET
def test_a_timed_block_ends_when_it_was_to_end(by: float) -> None:
    rules = (OwnRule("deny", "www.example", until=START + 600), OwnRule("allow", "www.example"))
    play(policy(rules=rules), by, allowed=False)


@SET
def test_a_pause_ends_when_it_was_to_end(by: float) -> None:
    play(policy(pauses=(Pause(START + 600),)), by)


@SET
def test_a_site_rule_ends_when_it_was_to_end(by: float) -> None:
    play(policy(sites=(SiteEntry("x.example", ("www.example",), window=None, until=START + 600),)), by)


@SET
def test_a_change_of_a_schedule_ends_when_it_was_to_end(by: float) -> None:
    fields: dict[str, Any] = {
        "groups": (GroupEntry("default", schedules=("bedtime",)),),
        "schedules": (BEDTIME,),
        "changes": (Change("bedtime", on=False, begins=START, until=START + 600),),
    }
    play(made(boot=BOOT, offset=OFFSET, upstreams=(URL,), **fields), by)


@SET
def test_a_window_closes_when_it_was_to_close(by: float) -> None:
    async def main(loop: VirtualLoop) -> None:
        house = House(loop, policy(sites=(SiteEntry("site.example", ("www.example",), key="site:1"),)))
        await house.ask("site.example")
        await asyncio.sleep(100)
        house.set(by)
        assert await house.ask() == ("192.0.2.1", 500)
        await asyncio.sleep(499)
        assert await house.ask() == ("192.0.2.1", 1)
        await asyncio.sleep(1)
        assert (await house.ask())[0] == "0.0.0.0"
        house.forwarder.close()

    run_virtual(main)


def test_hours_are_those_of_the_clock_on_the_wall_at_once() -> None:
    """Also for what was answered before, and is still remembered."""
    evening = ScheduleEntry("bedtime", (0, 1, 2, 3, 4, 5, 6), 21 * 60, 22 * 60, "UTC", only=())
    groups = (GroupEntry("default", schedules=("bedtime",)),)

    async def main(loop: VirtualLoop) -> None:
        house = House(loop, made(boot=BOOT, offset=OFFSET, upstreams=(URL,), groups=groups, schedules=(evening,)))
        assert await house.ask("free.example") == ("192.0.2.3", 3600)
        house.set(9.5 * 3600)  # from noon to half past nine
        assert await house.ask("free.example") == ("0.0.0.0", 10)
        house.set(-9.5 * 3600)
        assert await house.ask("free.example") == ("192.0.2.3", 3600)
        house.forwarder.close()

    run_virtual(main)


def test_a_clock_that_is_merely_disciplined_costs_no_finished_answers() -> None:
    async def main(loop: VirtualLoop) -> None:
        house = House(loop, policy())
        await house.ask("free.example")
        peers = house.forwarder.peers
        for by in (0.0, 0.4, -0.9):
            house.set(by)
            assert house.forwarder.peers is peers
        house.set(1.6)
        assert house.forwarder.peers is not peers
        house.forwarder.close()

    run_virtual(main)


def test_what_was_written_before_the_clock_was_set_is_understood_when_it_is_loaded() -> None:
    async def main(loop: VirtualLoop) -> None:
        bundle = policy(rules=(OwnRule("allow", "www.example", until=START + 600),))
        house = House(loop, policy())
        house.set(YEAR)
        house.forwarder.take(bundle)
        assert await house.ask() == ("192.0.2.1", 600)
        house.forwarder.close()
        another = House(loop, bundle, boot="another")
        another.clock.step(YEAR)
        another.forwarder.keep_time()
        assert (await another.ask())[0] == "0.0.0.0"  # nobody knows what happened before the machine was started
        another.forwarder.close()

    run_virtual(main)
