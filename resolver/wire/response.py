"""Encoding what clients get (RFC 1035 section 4.1, RFC 2181 section 9, RFC 6891, RFC 8914)."""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

import msgspec

from resolver.model import Message, Response, RRset, Type
from resolver.wire import edns, subnet
from resolver.wire.query import Fault

_HEAD = Struct("!BBHHHH")  # the header after its ID
_RECORD = Struct("!HHLH")
_POINTER = Struct("!H")
_QUESTION_AT = 12
_MAX_POINTER = 0x3FFF
_TO_QUESTION = _POINTER.pack(0xC000 | _QUESTION_AT)
_NAME_RDATA = frozenset({int(Type.CNAME), int(Type.NS), int(Type.PTR)})  # RDATA that is one compressible name


class Encoded(msgspec.Struct, frozen=True):
    """A reply without its first two bytes, the ID. `ttls` are the offsets of its TTLs in `body`; it is `whole` when
    nothing had to be left out, EXTRA-TEXT included."""

    body: bytes
    ttls: tuple[int, ...]
    whole: bool


class _Writer:
    """RRsets to bytes, owner names compressed (RFC 1035 section 4.1.4), never beyond `room` bytes of message."""

    def __init__(self, question: bytes, spelled: bytes, room: int) -> None:
        self.parts = [spelled]
        self.size = _QUESTION_AT + len(spelled)
        self.room = room
        self.ttls: list[int] = []
        self._question = question
        self._seen: dict[bytes, int] = {}  # filled at the first name that is another

    def _remember(self, name: bytes, at: int) -> None:
        """Every suffix of a name just written can be pointed to from now on."""
        offset = 0
        while (length := name[offset]) and at + offset <= _MAX_POINTER:
            self._seen.setdefault(name[offset:], at + offset)
            offset += length + 1

    def _name(self, name: bytes, at: int) -> bytes:
        if name == self._question and len(name) > 1:
            return _TO_QUESTION
        if not self._seen:
            self._remember(self._question, _QUESTION_AT)
        known = self._seen.get(name)
        if known is not None:
            return _POINTER.pack(0xC000 | known)
        offset = 0
        while length := name[offset]:
            known = self._seen.get(name[offset:])
            if known is not None:
                self._remember(name, at)
                return name[:offset] + _POINTER.pack(0xC000 | known)
            offset += length + 1
        self._remember(name, at)
        return name

    def add(self, rrset: RRset) -> bool:
        """Write an RRset whole, or, when it does not fit, not at all; says which."""
        parts = []
        ttls = []
        size = self.size
        for rdata in rrset.rdatas:
            owner = self._name(rrset.owner, size)
            start = size + len(owner) + 10
            data = self._name(rdata, start) if rrset.type in _NAME_RDATA else rdata
            parts.append(owner + _RECORD.pack(rrset.type, 1, rrset.ttl, len(data)) + data)
            ttls.append(size + len(owner) + 4 - 2)
            size = start + len(data)
            if size > self.room:
                return False  # what was remembered of it does no harm: nothing is written after a refusal
        self.parts += parts
        self.ttls += ttls
        self.size = size
        return True


def encode(message: Message, response: Response, limit: int) -> Encoded:
    """The reply to `message`, at most `limit` bytes long with its ID. The question is in canonical spelling.

    What does not fit is left out by whole RRsets, with TC set; EXTRA-TEXT goes before any record does.
    """
    spelled = message.question.name + message.spelled[-4:]
    flags = 0x80 | (0x10 if message.cd else 0) | (0x20 if response.ad and (message.ad or message.do) else 0)
    more = subnet.option(response.subnet) if response.subnet else b""
    for texts in (True, False):
        opt = b""
        if message.payload is not None:
            opt = edns.opt(do=message.do, rcode=response.rcode, ede=response.ede, texts=texts, more=more)
        writer = _Writer(message.question.name, spelled, limit - len(opt))
        answers, complete = _section(writer, response.answer)
        authorities, complete = _section(writer, response.authority) if complete else (0, False)
        complete = complete and writer.size <= writer.room
        if complete or not texts:
            break
    first = 0x80 | (0 if complete else 2) | int(message.rd)
    head = _HEAD.pack(first, flags | response.rcode & 15, 1, answers, authorities, int(bool(opt)))
    return Encoded(head + b"".join(writer.parts) + opt, tuple(writer.ttls), whole=complete and texts)


def _section(writer: _Writer, rrsets: Sequence[RRset]) -> tuple[int, bool]:
    """Records written, and whether all were."""
    count = 0
    for rrset in rrsets:
        if not writer.add(rrset):
            return count, False
        count += len(rrset.rdatas)
    return count, True


def encode_fault(fault: Fault) -> bytes:
    """The reply to a query that breaks the protocol, without its ID."""
    opt = edns.opt(do=False, rcode=fault.rcode, ede=fault.ede) if fault.edns else b""
    first = 0x80 | fault.opcode << 3 | int(fault.rd)
    flags = (0 if fault.opcode else 0x80) | fault.rcode & 15
    return _HEAD.pack(first, flags, int(bool(fault.spelled)), 0, 0, int(bool(opt))) + fault.spelled + opt


def cut(body: bytes) -> bytes:
    """A reply without its ID that says it was too long (TC): whoever asked comes again over TCP (RFC 7766)."""
    return bytes((body[0] | 2,)) + body[1:]


def respell(body: bytes, spelled: bytes) -> bytes:
    """A canonical reply with the question as this client spelled it (what 0x20 clients check)."""
    return body[:10] + spelled + body[10 + len(spelled) :]
