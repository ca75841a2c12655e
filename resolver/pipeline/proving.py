"""Which clients have shown by a cookie that they are where they say (RFC 7873): they are told of every error, as nobody
can have them told by forging their address."""

from __future__ import annotations

import socket

import msgspec

from resolver.model import Clock
from resolver.wire.cookies import CLIENT, SERVER, Cookies
from resolver.wire.edns import COOKIE
from resolver.wire.padding import with_option

ROOM = 4 + CLIENT + SERVER
"""Bytes of the option in a reply."""


class Proof(msgspec.Struct, frozen=True):
    """What a reply says of cookies (b"": nothing), and whether its client brought one that was given to it."""

    cookie: bytes = b""
    proven: bool = False

    @property
    def room(self) -> int:
        """Bytes that it takes of a reply."""
        return ROOM if self.cookie else 0

    def seal(self, reply: bytes) -> bytes:
        """A reply with what it says of cookies."""
        return with_option(reply, COOKIE, self.cookie) if self.cookie else reply


NO_PROOF = Proof()


class Proving:
    """Of one worker; `master` is what the workers of a daemon share (b"": nobody gets a cookie)."""

    def __init__(self, master: bytes, clock: Clock) -> None:
        self._cookies = Cookies(master) if master else None
        self._clock = clock

    def of(self, cookie: bytes, address: str) -> Proof:
        """What a COOKIE option that came from a client's address (`Client.address`) proves."""
        if self._cookies is None:
            return NO_PROOF
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        packed = socket.inet_pton(family, address)
        return Proof(*self._cookies.answer(cookie, packed, self._clock.time()))
