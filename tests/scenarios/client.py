"""A DNS client, independent of Lull's own codec: queries built and answers shown by dnspython. NAME goes as spelled.

query NAME TYPE [from=ADDRESS] [via=udp|tcp] [class=CH] [opcode=N] [payload=BYTES] [version=N] [option=CODE]
      [cookie=BYTES] [questions=N] [cut=BYTES] [do] [cd] [ad] [nord] [noedns] [qr] [tc]
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import msgspec

from resolver.model import Transport
from tests.scenarios.words import UsageError, Words, number, split

USUAL = "192.0.2.10"
"""Who asks when nothing else is said."""

_PAYLOAD = 1232
_ID = 0x1CE5
_OPTIONS = ("from", "via", "class", "opcode", "payload", "version", "option", "cookie", "questions", "cut")
_FLAGS = ("do", "cd", "ad", "nord", "noedns", "qr", "tc")
_SHOW_OPT = {"payload", "version", "option", "cookie"}
_ORDER = ("QR", "AA", "TC", "RD", "RA", "AD", "CD")


class Query(msgspec.Struct, frozen=True):
    """A query that is ready to be sent: its bytes, who sends it, over what (None: as usual), and what was asked for."""

    data: bytes
    client: str
    over: Transport | None
    words: Words

    @property
    def edns(self) -> bool:
        return "noedns" not in self.words.flags


def build(text: str) -> Query:
    """The query that the words of a console line describe. Raises UsageError."""
    words = split(text, 1, 2, _OPTIONS, _FLAGS)
    options = words.options
    try:
        message = _message(words)
        data = message.to_wire()
        over = Transport(options["via"]) if "via" in options else None
    except (dns.exception.DNSException, ValueError) as error:
        raise UsageError(f"{text!r}: {error}") from error
    return Query(data[: number(options.get("cut", "65535"))], options.get("from", USUAL), over, words)


def _message(words: Words) -> dns.message.Message:
    message = dns.message.Message(id=_ID)
    name = dns.name.from_text(words.given[0])
    type = dns.rdatatype.from_text(words.given[1] if len(words.given) > 1 else "A")
    klass = dns.rdataclass.from_text(words.options.get("class", "IN"))
    for _ in range(number(words.options.get("questions", "1"))):
        message.question.append(dns.rrset.RRset(name, klass, type))
    message.flags = _bits(words)
    message.set_opcode(dns.opcode.Opcode(number(words.options.get("opcode", "0"))))
    if "noedns" not in words.flags:
        message.use_edns(
            number(words.options.get("version", "0")),
            dns.flags.DO if "do" in words.flags else 0,
            number(words.options.get("payload", str(_PAYLOAD))),
            options=_edns_options(words),
        )
    return message


def _bits(words: Words) -> int:
    wanted = {flag.upper() for flag in words.flags} & set(_ORDER)
    if "nord" not in words.flags:
        wanted.add("RD")
    return int(sum(dns.flags.Flag[flag] for flag in wanted))


def _edns_options(words: Words) -> list[dns.edns.Option]:
    found: list[dns.edns.Option] = []
    if "cookie" in words.options:
        found.append(dns.edns.GenericOption(dns.edns.OptionType.COOKIE, bytes(number(words.options["cookie"]))))
    if "option" in words.options:
        found.append(dns.edns.GenericOption(dns.edns.OptionType.make(number(words.options["option"])), b"\1\2\3\4"))
    return found


def show(query: Query, data: bytes | None, over: Transport) -> list[str]:
    """An answer as lines: status, flags and errors; OPT when the query was about that; records in zone text."""
    if data is None:
        return ["no answer"]
    try:
        reply = dns.message.from_wire(data, one_rr_per_rrset=True)
    except dns.exception.DNSException as error:
        return [f"an answer that cannot be read: {error!r}"]
    lines = [_status(reply), *_opt(query, reply), *_wrong(query, reply, data, over)]
    lines += _records(reply.answer)
    for title, section in (("authority", reply.authority), ("additional", reply.additional)):
        if section:
            lines += [f";; {title}", *_records(section)]
    return lines


def _status(reply: dns.message.Message) -> str:
    words = [dns.rcode.to_text(reply.rcode()), *(flag.lower() for flag in _ORDER if reply.flags & dns.flags.Flag[flag])]
    parts = [" ".join(words)]
    if reply.opcode() != dns.opcode.QUERY:
        parts.append(f"opcode {dns.opcode.to_text(reply.opcode())}")
    for option in reply.options:
        if isinstance(option, dns.edns.EDEOption):
            text = "" if option.text is None else f" {json.dumps(option.text, ensure_ascii=False)}"
            parts.append(f"EDE {int(option.code)}{text}")
    return "; ".join(parts)


def _opt(query: Query, reply: dns.message.Message) -> list[str]:
    """EDNS when the query was about it, and always when it is there without having been asked for, or the reverse."""
    there = reply.edns >= 0
    if there == query.edns and not _SHOW_OPT & set(query.words.options) and "do" not in query.words.flags:
        return []
    if not there:
        return ["; no OPT"]
    others = [f"option {int(one.otype)}" for one in reply.options if not isinstance(one, dns.edns.EDEOption)]
    do = ["do"] if reply.ednsflags & dns.flags.DO else []
    return [", ".join([f"; OPT version {reply.edns}", f"{reply.payload} bytes", *do, *others])]


def _wrong(query: Query, reply: dns.message.Message, data: bytes, over: Transport) -> list[str]:
    """What no answer may have: another ID or question, or more bytes than the client has room for."""
    found = []
    if reply.id != _ID:
        found.append("; WRONG: another ID")
    end = 12 + sum(len(question.name.to_wire() or b"") + 4 for question in reply.question)
    if data[12:end] != query.data[12:end]:
        found.append("; WRONG: another question")
    room = max(number(query.words.options.get("payload", str(_PAYLOAD))), 512) if query.edns else 512
    if over is Transport.UDP and len(data) > room:
        found.append(f"; WRONG: {len(data)} bytes, and the client has room for {room}")
    return found


def _records(section: Sequence[dns.rrset.RRset]) -> list[str]:
    return [rrset.to_text() for rrset in section]
