"""What a connection of HTTP/2 holds and is asked for at once, by frames that no decent client sends."""

from __future__ import annotations

import h2.config
import h2.connection
import pytest

from resolver.listen import http
from resolver.listen.doh import Reply
from resolver.listen.http2 import Http2

HEADERS, CONTINUATION, END_STREAM = 1, 9, 1
LONG = "/dns-query?dns=" + "A" * 3900  # which HPACK says in one byte from the second time on


def frame(type: int, data: bytes, flags: int = 0, stream: int = 1) -> bytes:
    return len(data).to_bytes(3, "big") + bytes([type, flags]) + stream.to_bytes(4, "big") + data


def pair() -> tuple[h2.connection.H2Connection, Http2]:
    client, server = h2.connection.H2Connection(h2.config.H2Configuration()), Http2()
    client.initiate_connection()
    server.feed(client.data_to_send())
    client.receive_data(server.out())
    server.feed(client.data_to_send())
    return client, server


def asked(client: h2.connection.H2Connection, path: str, *, whole: bool) -> bytes:
    pseudo = [(":method", "GET"), (":path", path), (":scheme", "https"), (":authority", "a")]
    client.send_headers(client.get_next_available_stream_id(), pseudo, end_stream=whole)
    return client.data_to_send()


def test_headers_that_never_end_are_known_to_be_held() -> None:
    client, server = pair()
    server.feed(frame(HEADERS, bytes(16_384)))
    for _ in range(60):
        server.feed(frame(CONTINUATION, bytes(16_384)))
    assert server.held >= 61 * 16_384
    assert not server.over
    client, server = pair()
    data = asked(client, "/dns-query", whole=True)
    assert [server.feed(data[at : at + 1]) for at in range(len(data))][-1]
    assert server.held == 0


def test_headers_of_requests_under_way_are_counted_as_long_as_they_are() -> None:
    client, server = pair()
    server.feed(asked(client, LONG, whole=False))
    first = server.held
    assert first > len(LONG)
    refused = [found for _ in range(90) for found in server.feed(asked(client, LONG, whole=False))]
    assert refused
    assert all(isinstance(reply, Reply) and reply.status == 413 for _, reply in refused)
    assert 30 * first < server.held <= 256 << 10
    for stream in range(1, 183, 2):
        client.reset_stream(stream)
    server.feed(client.data_to_send())
    assert server.held == 0


@pytest.mark.parametrize(("size", "over"), [(12_000, False), (20_000, True)])
def test_headers_are_no_longer_than_was_said(size: int, over: bool) -> None:
    client, server = pair()
    assert bool(server.feed(asked(client, "/" + "a" * size, whole=True))) is not over
    assert server.over is over


def test_what_is_looked_at_at_once_is_not_much_work() -> None:
    client, server = pair()
    server.feed(asked(client, LONG, whole=True))
    short = b"".join(asked(client, LONG, whole=True) for _ in range(80))
    assert 5 < len(server.feed(short[: http._AT_ONCE])) <= 20
