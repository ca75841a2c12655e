"""What the log may know of who asked for what: what is not to be kept never leaves the worker."""

from __future__ import annotations

import hashlib
import ipaddress

from resolver.model import Client, Exchange

DAY = 86_400
WHOLE = (32, 128)
"""The bits of IPv4 and IPv6 addresses."""

PSEUDONYM = "~"
"""What a client's name for a day begins with: no address and no device's name does."""

_MOST = 20_000  # clients whose words are remembered
_HEX = 6  # bytes of a pseudonym


def pseudonym(salt: bytes, client: str) -> str:
    """What a client is called on the day of that salt."""
    return PSEUDONYM + hashlib.blake2b(client.encode(), key=salt, digest_size=_HEX).hexdigest()


def place(address: str, prefixes: tuple[int, int]) -> str:
    """An address as far as its first bits go, of IPv4 and IPv6: "192.0.2.0/24"; as it is where all are kept."""
    if prefixes == WHOLE:
        return address
    parsed = ipaddress.ip_address(address)
    bits = prefixes[parsed.version == 6]
    return address if bits == parsed.max_prefixlen else str(ipaddress.ip_network((parsed, bits), strict=False))


class Redaction:
    """Of one second after the other. `prefixes` are how many bits of IPv4 and IPv6 addresses are kept of this one."""

    def __init__(self) -> None:
        self.prefixes = self._wanted = self._next = WHOLE
        self._salts: dict[int, bytes] = {}
        self._day = 0
        self._words: dict[tuple[bool, str, tuple[int, int]], str] = {}

    def take(self, day: int, salt: bytes) -> None:
        """What makes pseudonyms on a day (`frames.Salt`)."""
        self._salts[day] = salt
        self._words.clear()

    def keep(self, prefixes: tuple[int, int]) -> None:
        """So many bits from now on. The second that runs began before: of that the fewer are kept."""
        self._wanted = prefixes
        self._next = (min(self._next[0], prefixes[0]), min(self._next[1], prefixes[1]))

    def begin(self, second: int) -> None:
        """What follows is of this Unix second. The salts of days before go: what they made can be made no more."""
        self.prefixes, self._next = self._next, self._wanted
        day = second // DAY
        if day != self._day:
            self._day = day
            self._salts = {one: salt for one, salt in self._salts.items() if one >= day}
            self._words.clear()

    def who(self, client: Client) -> str:
        """What rows call a client: its address, as far as that is kept; its pseudonym, "" while there is no salt; or
        nothing. A device has one pseudonym whatever its addresses are, unless only a part of these is kept."""
        hidden = client.privacy == "no-client"
        if not hidden and client.privacy != "full":
            return ""
        named = client.device if hidden and self.prefixes == WHOLE else ""
        key = (hidden, named or client.address, self.prefixes)
        known = self._words.get(key)
        if known is None:
            if len(self._words) >= _MOST:
                self._words.clear()
            known = self._words[key] = self._word(named or place(client.address, self.prefixes), hidden=hidden)
        return known

    def _word(self, text: str, *, hidden: bool) -> str:
        salt = self._salts.get(self._day)
        return text if not hidden else "" if salt is None else pseudonym(salt, text)


def nameless(exchange: Exchange) -> Exchange:
    """An exchange without names: those of rules and of people's own rules are names too."""
    return Exchange(
        "",
        exchange.type,
        exchange.rcode,
        exchange.origin,
        exchange.verdict,
        exchange.source,
        shadow=exchange.shadow.partition(":")[0],  # the list; its rule may be the name
    )
