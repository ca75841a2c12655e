"""What the local router calls the devices around: PTR of private addresses, asked in the background.

Nothing waits for it. Only addresses of private networks are asked for, of nobody but that router, an hour apart.
"""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
import socket
from collections import OrderedDict

import msgspec

from resolver.errors import WireError
from resolver.model import Clock, Question, Type
from resolver.network.naming import host_name
from resolver.wire.name import from_text, to_text
from resolver.wire.reply import build, matches, parse

FRESH = 3600.0
"""Seconds for which an answer, or that there is none, is not asked for again."""

PATIENCE = 1.5  # seconds for a reply
TRIES = 2
MOST = 4096  # addresses remembered; of more, those longest known are forgotten
_WAITING = 512  # addresses that wait to be asked for
_SILENT = 3  # addresses without a reply after which the router is left alone for FRESH
_SIZE = 4096  # bytes of a reply


class _Answer(msgspec.Struct, frozen=True):
    host: str
    until: float  # monotonic


class Reverse:
    """In one loop; `known` may be called by any thread."""

    def __init__(self, clock: Clock, port: int = 53) -> None:
        self._clock = clock
        self._port = port
        self._router = ""
        self._answers: OrderedDict[str, _Answer] = OrderedDict()
        self._waiting: OrderedDict[str, None] = OrderedDict()
        self._wake = asyncio.Event()
        self._silent = 0
        self._alone_until = 0.0

    def use(self, router: str) -> None:
        """Ask this address from now on (perhaps with a zone); "": nobody."""
        if router != self._router:
            self._router = router
            self._silent = 0
            self._alone_until = 0.0
            self._waiting.clear()
            self._answers.clear()

    def want(self, address: str) -> None:
        """Have the name of an address soon, if it is one that the router may be asked for, and not known freshly."""
        now = self._clock.monotonic()
        known = self._answers.get(address)
        if not self._router or now < self._alone_until or (known is not None and now < known.until):
            return
        if address not in self._waiting and len(self._waiting) < _WAITING and _private(address):
            self._waiting[address] = None
            self._wake.set()

    def known(self, address: str) -> str:
        """The name of an address as last heard, "" if there is none."""
        answer = self._answers.get(address)
        return "" if answer is None else answer.host

    def forget(self, address: str) -> None:
        """Somebody else has this address now."""
        self._answers.pop(address, None)

    async def run(self) -> None:
        """Ask, one address at a time, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                address, _ = self._waiting.popitem(last=False)
                router = self._router
                host = await self._ask(router, address)
                if router == self._router:
                    self._heard(address, host)

    def _heard(self, address: str, host: str | None) -> None:
        now = self._clock.monotonic()
        self._silent = 0 if host is not None else self._silent + 1
        if self._silent >= _SILENT:  # it does not serve DNS, or not to us
            self._silent = 0
            self._alone_until = now + FRESH
            self._waiting.clear()
        self._answers.pop(address, None)
        self._answers[address] = _Answer(host or "", now + FRESH)
        while len(self._answers) > MOST:
            self._answers.popitem(last=False)

    async def _ask(self, router: str, address: str) -> str | None:
        """The name; "" when there is none, None when the router says nothing."""
        question = Question(from_text(ipaddress.ip_address(address).reverse_pointer), int(Type.PTR))
        query = build(question, secrets.randbelow(1 << 16), do=False, cd=False)
        try:
            family, kind, _, _, place = socket.getaddrinfo(
                router, self._port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
            )[0]
            with socket.socket(family, kind) as sock:
                sock.settimeout(0)
                sock.connect(place)
                for _ in range(TRIES):
                    reply = await _exchange(sock, query)
                    if reply is not None:
                        return _host(reply, question)
        except OSError:
            return None
        return None


async def _exchange(sock: socket.socket, query: bytes) -> bytes | None:
    """Send once; the first reply that belongs to the query. Raises OSError."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(PATIENCE):
            await loop.sock_sendall(sock, query)
            while not matches(data := await loop.sock_recv(sock, _SIZE), query):
                pass
            return data
    except TimeoutError:
        return None


def _host(reply: bytes, question: Question) -> str:
    try:
        answer = parse(reply, question).answer
    except WireError:
        return ""
    names = [rdata for rrset in answer if rrset.type == Type.PTR for rdata in rrset.rdatas]
    return next(filter(None, (host_name(to_text(name)) for name in names[:8])), "")


def _private(address: str) -> bool:
    found = ipaddress.ip_address(address)
    odd = found.is_loopback or found.is_link_local or found.is_multicast or found.is_unspecified
    return not found.is_global and not odd
