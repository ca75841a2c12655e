"""What an HTTP request of a DNS query says (RFC 8484 section 4.1), in any version of HTTP."""

from __future__ import annotations

import base64

from resolver.upstream.endpoint import Endpoint


def authority(endpoint: Endpoint) -> bytes:
    """Host and port as HTTP writes them."""
    host = f"[{endpoint.name}]" if ":" in endpoint.name else endpoint.name
    return (host if endpoint.port == 443 else f"{host}:{endpoint.port}").encode()


def headers(endpoint: Endpoint, authority: bytes) -> list[tuple[bytes, bytes]]:
    """What is in every request; the same each time, so that it is compressed to a few bytes."""
    common = [(b":scheme", b"https"), (b":authority", authority)]
    accept = (b"accept", b"application/dns-message")
    if endpoint.method == "get":
        return [(b":method", b"GET"), *common, accept]
    path = (b":path", endpoint.path.encode())
    return [(b":method", b"POST"), *common, path, accept, (b"content-type", b"application/dns-message")]


def with_query(endpoint: Endpoint, data: bytes) -> bytes:
    """The path of a GET."""
    return endpoint.path.encode() + b"?dns=" + base64.urlsafe_b64encode(data).rstrip(b"=")
