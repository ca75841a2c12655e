"""Schedules as a client with an honest cache sees them: no answer outlives the next edge, whatever it was made from."""

from __future__ import annotations

import asyncio

import dns.message
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.policy.bundle import Bundle
from resolver.policy.document import GroupEntry, ScheduleEntry
from tests.pipeline.house import SOA, House, at_home, made
from tests.scenarios.virtual import START
from tests.support import errors, texts

ZONE = f"""
www.example.     3600 A     192.0.2.1
long.example.     300 CNAME www.example.
hidden.example.  3600 CNAME x.ads.example.
x.ads.example.   3600 A     192.0.2.2
listed.example.  3600 A     203.0.113.9
school.example.  3600 A     192.0.2.3
{SOA}"""
NOON = 12 * 60  # by the clocks of UTC, when every virtual day begins


def under(*schedules: ScheduleEntry) -> Bundle:
    groups = (GroupEntry("default", (), ("ads",), schedules=tuple(one.name for one in schedules)),)
    return made({"ads": "||ads.example^\n203.0.113.9"}, groups=groups, schedules=schedules, ttl=30)


def ttls(reply: dns.message.Message) -> list[int]:
    return [rrset.ttl for rrset in (*reply.answer, *reply.authority)]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 3),
    st.lists(st.floats(0, 60), min_size=1, max_size=6),
    st.sampled_from(["only", "block", "allow"]),
    st.sampled_from(["www", "long", "no", "hidden", "x.ads", "listed", "school"]),
)
def test_no_ttl_outlives_an_edge(minutes: int, steps: list[float], kind: str, label: str) -> None:
    """TTLs are whole seconds, so that an edge may be missed by less than one."""
    begins = NOON + 1
    says = {kind: ("school.example", "www.example")}
    bundle = under(ScheduleEntry("x", tuple(range(7)), begins, begins + minutes, "UTC", **says))
    edges = [START + 60, START + 60 + 60 * minutes]

    async def main(house: House) -> None:
        for step in steps:
            now = house.clock.time()
            reply = await house.ask(f"{label}.example")
            fresh = House(asyncio.get_running_loop(), bundle, house.udp)  # type: ignore[arg-type] # it is virtual
            assert errors(reply) == errors(await fresh.ask(f"{label}.example"))
            fresh.forwarder.pool.close()
            ahead = [edge for edge in edges if edge > now]
            assert not ahead or now + max(ttls(reply)) < ahead[0] + 1
            await asyncio.sleep(step)

    at_home(main, ZONE, bundle)


def test_what_an_address_blocks_is_not_said_after_the_edge() -> None:
    """The name passed only until then: afterwards the schedule allows it."""

    async def main(house: House) -> None:
        assert errors(await house.ask("listed.example")) == [(15, "ads: 203.0.113.9")]
        await asyncio.sleep(59)
        reply = await house.ask("listed.example")
        assert ttls(reply) == [1]
        await asyncio.sleep(1)
        assert texts((await house.ask("listed.example")).answer) == ["listed.example. 60 IN A 203.0.113.9"]

    at_home(main, ZONE, under(ScheduleEntry("x", (0,), NOON + 1, NOON + 2, "UTC", allow=("listed.example",))))
