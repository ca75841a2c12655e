"""Local records: zone-file text (RFC 1035 section 5.1) → RRsets with canonical owners and uncompressed RDATA."""

from __future__ import annotations

import ipaddress
import re
import struct
from collections.abc import Callable, Iterable
from typing import Any

import dnslib
from dnslib.bimap import BimapError
from dnslib.buffer import BufferError as PastTheEnd
from dnslib.label import DNSLabelError

from resolver.config import leaves
from resolver.config.leaves import shown
from resolver.errors import DomainError, TextError
from resolver.model import RRset, Type
from resolver.wire import name

DEFAULT_TTL = 300
_LONGEST_TTL = 2**31 - 1  # RFC 2181 section 8
_DEGREE = 3_600_000  # thousandths of a second of arc
_LARGEST = 65000  # RDATA that still fits a message over TCP with its header, question and owner
_LINE = re.compile(r"(\S+)((?:\s+(?:[Ii][Nn]|[0-9]\w*))*)\s+([A-Za-z]\w*)(?:\s+(.*))?")
_WORD = re.compile(r'"(?:\\["\\]|[^"\\])*"|[^\s;"]+|;.*', re.DOTALL)
_QUOTED = re.compile(r'"(?:\\["\\]|[^"\\])*"')
_UNCLEAR = re.compile(r"""[;'()"\\]""")  # outside quotation marks dnslib and RFC 1035 disagree on these
_DIRECTIVE = re.compile(r"\$(?:ORIGIN|TTL)")  # and dnslib obeys these even within them
_FAULTS = (  # whatever dnslib meets on its way through text that makes no sense to it
    AttributeError,
    BimapError,
    DNSLabelError,
    LookupError,
    OverflowError,
    PastTheEnd,
    TypeError,
    ValueError,
    dnslib.DNSError,
    struct.error,
)


