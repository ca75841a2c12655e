"""EDNS: the OPT pseudo-RR and the options Lull reads or writes (RFC 6891, RFC 8914, RFC 7873)."""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct

from resolver.errors import WireError
from resolver.model import Ede

PAYLOAD = 1232  # what is advertised, and the most that a UDP reply may take (DNS flag day 2020)
MINIMUM = 512  # without EDNS, or when a client says less (RFC 1035 section 2.3.4, RFC 6891 section 6.2.3)
MAX_EDE = 8  # Extended DNS Errors taken over from an upstream: without their texts they always fit

_DO = 0x8000
COOKIE = 10
_PADDING = 12
_BLOCK = 128  # bytes that queries are padded to a multiple of (RFC 8467 section 4.1)
_EDE = 15
_HEAD = Struct("!BHHBBHH")  # root owner, type, payload, extended RCODE, version, flags, RDLENGTH
_BARE = b"\0\0\x29"  # how an OPT begins
_OPTION = Struct("!HH")
_CODE = Struct("!H")


def limit(payload: int | None) -> int:
    """The longest UDP reply, in bytes, for a client that gave this payload size (None: no EDNS)."""
    return MINIMUM if payload is None else min(max(payload, MINIMUM), PAYLOAD)


def opt(
    *,
    do: bool,
    rcode: int = 0,
    ede: Iterable[Ede] = (),
    texts: bool = True,
    payload: int = PAYLOAD,
    more: bytes = b"",
) -> bytes:
    """An OPT record of version 0. `rcode` is the whole 12-bit RCODE; `texts=False` leaves EXTRA-TEXT out; `more` are
    options in wire form."""
    options = b"".join([_ede(item, texts) for item in ede]) + more
    return _HEAD.pack(0, 41, payload, rcode >> 4, 0, _DO if do else 0, len(options)) + options


def _padding(length: int) -> bytes:
    """What ends a query of that length instead of the RDLENGTH of an OPT without options."""
    zeros = -(length + _OPTION.size) % _BLOCK
    return _CODE.pack(_OPTION.size + zeros) + _OPTION.pack(_PADDING, zeros) + bytes(zeros)


_PADDINGS = tuple(map(_padding, range(_BLOCK)))


def padded(query: bytes) -> bytes:
    """A query of ours, padded to a multiple of 128 bytes (RFC 7830, RFC 8467)."""
    end = question_end(query)
    if end == len(query) - _HEAD.size:
        return query[:-2] + _PADDINGS[len(query) % _BLOCK]
    zeros = -(len(query) + _OPTION.size) % _BLOCK
    length = len(query) - end - _HEAD.size + _OPTION.size + zeros
    head, options = query[: end + _HEAD.size - 2], query[end + _HEAD.size :]
    return head + _CODE.pack(length) + options + _OPTION.pack(_PADDING, zeros) + bytes(zeros)


def question_end(query: bytes) -> int:
    """The offset after the question of a query of ours, which is followed by nothing but an OPT."""
    if query[-11:-8] == _BARE and query[-2:] == b"\0\0":  # no option that we send looks like that
        return len(query) - _HEAD.size
    offset = 12
    while length := query[offset]:
        offset += 1 + length
    return offset + 5


def _ede(item: Ede, texts: bool) -> bytes:
    text = item.text.encode()[:255].decode("utf-8", "ignore").encode() if texts else b""
    return _OPTION.pack(_EDE, 2 + len(text)) + _CODE.pack(item.code) + text


def options(rdata: bytes) -> list[tuple[int, bytes]]:
    """The options of an OPT record's RDATA as (code, value). Raises WireError when they do not fill it."""
    found = []
    offset = 0
    while offset < len(rdata):
        if offset + 4 > len(rdata):
            raise WireError("an EDNS option cut short")
        code, length = _OPTION.unpack_from(rdata, offset)
        value = rdata[offset + 4 : offset + 4 + length]
        if len(value) != length:
            raise WireError("an EDNS option cut short")
        found.append((code, value))
        offset += 4 + length
    return found


def cookie(found: list[tuple[int, bytes]]) -> bytes:
    """The value of the first COOKIE option; b"" without one. Raises WireError for one of a wrong length (RFC 7873
    section 5.2.2)."""
    cookies = [value for code, value in found if code == COOKIE]
    if any(len(value) != 8 and not 16 <= len(value) <= 40 for value in cookies):
        raise WireError("a COOKIE of a wrong length")
    return cookies[0] if cookies else b""


def extended_errors(found: list[tuple[int, bytes]]) -> tuple[Ede, ...]:
    """The first Extended DNS Errors among options; text that is not UTF-8 is repaired, one cut short is left out."""
    errors = [value for code, value in found if code == _EDE and len(value) >= 2]
    return tuple(
        Ede(int.from_bytes(value[:2], "big"), value[2:].rstrip(b"\0").decode("utf-8", "replace"))
        for value in errors[:MAX_EDE]
    )
