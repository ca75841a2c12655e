"""The value of `$dnsrewrite` → what is said: `192.0.2.1`, `a.example`, `NXDOMAIN`, `NOERROR;MX;10 a.example` …"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping

from resolver.config import records
from resolver.errors import TextError
from resolver.model import Nodata, NullAddress, Nxdomain, Refused, Type
from resolver.rules.normal import normal
from resolver.rules.rule import Datum, Saying
from resolver.wire import name

_LONGEST_TXT = 4096  # bytes
_LONGEST_VALUE = 1024  # characters of the data of any other type
_KEYWORD = re.compile(r"[A-Z]+")
_RCODES: Mapping[str, Saying] = {"NOERROR": Nodata(), "NXDOMAIN": Nxdomain(), "REFUSED": Refused()}
_DOHPATH = re.compile(r"(?<=\s)dohpath=")


def saying(value: str) -> Saying:
    """What a value says. `0.0.0.0` and `::` are Lull's way to block. Raises TextError for what is no such value."""
    parts = value.split(";", 2)
    if len(parts) == 3:
        return _in_full(*parts)
    if len(parts) == 2:
        raise TextError(f"{value[:80]!r}: write one value, or RCODE;TYPE;VALUE")
    if _KEYWORD.fullmatch(value) is not None:
        return _rcode(value)
    return _address(value) or _alias(value)


def _in_full(rcode: str, type: str, value: str) -> Saying:
    said = _rcode(rcode.upper())
    if not isinstance(said, Nodata) or not (type or value):
        return said
    read = _TYPES.get(type.upper())
    if read is None:
        raise TextError(f"{type[:80]!r} is not a type to answer with: {', '.join(_TYPES)}")
    return read(value)


def _rcode(text: str) -> Saying:
    said = _RCODES.get(text)
    if said is None:
        raise TextError(f"{text[:80]!r} is not an answer: {', '.join(_RCODES)}")
    return said


def _address(text: str) -> Datum | NullAddress | None:
    """The record of an address; None for text that is none."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    if "%" in text:
        raise TextError(f"{text[:80]!r}: an address in an answer has no zone")
    if found.is_unspecified:
        return NullAddress()
    return Datum(Type.A if found.version == 4 else Type.AAAA, found.packed)


def _address_of(version: int) -> Callable[[str], Saying]:
    def read(text: str) -> Saying:
        found = _address(text)
        if found is None or (":" in text) != (version == 6):
            raise TextError(f"{text[:80]!r} is not an IPv{version} address")
        return found

    return read


def _alias(text: str) -> Datum:
    target = normal(text)
    if target is None:
        raise TextError(f"{text[:80]!r} is not an address and not a name")
    return Datum(Type.CNAME, name.from_text(target))


def _text(text: str) -> Datum:
    """A TXT record of the text as it is, cut into strings of 255 bytes (RFC 1035 section 3.3.14)."""
    data = text.encode("utf-8", "replace")
    if len(data) > _LONGEST_TXT:
        raise TextError(f"a text of {len(data)} bytes is too long: at most {_LONGEST_TXT}")
    strings = [data[at : at + 255] for at in range(0, len(data), 255)] or [b""]
    return Datum(Type.TXT, b"".join(bytes((len(string),)) + string for string in strings))


def _record_of(type: Type) -> Callable[[str], Saying]:
    """Data in the form of local records."""

    def read(text: str) -> Saying:
        if len(text) > _LONGEST_VALUE:
            raise TextError(f"{len(text)} characters are too long for {type.name} data: at most {_LONGEST_VALUE}")
        found = records.record(f". {type.name} {_DOHPATH.sub('key7=', text)}")
        return Datum(type, found.rdatas[0])

    return read


_TYPES: Mapping[str, Callable[[str], Saying]] = {
    "A": _address_of(4),
    "AAAA": _address_of(6),
    "CNAME": _alias,
    "PTR": _record_of(Type.PTR),
    "MX": _record_of(Type.MX),
    "TXT": _text,
    "SRV": _record_of(Type.SRV),
    "HTTPS": _record_of(Type.HTTPS),
    "SVCB": _record_of(Type.SVCB),
}
