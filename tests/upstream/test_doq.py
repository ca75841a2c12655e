"""DNS over QUIC: a stream a query, and servers that are wrong or not there."""

from __future__ import annotations

import asyncio
import socket

import pytest

from resolver.upstream import line, lines
from resolver.wire.reply import matches
from tests.support import until
from tests.upstream.asked import asked
from tests.upstream.authority import NAME, Authority, Issued
from tests.upstream.quic import Behaviour, Talk, answering, quic_serving
from tests.upstream.servers import Address, closed_port, framed, right
from tests.upstream.streamed import carrying, over, sent


def came(issued: Issued, behaviour: Behaviour = answering, more: str = "", *, dated: bool = True) -> tuple[str, int]:
    """What comes of one query: "answered" or the failure; and the queries that came through."""

    async def main() -> tuple[str, int]:
        async with quic_serving(issued, behaviour) as server, carrying() as carriers:
            delivered = sent(carriers, server.url.partition("#")[0] + (more or f"#{NAME}"), dated=dated)
            said = "answered" if isinstance(await delivered.result(5), bytes) else await delivered.failure()
            return said, len(server.queries)

    return asyncio.run(main())


def test_many_share_a_connection(issued: Issued) -> None:
    async def main() -> None:
        async with quic_serving(issued) as server, carrying() as carriers:
            send = over(carriers, server.url)
            waits = [send(asked(id, f"n{id}.example")) for id in range(150)]
            for id, delivered in enumerate(waits):
                assert matches(await delivered.reply(), asked(id, f"n{id}.example"))
            assert len(server.talks) == 1
            for query in server.queries:
                assert query[:2] == b"\0\0"  # always (RFC 9250 section 4.2.1)
                assert len(query) % 128 == 0

    asyncio.run(main())


def test_a_reply_in_parts(issued: Issued) -> None:
    def parts(talk: Talk, stream: int, query: bytes) -> None:
        data = framed(right(query))
        for at in range(0, len(data), 7):
            talk.say(stream, data[at : at + 7], end=False)
            talk.transmit()
        talk.say(stream, b"")

    assert came(issued, parts) == ("answered", 1)


MISMATCH = "UpstreamUnreachable: its reply does not match the query"


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (lambda talk, stream, query: talk.say(stream, b""), "the connection was closed without an answer"),
        (lambda talk, stream, query: talk.say(stream, framed(b"\0\1" + right(query)[2:])), "its reply does not match"),
        (lambda talk, stream, query: talk.say(stream, right(query)), "its reply does not match"),
        (lambda talk, stream, query: talk.say(stream, framed(right(query))[:-1]), "its reply does not match"),
        (lambda talk, stream, query: talk.say(stream, framed(right(query)) * 2), "its reply does not match"),
        (lambda talk, stream, query: talk.say(stream, bytes(70_000)), "its reply does not match"),
        (lambda talk, stream, query: talk.quic.reset_stream(stream, 4), "the server refused the query (QUIC error 4)"),
    ],
)
def test_a_reply_that_is_none(issued: Issued, behaviour: Behaviour, said: str) -> None:
    found, queries = came(issued, behaviour)
    assert found.startswith(f"UpstreamUnreachable: {said}")
    assert queries == 1


def test_a_connection_that_is_closed_is_replaced(issued: Issued) -> None:
    def closing(talk: Talk, stream: int, query: bytes) -> None:
        if talk.number == 1:
            talk.close()
        else:
            answering(talk, stream, query)

    assert came(issued, closing) == ("answered", 2)


def test_one_that_always_closes_is_asked_twice(issued: Issued) -> None:
    found, queries = came(issued, lambda talk, stream, query: talk.close(error_code=2, reason_phrase="no"))
    assert (found, queries) == ("UpstreamUnreachable: QUIC failed: no", 2)


