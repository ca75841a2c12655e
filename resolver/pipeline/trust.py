"""What of an upstream's words is taken as it is: its AD bit (RFC 6840 section 5.8), and its TTLs."""

from __future__ import annotations

import functools
import ipaddress
from urllib.parse import urlsplit

from msgspec.structs import replace

from resolver.model import RRset
from resolver.policy.truth import Trust, Truth
from resolver.wire.reply import MAX_TTL, Reply

_VERIFIED = frozenset({"tls", "https", "quic", "h3"})  # connections whose other end has shown its name


@functools.lru_cache(256)
def believed(upstream: str, trust: Trust) -> bool:
    """Whether the AD bit of the upstream with this URL is passed on."""
    if trust != "encrypted":
        return trust == "all"
    parts = urlsplit(upstream)
    if parts.scheme in _VERIFIED:
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def clamped(reply: Reply, truth: Truth) -> Reply:
    """The reply with TTLs as the policy has them: a positive one not below the least, none above the most."""
    if truth.min_ttl == 0 and truth.max_ttl >= MAX_TTL:
        return reply
    least = truth.min_ttl if reply.positive else 0
    answer = _clamped(reply.answer, least, truth.max_ttl)
    return replace(reply, answer=answer, authority=_clamped(reply.authority, least, truth.max_ttl))


def _clamped(rrsets: tuple[RRset, ...], least: int, most: int) -> tuple[RRset, ...]:
    return tuple(RRset(rrset.owner, rrset.type, min(max(rrset.ttl, least), most), rrset.rdatas) for rrset in rrsets)
