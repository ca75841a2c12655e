"""Queries to upstreams and what comes back; only what belongs is kept (RFC 5452, RFC 2181, RFC 2308)."""

from __future__ import annotations

import itertools
import struct
from struct import Struct

import msgspec

from resolver.errors import WireError
from resolver.model import Ede, Question, RRset, Type
from resolver.wire import edns, rdata, subnet
from resolver.wire.name import Known, read, within

CHAIN = 13  # CNAMEs followed, at most
MAX_TTL = 86_400  # one day; a TTL with the high bit set is a large positive number too (RFC 8767 section 4)

_RECORD = Struct("!HHLH")
_COUNTS = Struct("!3H")
_QUERY = Struct("!HBBHHHH")
_IN = b"\0\x01"
_OPT = b"\0\x29"
_ROOTS_OPT = b"\0" + _OPT
_BARE = 11  # bytes of an OPT without options
_QUERYS_OPT = {do: edns.opt(do=do) for do in (False, True)}
_NEGATIVE_PROOF = frozenset({int(Type.NSEC), int(Type.NSEC3)})

_Sets = dict[tuple[bytes, int, int], list[tuple[int, bytes]]]


class Reply(msgspec.Struct, frozen=True):
    """A reply that matched its query. `answer` is the CNAME chain and the type asked for, in order, each RRset followed
    by its RRSIG if there is one; `authority` the SOA and proofs of a negative answer. `scope`: for which prefix length
    of a client's address it holds, 0 for all (RFC 7871)."""

    rcode: int
    truncated: bool
    ad: bool
    answer: tuple[RRset, ...]
    authority: tuple[RRset, ...]
    ede: tuple[Ede, ...]
    positive: bool
    scope: int = 0


def build(question: Question, id: int, *, do: bool, cd: bool) -> bytes:
    """A query of our own for an upstream: RD set, EDNS with our payload size, nothing of the client's bytes.

    AD is set without DO, so that a validating upstream tells whether it validated (RFC 6840 section 5.7).
    """
    flags = (0x10 if cd else 0) | 0x20
    head = _QUERY.pack(id, 1, flags, 1, 0, 0, 1)
    opt = edns.opt(do=do, more=subnet.option(question.subnet)) if question.subnet else _QUERYS_OPT[do]
    return head + question.name + question.type.to_bytes(2, "big") + _IN + opt


def matches(data: bytes, query: bytes) -> bool:
    """Whether a datagram answers `query`: QR, opcode, ID and question (RFC 5452 section 9.1)."""
    end = edns.question_end(query)
    if data[:2] != query[:2] or len(data) < end or data[2] & 0xF8 != 0x80 or data[4:6] != _IN:
        return False
    given, asked = data[12:end], query[12:end]
    return given == asked or (given.lower() == asked.lower() and given[-4:] == asked[-4:])


def parse(data: bytes, question: Question) -> Reply:
    """The reply in bytes that `matches` accepted. Raises WireError when they are malformed."""
    answers, authorities, additionals = _COUNTS.unpack_from(data, 6)
    truncated = bool(data[2] & 2)
    ad = bool(data[3] & 0x20)
    rcode = data[3] & 15
    if truncated:
        return Reply(rcode, truncated, ad, (), (), (), positive=False)
    offset = 12 + len(question.name) + 4
    # Most owners point to the question's name, which is this one, as `matches` has seen.
    known = {12: (question.name, 12 + len(question.name), 0)}
    given, offset = _walk(data, offset, answers, known)
    answer, last, positive = _chain(given, question)
    if positive and answer[-1].type != Type.RRSIG:
        # Nothing in the authority section belongs to it, and reading that costs more than all the rest.
        authority: tuple[RRset, ...] = ()
        offset = _skip(data, offset, authorities)
    else:
        proofs, offset = _walk(data, offset, authorities, known)
        authority = _proof(proofs, last, positive=positive)
    ede, high, scope = _opt(data, offset, additionals)
    return Reply(rcode | high << 4, truncated, ad, answer, authority, ede, positive, scope)


def _walk(data: bytes, offset: int, count: int, known: Known) -> tuple[_Sets, int]:
    """Records of one section by (owner, type, type covered), and the offset after it. `known` is for `name.read`."""
    found: _Sets = {}
    for _ in range(count):
        owner, offset = read(data, offset, known)
        if offset + 10 > len(data):
            raise WireError("a record cut short")
        type, klass, ttl, length = _RECORD.unpack_from(data, offset)
        offset += 10
        if offset + length > len(data):
            raise WireError("RDATA cut short")
        if klass == 1:
            value = rdata.expand(data, offset, length, type, known)
            covers = rdata.covered(value) if type == Type.RRSIG else 0
            found.setdefault((owner, type, covers), []).append((ttl, value))
        offset += length
    return found, offset


