"""Replies as dnspython writes them, for the tests of those who read them."""

from __future__ import annotations

from collections.abc import Sequence

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from resolver.model import Question
from tests.support import wire

ZONE_SOA = "example. 3600 SOA ns.example. admin.example. 1 7200 900 86400 300"


def question(name: str = "www.example", type: str = "A") -> Question:
    return Question(wire(name), int(dns.rdatatype.from_text(type)))


def built(
    answer: Sequence[str] = (),
    authority: Sequence[str] = (),
    name: str = "www.example",
    type: str = "A",
    rcode: int = 0,
    options: Sequence[dns.edns.Option] = (),
) -> bytes:
    """A reply of dnspython's, compressed; records are zone-file lines."""
    message = dns.message.make_query(name, type)
    response = dns.message.make_response(message, recursion_available=True)
    response.use_edns(0, 0, 1232, options=list(options))
    response.set_rcode(dns.rcode.Rcode(rcode))
    for section, lines in ((response.answer, answer), (response.authority, authority)):
        for line in lines:
            owner, ttl, kind, data = line.split(None, 3)
            section.append(dns.rrset.from_text(owner, int(ttl), "IN", kind, data))
    return response.to_wire(max_size=65535)
