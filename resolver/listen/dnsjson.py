"""Queries and answers as JSON, in the form that public resolvers gave it: `application/dns-json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from resolver.errors import DomainError, TextError
from resolver.model import Question, RRset
from resolver.wire.name import from_text, read
from resolver.wire.reply import build, parse
from resolver.wire.zone import data_text, name_text, type_number

_YES = frozenset({"1", "true"})
_KNOWN = frozenset({"name", "type", "cd", "do", "ct", "edns_client_subnet", "random_padding"})


def query(fields: Mapping[str, str]) -> bytes:
    """The query for `name`, `type` (A if it is left out), `cd` and `do`. Raises TextError."""
    if unknown := fields.keys() - _KNOWN:
        raise TextError(f"there is no parameter {min(unknown)[:40]!a}")
    type = fields.get("type") or "A"
    short = type.isascii() and type.isdecimal() and len(type) < 6
    number = int(type) if short and int(type) < 65536 else type_number(type)
    try:
        name = from_text(fields["name"])
    except DomainError as error:
        raise TextError(str(error)) from None
    flags = {key: fields.get(key, "").lower() in _YES for key in ("do", "cd")}
    return build(Question(name, number), 0, **flags)


def text(asked: bytes, answer: bytes) -> bytes:
    """An answer of ours to such a query as JSON."""
    name, end = read(asked, 12)
    question = Question(name, int.from_bytes(asked[end : end + 2], "big"))
    reply = parse(answer, question)
    flags, more = answer[2], answer[3]
    said: dict[str, Any] = {
        "Status": reply.rcode,
        "TC": bool(flags & 2),
        "RD": bool(flags & 1),
        "RA": bool(more & 0x80),
        "AD": bool(more & 0x20),
        "CD": bool(more & 0x10),
        "Question": [{"name": name_text(name), "type": question.type}],
    }
    for section, rrsets in (("Answer", reply.answer), ("Authority", reply.authority)):
        if rrsets:
            said[section] = [_record(rrset, rdata) for rrset in rrsets for rdata in rrset.rdatas]
    if reply.ede:
        said["Comment"] = [f"EDE {error.code}: {error.text}" for error in reply.ede]
    return msgspec.json.encode(said)


def _record(rrset: RRset, rdata: bytes) -> dict[str, object]:
    data = data_text(rrset.type, rdata)
    return {"name": name_text(rrset.owner), "type": rrset.type, "TTL": rrset.ttl, "data": data}