def _skip(data: bytes, offset: int, count: int) -> int:
    """The offset after `count` records that are not looked at."""
    try:
        for _ in range(count):
            offset = _after_name(data, offset)
            offset += 10 + _RECORD.unpack_from(data, offset)[3]
    except (IndexError, struct.error):
        raise WireError("a record cut short") from None
    if offset > len(data):
        raise WireError("RDATA cut short")
    return offset


def _after_name(data: bytes, offset: int) -> int:
    """The offset after a name; raises IndexError when it does not end."""
    while length := data[offset]:
        if length >= 192:
            return offset + 2
        offset += 1 + length
    return offset + 1


def _opt(data: bytes, offset: int, count: int) -> tuple[tuple[Ede, ...], int, int]:
    """Extended errors, the high bits of the RCODE and the scope, from the OPT of the additional section."""
    if count == 1 and len(data) == offset + _BARE and data.endswith(b"\0\0") and data.startswith(_ROOTS_OPT, offset):
        return (), data[offset + 5], 0  # as nearly all are
    for _ in range(count):
        start, offset = offset, _skip(data, offset, 1)
        if data[start] or data[start + 1 : start + 3] != _OPT:
            continue
        _, _, ttl, length = _RECORD.unpack_from(data, start + 1)
        found = edns.options(data[offset - length : offset]) if length else []
        return edns.extended_errors(found), ttl >> 24, subnet.scope(found)
    return (), 0, 0


def _take(found: _Sets, owner: bytes, type: int) -> list[RRset]:
    """The RRset of this owner and type, and the RRSIG over it; equal records once, one TTL (RFC 2181 section 5)."""
    if type == Type.RRSIG:  # asked for by name: whatever they cover
        signatures = [records for key, records in found.items() if key[:2] == (owner, type)]
        return [_rrset(owner, type, list(itertools.chain.from_iterable(signatures)))] if signatures else []
    records = found.get((owner, type, 0))
    if records is None:
        return []
    over = found.get((owner, int(Type.RRSIG), type))
    taken = [_rrset(owner, type, records)]
    return taken if over is None else [*taken, _rrset(owner, Type.RRSIG, over)]


def _rrset(owner: bytes, type: int, records: list[tuple[int, bytes]]) -> RRset:
    ttl = min(MAX_TTL, *[ttl for ttl, _ in records])
    values = (records[0][1],) if len(records) == 1 else tuple(dict.fromkeys(value for _, value in records))
    return RRset(owner, type, ttl, values)


def _chain(found: _Sets, question: Question) -> tuple[tuple[RRset, ...], bytes, bool]:
    """The RRsets from the question along its CNAMEs, the last name reached, and whether the type is there."""
    name = question.name
    chain: list[RRset] = []
    for _ in range(CHAIN + 1):
        wanted = _take(found, name, question.type)
        if wanted or question.type == Type.CNAME:
            return (*chain, *wanted), name, bool(wanted)
        alias = _take(found, name, Type.CNAME)
        if not alias:
            return tuple(chain), name, False
        chain += _dname(found, name) + alias
        name = alias[0].rdatas[0]
    raise WireError("a CNAME chain that is too long or runs in a circle")


def _dname(found: _Sets, name: bytes) -> list[RRset]:
    """The DNAME that a CNAME at `name` was made from, if it came along (RFC 6672 section 3.1)."""
    for owner, type, _ in found:
        if type == Type.DNAME and within(name, owner) and name != owner:
            return _take(found, owner, Type.DNAME)
    return []


def _proof(found: _Sets, last: bytes, *, positive: bool) -> tuple[RRset, ...]:
    """What belongs of the authority section: proofs and, for a negative answer, the SOA of the name's zone."""
    kept: list[RRset] = []
    for owner, type, _ in found:
        if (type == Type.SOA and not positive and within(last, owner)) or type in _NEGATIVE_PROOF:
            kept += _take(found, owner, type)
    return tuple(kept)


def aged(data: bytes, seconds: int) -> bytes:
    """A reply with every TTL less by so many seconds, at least 0. Raises WireError when it is malformed."""
    out = bytearray(data)
    questions, *counts = struct.unpack_from("!4H", data, 4)
    try:
        offset = 12
        for _ in range(questions):
            offset = _after_name(data, offset) + 4
        for _ in range(sum(counts)):
            offset = _after_name(data, offset)
            type, _klass, ttl, length = _RECORD.unpack_from(data, offset)
            if type != Type.OPT:
                out[offset + 4 : offset + 8] = max(0, ttl - seconds).to_bytes(4, "big")
            offset += 10 + length
    except (IndexError, struct.error):
        raise WireError("a record cut short") from None
    return bytes(out)
