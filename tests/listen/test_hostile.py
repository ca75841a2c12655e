"""Clients that mean harm over encrypted connections: what they do costs their own connection at most."""

from __future__ import annotations

import asyncio
import gc
import itertools
import logging
from asyncio.sslproto import SSLProtocol

import dns.message
import pytest

from resolver.listen import dnsjson
from resolver.listen.doh import Reply
from resolver.listen.http import Web
from resolver.listen.http1 import Http1
from resolver.listen.http2 import Http2
from resolver.listen.stream import IN_FLIGHT
from resolver.listen.tcp import Connection
from tests.listen.encrypted import Encrypted, encrypted, trusting
from tests.listen.test_doh import GET, POST, ask
from tests.listen.webclient import Http1Client, Http2Client
from tests.support import query, until
from tests.upstream.authority import NAME, Authority, Issued

SLOW = "/dns-query?name=slow.example"


async def still_answers(service: Encrypted, authority: Authority) -> None:
    assert (await ask(service, trusting(authority, "h2"), "h2", "GET", GET)).status == 200


@pytest.mark.parametrize("type", ["0" * 5000, "000000999999", "TYPE000001999999"])
def test_a_number_of_many_digits_is_no_type(authority: Authority, issued: Issued, type: str) -> None:
    async def main() -> None:
        async with encrypted(issued, "https") as service:
            context = trusting(authority, "http/1.1")
            got = await ask(service, context, "http/1.1", "GET", f"/dns-query?name=a.example&type={type}")
            assert got.status == 400

    asyncio.run(main())


@pytest.mark.parametrize(
    "broken",
    [
        f"GET /dns-query?name=a.example&type={'0' * 5000} HTTP/1.1\r\nhost: a\r\n\r\n",
        "HEAD /dns-query HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nZZZ\r\n",
    ],
)
def test_what_waits_behind_another_request_and_is_broken(authority: Authority, issued: Issued, broken: str) -> None:
    async def main() -> None:
        async with encrypted(issued, "https") as service:
            service.upstream.delay = 0.1
            async with Http1Client(service.ports["https"], trusting(authority, "http/1.1"), NAME) as client:
                client.send("GET", SLOW)
                client.writer.write(broken.encode())
                assert (await client.got()).status == 200
                assert (await client.reader.readline()).split()[1] == b"400"
            await still_answers(service, authority)

    asyncio.run(main())


@pytest.mark.parametrize("name", ["slow.example", "www.example"])
def test_a_mistake_of_ours_in_one_answer_ends_one_connection(
    authority: Authority, issued: Issued, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object) -> bytes:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(dnsjson, "text", wrong)

    async def main() -> None:
        async with encrypted(issued, "https") as service:
            async with Http1Client(service.ports["https"], trusting(authority, "http/1.1"), NAME) as client:
                client.send("GET", f"/dns-query?name={name}")
                with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                    await client.got()
            await still_answers(service, authority)

    asyncio.run(main())


def test_bytes_behind_a_request_under_way_are_not_hoarded(authority: Authority, issued: Issued) -> None:
    async def main() -> None:
        async with encrypted(issued, "https") as service:
            service.upstream.delay = 1.0
            async with Http1Client(service.ports["https"], trusting(authority, "http/1.1"), NAME) as client:
                client.send("GET", SLOW)
                client.writer.write(b"x" * (40 << 20))
                await until(lambda: service.upstream.asked)
                await asyncio.sleep(0.4)
                (web,) = service.doors._doors["https"].means.crowd.members
                assert isinstance(web, Web)
                assert isinstance(web._version, Http1)
                assert len(web.buffer) + len(web._version._h11.trailing_data[0]) < 1 << 20

    asyncio.run(main())


def test_a_flood_of_window_updates_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    client, server = Http2Client(0, None, NAME).h2, Http2()  # type: ignore[arg-type] # it is not connected
    client.initiate_connection()
    client.update_settings({4: 0})
    pseudo = [(":method", "GET"), (":path", "/dns-query"), (":scheme", "https"), (":authority", NAME)]
    for n in range(IN_FLIGHT):
        client.send_headers(2 * n + 1, pseudo, end_stream=True)
    for stream, _ in server.feed(client.data_to_send()):
        server.reply(stream, Reply(200, b"x" * 100), bare=False)
    client.receive_data(server.out())
    for _ in range(5000):
        client.increment_flow_control_window(1)
    flood = client.data_to_send()
    looks, look = itertools.count(1), server._go_on
    monkeypatch.setattr(server, "_go_on", lambda: (next(looks), look()))
    server.feed(flood)
    assert next(looks) == 2
    client.increment_flow_control_window(1000, 1)
    server.feed(client.data_to_send())
    assert any(getattr(event, "data", b"") == b"x" * 100 for event in client.receive_data(server.out()))


