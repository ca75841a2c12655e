"""Every way to carry queries, by the scheme of an upstream's URL. HTTP/2 and QUIC are loaded when first needed: a house
that asks over UDP does not pay for them."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Sequence
from typing import Protocol

from msgspec.structs import replace

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.upstream.do53 import Udp
from resolver.upstream.endpoint import Endpoint, Hosts
from resolver.upstream.line import Call, Spawn
from resolver.upstream.named import Named
from resolver.upstream.streams import Tcp, Tls
from resolver.upstream.tls import Contexts
from resolver.upstream.transport import Carrier, Deliver, Sent, Transport

NO_QUIC = "{}:// needs aioquic, which is not installed here: pip install 'lull-dns[quic]'"


class Reach(Protocol):
    """How upstreams are reached."""

    def to(self, endpoint: Endpoint, *, dated: bool = True) -> Sequence[Transport]:
        """The transports to an endpoint, in the order to try them: the next takes over when a reply is truncated. Those
        not `dated` accept a certificate that is right but for its dates; there are none for plain endpoints."""
        ...


class _Nothing:
    """A transport over which every query fails, and says why."""

    def __init__(self, loop: asyncio.AbstractEventLoop, error: UpstreamError) -> None:
        self._loop = loop
        self._error = error

    def send(self, query: bytes, deliver: Deliver) -> Sent:
        call = Call(query, deliver)
        self._loop.call_soon(call.settle, self._error)
        return call


class _Missing:
    """A protocol whose library is not installed."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def to(self, endpoint: Endpoint) -> Transport:
        return _Nothing(self._loop, UpstreamUnreachable(NO_QUIC.format(endpoint.transport)))

    def close(self) -> None:
        """Nothing is ever open."""


class Carriers:
    """All protocols of a process (Reach). Owns every socket to upstreams; `close` ends them."""

    def __init__(self, loop: asyncio.AbstractEventLoop, hosts: Hosts, spawn: Spawn) -> None:
        self._loop = loop
        self._hosts = hosts
        self._spawn = spawn
        self._contexts = Contexts()
        self._udp = Udp(loop)
        self._tcp = Tcp(loop, hosts, spawn)
        self._encrypted: dict[tuple[str, bool], Carrier] = {}

    def to(self, endpoint: Endpoint, *, dated: bool = True) -> Sequence[Transport]:
        if endpoint.encrypted:
            return (self._carrier(endpoint.transport, dated=dated).to(endpoint),)
        if not dated:
            return ()
        tcp = self._tcp.to(endpoint)
        return (tcp,) if endpoint.transport == "tcp" else (self._over_udp(endpoint), tcp)

    def _over_udp(self, endpoint: Endpoint) -> Transport:
        if endpoint.addressed:
            return self._udp.to(endpoint)
        return Named(
            endpoint,
            self._hosts,
            self._loop,
            self._spawn,
            lambda address: self._udp.to(replace(endpoint, host=address)),
        )

    def _carrier(self, scheme: str, *, dated: bool) -> Carrier:
        found = self._encrypted.get((scheme, dated))
        if found is None:
            found = self._encrypted[scheme, dated] = self._made(scheme, dated=dated)
        return found

    def _made(self, scheme: str, *, dated: bool) -> Carrier:
        if scheme == "tls":
            return Tls(self._loop, self._hosts, self._spawn, self._contexts, dated=dated)
        if scheme == "https":
            doh = importlib.import_module("resolver.upstream.doh")
            https: Carrier = doh.Https(self._loop, self._hosts, self._spawn, self._contexts, dated=dated)
            return https
        name, kind = {"quic": ("doq", "Quic"), "h3": ("doh3", "Http3")}[scheme]
        try:
            module = importlib.import_module(f"resolver.upstream.{name}")
        except ImportError:
            return _Missing(self._loop)
        quic: Carrier = getattr(module, kind)(self._loop, self._hosts, self._spawn, dated=dated)
        return quic

    def close(self) -> None:
        carriers: list[Carrier] = [self._udp, self._tcp, *self._encrypted.values()]
        for carrier in carriers:
            carrier.close()
