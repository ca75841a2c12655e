"""DoH servers that have nothing newer than HTTP/1.1: one request at a time, and bounds on what they send."""

from __future__ import annotations

import asyncio

import pytest

from resolver.upstream import line, lines
from resolver.wire.reply import matches
from tests.upstream.asked import asked
from tests.upstream.authority import NAME, Issued
from tests.upstream.servers import right
from tests.upstream.streamed import carrying, over, sent
from tests.upstream.web import DNS, Old, OldBehaviour, old_serving


async def answering(old: Old) -> None:
    while True:
        _, body = await old.request()
        old.respond(right(body))


def came(issued: Issued, behaviour: OldBehaviour) -> tuple[str, int]:
    """What comes of one query: "answered" or the failure; and the connections there were."""

    async def main() -> tuple[str, int]:
        async with old_serving(issued.server("http/1.1"), behaviour) as (url, olds), carrying() as carriers:
            delivered = sent(carriers, url)
            said = "answered" if isinstance(await delivered.result(), bytes) else await delivered.failure()
            return said, len(olds)

    return asyncio.run(main())


@pytest.mark.parametrize("protocols", [("http/1.1",), ()])
def test_one_after_another_over_a_few_connections(issued: Issued, protocols: tuple[str, ...]) -> None:
    async def main() -> None:
        async with old_serving(issued.server(*protocols), answering) as (url, olds), carrying() as carriers:
            send = over(carriers, url)
            waits = [send(asked(n, f"n{n}.example")) for n in range(50)]
            for n, delivered in enumerate(waits):
                assert matches(await delivered.reply(), asked(n, f"n{n}.example"))
            assert len(olds) <= 4

    asyncio.run(main())


@pytest.mark.parametrize("method", ["post", "get"])
def test_the_request(issued: Issued, method: str) -> None:
    heads: list[str] = []

    async def noting(old: Old) -> None:
        head, _ = await old.request()
        heads.append(head)
        old.respond(right(asked(0)))

    async def main() -> None:
        async with old_serving(issued.server("http/1.1"), noting) as (url, _), carrying() as carriers:
            await sent(carriers, f"{url}?method={method}").reply()

    asyncio.run(main())
    first, *lines, _, _ = heads[0].split("\r\n")
    if method == "get":
        assert first.startswith("GET /q?dns=AAAB")
        assert "=" not in first.split("?dns=")[1]
    else:
        assert first == "POST /q HTTP/1.1"
        assert {"content-type: application/dns-message", "content-length: 128"} < set(lines)
    assert lines[0].startswith(f"host: {NAME}:")


def chunks(*sizes: int) -> OldBehaviour:
    async def behaviour(old: Old) -> None:
        _, body = await old.request()
        left = right(body)
        old.say(f"HTTP/1.1 200 OK\r\ncontent-type: {DNS}\r\ntransfer-encoding: chunked\r\n\r\n")
        for size in sizes:
            old.say(f"{len(left[:size]):x};ext=1\r\n", left[:size], "\r\n")
            left = left[size:]
            await asyncio.sleep(0.001)
        old.say(f"{len(left):x}\r\n", left, "\r\n0\r\n\r\n")
        _, body = await old.request()
        old.respond(right(body))

    return behaviour


@pytest.mark.parametrize("sizes", [(), (1, 5), (100,)])
def test_chunks(issued: Issued, sizes: tuple[int, ...]) -> None:
    async def main() -> None:
        async with old_serving(issued.server("http/1.1"), chunks(*sizes)) as (url, olds), carrying() as carriers:
            send = over(carriers, url)
            await send(asked(1)).reply()
            await send(asked(2)).reply()
            assert len(olds) == 1

    asyncio.run(main())


def test_byte_by_byte_and_interim_responses(issued: Issued) -> None:
    async def slow(old: Old) -> None:
        _, body = await old.request()
        data = right(body)
        head = f"HTTP/1.1 103 Early\r\n\r\n{HEAD}content-length: {len(data)}\r\n\r\n"
        for byte in head.encode() + data:
            old.say(bytes((byte,)))
            await asyncio.sleep(0)

    assert came(issued, slow) == ("answered", 1)


