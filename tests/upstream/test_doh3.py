"""DNS over HTTPS with HTTP/3: a stream a query, both methods, and servers that are wrong or hostile."""

from __future__ import annotations

import asyncio
import base64

import dns.message
import pytest
from aioquic.h3.connection import ErrorCode

from resolver.upstream import line, lines
from resolver.wire.reply import matches
from tests.upstream.asked import asked
from tests.upstream.authority import NAME, Authority, Issued
from tests.upstream.servers import right
from tests.upstream.streamed import carrying, over, sent
from tests.upstream.web3 import Behaviour, Request3, answering, web3_serving


def came(issued: Issued, behaviour: Behaviour = answering, more: str = "") -> tuple[str, int, int]:
    """What comes of one query: "answered" or the failure; the requests and the connections there were."""

    async def main() -> tuple[str, int, int]:
        async with web3_serving(issued, behaviour) as server, carrying() as carriers:
            delivered = sent(carriers, server.url + more)
            said = "answered" if isinstance(await delivered.result(5), bytes) else await delivered.failure()
            return said, len(server.requests), len(server.talks)

    return asyncio.run(main())


def test_many_share_a_connection(issued: Issued) -> None:
    async def main() -> None:
        async with web3_serving(issued) as server, carrying() as carriers:
            send = over(carriers, server.url)
            waits = [send(asked(id, f"n{id}.example")) for id in range(150)]
            for id, delivered in enumerate(waits):
                assert matches(await delivered.reply(), asked(id, f"n{id}.example"))
            assert len(server.talks) == 1
            for request in server.requests:
                assert request.body[:2] == b"\0\0"
                assert len(request.body) % 128 == 0
            assert server.requests[0].headers == {
                ":method": "POST",
                ":scheme": "https",
                ":authority": f"{NAME}:{server.port}",
                ":path": "/q",
                "accept": "application/dns-message",
                "content-type": "application/dns-message",
                "content-length": "128",
            }

    asyncio.run(main())


def test_get(issued: Issued) -> None:
    def decoding(request: Request3) -> None:
        path, _, coded = request.headers[":path"].partition("?dns=")
        assert (path, request.headers[":method"], request.body) == ("/q", "GET", b"")
        query = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4))
        assert dns.message.from_wire(query).id == 0
        request.respond(right(query))

    assert came(issued, decoding, "?method=get")[0] == "answered"


def test_parts_and_time_in_caches(issued: Issued) -> None:
    def parts(request: Request3) -> None:
        body = right(request.body)
        request.head(200, content_type="application/dns-message", age="45")
        for at in range(0, len(body), 7):
            request.talk.h3.send_data(request.stream, body[at : at + 7], end_stream=False)
        request.talk.h3.send_headers(request.stream, [(b"x-more", b"1")], end_stream=True)  # trailers

    async def main() -> None:
        async with web3_serving(issued, parts) as server, carrying() as carriers:
            reply = dns.message.from_wire(await sent(carriers, server.url).reply())
            assert reply.answer[0].ttl == 15

    asyncio.run(main())


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (lambda one: one.respond(b"\0\1" + right(one.body)[2:]), "its reply does not match the query"),
        (lambda one: one.respond(b"<html>", content_type="text/html"), "it answers with text/html instead of DNS"),
        (lambda one: one.respond(b""), "a response without a DNS message"),
        (lambda one: one.respond(bytes(65_536)), "a response longer than 65535 bytes"),
        (lambda one: one.respond(b"", 301), "HTTP status 301"),
        (lambda one: one.respond(b"", 500), "HTTP status 500"),
        (lambda one: one.reset(ErrorCode.H3_INTERNAL_ERROR), "the server refused the query (QUIC error 258)"),
    ],
)
def test_a_response_that_is_no_answer(issued: Issued, behaviour: Behaviour, said: str) -> None:
    assert came(issued, behaviour) == (f"UpstreamUnreachable: {said}", 1, 1)


def refuses(request: Request3) -> None:
    if request.talk.number == 1:
        request.reset(ErrorCode.H3_REQUEST_REJECTED)
    else:
        answering(request)


def closes(request: Request3) -> None:
    if request.talk.number == 1:
        request.talk.close()
    else:
        answering(request)


@pytest.mark.parametrize("behaviour", [refuses, closes])
def test_what_the_server_did_not_look_at_is_sent_once_more(issued: Issued, behaviour: Behaviour) -> None:
    assert came(issued, behaviour) == ("answered", 2, 2)


def floods(request: Request3) -> None:
    for _ in range(100):
        stream = request.talk.quic.get_next_available_stream_id(is_unidirectional=True)
        request.talk.quic.send_stream_data(stream, b"\x40\x21" + bytes(1000))  # of a kind that nobody knows
        request.talk.transmit()


def large_headers(request: Request3) -> None:
    headers = [(b":status", b"200"), *((b"x-%d" % n, b"y" * 9000) for n in range(10))]
    request.talk.h3.send_headers(request.stream, headers)
    request.talk.h3.send_data(request.stream, right(request.body), end_stream=True)


def nonsense(request: Request3) -> None:
    request.talk.quic.send_stream_data(request.stream, b"\1\2\xff\xff", end_stream=True)


@pytest.mark.parametrize("behaviour", [floods, large_headers, nonsense])
def test_what_breaks_http_ends_the_connection(
    issued: Issued, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_TICK", 0.02)
    monkeypatch.setattr(line, "SILENT", 1.0)
    said, _, connections = came(issued, behaviour)
    assert said.startswith("UpstreamUnreachable: ")
    assert connections == 2


def test_silence(issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_TICK", 0.02)
    monkeypatch.setattr(line, "SILENT", 0.1)
    assert came(issued, lambda _: None) == ("UpstreamUnreachable: it accepts queries and is silent", 2, 2)


def test_a_wrong_certificate(authority: Authority) -> None:
    said = f"UpstreamUnreachable: its certificate is not for {NAME}"
    assert came(authority.issue("other.example")) == (said, 0, 1)
    assert came(authority.issue(NAME, ends=-1))[0].startswith("UpstreamUntimely: its certificate has expired")
