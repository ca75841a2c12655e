"""What happens to a connection of DNS over HTTPS, and to what is under way on it, when a server is hasty or hostile."""

from __future__ import annotations

import asyncio
import ssl

import h2.errors
import h2.settings
import pytest

from resolver.upstream import line, lines
from tests.support import until
from tests.upstream.asked import asked
from tests.upstream.authority import Issued
from tests.upstream.streamed import carrying, over, sent
from tests.upstream.web import Behaviour, Request, Web, answering, came, raw, web_serving


def test_a_server_may_speak_first(issued: Issued) -> None:
    """In TLS 1.2 it is the last to finish the handshake, and its SETTINGS come along with that."""
    context = issued.server("h2")
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    async def main() -> None:
        async with web_serving(context) as server, carrying() as carriers:
            await sent(carriers, server.url).reply()
            assert len(server.webs) == 1

    asyncio.run(main())


def test_queries_wait_until_the_server_gives_room_for_more(issued: Issued) -> None:
    """65,535 bytes fit into the window of a connection at first."""

    async def main() -> None:
        settings = {h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 200}
        async with web_serving(issued.server("h2"), settings=settings) as server, carrying() as carriers:
            server.acknowledges = False
            send = over(carriers, server.url)
            await send().reply()
            waits = [send(asked(n, f"{n:03}" + ".a23456789" * 24)) for n in range(198)]
            await until(lambda: len(server.requests) > 150)
            await asyncio.sleep(0.05)
            web = server.webs[0]
            assert len(server.requests) < 198
            web.h2.increment_flow_control_window(60_000)
            web.flush()
            for delivered in waits:
                await delivered.reply()
            assert len(server.webs) == 1

    asyncio.run(main())


def test_what_never_fits_fails_and_nothing_is_lost(issued: Issued) -> None:
    """A stream's window that is smaller than any query."""

    async def main() -> None:
        settings = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 10}
        async with web_serving(issued.server("h2"), settings=settings) as server, carrying() as carriers:
            send = over(carriers, server.url)
            for delivered in [send(asked(n)) for n in range(5)]:
                assert "no more fits" in await delivered.failure()

    asyncio.run(main())


def test_one_that_asks_without_end_and_does_not_read_the_answers_is_given_up(issued: Issued) -> None:
    def floods(web: Web, request: Request) -> None:
        if web.number > 1:
            answering(web, request)
            return
        web.transport.pause_reading()
        answering(web, request)
        web.transport.write(web.h2.data_to_send())
        for _ in range(1000):
            web.transport.write(b"\0\0\x08\6\0\0\0\0\0abcdefgh" * 500)  # PING

    async def main() -> None:
        async with web_serving(issued.server("h2"), floods) as server, carrying() as carriers:
            send = over(carriers, server.url)
            await send().reply()
            await until(lambda: server.live == 0, 10)
            await send().reply()

    asyncio.run(main())


def test_an_error_is_no_silence(issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_TICK", 0.02)
    monkeypatch.setattr(line, "SILENT", 0.1)

    async def main() -> None:
        def failing(web: Web, request: Request) -> None:
            web.respond(request, b"", 500)

        async with web_serving(issued.server("h2"), failing) as server, carrying() as carriers:
            send = over(carriers, server.url)
            for n in range(3):
                await send(asked(n)).failure()
                await asyncio.sleep(0.1)
            assert len(server.webs) == 1

    asyncio.run(main())


def goes_away(web: Web, request: Request) -> None:
    if web.number == 1:
        web.h2.close_connection()
    else:
        answering(web, request)


def refuses(web: Web, request: Request) -> None:
    if request.stream == 1:
        web.h2.reset_stream(request.stream, h2.errors.ErrorCodes.REFUSED_STREAM)
    else:
        answering(web, request)


def hangs_up(web: Web, request: Request) -> None:
    if web.number == 1:
        web.transport.abort()
    else:
        answering(web, request)


@pytest.mark.parametrize(("behaviour", "connections"), [(goes_away, 2), (refuses, 1), (hangs_up, 2)])
def test_what_the_server_did_not_look_at_is_sent_once_more(
    issued: Issued, behaviour: Behaviour, connections: int
) -> None:
    assert came(issued, behaviour) == ("answered", 2, connections)


@pytest.mark.parametrize("behaviour", [raw(b"\0\0\x08\7\0\0\0\0\0" + bytes(8)), lambda web, _: web.transport.abort()])
def test_one_that_always_goes_away_is_asked_twice(issued: Issued, behaviour: Behaviour) -> None:
    said, requests, connections = came(issued, behaviour)
    assert said.startswith("UpstreamUnreachable: ")
    assert (requests, connections) == (2, 2)


def test_an_idle_connection_is_closed(issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_TICK", 0.02)
    monkeypatch.setattr(line, "IDLE", 0.05)

    async def main() -> None:
        async with web_serving(issued.server("h2")) as server, carrying() as carriers:
            await sent(carriers, server.url).reply()
            await until(lambda: server.live == 0)

    asyncio.run(main())
