"""All connections of a worker: plain, over TLS, HTTPS and QUIC. What a worker does not open it does not load."""

from __future__ import annotations

import importlib
import logging
import socket
from typing import Protocol

from resolver.errors import LullError
from resolver.listen.accepting import Listener
from resolver.listen.certificate import Certificate
from resolver.listen.stream import Means, Shared, Spawn
from resolver.listen.tcp import plain, secure
from resolver.model import Clock
from resolver.pipeline.answering import Answering
from resolver.policy.document import Doors as Said

log = logging.getLogger(__name__)

KINDS = ("tcp", "tls", "https", "quic")
NO_QUIC = "encrypted.quic needs aioquic, which is not installed here: pip install 'lull-dns[quic]'"


class Door(Protocol):
    """The sockets of one kind."""

    means: Means

    async def start(self, sock: socket.socket) -> None: ...

    def stop(self) -> None:
        """Accept no more."""
        ...

    def close(self) -> None:
        """End what is open."""
        ...


class Doors:
    """Opened once; what they need to know of certificates and proxies may change."""

    def __init__(self, answering: Answering, clock: Clock, spawn: Spawn, said: Said) -> None:
        self._answering = answering
        self._clock = clock
        self._spawn = spawn
        self._said = said
        self._shared = Shared()
        self._certificate = Certificate(said.certificate, said.key, said.names)
        self._doors: dict[str, Door] = {}
        self._trouble: dict[str, str] = {}

    @property
    def trouble(self) -> str:
        """Why some of them serve nobody; empty when all is well, or none needs a certificate."""
        encrypted = self._doors.keys() - {"tcp"} or self._trouble
        found = [self._certificate.trouble if encrypted else "", *self._trouble.values()]
        return "; ".join(filter(None, dict.fromkeys(found)))

    async def open(self, kind: str, sock: socket.socket) -> None:
        """Serve a bound socket. One that cannot be served is kept, and said."""
        door = self._doors.get(kind)
        try:
            if door is None:
                door = self._doors[kind] = self._made(kind)
            await door.start(sock)
        except LullError as error:
            self._trouble[kind] = str(error)
            log.error("%s", error)

    def _made(self, kind: str) -> Door:
        means = Means(self._answering, self._clock, self._spawn, self._shared)
        certificate, proxies = self._certificate, self._said.proxies
        if kind == "tcp":
            return plain(means, proxies)
        if kind == "tls":
            return secure(means, certificate, proxies)
        if kind == "https":
            http = importlib.import_module("resolver.listen.http")
            return Listener(
                means, lambda peer: http.Web(means, peer, certificate), certificate, http.PROTOCOLS, proxies
            )
        try:
            doq = importlib.import_module("resolver.listen.doq")
        except ImportError:
            raise LullError(NO_QUIC) from None
        quic: Door = doq.QuicListener(means, certificate)
        return quic

    def take(self, said: Said) -> None:
        """What the policy says of them from now on, of new connections."""
        if said != self._said:
            self._said = said
            self._certificate.become(said.certificate, said.key, said.names)
            for door in self._doors.values():
                if isinstance(door, Listener):
                    door.trust(said.proxies)

    def tend(self) -> None:
        """To be called every second or so: close what idles, and look whether there is another certificate."""
        if self._doors.keys() - {"tcp"} and self._certificate.look():
            log.info("the certificate %s is in use", self._certificate.files[0])
        for door in self._doors.values():
            door.means.lobby.sweep()
            door.means.crowd.sweep()

    def stop(self) -> None:
        for door in self._doors.values():
            door.stop()

    def close(self) -> None:
        for door in self._doors.values():
            door.close()
