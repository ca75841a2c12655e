"""One HTTP response to a DNS query, as far as it has come (RFC 8484 section 4.2): what counts as an answer."""

from __future__ import annotations

from collections.abc import Iterable

from resolver.errors import UpstreamError, UpstreamUnreachable, WireError
from resolver.wire.reply import aged

MAX_HEADERS = 16 << 10  # bytes of a response's headers
MAX_BODY = 65_535  # bytes; no DNS message is longer
UNUSED = 4 * MAX_HEADERS  # bytes that may come on a connection which are of no response
USELESS = "it sends much and answers nothing"
_MAX_INTERIM = 8  # responses with a status of 1xx before the one that counts
_MEDIA_TYPE = b"application/dns-message"
_MAX_AGE = 1 << 31


class Response:
    """A response being received. `head` may come more than once (1xx), `add` any number of times."""

    __slots__ = ("_age", "_body", "_interim", "_whole")

    def __init__(self) -> None:
        self._body = bytearray()
        self._age = 0
        self._interim = 0
        self._whole = False

    def head(self, status: bytes, fields: Iterable[tuple[bytes, bytes]]) -> UpstreamError | None:
        """Take status and header fields (names in lower case); returns what is wrong with them."""
        if len(status) == 3 and status[:1] == b"1":
            self._interim += 1
            return UpstreamUnreachable("interim responses without end") if self._interim > _MAX_INTERIM else None
        if status != b"200":
            return UpstreamUnreachable(f"HTTP status {status[:3].decode('ascii', 'replace')}")
        self._whole = True
        media_type = b""
        for name, value in fields:
            if name == b"content-type":
                media_type = value.partition(b";")[0].strip().lower()
            elif name == b"age" and value.isdigit():
                self._age = min(int(value[:10]), _MAX_AGE)
        if media_type != _MEDIA_TYPE:
            said = ascii(media_type[:40].decode("latin-1"))[1:-1] or "nothing in particular"
            return UpstreamUnreachable(f"it answers with {said} instead of DNS")
        return None

    def add(self, data: bytes) -> bool:
        """Take a part of the body; False when there is too much of it."""
        self._body += data
        return len(self._body) <= MAX_BODY

    def message(self) -> bytes | UpstreamError:
        """The DNS message of a response that is whole, its TTLs less the time it spent in HTTP caches (section 5.1)."""
        if not self._whole or len(self._body) < 12:
            return UpstreamUnreachable("a response without a DNS message")
        data = bytes(self._body)
        try:
            return aged(data, self._age) if self._age else data
        except WireError as error:
            return UpstreamUnreachable(f"a malformed answer: {error}")
