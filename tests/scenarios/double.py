"""An upstream resolver played from zone text: what it was asked, what it says, and the ways it can fail."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import dnslib

from resolver.model import Transport
from tests.scenarios.parse import Block

STATES = ("up", "silent", "servfail", "refused", "truncated", "unreachable")
"""How an upstream can be: as it should; saying nothing; answering every query with that RCODE; answering UDP with TC
alone, and TCP whole; not there, so that the network says so."""

PROBE = ". NS"
_RCODES = {"servfail": dnslib.RCODE.SERVFAIL, "refused": dnslib.RCODE.REFUSED}
_UDP_SIZE = 1232
_CHAIN = 16
_UNKNOWN = re.compile(r"(\S+)\s+([0-9]+)\s+TYPE([0-9]+)\s+\\#\s+[0-9]+\s+([0-9A-Fa-f ]+)")  # RFC 3597 section 5


class _Line:
    """A record of the zone, the line it stands on, and whether anybody has asked for it."""

    def __init__(self, number: int, record: Any) -> None:
        self.number = number
        self.owner = str(record.rname).lower()
        self.type = int(record.rtype)
        self.record = record
        self.covers = getattr(record.rdata, "covered", None) if self.type == dnslib.QTYPE.RRSIG else None
        self.used = False


class Upstream:
    """One upstream. `note` is told of every query that reaches it; `mistake` of one that its block has no answer to."""

    def __init__(
        self, name: str, block: Block | None, note: Callable[[str], None], mistake: Callable[[str], None]
    ) -> None:
        self.name = name
        self.state = "up"
        self._note = note
        self._mistake = mistake
        self._lines = [] if block is None else [_parse(block.line + at, text) for at, text in _records(block)]

    def unused(self) -> list[int]:
        """The lines of records that were never asked for."""
        return [line.number for line in self._lines if not line.used]

    def answer(self, data: bytes, over: Transport) -> bytes | None:
        """The reply to a query that reached it; None when it says nothing."""
        query = dnslib.DNSRecord.parse(data)
        if _shown(query, Transport.UDP) != PROBE:  # whether it is there is asked whenever there is a doubt
            self._note(f"{self.name} {_shown(query, over)}")
        if self.state == "silent":
            return None
        reply = query.reply(aa=0)
        # As a validating resolver does whose zones are all signed: what a client may see of it is Lull's to say.
        reply.header.ad = int(bool(query.header.ad or _do(query)))
        if self.state in _RCODES:
            reply.header.rcode = _RCODES[self.state]
        elif self.state == "truncated" and over is Transport.UDP:
            reply.header.tc = 1
        else:
            self._fill(reply, query)
        reply.add_ar(dnslib.EDNS0(flags="do" if _do(query) else "", udp_len=_UDP_SIZE))
        packed = bytes(reply.pack())
        if over is Transport.UDP and len(packed) > _UDP_SIZE:
            reply.rr, reply.auth, reply.header.tc = [], [], 1
            packed = bytes(reply.pack())
        return packed

    def _fill(self, reply: Any, query: Any) -> None:
        """The answer along CNAMEs; at its end the records asked for, or the SOA of a negative answer."""
        name = str(query.q.qname).lower()
        for _ in range(_CHAIN):
            found = self._take(name, query.q.qtype, do=_do(query))
            alias = found or self._take(name, dnslib.QTYPE.CNAME, do=_do(query))
            reply.add_answer(*(line.record for line in alias))
            if found or not alias:
                break
            name = str(alias[0].record.rdata).lower()
        if not found:
            self._deny(reply, query, name)

    def _deny(self, reply: Any, query: Any, name: str) -> None:
        soas = [line for line in self._lines if line.type == dnslib.QTYPE.SOA and _within(name, line.owner)]
        if soas:
            nearest = max(soas, key=lambda line: len(line.owner))
            nearest.used = True
            reply.add_auth(nearest.record)
        elif not reply.rr and _shown(query, Transport.UDP) != PROBE:
            asked = _shown(query, Transport.UDP)
            self._mistake(f"upstream {self.name} has neither a record nor a SOA for {asked}")
        if not any(_within(line.owner, name) for line in self._lines):
            reply.header.rcode = dnslib.RCODE.NXDOMAIN

    def _take(self, owner: str, type: int, *, do: bool) -> list[_Line]:
        found = [line for line in self._lines if line.owner == owner and line.type == type]
        if found and do:
            found += [line for line in self._lines if line.owner == owner and line.covers == type]
        for line in found:
            line.used = True
        return found


def _records(block: Block) -> list[tuple[int, str]]:
    lines = [(at, text.strip()) for at, text in enumerate(block.body)]
    return [(at, text) for at, text in lines if text and not text.startswith(";")]


def _parse(number: int, text: str) -> _Line:
    unknown = _UNKNOWN.fullmatch(text)
    if unknown is not None:
        data = dnslib.RD(bytes.fromhex(unknown[4]))
        return _Line(number, dnslib.RR(unknown[1], int(unknown[3]), ttl=int(unknown[2]), rdata=data))
    (record,) = dnslib.RR.fromZone(text)
    return _Line(number, record)


def _do(query: Any) -> bool:
    return any(record.rtype == dnslib.QTYPE.OPT and record.edns_do for record in query.ar)


def _shown(query: Any, over: Transport) -> str:
    """A query as the console shows it: name, type, the flags that change an answer, and TCP if it came so."""
    type = dnslib.QTYPE.forward.get(query.q.qtype, f"TYPE{query.q.qtype}")
    words = [str(query.q.qname), type]
    words += ["do"] * _do(query) + ["cd"] * query.header.cd + ["over TCP"] * (over is Transport.TCP)
    return " ".join(map(str, words))


def _within(name: str, zone: str) -> bool:
    return zone in {".", name} or name.endswith(f".{zone}")
