"""DNS over HTTPS with HTTP/2: many at once, both methods, and servers that are wrong or hostile."""

from __future__ import annotations

import asyncio
import base64

import dns.message
import h2.errors
import h2.settings
import pytest

from resolver.upstream import line, lines
from resolver.wire.reply import matches
from tests.upstream.asked import asked
from tests.upstream.authority import NAME, Authority, Issued
from tests.upstream.servers import right
from tests.upstream.streamed import carrying, over, sent
from tests.upstream.web import Behaviour, Request, Web, answering, came, raw, web_serving


def test_many_share_a_connection(issued: Issued) -> None:
    async def main() -> None:
        async with web_serving(issued.server("h2", "http/1.1")) as server, carrying() as carriers:
            send = over(carriers, server.url)
            waits = [send(asked(id, f"n{id}.example")) for id in range(150)]
            for id, delivered in enumerate(waits):
                assert matches(await delivered.reply(), asked(id, f"n{id}.example"))
            assert len(server.webs) == 1
            for request in server.requests:
                assert request.body[:2] == b"\0\0"  # the same for all, for caches (RFC 8484 section 4.1)
                assert len(request.body) % 128 == 0
            assert server.requests[0].headers == {
                ":method": "POST",
                ":scheme": "https",
                ":authority": f"{NAME}:{server.address.port}",
                ":path": "/q",
                "accept": "application/dns-message",
                "content-type": "application/dns-message",
                "content-length": "128",
            }

    asyncio.run(main())


def test_get(issued: Issued) -> None:
    def decoding(web: Web, request: Request) -> None:
        path, _, coded = request.headers[":path"].partition("?dns=")
        assert (path, request.headers[":method"], request.body) == ("/q", "GET", b"")
        query = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4))
        assert coded.rstrip("=") == coded
        assert dns.message.from_wire(query).id == 0
        web.respond(request, right(query))

    assert came(issued, decoding, "?method=get")[0] == "answered"


def test_answers_in_any_order(issued: Issued) -> None:
    held: list[Request] = []

    def backwards(web: Web, request: Request) -> None:
        held.append(request)
        if len(held) == 10:
            for one in reversed(held):
                answering(web, one)

    async def main() -> None:
        async with web_serving(issued.server("h2"), backwards) as server, carrying() as carriers:
            send = over(carriers, server.url)
            waits = [send(asked(n, f"n{n}.example")) for n in range(10)]
            for n, delivered in enumerate(waits):
                assert matches(await delivered.reply(), asked(n, f"n{n}.example"))

    asyncio.run(main())


def test_no_more_streams_than_the_server_allows(issued: Issued) -> None:
    most = 0
    held: list[Request] = []

    def few(web: Web, request: Request) -> None:
        nonlocal most
        held.append(request)
        most = max(most, web.h2.open_inbound_streams)
        asyncio.get_running_loop().call_later(0.002, later, web)

    def later(web: Web) -> None:
        answering(web, held.pop(0))
        web.flush()

    async def main() -> None:
        settings = {h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 3}
        async with web_serving(issued.server("h2"), few, settings) as server, carrying() as carriers:
            send = over(carriers, server.url)
            await send().reply()
            for delivered in [send(asked(n)) for n in range(30)]:
                await delivered.reply()
            assert len(server.webs) <= 4

    asyncio.run(main())
    assert most <= 3


def wrong_id(web: Web, request: Request) -> None:
    web.respond(request, b"\0\1" + right(request.body)[2:])


def wrong_question(web: Web, request: Request) -> None:
    web.respond(request, right(request.body).replace(b"\x03www", b"\x03wvw"))


def a_page(web: Web, request: Request) -> None:
    web.respond(request, b"<html>", kind="text/html; charset=utf-8")


def of_no_kind(web: Web, request: Request) -> None:
    web.respond(request, right(request.body), kind=None)


