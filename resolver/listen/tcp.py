"""TCP and TLS: pipelined queries, answers in whatever order they are ready (RFC 7766, RFC 7858, RFC 9210)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from resolver.listen.accepting import Listener
from resolver.listen.certificate import Certificate
from resolver.listen.stream import UNREAD, Means, Stream
from resolver.model import Transport
from resolver.pipeline.answering import Answer
from resolver.pipeline.identify import peer_key
from resolver.wire.padding import padded

_HEADER = 12
_AT_ONCE = 64  # queries of one connection that are taken before others get their turn


class Connection(Stream):
    """One client's stream: two bytes of length, then a message, as often as it likes. Over TLS it may say who it is by
    the name that it asks the `certificate` for."""

    def __init__(self, means: Means, peer: str, certificate: Certificate | None = None) -> None:
        super().__init__(means, peer)
        self._key = peer
        self._certificate = certificate
        self._over = Transport.TCP if certificate is None else Transport.TLS

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._certificate is not None:
            self._key = peer_key(self.peer, self._certificate.id(transport.get_extra_info("ssl_object")))

    def take(self) -> None:
        """Answer every whole message in the buffer, as far as the limit of queries in flight and the client allow."""
        if len(self.buffer) < 2 + _HEADER and (len(self.buffer) < 2 or self.buffer[0] or self.buffer[1] >= _HEADER):
            return  # one that sends byte by byte costs next to nothing
        out = bytearray()
        for _ in range(_AT_ONCE):
            if len(self.buffer) < 2 or not self.free:
                break
            size = int.from_bytes(self.buffer[:2], "big")
            if size < _HEADER:
                self.write(bytes(out))
                self.close()
                return
            if len(self.buffer) < 2 + size:
                break
            message = bytes(self.buffer[2 : 2 + size])
            del self.buffer[: 2 + size]
            self.live()
            answer = self.means.answering.answer(message, self._key, self._over)
            if answer is None or isinstance(answer, bytes):
                out += self._framed(answer)
                if len(out) > UNREAD:  # which may be the last that this client takes for now
                    self.write(bytes(out))
                    out.clear()
            else:
                self.later(answer, self._deliver)
        else:
            if self.free:
                self.yield_turn()
        self.write(bytes(out))

    def _deliver(self, answer: Answer) -> None:
        self.write(self._framed(answer))

    def _framed(self, answer: Answer) -> bytes:
        if answer is None:
            return b""
        if self._over is Transport.TLS:
            answer = padded(answer)
        return len(answer).to_bytes(2, "big") + answer


def plain(means: Means, proxies: Sequence[str] = ()) -> Listener:
    """For queries over TCP."""
    return Listener(means, lambda peer: Connection(means, peer), proxies=proxies)


def secure(means: Means, certificate: Certificate, proxies: Sequence[str] = ()) -> Listener:
    """For queries over TLS."""
    return Listener(means, lambda peer: Connection(means, peer, certificate), certificate, ("dot",), proxies)