def test_silence(issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_TICK", 0.02)
    monkeypatch.setattr(line, "SILENT", 0.1)
    assert came(issued, lambda *_: None) == ("UpstreamUnreachable: it accepts queries and is silent", 2)


def test_nobody_there(issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "CONNECT", 0.3)

    async def main() -> None:
        async with carrying() as carriers:
            refused = await sent(carriers, closed_port().url("quic")).failure()
            assert refused == "UpstreamUnreachable: Connection refused"
        with socket.socket(type=socket.SOCK_DGRAM) as mute:
            mute.bind(("127.0.0.1", 0))
            async with carrying() as carriers:
                silent = await sent(carriers, Address("127.0.0.1", mute.getsockname()[1]).url("quic")).failure()
                assert silent == "UpstreamUnreachable: no connection in time"

    asyncio.run(main())


def test_sessions_are_resumed(issued: Issued) -> None:
    def once(talk: Talk, stream: int, query: bytes) -> None:
        answering(talk, stream, query)
        talk.transmit()
        talk.close()

    async def main() -> list[bool]:
        async with quic_serving(issued, once) as server, carrying() as carriers:
            send = over(carriers, f"{server.url}?pin={issued.pin}")
            for n in range(3):
                await send(asked(n)).reply()
                await asyncio.sleep(0.05)
            return server.resumed

    assert asyncio.run(main()) == [False, True, True]


def test_an_idle_connection_is_closed(issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_TICK", 0.02)
    monkeypatch.setattr(line, "IDLE", 0.05)

    async def main() -> None:
        async with quic_serving(issued) as server, carrying() as carriers:
            send = over(carriers, server.url)
            await send().reply()
            await asyncio.sleep(0.2)
            await send().reply()
            await until(lambda: len(server.talks) == 2)

    asyncio.run(main())


@pytest.mark.parametrize("dated", [True, False])
def test_names(issued: Issued, dated: bool) -> None:
    assert came(issued, more="#127.0.0.1", dated=dated)[0] == "answered"
    assert came(issued, dated=dated)[0] == "answered"
    for name in ("other.example", "192.0.2.1"):
        said = f"UpstreamUnreachable: its certificate is not for {name}"
        assert came(issued, more=f"#{name}", dated=dated) == (said, 0)


@pytest.mark.parametrize(("begins", "ends", "said"), [(-9, -1, "has expired"), (1, 9, "is not valid yet")])
def test_wrong_dates_alone(authority: Authority, begins: float, ends: float, said: str) -> None:
    issued = authority.issue(NAME, begins=begins, ends=ends)
    assert came(issued)[0] == f"UpstreamUntimely: its certificate {said}, if this machine's clock is right"
    assert came(issued, dated=False)[0] == "answered"


@pytest.mark.parametrize("dated", [True, False])
def test_who_is_not_known(authority: Authority, dated: bool) -> None:
    found, _ = came(authority.issue(NAME, self_signed=True), dated=dated)
    assert found.startswith("UpstreamUnreachable: its certificate is self-signed")


@pytest.mark.parametrize("dated", [True, False])
def test_one_that_is_not_for_servers(authority: Authority, dated: bool) -> None:
    assert came(authority.issue(NAME, server=False), dated=dated) == (
        "UpstreamUnreachable: its certificate is refused: it is not for servers",
        0,
    )


def test_pins(authority: Authority) -> None:
    one, other = authority.issue(NAME, file="one"), authority.issue(NAME, file="other")
    assert came(one, more=f"#{NAME}?pin={one.pin}")[0] == "answered"
    said = "UpstreamUnreachable: its certificate has none of the pinned keys"
    assert came(one, more=f"#{NAME}?pin={other.pin}") == (said, 0)


def test_a_server_of_something_else(issued: Issued) -> None:
    async def main() -> None:
        async with quic_serving(issued, protocol="h3") as server, carrying() as carriers:
            assert (await sent(carriers, server.url).failure()).startswith("UpstreamUnreachable: QUIC failed: ")

    asyncio.run(main())
