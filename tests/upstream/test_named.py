"""Plain upstreams that are given by name, over real sockets: found, found again, and what becomes of dead addresses."""

from __future__ import annotations

import asyncio
import socket

import pytest

from resolver.upstream import named
from resolver.upstream.endpoint import read
from resolver.wire.reply import matches
from tests.support import until
from tests.upstream.asked import Delivered, asked
from tests.upstream.servers import Address, serving, silent
from tests.upstream.streamed import Sending, carrying, over
from tests.upstream.test_bootstrap import HOST, bootstrap, knowing
from tests.upstream.test_streams_addresses import Book


def url(scheme: str, port: int, knows: Address) -> str:
    return f"{scheme}://{HOST}:{port}?bootstrap={knows.host}:{knows.port}"


@pytest.mark.parametrize("scheme", ["udp", "tcp"])
def test_it_is_found_once_and_asked(scheme: str) -> None:
    async def main() -> None:
        async with (
            serving() as (server, one),
            serving(knowing("127.0.0.1")) as (knows, other),
            bootstrap() as known,
            carrying(known) as carriers,
        ):
            send = over(carriers, url(scheme, one.port, other))
            waits = [send(asked(n, f"n{n}.example")) for n in range(20)]  # all but one while the address is looked up
            for n, delivered in enumerate(waits):
                assert matches(await delivered.reply(), asked(n, f"n{n}.example"))
            await send().reply()
            assert len(knows.queries) == 2  # for both families
            assert len(server.queries) == 21
            assert server.over_tcp == (scheme == "tcp")

    asyncio.run(main())


def test_what_is_truncated_is_asked_for_over_tcp_at_the_same_place() -> None:
    async def main() -> None:
        async with (
            serving() as (server, one),
            serving(knowing("127.0.0.1")) as (_, other),
            bootstrap() as known,
            carrying(known) as carriers,
        ):
            for transport in carriers.to(read(url("udp", one.port, other))):
                await Sending(transport)().reply()
            assert server.over_tcp == 1

    asyncio.run(main())


def test_an_address_that_refuses_is_left_for_another() -> None:
    async def main() -> None:
        async with (
            serving(host="127.0.0.2") as (_, one),
            serving(knowing("127.0.0.1")) as (_, other),
            bootstrap() as known,
            carrying(known) as carriers,
        ):
            known.take((), {HOST: ("127.0.0.1", "127.0.0.2")})
            send = over(carriers, url("udp", one.port, other))
            assert "Connection refused" in await send().failure()
            await send().reply()
            assert known.hosts[HOST] == ("127.0.0.2", "127.0.0.1")

    asyncio.run(main())


def test_an_address_that_is_silent_is_left_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named, "_SILENT", 0.05)

    async def main() -> None:
        async with (
            serving(host="127.0.0.2") as (_, one),
            serving(knowing()) as (_, other),
            bootstrap() as known,
            carrying(known) as carriers,
        ):
            known.take((), {HOST: ("127.0.0.1", "127.0.0.2")})
            with socket.socket(type=socket.SOCK_DGRAM) as mute:
                mute.bind(("127.0.0.1", one.port))
                transport = carriers.to(read(url("udp", one.port, other)))[0]
                waits = [Delivered() for _ in range(3)]
                sent = [transport.send(asked(n), delivered) for n, delivered in enumerate(waits)]
                sent[0].close()  # at once, which tells nothing
                assert known.hosts[HOST][0] == "127.0.0.1"
                await asyncio.sleep(0.06)
                sent[1].close()
                sent[2].close()
                assert known.hosts[HOST] == ("127.0.0.2", "127.0.0.1")
                await Sending(transport)().reply()
                assert [delivered.results for delivered in waits] == [[], [], []]

    asyncio.run(main())


def test_nobody_knows_where_it_is() -> None:
    async def main() -> None:
        async with serving(knowing()) as (_, other), bootstrap() as known, carrying(known) as carriers:
            send = over(carriers, url("udp", 53, other))
            said = f"UpstreamUnreachable: nobody who was asked knows the address of {HOST}"
            assert [await one.failure() for one in (send(), send())] == [said, said]
        async with carrying(Book()) as carriers:
            assert await over(carriers, f"udp://{HOST}")().failure() == f"UpstreamUnreachable: {HOST} has no address"

    asyncio.run(main())


def test_whoever_gives_up_before_there_is_an_address_is_not_asked_for() -> None:
    async def main() -> None:
        async with (
            serving() as (server, one),
            serving(silent, silent) as (knows, other),
            bootstrap() as known,
            carrying(known) as carriers,
        ):
            transport = carriers.to(read(url("udp", one.port, other)))[0]
            first, second = Delivered(), Delivered()
            transport.send(asked(1, "a.example"), first).close()
            transport.send(asked(2, "b.example"), second)
            await knows.asked(2)
            knows.udp = knowing("127.0.0.1")
            await second.reply()
            await until(lambda: server.queries == [asked(2, "b.example")])
            assert first.results == []

    asyncio.run(main())
