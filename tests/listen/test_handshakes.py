"""Handshakes: who begins many and ends none costs the others nothing; and nobody has all of the time for theirs."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time

import pytest

from resolver.listen import crowd
from resolver.listen.pace import Pace
from tests.listen.encrypted import Encrypted, encrypted, trusting
from tests.support import query, until
from tests.upstream.authority import NAME, Authority, Issued


def hello() -> bytes:
    """What a client of TLS says first."""
    out = ssl.MemoryBIO()
    context = ssl.create_default_context()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), out, server_hostname=NAME).do_handshake()
    return out.read()


async def half_open(service: Encrypted, source: str, say: bytes) -> socket.socket:
    sock = socket.socket()
    sock.setblocking(False)
    sock.bind((source, 0))
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", service.ports["tls"]))
    sock.send(say)
    return sock


async def asked(service: Encrypted, authority: Authority) -> float:
    """Seconds until one who is new has an answer."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", service.ports["tls"], ssl=trusting(authority, "dot"), server_hostname=NAME
    )
    data = query("localhost")
    writer.write(len(data).to_bytes(2, "big") + data)
    async with asyncio.timeout(5):
        await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
    took = time.monotonic() - began
    writer.close()
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        await writer.wait_closed()
    return took


@pytest.mark.parametrize("say", [b"", hello()], ids=["silent", "hello"])
def test_a_thousand_that_never_end_theirs_keep_nobody_out(authority: Authority, issued: Issued, say: bytes) -> None:
    async def main() -> None:
        async with encrypted(issued, "tls") as service:
            means = service.doors._doors["tls"].means
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", service.ports["tls"], ssl=trusting(authority, "dot"), server_hostname=NAME
            )
            await until(lambda: len(means.crowd) == 1)
            sources = (f"127.1.{number // 20}.{number % 20 + 1}" for number in range(1000))
            socks = [await half_open(service, source, say) for source in sources]
            assert await asked(service, authority) < 3
            assert len(means.lobby) <= crowd.MAX_OPENING
            data = query("localhost")  # who was there before and idles is still there
            writer.write(len(data).to_bytes(2, "big") + data)
            async with asyncio.timeout(3):
                assert await reader.readexactly(2)
            writer.transport.abort()
            for sock in socks:
                sock.close()
            await until(lambda: not means.lobby.members, 5)

    asyncio.run(main())


def test_one_client_begins_so_many_at_a_time(authority: Authority, issued: Issued) -> None:
    async def main() -> None:
        async with encrypted(issued, "tls") as service:
            means = service.doors._doors["tls"].means
            socks = [await half_open(service, "127.0.0.9", b"") for _ in range(60)]
            await until(lambda: len(means.lobby) == crowd.MAX_OPENING_PER_CLIENT)
            assert await asked(service, authority) < 3
            for sock in socks:
                sock.close()
            await until(lambda: not means.lobby.members, 5)

    asyncio.run(main())


def test_half_of_the_time_is_for_others() -> None:
    """Each takes 10 ms of the loop's time: no more than one in 20 ms is begun."""

    async def main() -> None:
        pace = Pace()
        loop = asyncio.get_running_loop()
        begun = 0

        async def one() -> None:
            nonlocal begun
            await pace.turn()
            begun += 1
            loop.call_soon(time.sleep, 0.01)

        waiting = [asyncio.create_task(one()) for _ in range(100)]
        await asyncio.sleep(0.4)
        assert 10 <= begun <= 21
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.sleep(0.1)  # what the last one cost is for others too
        assert pace.due == 0
        pace.spent(0.05)
        assert pace.due > 0
        await asyncio.sleep(0.06)
        assert pace.due == 0

    asyncio.run(main())


def test_work_that_is_put_off_is_waited_for_later() -> None:
    async def main() -> None:
        pace = Pace()
        loop = asyncio.get_running_loop()
        began = loop.time()
        await pace.turn()
        for _ in range(5):
            pace.spent(0.01)
        gone = asyncio.create_task(pace.turn())
        await asyncio.sleep(0.02)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        async with asyncio.timeout(1):
            await pace.turn()
        assert loop.time() - began >= 0.05

    asyncio.run(main())


def test_a_hello_that_comes_in_parts_is_measured_when_it_is_worked_on(authority: Authority, issued: Issued) -> None:
    """Its turn comes with the first byte, which is no work at all."""

    async def main() -> None:
        async with encrypted(issued, "tls") as service:
            means = service.doors._doors["tls"].means
            spent: list[float] = []
            said = hello()
            means.shared.pace.spent = spent.append  # type: ignore[method-assign,assignment] # looked at
            service.doors._doors["tls"]._timed = means.shared.pace.timed()  # type: ignore[attr-defined] # a Listener
            sock = await half_open(service, "127.0.0.9", said[:1])
            await until(lambda: spent)
            await asyncio.sleep(0.02)
            before = len(spent)
            sock.send(said[1:])
            await until(lambda: len(spent) > before)
            sock.close()
            await until(lambda: not means.lobby.members, 5)

    asyncio.run(main())
