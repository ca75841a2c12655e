"""What happens to a connection of DNS over QUIC, and what is believed of a peer, when servers are slow or hostile."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from aioquic.quic import events
from aioquic.quic.packet import (
    QuicPreferredAddress,
    QuicTransportParameters,
    push_quic_transport_parameters,
)
from aioquic.tls import SessionTicket

from resolver.upstream import line, lines, quicline, quictls
from tests.support import until
from tests.upstream.asked import asked
from tests.upstream.authority import NAME, Authority, Issued
from tests.upstream.quic import Talk, quic_serving
from tests.upstream.streamed import carrying, over, sent
from tests.upstream.test_streams_addresses import Book


def test_an_address_that_was_given_up_does_not_end_the_connection_to_the_next(
    issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    """QUIC says that a connection has ended a while after it was closed."""
    monkeypatch.setattr(line, "CONNECT", 0.2)

    async def main() -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as mute:
            async with quic_serving(issued) as server, carrying(Book("127.0.0.2", "127.0.0.1")) as carriers:
                mute.bind(("127.0.0.2", server.port))
                send = over(carriers, f"quic://{NAME}:{server.port}")
                for n in range(40):
                    await send(asked(n)).reply()
                    await asyncio.sleep(0.05)
                assert len(server.talks) == 1

    asyncio.run(main())


def test_a_session_with_a_peer_that_was_refused_is_not_resumed(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may come along with the handshake of one who has no right to the name, and would be believed from then on."""
    one, other = authority.issue(NAME, file="one"), authority.issue(NAME, file="other")
    tickets: list[SessionTicket] = []
    heard, keep = quicline._Talk.quic_event_received, quictls.Security.keep

    def keeping(self: quictls.Security, ticket: SessionTicket) -> None:
        tickets.append(ticket)
        keep(self, ticket)

    def early(self: quicline._Talk, event: events.QuicEvent) -> None:
        if isinstance(event, events.HandshakeCompleted) and tickets and self.quic._session_ticket_handler:
            self.quic._session_ticket_handler(tickets[0])
        heard(self, event)

    monkeypatch.setattr(quictls.Security, "keep", keeping)
    monkeypatch.setattr(quicline._Talk, "quic_event_received", early)

    async def main() -> None:
        async with quic_serving(one) as server, carrying() as carriers:
            await sent(carriers, f"{server.url}?pin={one.pin}").reply()
            await until(lambda: tickets)
            send = over(carriers, f"{server.url}?pin={other.pin}")
            for n in range(3):
                assert "none of the pinned keys" in await send(asked(n)).failure()
            assert not any(server.resumed)

    asyncio.run(main())


def test_a_server_that_would_rather_be_asked_elsewhere(issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is where it is: RFC 9000 section 9.6 lets a client stay."""

    def elsewhere(buf: Any, params: QuicTransportParameters) -> None:
        if params.original_destination_connection_id is not None:
            params.preferred_address = QuicPreferredAddress(("127.0.0.9", 853), None, bytes(range(8)), bytes(16))
        push_quic_transport_parameters(buf, params)

    monkeypatch.setattr("aioquic.quic.connection.push_quic_transport_parameters", elsewhere)

    async def main() -> None:
        mistakes: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: mistakes.append(context))
        async with quic_serving(issued) as server, carrying() as carriers:
            send = over(carriers, server.url)
            for n in range(5):
                await send(asked(n)).reply()
                await asyncio.sleep(0.02)
            assert len(server.talks) == 1
        assert mistakes == []

    asyncio.run(main())


@pytest.mark.parametrize("dated", [True, False])
def test_wrong_in_more_than_the_date(authority: Authority, dated: bool) -> None:
    async def said(issued: Issued) -> str:
        async with quic_serving(issued) as server, carrying() as carriers:
            return await sent(carriers, server.url, dated=dated).failure()

    named = authority.issue("other.example", begins=-9, ends=-1)
    assert asyncio.run(said(named)) == f"UpstreamUnreachable: its certificate is not for {NAME}"
    unknown = authority.issue(NAME, self_signed=True, begins=-9, ends=-1)
    assert asyncio.run(said(unknown)).startswith("UpstreamUnreachable: its certificate is self-signed")


def test_errors_are_no_silence(issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_TICK", 0.02)
    monkeypatch.setattr(line, "SILENT", 0.1)

    def empty(talk: Talk, stream: int, query: bytes) -> None:
        talk.say(stream, b"")

    async def main() -> None:
        async with quic_serving(issued, empty) as server, carrying() as carriers:
            send = over(carriers, server.url)
            for n in range(3):
                await send(asked(n)).failure()
                await asyncio.sleep(0.1)
            assert len(server.talks) == 1

    asyncio.run(main())
