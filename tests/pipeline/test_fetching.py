"""Asking upstream once for all who wait, and keeping what comes whoever still waits."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest import mock

import dns.rcode
import pytest

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.model import Question, Type
from resolver.pipeline.fetching import Failed, Fetched, Fetching
from resolver.policy.truth import Truth
from tests.pipeline.house import SOA, House, at_home, made
from tests.support import wire

ZONE = f"www.example. 60 A 192.0.2.1\n{SOA}"
WWW = Question(wire("www.example"), Type.A)


def fetch(house: House, question: Question = WWW) -> asyncio.Future[Fetched | Failed]:
    return house.forwarder.fetching.fetch(question, do=False, cd=False).future()


def known(house: House, question: Question = WWW) -> bool:
    return house.forwarder.rrsets.get(question, do=False, cd=False) is not None


def test_those_who_ask_at_the_same_time_are_told_the_same() -> None:
    async def main(house: House) -> None:
        outcomes = await asyncio.gather(*[fetch(house) for _ in range(20)])
        assert all(outcome is outcomes[0] for outcome in outcomes)
        assert isinstance(outcomes[0], Fetched)
        assert (outcomes[0].lifetime, outcomes[0].upstream, outcomes[0].ad) == (60, "udp://192.0.2.53", False)
        assert (len(house.udp.asked), house.forwarder.fetching.asked) == (1, 1)

    at_home(main, ZONE)


def test_whoever_gives_up_gives_up_alone_and_the_answer_is_kept() -> None:
    async def main(house: House) -> None:
        house.udp.delay = 0.2
        first, second = fetch(house), fetch(house)
        first.cancel()
        assert isinstance(await second, Fetched)
        third = fetch(house, Question(wire("no.example"), Type.A))
        third.cancel()
        await asyncio.sleep(1)
        assert known(house, Question(wire("no.example"), Type.A))

    at_home(main, ZONE)


@pytest.mark.parametrize("waiting", [True, False])
def test_a_mistake_of_ours_leaves_nobody_waiting(waiting: bool, caplog: pytest.LogCaptureFixture) -> None:
    async def main(house: House) -> None:
        fetching = house.forwarder.fetching
        with mock.patch.object(house.forwarder.rrsets, "put", side_effect=RuntimeError("a mistake")):
            if waiting:
                assert (await house.ask("www.example")).rcode() == dns.rcode.SERVFAIL
            else:
                fetching.fetch(WWW, do=False, cd=False)
                await asyncio.sleep(1)
        assert "RuntimeError" in caplog.text
        assert "a mistake" not in caplog.text, "it might be a name that is not to be kept"
        assert fetching._open == {}
        assert isinstance(await fetch(house), Fetched)

    at_home(main, ZONE)


def test_nobody_need_wait() -> None:
    async def main(house: House) -> None:
        for _ in range(2):
            house.forwarder.fetching.fetch(WWW, do=False, cd=False)
        await asyncio.sleep(0.1)
        assert known(house)
        assert len(house.udp.asked) == 1

    at_home(main, ZONE)


def test_what_an_upstream_says_that_was_replaced_is_told_and_not_kept() -> None:
    async def main(house: House) -> None:
        house.udp.delay = 0.2
        before = fetch(house)
        await asyncio.sleep(0.1)
        house.forwarder.take(made(upstreams=("tcp://192.0.2.53",)))
        after = fetch(house)
        assert isinstance(await before, Fetched)
        assert not known(house)
        assert isinstance(await after, Fetched)
        assert known(house)
        assert len(house.udp.asked) == 2

    at_home(main, ZONE)


def test_it_is_dark_when_nothing_came_since_it_was_asked() -> None:
    async def main(house: House) -> None:
        fetching = house.forwarder.fetching
        house.udp.result = lambda _: UpstreamUnreachable("Connection refused")
        assert isinstance(await fetch(house), Failed)
        assert fetching.dark
        failure = fetching.failing(WWW, do=False, cd=False)
        assert failure is not None
        assert failure.reach
        house.udp.result = house.udp.reply
        await fetch(house, Question(wire("no.example"), Type.A))
        assert not fetching.dark
        assert fetching.failing(WWW, do=False, cd=False) is None

    at_home(main, ZONE)


def test_one_name_that_has_no_answer_is_not_the_dark() -> None:
    async def main(house: House) -> None:
        fetching = house.forwarder.fetching
        house.udp.delays["www.example."] = 60
        slow = fetch(house)
        await asyncio.sleep(1)
        await fetch(house, Question(wire("no.example"), Type.A))
        assert isinstance(await slow, Failed)
        assert not fetching.dark
        failure = fetching.failing(WWW, do=False, cd=False)
        assert failure is not None
        assert not failure.reach

    at_home(main, ZONE)


def test_a_want_of_our_own_is_not_held_against_anybody() -> None:
    async def main(house: House) -> None:
        house.udp.result = lambda _: UpstreamError("Too many open files")
        assert isinstance(await fetch(house), Failed)
        assert not house.forwarder.fetching.dark
        assert house.forwarder.fetching.failing(WWW, do=False, cd=False) is None

    at_home(main, ZONE)


def test_a_mistake_in_a_pool_is_a_failure_too(caplog: pytest.LogCaptureFixture) -> None:
    async def main(house: House) -> None:
        class Broken:
            upstreams = ()
            untimely = False

            def inquire(self, *_: object, **__: object) -> None:
                raise ZeroDivisionError

        broken: Any = Broken()
        fetching = Fetching(house.forwarder.rrsets, lambda: broken, Truth, house.clock, asyncio.get_running_loop())
        told = await fetching.fetch(WWW, do=False, cd=False)
        assert isinstance(told, Failed)
        assert "ZeroDivisionError" in caplog.text

    at_home(main, ZONE)
