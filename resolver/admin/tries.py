"""Wrong tries at signing in: counted for each address, and an address with too many waits."""

from __future__ import annotations

import ipaddress

from resolver.model import Clock

MOST = 10
"""Wrong tries that an address has."""

WINDOW = 600.0
"""Seconds after which the first of them is forgotten, with the others."""

_ADDRESSES = 1000


class Tries:
    """An IPv6 client is its /64 (RFC 6177 section 2): it could come from any address there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: dict[str, tuple[int, float]] = {}

    def wait(self, address: str) -> float:
        """For how many seconds this address may not try; 0.0 when it may."""
        count, began = self._wrong.get(_who(address), (0, 0.0))
        left = began + WINDOW - self._clock.monotonic()
        return left if count >= MOST and left > 0 else 0.0

    def wrong(self, address: str) -> None:
        """Count a wrong try."""
        who, now = _who(address), self._clock.monotonic()
        count, began = self._wrong.pop(who, (0, now))
        if began + WINDOW <= now:
            count, began = 0, now
        self._wrong[who] = (count + 1, began)
        if len(self._wrong) > _ADDRESSES:
            del self._wrong[next(iter(self._wrong))]  # the one whose last try is longest ago

    def right(self, address: str) -> None:
        """Forget the wrong tries of somebody who knows the token."""
        self._wrong.pop(_who(address), None)


def _who(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(parsed, "ipv4_mapped", None)
    if parsed.version == 4 or mapped:
        return str(mapped or parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