def _ipv4(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise TextError(f"{shown(text)} is not an IPv4 address") from None


def _ipv6(text: str) -> str:
    found = leaves.address(text)
    if found.version != 6 or "%" in text:
        raise TextError(f"{shown(text)} is not an IPv6 address")
    return found.exploded


def _name(text: str) -> str:
    """A name in RDATA, absolute and canonical. dnslib splits labels at escaped dots, so escapes are refused."""
    try:
        normal = name.to_text(name.from_text(text))
    except DomainError as error:
        raise TextError(str(error)) from None
    if "\\" in normal:
        raise TextError(f"{shown(text)}: only plain letters, digits, _ and - can stand in a name here")
    return normal if normal == "." else normal + "."


def _number(bits: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not re.fullmatch("[0-9]{1,10}", text) or int(text) >= 1 << bits:
            raise TextError(f"{shown(text)} is not a number from 0 to {(1 << bits) - 1}")
        return text

    return check


def _string(text: str) -> str:
    """A character string, in quotation marks if it needs them."""
    if not text.isascii() or _UNCLEAR.search(_QUOTED.sub("", text)):
        raise TextError(f'{shown(text)} is not a text in quotation marks (the only escapes are \\" and \\\\)')
    return text


def _hex(text: str) -> str:
    if not re.fullmatch("(?:[0-9A-Fa-f]{2})+", text):
        raise TextError(f"{shown(text)} is not pairs of hexadecimal digits")
    return text


_8, _16, _32 = _number(8), _number(16), _number(32)
_Fields = tuple[Callable[[str], str], ...]
# The types a local record can have: how its first fields are read, whether dnslib alone reads more, and an example.
_FORMS: dict[str, tuple[_Fields, bool, str]] = {
    "A": ((_ipv4,), False, "192.0.2.9"),
    "AAAA": ((_ipv6,), False, "2001:db8::9"),
    "CAA": ((_8,), True, '0 issue "ca.example"'),
    "CNAME": ((_name,), False, "other.home.arpa."),
    "DNSKEY": ((_16, _8, _8), True, "257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0d"),
    "DS": ((_16, _8, _8, _hex), False, "12345 13 2 0123456789abcdef"),
    "HTTPS": ((_16, _name), True, "1 . alpn=h2"),
    "LOC": ((), True, "52 22 23.000 N 4 53 32.000 E -2.00m"),
    "MX": ((_16, _name), False, "10 mail.home.arpa."),
    "NAPTR": ((_16, _16, _string, _string, _string, _name), False, '100 10 "S" "SIP+D2U" "" _sip._udp.home.arpa.'),
    "NS": ((_name,), False, "ns.home.arpa."),
    "PTR": ((_name,), False, "printer.home.arpa."),
    "RP": ((_name, _name), False, "admin.home.arpa. ."),
    "SOA": ((_name, _name, _32, _32, _32, _32, _32), False, "ns.home.arpa. admin.home.arpa. 1 3600 600 86400 300"),
    "SRV": ((_16, _16, _16, _name), False, "0 0 631 printer.home.arpa."),
    "SSHFP": ((_8, _8, _hex), False, "4 2 0123456789abcdef"),
    "SVCB": ((_16, _name), True, "1 dns.home.arpa. alpn=dot"),
    "TLSA": ((_8, _8, _8, _hex), False, "3 1 1 0123456789abcdef"),
    "TXT": ((), True, '"some text" (strings of up to 255 bytes; the only escapes are \\" and \\\\)'),
}


class _Buffer(dnslib.DNSBuffer):  # type: ignore[misc] # dnslib has no types
    """A buffer that never compresses names."""

    def encode_name(self, name: Any) -> None:
        self.encode_name_nocompress(name)


def record(text: str) -> RRset:
    """One record, "NAME [TTL] [IN] TYPE DATA", as an RRset of one. Without a TTL it is 300 seconds; a name without a
    final dot is absolute. Raises TextError.
    """
    match = _LINE.fullmatch(text.strip())
    if match is None:
        raise TextError(
            f'{shown(text)} is not a record: write NAME [TTL] TYPE DATA, such as "nas.home.arpa. A 192.0.2.9"'
        )
    owner, middle, type, data = match.groups()
    type = type.upper()
    if type not in _FORMS:
        raise TextError(f"{shown(type)} is not a type that a local record can have: {', '.join(_FORMS)}")
    fields, more, example = _FORMS[type]
    wire, ttl = _owner(owner), _ttl(middle)
    try:
        number, rdata = _rdata(type, _data(data or "", fields, more=more))
    except _FAULTS:
        raise TextError(f"{shown(data or '')} is not {type} data, such as: {example}") from None
    return RRset(wire, number, ttl, (rdata,))


def _owner(text: str) -> bytes:
    try:
        wire = name.from_text(text)
    except DomainError as error:
        raise TextError(str(error)) from None
    if text == "@":
        raise TextError(f"{shown(text)}: a local record needs a full name; @ has no meaning here")
    labels = name.labels_of(wire)
    if any(b"*" in label for label in labels[1:]) or (b"*" in wire and (labels[0] != b"*" or len(labels) < 2)):
        raise TextError(f'{shown(text)}: a wildcard is * and all below a name, such as "*.lab.home.arpa"')
    return wire


def _ttl(middle: str) -> int:
    given = [word for word in middle.split() if word.upper() != "IN"]
    if len(given) > 1:
        raise TextError(f"two TTLs: {' and '.join(given)}; write one")
    seconds = int(leaves.duration(given[0])) if given else DEFAULT_TTL
    if seconds > _LONGEST_TTL:
        raise TextError(f"a TTL of {seconds} is too long: at most {_LONGEST_TTL} seconds")
    return seconds


def _data(text: str, fields: _Fields, *, more: bool) -> str:
    """The data as dnslib is to read it. A field that is wrong raises TextError, the wrong number of them ValueError."""
    if _DIRECTIVE.search(text) or (more and _UNCLEAR.search(_QUOTED.sub("", text))):
        raise ValueError(text)
    words = text.split(maxsplit=len(fields)) if more else _words(text)
    rest = words[len(fields) :] if more else []
    if len(words) - len(rest) != len(fields):
        raise ValueError(text)
    return " ".join([read(word) for read, word in zip(fields, words, strict=False)] + rest)


def _words(text: str) -> list[str]:
    """Words and quoted texts, as far as a comment."""
    if _WORD.sub("", text).strip():
        raise ValueError(text)
    return [word for word in _WORD.findall(text) if not word.startswith(";")]


def _rdata(type: str, data: str) -> tuple[int, bytes]:
    """The type's number and the RDATA. What dnslib does not read back as it wrote it is refused: ValueError."""
    known = "HTTPS" if type == "SVCB" else type  # RFC 9460 section 9: the same form
    (parsed,) = dnslib.RR.fromZone(f". 0 IN {known} {data}")
    if known == "HTTPS":
        parsed.rdata.params = sorted(dict(parsed.rdata.params).items())  # each key once, in order: RFC 9460 section 2.2
    rdata = _pack(parsed.rdata)
    reader = _Buffer(rdata)
    again = _pack(dnslib.RDMAP[known].parse(reader, len(rdata)))
    if (type == "LOC" and not _on_earth(rdata)) or (type == "CAA" and not _has_tag(rdata)):
        raise ValueError(data)
    if reader.offset != len(rdata) or again != rdata or not 0 < len(rdata) <= _LARGEST:
        raise ValueError(data)
    return int(Type.SVCB if type == "SVCB" else parsed.rtype), rdata


def _on_earth(rdata: bytes) -> bool:
    """Whether a place has a latitude and a longitude that there are (RFC 1876 section 2)."""
    latitude, longitude = (abs(int.from_bytes(rdata[at : at + 4], "big") - 2**31) for at in (4, 8))
    return latitude <= 90 * _DEGREE and longitude <= 180 * _DEGREE


def _has_tag(rdata: bytes) -> bool:
    """Whether a CAA record's tag is one: letters and digits, at least one (RFC 8659 section 4.1)."""
    tag = rdata[2 : 2 + rdata[1]]
    return tag.isalnum() and tag.isascii()


def _pack(data: Any) -> bytes:
    buffer = _Buffer()
    data.pack(buffer)
    return bytes(buffer.data)


def merge(records: Iterable[RRset]) -> tuple[RRset, ...]:
    """The same records, one RRset for each owner and type, in the order first seen, without copies.

    Where TTLs differ the smallest holds for all (RFC 2181 section 5.2).
    """
    merged: dict[tuple[bytes, int], RRset] = {}
    for one in records:
        key = (one.owner, one.type)
        before = merged.get(key, one)
        rdatas = tuple(dict.fromkeys(before.rdatas + one.rdatas))
        merged[key] = RRset(one.owner, one.type, min(before.ttl, one.ttl), rdatas)
    return tuple(merged.values())


def clashes(records: Iterable[RRset]) -> list[int]:
    """Which records, by index, make an alias stand beside other data of its owner (RFC 1034 section 3.6.2, RFC 2181
    section 10.1); the first of an owner is never among them.
    """
    first: dict[bytes, RRset] = {}
    found = []
    for index, record in enumerate(records):
        before = first.setdefault(record.owner, record)
        alias = Type.CNAME in {before.type, record.type}
        if alias and (before.type, before.rdatas) != (record.type, record.rdatas):
            found.append(index)
    return found
