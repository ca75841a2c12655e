"""Addresses of upstreams that are given by name: on real sockets, with servers that die, lie and come back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import dns.message
import dns.rcode
import dns.rrset
import pytest

from resolver.errors import UpstreamError
from resolver.upstream.bootstrap import Bootstrap
from resolver.upstream.carriers import Carriers
from resolver.upstream.endpoint import Addressed, read
from tests.support import StillClock, until
from tests.upstream.authority import NAME, Authority, Issued
from tests.upstream.servers import Address, Replies, serving, silent
from tests.upstream.streamed import carrying, sent, streaming

HOST = "dns.example"


def knowing(*addresses: str, ttl: int = 300) -> Replies:
    """A server that says these are the addresses of every name."""

    def replies(query: bytes) -> list[bytes]:
        message = dns.message.from_wire(query)
        response = dns.message.make_response(message)
        question = message.question[0]
        kind = "AAAA" if question.rdtype == 28 else "A"
        fitting = [one for one in addresses if (":" in one) == (kind == "AAAA")]
        if fitting:
            response.answer.append(dns.rrset.from_text(question.name, ttl, "IN", kind, *fitting))
        return [response.to_wire()]

    return replies


@contextlib.asynccontextmanager
async def bootstrap(clock: StillClock | None = None) -> AsyncIterator[Bootstrap]:
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:
        plain = Carriers(loop, Addressed(), tasks.create_task)
        made = Bootstrap(plain, loop, clock or StillClock(), lambda: 7, tasks.create_task)
        yield made
        made.close()
        plain.close()


def at(*servers: Address) -> str:
    return f"tls://{HOST}?bootstrap=" + ",".join(f"{one.host}:{one.port}" for one in servers)


def test_both_families_are_asked_for_and_kept() -> None:
    async def main() -> None:
        clock = StillClock()
        async with (
            serving(knowing("192.0.2.1", "192.0.2.2", "2001:db8::1")) as (server, one),
            bootstrap(clock) as known,
        ):
            endpoint = read(at(one))
            expected = ("192.0.2.1", "192.0.2.2", "2001:db8::1")
            assert set(await known.addresses(endpoint)) == set(expected)  # in whatever order they came
            clock.advance(200)
            assert set(await known.addresses(endpoint)) == set(expected)  # in whatever order they came
            assert len(server.queries) == 2
            assert set(known.hosts[HOST]) == set(expected)

    asyncio.run(main())


def test_they_are_asked_for_again_before_they_are_too_old_and_nobody_waits() -> None:
    async def main() -> None:
        clock = StillClock()
        async with serving(knowing("192.0.2.1")) as (server, one), bootstrap(clock) as known:
            endpoint = read(at(one))
            await known.addresses(endpoint)
            server.udp = knowing("192.0.2.2")
            clock.advance(280)
            assert await known.addresses(endpoint) == ("192.0.2.1",)
            await until(lambda: known.hosts[HOST] == ("192.0.2.2", "192.0.2.1"))

    asyncio.run(main())


def test_what_is_remembered_is_used_at_once_and_without_any_server() -> None:
    async def main() -> None:
        async with serving(silent) as (server, one), bootstrap() as known:
            known.take((), {HOST: ("192.0.2.7",)})
            assert await known.addresses(read(at(one))) == ("192.0.2.7",)
            await server.asked()
            assert await known.addresses(read(f"tls://{HOST}")) == ("192.0.2.7",)

    asyncio.run(main())


def test_a_server_that_is_dead_is_passed_over() -> None:
    async def main() -> None:
        async with (
            serving(silent, silent) as (_, dead),
            serving(knowing("192.0.2.1")) as (_, alive),
            bootstrap() as known,
        ):
            began = asyncio.get_running_loop().time()
            assert await known.addresses(read(at(dead, alive))) == ("192.0.2.1",)
            assert asyncio.get_running_loop().time() - began < 1.0

    asyncio.run(main())


def test_when_nobody_knows_that_is_said() -> None:
    async def main() -> None:
        async with serving(knowing()) as (_, one), bootstrap() as known:
            with pytest.raises(UpstreamError, match=f"knows the address of {HOST}"):
                await known.addresses(read(at(one)))
            with pytest.raises(UpstreamError, match=r"knows the address of other\.example"):
                await known.addresses(read("tls://other.example"))

    asyncio.run(main())


def test_after_a_lie_the_address_of_before_is_tried_too_and_another_server_asked() -> None:
    async def main() -> None:
        clock = StillClock()
        async with (
            serving(knowing("192.0.2.66")) as (_, liar),
            serving(knowing("192.0.2.1")) as (honest, other),
            bootstrap(clock) as known,
        ):
            endpoint = read(at(liar, other))
            assert await known.addresses(endpoint) == ("192.0.2.66",)
            known.fails(endpoint, "192.0.2.66")
            await known.addresses(endpoint)
            await until(lambda: known.hosts[HOST] == ("192.0.2.1", "192.0.2.66"))
            assert honest.queries

    asyncio.run(main())


def test_an_upstream_by_name_over_tls(issued: Issued) -> None:
    """The whole way: name, address, certificate for the name, answer."""

    async def main() -> None:
        async with (
            streaming(tls=issued.server("dot")) as server,
            serving(knowing("127.0.0.1")) as (_, one),
            bootstrap() as known,
            carrying(known) as carriers,
        ):
            url = f"tls://{NAME}:{server.address.port}?bootstrap={one.host}:{one.port}"
            assert isinstance(await sent(carriers, url).result(), bytes)

    asyncio.run(main())


def test_one_that_lies_leads_nowhere(issued: Issued, authority: Authority) -> None:
    """Its address is somebody else's, who cannot show the certificate; the next server's is right."""

    async def main() -> None:
        wrong = authority.issue("evil.example", file="evil")
        async with (
            streaming(tls=issued.server("dot"), host="::1") as server,
            serving(knowing("127.0.0.1")) as (_, liar),
            serving(knowing("::1")) as (_, honest),
            bootstrap() as known,
            carrying(known) as carriers,
        ):
            listener = await asyncio.start_server(
                lambda _, writer: writer.close(), "127.0.0.1", server.address.port, ssl=wrong.server("dot")
            )
            url = f"tls://{NAME}:{server.address.port}?bootstrap={liar.host}:{liar.port},{honest.host}:{honest.port}"
            assert f"its certificate is not for {NAME}" in await sent(carriers, url).failure()
            for _ in range(2):
                delivered = await sent(carriers, url).result()
            assert isinstance(delivered, bytes)
            listener.close()

    asyncio.run(main())