def empty(web: Web, request: Request) -> None:
    web.respond(request, b"")


def endless(web: Web, request: Request) -> None:
    web.respond(request, bytes(65_536))


def large_headers(web: Web, request: Request) -> None:
    web.respond(request, right(request.body), more={f"x-{n}": "y" * 3000 for n in range(8)})


def reset(web: Web, request: Request) -> None:
    web.h2.reset_stream(request.stream, h2.errors.ErrorCodes.INTERNAL_ERROR)


def interim(web: Web, request: Request) -> None:
    for _ in range(20):
        web.h2.send_headers(request.stream, [(":status", "103")])


def status(code: int) -> Behaviour:
    return lambda web, request: web.respond(request, b"", code)


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (wrong_id, "its reply does not match the query"),
        (wrong_question, "its reply does not match the query"),
        (a_page, "it answers with text/html instead of DNS"),
        (of_no_kind, "it answers with nothing in particular instead of DNS"),
        (empty, "a response without a DNS message"),
        (endless, "a response longer than 65535 bytes"),
        (reset, "the server refused the request (HTTP/2 error 2)"),
        (interim, "interim responses without end"),
        (status(301), "HTTP status 301"),
        (status(403), "HTTP status 403"),
        (status(429), "HTTP status 429"),
        (status(500), "HTTP status 500"),
    ],
)
def test_a_response_that_is_no_answer(issued: Issued, behaviour: Behaviour, said: str) -> None:
    assert came(issued, behaviour) == (f"UpstreamUnreachable: {said}", 1, 1)


def test_the_connection_outlives_a_wrong_response(issued: Issued) -> None:
    def sometimes(web: Web, request: Request) -> None:
        (answering if request.stream > 1 else endless)(web, request)

    async def main() -> None:
        async with web_serving(issued.server("h2"), sometimes) as server, carrying() as carriers:
            send = over(carriers, server.url)
            await send().failure()
            await send().reply()
            assert len(server.webs) == 1

    asyncio.run(main())


@pytest.mark.parametrize(
    "behaviour",
    [
        large_headers,
        raw(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        raw(b"\xff\xff\xff\0\0\0\0\0\1" + bytes(100_000)),  # a frame of 16 MiB
        raw(b"\0\0\1\1\4\0\0\0\1\xff"),  # HEADERS that are not HPACK
        raw(b"\0\0\4\x08\0\0\0\0\0\0\0\0\0"),  # WINDOW_UPDATE by 0
        raw(b"\0\0\0\0\0\0\0\0\x07"),  # DATA on a stream that is not there
    ],
)
def test_what_breaks_http_ends_the_connection(
    issued: Issued, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_TICK", 0.02)
    monkeypatch.setattr(line, "SILENT", 0.5)
    said, _, connections = came(issued, behaviour)
    assert said.startswith("UpstreamUnreachable: ")
    assert connections == 2


def test_silence(issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_TICK", 0.02)
    monkeypatch.setattr(line, "SILENT", 0.1)
    assert came(issued, raw(b"")) == ("UpstreamUnreachable: it accepts queries and is silent", 2, 2)


def test_time_in_caches_is_taken_off_the_ttl(issued: Issued) -> None:
    def cached(web: Web, request: Request) -> None:
        web.respond(request, right(request.body), more={"age": "45"})

    async def main() -> None:
        async with web_serving(issued.server("h2"), cached) as server, carrying() as carriers:
            reply = dns.message.from_wire(await sent(carriers, server.url).reply())
            assert reply.answer[0].ttl == 15

    asyncio.run(main())


def test_a_wrong_certificate(authority: Authority) -> None:
    wrong = authority.issue("other.example")
    assert came(wrong, answering) == (f"UpstreamUnreachable: its certificate is not for {NAME}", 0, 0)
    old = authority.issue(NAME, ends=-1)
    assert came(old, answering)[0].startswith("UpstreamUntimely: its certificate has expired")
