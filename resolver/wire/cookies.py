"""DNS cookies (RFC 7873, RFC 9018): by a server cookie that a client brings back it shows that it receives what is sent
to its address, which whoever forges that address cannot."""

from __future__ import annotations

import hashlib
import hmac
import struct

CLIENT = 8
"""Bytes of a client cookie, with which every COOKIE option begins (RFC 7873 section 4)."""

SERVER = 16
"""Bytes of a server cookie of ours (RFC 9018 section 4)."""

SECRET = 32
"""Random bytes that a daemon's cookies are made with."""

_HEAD = struct.Struct("!B3xI")  # version, reserved, the Unix second at which it was made
_VERSION = 1
_OLDEST = 3600
_AHEAD = 300
_RENEWED = 1800
"""Seconds: how old one may be, how far ahead of this clock, and when it is replaced (RFC 9018 section 4.3)."""

_PERIOD = 86_400  # seconds for which one secret is used
_MASK = (1 << 64) - 1


class Cookies:
    """Of all workers of a daemon: `master` are the random bytes (SECRET) that their secrets are derived from, a new one
    each day."""

    def __init__(self, master: bytes) -> None:
        self._master = master
        self._known: dict[int, bytes] = {}

    def answer(self, cookie: bytes, address: bytes, now: float) -> tuple[bytes, bool]:
        """The COOKIE option's value for a client that sent `cookie` (its own one, and perhaps one of ours behind it)
        from an IP address in network order, at a Unix time; and whether that one is ours, given to that address."""
        client, brought = cookie[:CLIENT], cookie[CLIENT:]
        age = self._age(client, brought, address, now)
        if age is not None and age <= _RENEWED:
            return cookie, True
        return client + self._made(client, address, int(now), int(now)), age is not None

    def _age(self, client: bytes, brought: bytes, address: bytes, now: float) -> float | None:
        """How many seconds old one of ours is; None for what is none, not of this client, or too old."""
        if len(brought) != SERVER or brought[0] != _VERSION:
            return None
        at = _HEAD.unpack_from(brought)[1]
        age = (int(now) - at + (1 << 31)) % (1 << 32) - (1 << 31)  # serial number arithmetic (RFC 1982)
        if not -_AHEAD <= age <= _OLDEST:
            return None
        made = self._made(client, address, at, int(now) - age)
        return age if hmac.compare_digest(made, brought) else None

    def _made(self, client: bytes, address: bytes, at: int, second: int) -> bytes:
        head = _HEAD.pack(_VERSION, at & 0xFFFF_FFFF)
        return head + siphash(client + head + address, self._secret(second // _PERIOD))

    def _secret(self, period: int) -> bytes:
        found = self._known.get(period)
        if found is None:
            self._known = dict(list(self._known.items())[-1:])
            found = self._known[period] = hashlib.blake2s(
                str(period).encode(), key=self._master, digest_size=16
            ).digest()
        return found


def siphash(data: bytes, key: bytes) -> bytes:
    """SipHash-2-4 of data with a key of 16 bytes, as 8 bytes (RFC 9018 section 4.4)."""
    k0, k1 = struct.unpack("<2Q", key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    padded = data + bytes(-(len(data) + 1) % 8) + bytes((len(data) & 255,))
    for (word,) in struct.iter_unpack("<Q", padded):
        v[3] ^= word
        _rounds(v, 2)
        v[0] ^= word
    v[2] ^= 0xFF
    _rounds(v, 4)
    return struct.pack("<Q", v[0] ^ v[1] ^ v[2] ^ v[3])


def _rounds(v: list[int], count: int) -> None:
    a, b, c, d = v
    for _ in range(count):
        a = (a + b) & _MASK
        b = (b << 13 | b >> 51) & _MASK ^ a
        a = (a << 32 | a >> 32) & _MASK
        c = (c + d) & _MASK
        d = (d << 16 | d >> 48) & _MASK ^ c
        a = (a + d) & _MASK
        d = (d << 21 | d >> 43) & _MASK ^ a
        c = (c + b) & _MASK
        b = (b << 17 | b >> 47) & _MASK ^ c
        c = (c << 32 | c >> 32) & _MASK
    v[:] = a, b, c, d
