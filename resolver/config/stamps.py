"""DNS stamps (sdns://…, https://dnscrypt.info/stamps-specifications) → the URL that says the same. Pure.

Read are plain DNS, DoT, DoH and DoQ. DNSCrypt and relays are other protocols and are refused by name. What a provider
claims of itself in a stamp (no logs, no filter, DNSSEC) is not looked at.
"""

from __future__ import annotations

import base64
import re

from resolver.config.leaves import shown
from resolver.errors import TextError

_PLAIN, _DNSCRYPT, _DOH, _DOT, _DOQ = range(5)
_URLS = {_DOH: ("https", 443), _DOT: ("tls", 853), _DOQ: ("quic", 853)}
_OTHERS = {0x81: "a DNSCrypt relay", 0x85: "an Oblivious DoH relay", 5: "an Oblivious DoH target"}
_MORE = 0x80  # set in the length of every item of a list but the last
_HOST_PORT = re.compile(r"(\[[^\]]*\]|[^:]*)(?::([0-9]{1,5}))?")


class _Reader:
    """The bytes of a stamp from front to back; what is not there raises TextError."""

    def __init__(self, data: bytes, text: str) -> None:
        self._data = data
        self._text = text
        self._at = 0

    def take(self, count: int) -> bytes:
        found = self._data[self._at : self._at + count]
        if len(found) != count:
            raise TextError(f"{shown(self._text)} is cut short: copy the whole stamp")
        self._at += count
        return found

    def item(self) -> str:
        """A text with its length before it."""
        try:
            return self.take(self.take(1)[0]).decode("ascii")
        except UnicodeDecodeError:
            raise TextError(f"{shown(self._text)} is damaged: copy it again") from None

    def items(self) -> list[bytes]:
        """A list of byte strings; the high bit of a length says that more follow."""
        found = []
        length = _MORE
        while length & _MORE:
            length = self.take(1)[0]
            found.append(self.take(length & ~_MORE))
        return [one for one in found if one]

    @property
    def ended(self) -> bool:
        return self._at == len(self._data)


def url(text: str) -> str:
    """The URL that a stamp stands for. Raises TextError.

    The hashes in a stamp are of any certificate of the chain, not of the server's key, so they are no pins: the
    certificate is checked by its name, as for every other upstream.
    """
    coded = text.partition("://")[2].rstrip("=")
    try:
        data = base64.b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise TextError(f"{shown(text)} is not a DNS stamp: it is sdns:// and Base64 with - and _") from None
    if not data:
        raise TextError(f"{shown(text)} is empty: copy the whole stamp")
    reader = _Reader(data, text)
    protocol = reader.take(1)[0]
    if protocol == _DNSCRYPT or protocol in _OTHERS:
        what = _OTHERS.get(protocol, "a DNSCrypt server")
        raise TextError(f"{shown(text)} is {what}, which is not supported: use the provider's tls:// or https://")
    if protocol != _PLAIN and protocol not in _URLS:
        raise TextError(f"{shown(text)} is a stamp of an unknown kind ({protocol:#04x})")
    reader.take(8)
    place = reader.item()
    found = f"udp://{place}" if protocol == _PLAIN else _encrypted(protocol, place, reader)
    if not reader.ended or not found.isprintable():
        raise TextError(f"{shown(text)} is damaged: copy it again")
    return found


def _encrypted(protocol: int, place: str, reader: _Reader) -> str:
    """The URL of DoH, DoT or DoQ: by address with the name behind "#" where the stamp has an address."""
    scheme, usual = _URLS[protocol]
    reader.items()
    named, named_port = _split(reader.item())
    path = reader.item() if protocol == _DOH else ""
    bootstraps = [] if reader.ended else [one.decode("ascii", "replace") for one in reader.items()]
    address, port = _split(place)
    port = port or named_port
    host = f"{address or named}{f':{port}' if port and int(port) != usual else ''}"
    name = f"#{named}" if address and named != address else ""
    options = f"?bootstrap={','.join(bootstraps)}" if bootstraps and not address else ""
    return f"{scheme}://{host}{path}{name}{options}"


def _split(place: str) -> tuple[str, str]:
    """Host and port ("" without one) of a place in a stamp; an IPv6 address keeps its brackets."""
    match = _HOST_PORT.fullmatch(place)
    return (match[1], match[2] or "") if match else (place, "")
