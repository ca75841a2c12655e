"""Decoding what clients send (RFC 1035 section 4.1, RFC 6891, RFC 8906; PROTOCOL, "What comes in")."""

from __future__ import annotations

import struct
from struct import Struct

import msgspec

from resolver.errors import WireError
from resolver.model import Ede, EdeCode, Message, Question, Rcode, Type
from resolver.wire import edns, subnet
from resolver.wire.name import ROOT, Known, read

HEADER = 12
_COUNTS = Struct("!4H")
_FIXED = Struct("!HH")
_RECORD = Struct("!HHLH")  # type, class, TTL, RDLENGTH
_IN = 1
_TSIG = 250
_REFUSED_TYPES = frozenset({int(Type.AXFR), int(Type.IXFR)})
_HEADS = {bits: bytes((1, bits)) + b"\0\1\0\0\0\0\0" for bits in (0, 0x10, 0x20, 0x30)}  # but for the last byte
_USUAL = {do: edns.opt(do=do) for do in (False, True)}


class Fault(msgspec.Struct, frozen=True):
    """A query that is answered with an error of the protocol. `spelled` is the question section to echo, if any;
    `question` is set where one could be read; `edns` says whether the reply carries an OPT, `cookie` is the value of
    the query's COOKIE option."""

    rcode: int
    opcode: int = 0
    rd: bool = False
    spelled: bytes = b""
    question: Question | None = None
    edns: bool = False
    ede: tuple[Ede, ...] = ()
    cookie: bytes = b""


class _Opt(msgspec.Struct, frozen=True):
    payload: int
    version: int
    do: bool
    cookie: bytes
    subnet: bytes


def decode(data: bytes) -> Message | Fault:
    """The query in a datagram. Raises WireError for what is to be dropped without a word."""
    if len(data) < HEADER or data[2] & 0x80:
        raise WireError("not a query")
    if opcode := data[2] >> 3 & 15:
        return Fault(Rcode.NOTIMP, opcode=opcode, rd=bool(data[2] & 1))
    try:
        return _query(data)
    except WireError:
        return Fault(Rcode.FORMERR, rd=bool(data[2] & 1), edns=_holds_opt(data))


def _holds_opt(data: bytes) -> bool:
    """Whether a query that breaks the protocol somewhere holds an OPT: its reply then does too (RFC 6891 section 7)."""
    questions, *others = _COUNTS.unpack_from(data, 4)
    offset = HEADER
    known: Known = {}
    try:
        for _ in range(questions):
            offset = read(data, offset, known)[1] + 4
        for _ in range(sum(others)):
            owner, offset = read(data, offset, known)
            type, _, _, length = _RECORD.unpack_from(data, offset)
            if type == Type.OPT and owner == ROOT:
                return True
            offset += 10 + length
    except (WireError, struct.error):
        pass
    return False


def _query(data: bytes) -> Message | Fault:
    rd = bool(data[2] & 1)
    questions, answers, authorities, additionals = _COUNTS.unpack_from(data, 4)
    if data[2] & 2 or questions > 1 or answers or authorities:
        raise WireError("sections or flags that a query does not have")
    name, end = read(data, HEADER) if questions else (b"", HEADER)
    if end - HEADER != len(name):
        raise WireError("a compressed question")
    stop = end + 4 * questions
    if stop > len(data):
        raise WireError("a question cut short")
    opt = _additional(data, stop, additionals) if additionals or stop != len(data) else None
    if not questions:
        if opt is None or not opt.cookie:
            raise WireError("no question")
        # All that it wants is a cookie (RFC 7873 section 5.4).
        return Fault(Rcode.BADVERS if opt.version else Rcode.NOERROR, rd=rd, edns=True, cookie=opt.cookie)
    type, klass = _FIXED.unpack_from(data, end)
    question = Question(name, type)
    fault = _refusal(question, klass, opt, rd=rd)
    if fault is not None:
        rcode, ede = fault
        held = b"" if opt is None else opt.cookie
        spelled = data[HEADER:stop]
        return Fault(rcode, rd=rd, spelled=spelled, question=question, edns=opt is not None, ede=ede, cookie=held)
    do = opt is not None and opt.do
    return Message(
        question=question,
        spelled=data[HEADER:stop],
        key=_key(data[3] & 0x30, name + data[end:stop], None if opt is None else edns.limit(opt.payload), do=do),
        rd=rd,
        ad=bool(data[3] & 0x20),
        cd=bool(data[3] & 0x10),
        do=do,
        payload=None if opt is None else opt.payload,
        subnet=b"" if opt is None else opt.subnet,
        cookie=b"" if opt is None else opt.cookie,
    )


def _key(bits: int, question: bytes, limit: int | None, *, do: bool) -> bytes:
    """`Message.key`: `bits` are AD and CD, `limit` is that of EDNS, if there is any."""
    if limit is None:
        return _HEADS[bits] + b"\0" + question
    return _HEADS[bits] + b"\1" + question + (_USUAL[do] if limit == edns.PAYLOAD else edns.opt(do=do, payload=limit))


def usual_keys(question: Question) -> list[bytes]:
    """The keys (`Message.key`) of how most clients ask this: with and without EDNS and AD, for no signatures."""
    asked = question.name + _FIXED.pack(question.type, _IN)
    return [_key(bits, asked, limit, do=False) for limit in (None, edns.MINIMUM, edns.PAYLOAD) for bits in (0, 0x20)]


def _refusal(question: Question, klass: int, opt: _Opt | None, *, rd: bool) -> tuple[int, tuple[Ede, ...]] | None:
    """The RCODE and EDE of a well-formed query that Lull does not serve."""
    if opt is not None and opt.version > 0:
        return Rcode.BADVERS, ()
    if klass != _IN:
        return Rcode.REFUSED, ()
    if question.type in _REFUSED_TYPES:
        return Rcode.REFUSED, (Ede(EdeCode.NOT_SUPPORTED, "zone transfers are not served"),)
    if not rd:
        return Rcode.REFUSED, (Ede(EdeCode.NOT_AUTHORITATIVE, "a forwarder answers only queries with RD set"),)
    return None


def _additional(data: bytes, offset: int, count: int) -> _Opt | None:
    """The OPT of the additional section, checked; None if there is none."""
    found: _Opt | None = None
    signed = False
    known: Known = {}
    for _ in range(count):
        owner, offset = read(data, offset, known)
        if offset + 10 > len(data):
            raise WireError("a record cut short")
        type, klass, ttl, length = _RECORD.unpack_from(data, offset)
        offset += 10
        rdata = data[offset : offset + length]
        offset += length
        if type == Type.OPT:
            if found is not None or owner != ROOT:
                raise WireError("a second OPT, or one that is not the root's")
            options = edns.options(rdata)
            cookie, ecs = edns.cookie(options), subnet.from_options(options)
            found = _Opt(klass, version=ttl >> 16 & 255, do=bool(ttl & 0x8000), cookie=cookie, subnet=ecs)
        signed = signed or type == _TSIG
    if offset != len(data) or (count > 1 and not signed):
        raise WireError("bytes left over, or more records than a query has")
    return found