def saying(*parts: bytes | str) -> OldBehaviour:
    async def behaviour(old: Old) -> None:
        await old.request()
        old.say(*parts)
        await old.request()

    return behaviour


HEAD = f"HTTP/1.1 200 OK\r\ncontent-type: {DNS}\r\n"


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (saying("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"), "HTTP status 404"),
        (saying("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n"), "it answers with text/html instead of DNS"),
        (saying("SSH-2.0-x\r\n\r\n"), "what it sends is not HTTP"),
        (saying("HTTP/1.1 200 OK\r\n", "x: y\r\n" * 4000), "response headers longer than 16384 bytes"),
        (saying("x" * 20_000), "response headers longer than 16384 bytes"),
        (saying(HEAD, "\r\n"), "a response of no known length, or longer than 65535 bytes"),
        (saying(HEAD, "content-length: 65536\r\n\r\n"), "a response of no known length, or longer than 65535 bytes"),
        (saying(HEAD, "content-length: -1\r\n\r\n"), "a response of no known length, or longer than 65535 bytes"),
        (
            saying(HEAD, f"content-length: {'0' * 10}{'9' * 5000}\r\n\r\n"),
            "a response of no known length, or longer than 65535 bytes",
        ),
        (saying(HEAD, "content-length: 0\r\n\r\n"), "a response without a DNS message"),
        (saying(HEAD, "transfer-encoding: chunked\r\n\r\n10000\r\n"), "a response longer than 65535 bytes"),
        (
            saying(HEAD, "transfer-encoding: chunked\r\n\r\n", (b"8000\r\n" + bytes(0x8000) + b"\r\n") * 3),
            "a response longer than 65535 bytes",
        ),
        (saying(HEAD, "transfer-encoding: chunked\r\n\r\nxyz\r\n"), "what it sends is not HTTP"),
        (saying(HEAD, "transfer-encoding: chunked\r\n\r\n" + "0" * 300), "what it sends is not HTTP"),
        (saying("HTTP/1.1 103 Early\r\n\r\n" * 20), "interim responses without end"),
        (saying(HEAD, "content-length: 40\r\n\r\n", bytes(40)), "its reply does not match the query"),
    ],
)
def test_a_response_that_is_no_answer(issued: Issued, behaviour: OldBehaviour, said: str) -> None:
    assert came(issued, behaviour) == (f"UpstreamUnreachable: {said}", 1)


def test_a_connection_that_is_closed_after_the_response(issued: Issued) -> None:
    async def once(old: Old) -> None:
        _, body = await old.request()
        old.respond(right(body), more="Connection: close\r\n")

    async def main() -> None:
        async with old_serving(issued.server("http/1.1"), once) as (url, olds), carrying() as carriers:
            send = over(carriers, url)
            for n in range(5):
                await send(asked(n)).reply()
            assert len(olds) == 5

    asyncio.run(main())


@pytest.mark.parametrize("cut", [0, 10, -5])
def test_a_response_cut_short_is_asked_for_once_more(issued: Issued, cut: int) -> None:
    async def cutting(old: Old) -> None:
        _, body = await old.request()
        data = right(body)
        old.say(f"{HEAD}content-length: {len(data)}\r\n\r\n".encode() + data if cut == 0 else b"HTTP/1.1 200 OK"[:cut])

    said, connections = came(issued, cutting)
    assert (said, connections) == (
        ("answered", 1) if cut == 0 else ("UpstreamUnreachable: the connection was closed without an answer", 2)
    )


def test_silence(issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_TICK", 0.02)
    monkeypatch.setattr(line, "SILENT", 0.1)
    assert came(issued, saying()) == ("UpstreamUnreachable: it accepts queries and is silent", 2)
