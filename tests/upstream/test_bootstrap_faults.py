"""Addresses of upstreams that are given by name, when servers say little, or what cannot be, or say it late."""

from __future__ import annotations

import asyncio
import time
from unittest import mock

import dns.message
import pytest

from resolver.errors import UpstreamError
from resolver.upstream import bootstrap as module
from resolver.upstream.endpoint import read
from tests.support import StillClock
from tests.upstream.asked import asked
from tests.upstream.authority import NAME, Issued
from tests.upstream.servers import serving, silent
from tests.upstream.streamed import Peer, carrying, over, streaming
from tests.upstream.test_bootstrap import HOST, at, bootstrap, knowing


def test_connections_that_do_not_last_are_no_reason_to_ask_again(issued: Issued) -> None:
    async def once(peer: Peer) -> None:
        peer.answer(await peer.query())

    async def main() -> None:
        async with (
            streaming(once, issued.server("dot")) as server,
            serving(knowing("127.0.0.1")) as (knows, one),
            bootstrap() as known,
            carrying(known) as carriers,
        ):
            send = over(carriers, f"tls://{NAME}:{server.address.port}?bootstrap={one.host}:{one.port}")
            for n in range(10):
                await send(asked(n)).reply()
                await asyncio.sleep(0.01)
            assert len(server.peers) == 10
            assert len(knows.queries) == 2

    asyncio.run(main())


@pytest.mark.parametrize("mute", ["A", "AAAA"])
def test_one_family_that_is_never_answered_for_holds_up_nobody(mute: str) -> None:
    def half(query: bytes) -> list[bytes]:
        kind = dns.message.from_wire(query).question[0].rdtype.name
        return [] if kind == mute else list(knowing("192.0.2.1", "2001:db8::1")(query))

    async def main() -> None:
        async with serving(half, silent) as (_, one), bootstrap() as known:
            began = time.monotonic()
            expected = ("2001:db8::1",) if mute == "A" else ("192.0.2.1",)
            assert await known.addresses(read(at(one))) == expected
            assert time.monotonic() - began < 1

    asyncio.run(main())


def test_where_nobody_can_be() -> None:
    async def main() -> None:
        async with serving(knowing("0.0.0.0", "::", "224.0.0.1", "192.0.2.1")) as (_, one), bootstrap() as known:
            assert await known.addresses(read(at(one))) == ("192.0.2.1",)
        async with serving(knowing("0.0.0.0", "ff02::1")) as (_, one), bootstrap() as known:
            with pytest.raises(UpstreamError, match="nobody who was asked knows"):
                await known.addresses(read(at(one)))

    asyncio.run(main())


def test_those_that_failed_come_last_and_are_forgotten_when_they_are_no_more() -> None:
    async def main() -> None:
        clock = StillClock()
        async with serving(knowing("192.0.2.1", "192.0.2.2")) as (server, one), bootstrap(clock) as known:
            endpoint = read(at(one))
            first, second = await known.addresses(endpoint)
            known.fails(endpoint, first)
            assert known.known(endpoint) == (second, first)
            known.fails(endpoint, second)
            assert known.known(endpoint) == (second, first)  # alike, as they were
            known.fails(endpoint, second)
            assert known.known(endpoint) == (first, second)
            known.fails(endpoint, "198.51.100.1")
            await server.asked(4)
            assert set(known.hosts[HOST]) == {"192.0.2.1", "192.0.2.2"}

    asyncio.run(main())


def test_a_mistake_of_ours_ends_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with serving(knowing("192.0.2.1")) as (_, one), bootstrap() as known:
            broken = mock.patch.object(module, "from_text", side_effect=RuntimeError("a mistake"))
            with broken, pytest.raises(UpstreamError):
                await known.addresses(read(at(one)))
            assert "a mistake" in caplog.text

    asyncio.run(main())
