"""Records as zone-file text (RFC 1035 section 5.1, RFC 3597 section 5), whatever bytes are in them."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Callable, Mapping

import dnslib
from dnslib.bimap import BimapError
from dnslib.buffer import BufferError as PastTheEnd
from dnslib.label import DNSLabelError

from resolver.errors import TextError, WireError
from resolver.model import Rcode, Type
from resolver.wire.name import read, to_text

_SPF = 99
_MNEMONICS = {  # of the IANA registry of RR types, those that dnslib does not know or has wrong
    "MD": 3, "MF": 4, "MB": 7, "MG": 8, "MR": 9, "WKS": 11, "MINFO": 14, "X25": 19, "ISDN": 20, "RT": 21, "NSAP": 22,
    "NSAP-PTR": 23, "PX": 26, "GPOS": 27, "NXT": 30, "EID": 31, "NIMLOC": 32, "ATMA": 34, "SINK": 40, "SMIMEA": 53,
    "HIP": 55, "NINFO": 56, "RKEY": 57, "TALINK": 58, "DSYNC": 66, "HHIT": 67, "BRID": 68, "UINFO": 100, "UID": 101,
    "GID": 102, "UNSPEC": 103, "NID": 104, "L32": 105, "L64": 106, "LP": 107, "NXNAME": 128, "MAILB": 253,
    "MAILA": 254, "AVC": 258, "DOA": 259, "AMTRELAY": 260, "RESINFO": 261, "WALLET": 262, "CLA": 263, "IPN": 264,
}  # fmt: skip
_NUMBERS = {number: mnemonic for mnemonic, number in _MNEMONICS.items()}
_FAULTS = (  # whatever dnslib meets on its way through RDATA that is not what its type says
    AttributeError,
    BimapError,
    DNSLabelError,
    LookupError,
    PastTheEnd,
    TypeError,
    ValueError,
    WireError,
    dnslib.DNSError,
    struct.error,
)


def type_text(type: int) -> str:
    """The mnemonic of an RR type, TYPE123 for one without."""
    return _NUMBERS.get(type) or str(dnslib.QTYPE.forward.get(type, f"TYPE{type}"))


def type_number(text: str) -> int:
    """The RR type of a mnemonic or TYPE123. Raises TextError."""
    word = text.upper()
    known = _MNEMONICS.get(word) or dnslib.QTYPE.reverse.get(word)
    if known is not None:
        return int(known)
    digits = word.removeprefix("TYPE")
    if digits != word and digits.isascii() and digits.isdecimal() and len(digits) < 6 and 0 < int(digits) < 65536:
        return int(digits)
    raise TextError(f"{text!r} is not a record type: try A, AAAA, HTTPS, MX, TXT or TYPE123")


def rcode_text(rcode: int) -> str:
    """The name of an RCODE, RCODE6 for one that Lull never gives."""
    return Rcode(rcode).name if rcode in set(Rcode) else f"RCODE{rcode}"


def rcode_number(text: str) -> int:
    """The RCODE of a name or RCODE6. Raises TextError."""
    word = text.upper()
    if word in Rcode.__members__:
        return Rcode[word]
    digits = word.removeprefix("RCODE")
    if digits != word and digits.isascii() and digits.isdecimal() and int(digits[:5]) < 4096:
        return int(digits[:5])
    raise TextError(f"{text!r} is not a response code: try NOERROR, NXDOMAIN, SERVFAIL, REFUSED or RCODE6")


def name_text(name: bytes) -> str:
    """A wire name as a zone file has it: absolute, with its final dot."""
    text = to_text(name)
    return text if text == "." else text + "."


def data_text(type: int, rdata: bytes) -> str:
    """RDATA (its names uncompressed) as text; in the generic form when it is not what its type says."""
    try:
        form = _FORMS.get(type)
        return form(rdata) if form else _by_dnslib(type, rdata)
    except _FAULTS:
        return f"\\# {len(rdata)} {rdata.hex()}".rstrip()


def _names(rdata: bytes, start: int, count: int) -> tuple[list[str], bytes]:
    """The names at `start` as text, and what is left after them."""
    found = []
    for _ in range(count):
        wire, start = read(rdata, start)
        found.append(name_text(wire))
    return found, rdata[start:]


def _only_name(rdata: bytes) -> str:
    return _numbers_and_name(rdata, 0)


def _numbers_and_name(rdata: bytes, count: int) -> str:
    """So many 16-bit numbers, then a name that ends the RDATA."""
    (target,), rest = _names(rdata, 2 * count, 1)
    if rest:
        raise ValueError("bytes after the name")
    return " ".join([*map(str, struct.unpack_from(f"!{count}H", rdata)), target])


def _soa(rdata: bytes) -> str:
    names, rest = _names(rdata, 0, 2)
    return " ".join([*names, *map(str, struct.unpack("!5L", rest))])


def _strings(rdata: bytes) -> str:
    """Character strings in quotation marks; every byte that is not plain ASCII as \\DDD."""
    found = []
    offset = 0
    while offset < len(rdata):
        end = offset + 1 + rdata[offset]
        if end > len(rdata):
            raise ValueError("a string cut short")
        found.append('"' + "".join(map(_character, rdata[offset + 1 : end])) + '"')
        offset = end
    return " ".join(found)


def _character(byte: int) -> str:
    if byte in b'"\\':
        return "\\" + chr(byte)
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03d}"


def _by_dnslib(type: int, rdata: bytes) -> str:
    reader = dnslib.DNSBuffer(rdata)
    text = str(dnslib.RDMAP[type_text(type)].parse(reader, len(rdata)))
    if reader.offset != len(rdata) or not text.isprintable():
        raise ValueError("RDATA that dnslib does not read to its end")
    return text


def _address(rdata: bytes) -> str:
    return str(ipaddress.ip_address(rdata))


_FORMS: Mapping[int, Callable[[bytes], str]] = {
    Type.A: _address,
    Type.AAAA: _address,
    Type.NS: _only_name,
    Type.CNAME: _only_name,
    Type.PTR: _only_name,
    Type.DNAME: _only_name,
    Type.MX: lambda rdata: _numbers_and_name(rdata, 1),
    Type.SRV: lambda rdata: _numbers_and_name(rdata, 3),
    Type.SOA: _soa,
    Type.TXT: _strings,
    Type.HINFO: _strings,
    _SPF: _strings,
}
