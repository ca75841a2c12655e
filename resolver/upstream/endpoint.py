"""Where an upstream is and how it is reached: its URL, read as the config reads it, and how its address is found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from resolver.config.upstreams import upstream
from resolver.config.values import Upstream as Endpoint
from resolver.errors import TextError, UpstreamUnreachable

__all__ = ["Addressed", "Endpoint", "Hosts", "read"]


def read(url: str) -> Endpoint:
    """The endpoint that a URL of a bundle names. Raises TextError for one that only another version can read."""
    found = upstream(url)
    if found.transport == "named":
        raise TextError(f"{url} is no URL")
    return found


class Hosts(Protocol):
    """Who knows the addresses of endpoints that are given by name."""

    async def addresses(self, endpoint: Endpoint) -> Sequence[str]:
        """The addresses to try, best first: that of the URL, or what bootstrap servers say. Raises UpstreamError."""
        ...

    def known(self, endpoint: Endpoint) -> Sequence[str]:
        """The same, as far as nobody need be waited for."""
        ...

    def fails(self, endpoint: Endpoint, address: str) -> None:
        """Nothing comes of an address: the others are tried first, and it may be that they are not right any more."""
        ...


class Addressed:
    """The Hosts of endpoints that are given by address; nobody is asked for anything."""

    async def addresses(self, endpoint: Endpoint) -> Sequence[str]:
        if not endpoint.addressed:
            raise UpstreamUnreachable(f"nobody was asked for the address of {endpoint.host}")
        return self.known(endpoint)

    def known(self, endpoint: Endpoint) -> Sequence[str]:
        return (endpoint.host,) if endpoint.addressed else ()

    def fails(self, endpoint: Endpoint, address: str) -> None:
        """There is no other."""
