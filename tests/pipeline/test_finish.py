"""The TTL rule: no TTL outlives its verdict, whatever was cached and when."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import dns.message
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.model import (
    Address,
    Allow,
    Client,
    Message,
    NullAddress,
    Pass,
    Query,
    Question,
    Response,
    RRset,
    RuleRef,
    Transport,
)
from resolver.pipeline.finish import make
from resolver.pipeline.stage import Parts
from resolver.policy.document import OwnRule, Pause
from tests.pipeline.house import SOA, House, at_home, made
from tests.scenarios.virtual import START
from tests.support import StillClock

ZONE = f"www.example. 3600 A 192.0.2.1\nlong.example. 300 CNAME www.example.\n{SOA}"


def ttls(reply: dns.message.Message) -> list[int]:
    return [rrset.ttl for rrset in (*reply.answer, *reply.authority)]


@settings(max_examples=60)
@given(
    st.floats(0.5, 200),
    st.lists(st.floats(0, 60), min_size=1, max_size=6),
    st.sampled_from(["allow", "deny", "pause"]),
    st.sampled_from(["www.example", "long.example", "no.example"]),
    st.booleans(),
)
def test_no_ttl_outlives_its_verdict(left: float, steps: list[float], kind: str, name: str, known: bool) -> None:
    """TTLs are whole seconds, so that the end may be missed by less than one."""
    end = START + left

    async def main(house: House) -> None:
        if known:
            await house.ask(name, client="192.0.2.99")
        for step in steps:
            reply = await house.ask(name)
            now = house.clock.time()
            longest = max(ttls(reply))
            if now < end:
                assert now + longest < end + 1
            await asyncio.sleep(step)

    rules: tuple[OwnRule, ...] = ()
    pauses: tuple[Pause, ...] = ()
    if kind == "pause":
        pauses = (Pause(end, client="192.0.2.10"),)
    else:
        rules = (OwnRule("allow" if kind == "allow" else "deny", "example", until=end),)
    at_home(main, ZONE, made({"ads": "||example^"}, rules=rules, pauses=pauses, ttl=30))


@pytest.mark.parametrize(("fixed", "lifetime"), [(False, 30.0), (True, 20.0)])
def test_a_fixed_answer_is_given_only_while_its_whole_ttl_fits(fixed: bool, lifetime: float) -> None:
    finish = make(_parts())
    rrset = RRset(b"\x01a\0", 1, 10, (bytes(4),))
    verdict = Allow(RuleRef(1, "rules", "x"), until=1030.0)
    found = finish(_query(), Response(0, (rrset,), lifetime=math.inf, fixed=fixed, verdict=verdict))
    assert (found.answer, found.lifetime) == ((rrset,), lifetime)


def test_what_is_left_caps_every_ttl() -> None:
    finish = make(_parts())
    rrsets = tuple(RRset(b"\x01a\0", 1, ttl, (bytes(4),)) for ttl in (3, 7, 300))
    verdict = Allow(RuleRef(1, "rules", "x"), until=1007.9)
    found = finish(_query(), Response(0, rrsets, rrsets, lifetime=3.0, verdict=verdict))
    assert [rrset.ttl for rrset in found.answer + found.authority] == [3, 7, 7, 3, 7, 7]
    assert found.lifetime == 3.0


def test_a_verdict_that_has_just_ended_gives_nothing_to_keep() -> None:
    finish = make(_parts())
    verdict = Allow(RuleRef(1, "rules", "x"), until=990.0)
    found = finish(_query(), Response(0, (RRset(b"\x01a\0", 1, 300, (bytes(4),)),), lifetime=9.0, verdict=verdict))
    assert (found.answer[0].ttl, found.lifetime) == (0, 0.0)


def test_without_an_end_nothing_is_changed() -> None:
    finish = make(_parts())
    response = Response(0, (RRset(b"\x01a\0", 1, 300, (bytes(4),)),), lifetime=300.0)
    assert finish(_query(), response) is response


def _parts() -> Parts:
    clock = StillClock(time=1000.0)
    unused: Any = None  # finish looks at nothing but the clock
    return Parts(unused, unused, unused, unused, clock, unused)


def _query() -> Query:
    message = Message(Question(b"\x01a\0", 1), b"", b"", rd=True, ad=False, cd=False, do=False, payload=None)
    return Query(message, "a", Client("192.0.2.1", "default"), Transport.UDP, Pass())


def test_blocking_modes_obey_it_too() -> None:
    async def main(house: House) -> None:
        for passed, ttl in ((0, 30), (25, 15), (10, 5)):
            await asyncio.sleep(passed)
            assert ttls(await house.ask("www.example")) == [ttl]

    for answer in (NullAddress(), Address((bytes(4),))):
        rules = (OwnRule("deny", "example", until=START + 40),)
        at_home(main, ZONE, made(rules=rules, ttl=30, answer=answer))
