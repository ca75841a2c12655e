"""UDP to upstreams, over real sockets: what counts as a reply, and that nothing is left open."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import os
import pathlib
import resource
from collections.abc import AsyncIterator, Iterable

import pytest

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.model import Question
from resolver.upstream.do53 import Udp, unreachable
from resolver.upstream.endpoint import read
from resolver.upstream.transport import Sent
from resolver.wire.reply import matches
from tests.network.apart import apart, ip
from tests.support import wire
from tests.upstream.asked import Delivered, asked, wrongs
from tests.upstream.servers import Address, closed_port, descriptors, right, serving, settled, silent

QUESTION = Question(wire("www.example"), 1)


@contextlib.asynccontextmanager
async def transport() -> AsyncIterator[Udp]:
    """The carrier, and a check that it leaves nothing open."""
    before = descriptors()
    udp = Udp(asyncio.get_running_loop())
    yield udp
    udp.close()
    await settled(before)


def send(used: Udp, address: Address, query: bytes, delivered: Delivered) -> Sent:
    return used.to(read(address.url("udp"))).send(query, delivered)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_reply_is_delivered_once(host: str) -> None:
    async def main() -> None:
        async with serving(lambda query: [right(query)] * 2, host=host) as (server, address), transport() as used:
            delivered = Delivered()
            send(used, address, asked(), delivered)
            assert matches(await delivered.reply(), asked())
            await asyncio.sleep(0.02)
            assert len(delivered.results) == 1
            assert server.queries == [asked()]

    asyncio.run(main())


def test_what_does_not_match_is_thrown_away_and_the_wait_goes_on() -> None:
    def udp(query: bytes) -> Iterable[bytes]:
        return [*wrongs(query), right(query, "192.0.2.7")]

    async def main() -> None:
        async with serving(udp) as (_, address), transport() as used:
            delivered = Delivered()
            send(used, address, asked(), delivered)
            assert (await delivered.reply())[-15:-11] == bytes((192, 0, 2, 7))

    asyncio.run(main())


def test_a_reply_from_elsewhere_does_not_count() -> None:
    async def main() -> None:
        async with serving(silent) as (server, address), serving() as (other, _), transport() as used:
            delivered = Delivered()
            send(used, address, asked(), delivered)
            await server.asked()
            assert other._transport is not None
            other._transport.sendto(right(asked()), ("127.0.0.1", server.ports[0]))
            await asyncio.sleep(0.05)
            assert delivered.results == []
            assert server._transport is not None
            server._transport.sendto(right(asked()), ("127.0.0.1", server.ports[0]))
            assert matches(await delivered.reply(), asked())

    asyncio.run(main())


def test_nobody_there_is_told_at_once() -> None:
    async def main() -> None:
        async with transport() as used:
            delivered = Delivered()
            send(used, closed_port(), asked(), delivered)
            result = await delivered.result()
            assert isinstance(result, UpstreamUnreachable)
            assert str(result) == "Connection refused"

    asyncio.run(main())


def test_no_route_is_told_later_not_in_place() -> None:
    async def main() -> None:
        async with transport() as used:
            delivered = Delivered()
            send(used, Address("255.255.255.255", 53), asked(), delivered)  # refused to who has no SO_BROADCAST
            assert delivered.results == []
            assert isinstance(await delivered.result(), UpstreamUnreachable)

    asyncio.run(main())


def test_without_descriptors_it_is_not_the_upstream_that_failed() -> None:
    async def main() -> None:
        async with transport() as used:
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            send(used, closed_port(), asked(), Delivered()).close()
            delivered = Delivered()
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
            try:
                send(used, Address("127.0.0.1", 53), asked(), delivered)
                assert delivered.results == []
                result = await delivered.result()
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            assert type(result) is UpstreamError  # no fault of the upstream's
            assert "open files" in str(result)

    asyncio.run(main())


@pytest.mark.parametrize("code", [errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM, errno.ENFILE])
def test_what_this_machine_wants_is_no_fault_of_the_upstream(code: int) -> None:
    assert type(unreachable(OSError(code, os.strerror(code)))) is UpstreamError
    assert type(unreachable(OSError(errno.EHOSTUNREACH, "No route to host"))) is UpstreamUnreachable


def test_without_ports_it_is_not_the_upstream_that_failed() -> None:
    async def main() -> None:
        async with transport() as used:
            waits = [_never(Address("127.0.0.1", 9999), used)[0] for _ in range(3)]
            assert type(await waits[-1].result()) is UpstreamError

    def work() -> None:
        ip("link", "set", "lo", "up")
        pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("40000 40001")
        asyncio.run(main())

    apart(work)


def _never(address: Address, used: Udp) -> tuple[Delivered, Sent]:
    delivered = Delivered()
    return delivered, send(used, address, asked(), delivered)


def test_closed_means_no_delivery_and_no_socket() -> None:
    async def main() -> None:
        async with serving(silent, silent) as (server, address), transport() as used:
            before = descriptors()
            delivered, sent = _never(address, used)
            await server.asked()
            assert descriptors() > before
            sent.close()
            sent.close()
            await settled(before)
            assert delivered.results == []

    asyncio.run(main())


@pytest.mark.parametrize("where", ["refused", "unroutable"])
def test_closed_before_a_failure_is_told(where: str) -> None:
    async def main() -> None:
        async with transport() as used:
            address = closed_port() if where == "refused" else Address("255.255.255.255", 53)
            delivered, sent = _never(address, used)
            sent.close()
            await asyncio.sleep(0.02)
            assert delivered.results == []

    asyncio.run(main())


def test_closing_the_transport_closes_every_socket() -> None:
    async def main() -> None:
        before = descriptors()
        udp = Udp(asyncio.get_running_loop())
        async with serving(silent) as (server, address):
            waits = [_never(address, udp) for _ in range(100)]
            await server.asked(100)
            udp.close()
            for delivered, sent in waits:
                sent.close()
                assert delivered.results == []
        assert descriptors() == before

    asyncio.run(main())


def test_many_at_a_time() -> None:
    async def main() -> None:
        async with serving() as (_, address), transport() as used:
            waits = [Delivered() for _ in range(150)]
            for id, delivered in enumerate(waits):
                send(used, address, asked(id), delivered)
            for id, delivered in enumerate(waits):
                assert matches(await delivered.reply(), asked(id))

    asyncio.run(main())


def test_each_query_has_a_random_port_of_its_own() -> None:
    async def main() -> None:
        async with serving() as (server, address), transport() as used:
            waits = [Delivered() for _ in range(300)]
            for delivered in waits:
                send(used, address, asked(), delivered)
                await delivered.result()
            ports = server.ports
            assert len(set(ports)) > 250
            steps = [abs(after - before) for before, after in itertools.pairwise(ports)]
            assert sum(step < 100 for step in steps) < 60  # not one after the other
            assert max(ports) - min(ports) > 10_000

    asyncio.run(main())