@pytest.mark.parametrize("end", ["close", "short"])
def test_who_leaves_before_the_answers_leaves_no_line_in_the_log(
    authority: Authority, issued: Issued, caplog: pytest.LogCaptureFixture, end: str
) -> None:
    caplog.set_level(logging.WARNING)

    async def main() -> None:
        async with encrypted(issued, "tls") as service:
            service.upstream.delay = 0.2
            service.upstream.load("".join(f"n{n}.example. 60 A 192.0.2.{n}\n" for n in range(60)))
            _, writer = await asyncio.open_connection(
                "127.0.0.1", service.ports["tls"], ssl=trusting(authority, "dot"), server_hostname=NAME
            )
            for n in range(60):
                asked = query(f"n{n}.example")
                writer.write(len(asked).to_bytes(2, "big") + asked)
            await until(lambda: len(service.upstream.asked) > 50)
            if end == "close":
                writer.close()
            else:
                writer.transport.pause_reading()  # type: ignore[attr-defined] # it is a transport that reads
                writer.write(b"\0\3abc")
            await asyncio.sleep(0.5)
            writer.transport.abort()

    asyncio.run(main())
    assert not caplog.records


def test_how_long_an_answer_may_be_kept_is_as_its_authority_says(authority: Authority, issued: Issued) -> None:
    """RFC 8484 section 5.1: of an answer without records, no longer than the MINIMUM of its SOA."""

    async def main() -> None:
        async with encrypted(issued, "https") as service:
            service.upstream.load("example. 3600 SOA a.example. b.example. 1 2 3 4 7\nwww.example. 300 A 192.0.2.1\n")
            async with Http2Client(service.ports["https"], trusting(authority, "h2"), NAME) as client:
                for name in ("nothing.example", "www.example"):
                    got = await client.got(client.send("POST", "/dns-query", query(name, "MX", id=0), POST))
                    assert dns.message.from_wire(got.body).authority
                    assert 5 <= int(got.headers["cache-control"].removeprefix("max-age=")) <= 7

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["tcp", "tls"])
def test_who_asks_very_much_at_once_does_not_hold_up_the_others(
    authority: Authority, issued: Issued, kind: str
) -> None:
    """Answers of finished ones take no turn of their own."""

    async def main() -> None:
        async with encrypted(issued, kind) as service:
            context = {"ssl": trusting(authority, "dot"), "server_hostname": NAME} if kind == "tls" else {}
            reader, writer = await asyncio.open_connection("127.0.0.1", service.ports[kind], **context)  # type: ignore[arg-type] # of one kind or the other
            asked = query("localhost")
            framed = len(asked).to_bytes(2, "big") + asked
            writer.write(framed)
            size = int.from_bytes(await reader.readexactly(2), "big")
            await reader.readexactly(size)
            (connection,) = service.doors._doors[kind].means.crowd.members
            assert isinstance(connection, Connection)
            counts: list[int] = []
            take, answer = connection.take, connection.means.answering.answer

            def counted() -> None:
                counts.append(0)
                take()

            def one(*given: object) -> object:
                counts[-1] += 1
                return answer(*given)  # type: ignore[arg-type] # as they came

            connection.take = counted  # type: ignore[method-assign] # looked at
            connection.means.answering.answer = one  # type: ignore[method-assign,assignment] # looked at
            connection.data_received(framed * 1000)
            await reader.readexactly((2 + size) * 1000)
            assert sum(counts) == 1000
            assert max(counts) <= 64
            writer.transport.abort()

    asyncio.run(main())


def test_a_tls_connection_that_idles_holds_little_memory(authority: Authority, issued: Issued) -> None:
    async def main() -> None:
        async with encrypted(issued, "tls") as service:
            _, writer = await asyncio.open_connection(
                "127.0.0.1", service.ports["tls"], ssl=trusting(authority, "dot"), server_hostname=NAME
            )
            await until(lambda: len(service.doors._doors["tls"].means.crowd) == 1)
            buffers = [one for one in gc.get_objects() if isinstance(one, SSLProtocol)]
            assert len(buffers) == 2
            assert all(len(one._ssl_buffer) <= 16 << 10 for one in buffers)  # type: ignore[attr-defined] # asyncio's own
            writer.transport.abort()

    asyncio.run(main())
