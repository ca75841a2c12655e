"""Everything together: bundles that change while queries are under way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import dns.rcode
import pytest

from resolver.model import Nxdomain
from resolver.pipeline.forwarder import Forwarder
from resolver.policy.truth import Truth
from resolver.upstream.endpoint import Endpoint
from resolver.upstream.transport import Transport
from tests.pipeline.house import ME, SOA, House, at_home, made
from tests.scenarios.virtual import VirtualClock, VirtualLoop
from tests.support import MemoryUpstream, run_virtual, texts

ZONE = f"www.example. 60 A 192.0.2.1\n{SOA}"
BLOCKING = {"ads": "||www.example^"}


def test_a_bundle_takes_effect_at_the_next_query() -> None:
    async def main(house: House) -> None:
        assert (await house.ask("www.example")).rcode() == dns.rcode.NOERROR
        house.forwarder.take(made(BLOCKING, answer=Nxdomain()))
        assert (await house.ask("www.example")).rcode() == dns.rcode.NXDOMAIN
        house.forwarder.take(made())
        assert (await house.ask("www.example")).rcode() == dns.rcode.NOERROR
        assert len(house.udp.asked) == 1

    at_home(main, ZONE)


def test_what_was_under_way_is_answered_and_not_kept_for_the_new_policy() -> None:
    async def main(house: House) -> None:
        house.udp.delay = 1.0
        query = asyncio.ensure_future(house.ask("www.example"))
        await asyncio.sleep(0.5)
        house.forwarder.take(made(BLOCKING, answer=Nxdomain()))
        assert (await query).rcode() == dns.rcode.NOERROR
        assert (await house.ask("www.example")).rcode() == dns.rcode.NXDOMAIN

    at_home(main, ZONE)


def test_flushing_while_a_query_is_under_way() -> None:
    async def main(house: House) -> None:
        house.udp.delay = 1.0
        query = asyncio.ensure_future(house.ask("www.example"))
        await asyncio.sleep(0.5)
        house.forwarder.flush()
        assert (await query).rcode() == dns.rcode.NOERROR
        assert sum(map(len, house.forwarder.peers.maps())) == 0

    at_home(main, ZONE)


def test_old_answers_are_let_go_bit_by_bit() -> None:
    async def main(house: House) -> None:
        for n in range(1200):
            await house.ask(f"n{n}.localhost")
        packets = house.forwarder.peers[ME].packets
        assert len(packets) == 1200
        house.forwarder.take(made())
        assert len(packets) == 700
        await asyncio.sleep(1)
        assert len(packets) == 0

    at_home(main, ZONE)


class Noted:
    """What notes whom it is asked to reach."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, int, bool]] = []

    def to(self, endpoint: Endpoint, *, dated: bool = True) -> Sequence[Transport]:
        self.asked.append((endpoint.transport, endpoint.host, endpoint.port, dated))
        return (MemoryUpstream(),) if dated or endpoint.encrypted else ()


@pytest.mark.parametrize(
    ("url", "transport", "host", "port"),
    [
        ("udp://192.0.2.53", "udp", "192.0.2.53", 53),
        ("udp://192.0.2.53:5353", "udp", "192.0.2.53", 5353),
        ("udp://[2001:db8::53]", "udp", "2001:db8::53", 53),
        ("tcp://[2001:db8::53]:8053", "tcp", "2001:db8::53", 8053),
        ("udp://[fe80::1%eth0]:53", "udp", "fe80::1%eth0", 53),
        ("tls://192.0.2.53#dns.example", "tls", "192.0.2.53", 853),
    ],
)
def test_where_an_upstream_is(url: str, transport: str, host: str, port: int) -> None:
    async def main(loop: VirtualLoop) -> None:
        reach = Noted()
        forwarder = Forwarder(made(upstreams=(url,)), VirtualClock(loop), reach, "f")
        assert [upstream.url for upstream in forwarder.pool.upstreams] == [url]
        assert reach.asked == [(transport, host, port, True), (transport, host, port, False)]

    run_virtual(main)


def test_names_of_time_servers_reach_the_pool() -> None:
    async def main(house: House) -> None:
        before = house.forwarder.pool
        house.forwarder.take(made(clocks=("ntp.example",)))
        assert house.forwarder.pool is not before
        assert house.forwarder.pool.upstreams == before.upstreams

    at_home(main)


def test_what_is_known_of_an_upstream_outlives_a_bundle() -> None:
    async def main(house: House) -> None:
        first = house.forwarder.pool
        house.forwarder.take(made())
        assert house.forwarder.pool is first
        house.forwarder.take(made(upstreams=("udp://192.0.2.1", "udp://192.0.2.53")))
        assert house.forwarder.pool.upstreams[1] is first.upstreams[0]
        house.forwarder.take(made(upstreams=()))
        assert house.forwarder.pool.upstreams == ()

    at_home(main)


def test_an_upstream_of_another_version_is_left_out_and_the_others_work(caplog: pytest.LogCaptureFixture) -> None:
    async def main(house: House) -> None:
        house.forwarder.take(made(upstreams=("later://192.0.2.1", "udp://192.0.2.53")))
        assert texts((await house.ask("www.example")).answer) == ["www.example. 60 IN A 192.0.2.1"]

    with caplog.at_level(logging.ERROR):
        at_home(main, ZONE)
    assert "later://192.0.2.1" in caplog.text


def test_the_journal_obeys_the_privacy_of_the_bundle() -> None:
    async def main(house: House) -> None:
        house.forwarder.take(made(privacy="no-name"))
        await house.ask("www.example")
        (row,) = await house.rows()
        assert (row.client, row.exchange.name) == ("", "")

    at_home(main, ZONE)


def test_other_upstreams_may_have_another_truth() -> None:
    async def main(house: House) -> None:
        await house.ask("www.example")
        house.udp.load("www.example. 60 A 192.0.2.99")
        house.forwarder.take(made(upstreams=("udp://192.0.2.54",)))
        assert texts((await house.ask("www.example")).answer) == ["www.example. 60 IN A 192.0.2.99"]
        await house.ask("www.example")
        assert len(house.udp.asked) == 2

    at_home(main, ZONE)


def test_a_lower_bound_of_ttls_holds_for_what_is_kept_already() -> None:
    async def main(house: House) -> None:
        await house.ask("www.example")
        house.forwarder.take(made(truth=Truth(max_ttl=20)))
        (line,) = texts((await house.ask("www.example")).answer)
        assert int(line.split()[1]) <= 20
        await asyncio.sleep(21)
        await house.ask("www.example")
        assert len(house.udp.asked) == 2

    at_home(main, ZONE)


def test_closed_it_fails_what_old_and_new_upstreams_are_asked() -> None:
    async def main(house: House) -> None:
        house.udp.result = lambda _: None
        old = asyncio.ensure_future(house.ask("www.example"))
        await asyncio.sleep(0.1)
        house.forwarder.take(made(upstreams=("udp://192.0.2.54",)))
        new = asyncio.ensure_future(house.ask("www.example"))
        await asyncio.sleep(0.1)
        began = house.clock.time()
        house.forwarder.close()
        assert {(await query).rcode() for query in (old, new)} == {dns.rcode.SERVFAIL}
        assert house.clock.time() - began < 0.1
        assert not house.udp.open

    at_home(main, ZONE)
