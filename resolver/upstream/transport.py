"""What a transport is: how the pool carries queries to one upstream without knowing over what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from resolver.errors import UpstreamError
from resolver.upstream.endpoint import Endpoint

Deliver = Callable[["bytes | UpstreamError"], None]


class Sent(Protocol):
    """A query under way."""

    def close(self) -> None:
        """Stop waiting for the reply; safe to call twice."""
        ...


class Transport(Protocol):
    """A way to carry queries to one endpoint.

    `query` is what `wire.reply.build` makes. `deliver` is called at most once, never before `send` has returned: with a
    reply that matches (with the query's ID), or with the failure. There is no time limit but the one of who asks.
    """

    def send(self, query: bytes, deliver: Deliver) -> Sent: ...


class Carrier(Protocol):
    """One protocol for all endpoints. It owns the sockets of the transports that it gave."""

    def to(self, endpoint: Endpoint) -> Transport:
        """The transport to an endpoint; opens nothing before it is used."""
        ...

    def close(self) -> None:
        """Close every socket; what is under way is not delivered any more."""
        ...
