"""What comes in and what goes out, exactly, over every transport: one table."""

from __future__ import annotations

import asyncio

import dns.edns
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import pytest

from tests.listen.asking import TRANSPORTS, asking
from tests.support import query
from tests.upstream.authority import Authority, Issued
from tests.wire.queries import A_IN, NAME, OPT, opt, raw


def said(reply: bytes | None) -> str:
    """A reply in one line: RCODE, flags, the numbers of records, EDNS with its size, flags and extended errors."""
    if reply is None:
        return "silence"
    message = dns.message.from_wire(reply)
    flags = dns.flags.to_text(message.flags).lower()
    counts = "/".join(str(sum(map(len, section))) for section in message.sections[1:3])
    edns = ""
    if message.edns >= 0:
        errors = [f" ede{int(one.code)}" for one in message.options if isinstance(one, dns.edns.EDEOption)]
        edns = f" edns{message.edns} {message.payload} {'do' if message.ednsflags & dns.flags.DO else '-'}" + "".join(
            errors
        )
    opcode = "" if message.opcode() == dns.opcode.QUERY else f" {dns.opcode.to_text(message.opcode())}"
    return f"{dns.rcode.to_text(message.rcode())}{opcode} {flags} q{len(message.question)} {counts}{edns}"


COOKIE = b"\0\x0a\0\x08" + b"c" * 8

TABLE = {
    "under 12 bytes": (raw()[:11], "silence"),
    "a response": (raw(flags=0x8100), "silence"),
    "TC in a query": (raw(flags=0x0300), "FORMERR qr rd ra q0 0/0"),
    "TC in a query with EDNS": (raw((1, 0, 0, 1), NAME + A_IN + OPT, 0x0300), "FORMERR qr rd ra q0 0/0 edns0 1232 -"),
    "opcode STATUS": (raw(flags=0x1100), "NOTIMP STATUS qr rd q0 0/0"),
    "opcode UPDATE, the header alone": (raw((0, 0, 0, 0), b"", 0x2800), "NOTIMP UPDATE qr q0 0/0"),
    "two questions": (raw((2, 0, 0, 0), (NAME + A_IN) * 2), "FORMERR qr rd ra q0 0/0"),
    "no question": (raw((0, 0, 0, 0), b""), "FORMERR qr rd ra q0 0/0"),
    "no question but a cookie": (raw((0, 0, 0, 1), opt(COOKIE)), "NOERROR qr rd ra q0 0/0 edns0 1232 -"),
    "an answer in it": (raw((1, 1, 0, 0), NAME + A_IN + NAME + A_IN + bytes(6)), "FORMERR qr rd ra q0 0/0"),
    "an authority in it": (raw((1, 0, 1, 0), NAME + A_IN + NAME + A_IN + bytes(6)), "FORMERR qr rd ra q0 0/0"),
    "bytes left over": (raw(body=NAME + A_IN + b"x"), "FORMERR qr rd ra q0 0/0"),
    "two OPT": (raw((1, 0, 0, 2), NAME + A_IN + OPT * 2), "FORMERR qr rd ra q0 0/0 edns0 1232 -"),
    "an OPT of somebody's": (raw((1, 0, 0, 1), NAME + A_IN + opt(owner=b"\x01a\0")), "FORMERR qr rd ra q0 0/0"),
    "a pointer to itself": (raw(body=b"\xc0\x0c" + A_IN), "FORMERR qr rd ra q0 0/0"),
    "a pointer forward": (raw(body=b"\xc0\x20" + A_IN + bytes(30)), "FORMERR qr rd ra q0 0/0"),
    "a label of 64": (raw(body=b"\x40" + b"a" * 64 + b"\0" + A_IN), "FORMERR qr rd ra q0 0/0"),
    "a name of 256": (raw(body=b"\x01a" * 127 + b"\x01a\0" + A_IN), "FORMERR qr rd ra q0 0/0"),
    "AXFR": (raw(body=NAME + b"\0\xfc\0\x01"), "REFUSED qr rd ra q1 0/0"),
    "IXFR with EDNS": (raw((1, 0, 0, 1), NAME + b"\0\xfb\0\x01" + OPT), "REFUSED qr rd ra q1 0/0 edns0 1232 - ede21"),
    "version.bind": (raw(body=b"\x07version\x04bind\0\0\x10\0\x03"), "REFUSED qr rd ra q1 0/0"),
    "class ANY": (raw(body=NAME + b"\0\x01\0\xff"), "REFUSED qr rd ra q1 0/0"),
    "without RD": (raw(flags=0), "REFUSED qr ra q1 0/0"),
    "without RD, with EDNS": (raw((1, 0, 0, 1), NAME + A_IN + OPT, 0), "REFUSED qr ra q1 0/0 edns0 1232 - ede20"),
    "EDNS 1": (raw((1, 0, 0, 1), NAME + A_IN + opt(version=1)), "BADVERS qr rd ra q1 0/0 edns0 1232 -"),
    "what is unknown": (
        raw((1, 0, 0, 1), NAME + A_IN + opt(b"\xfd\xe9\0\x03abc", flags=0x7FFF), 0x0140),
        "NOERROR qr rd ra q1 1/0 edns0 1232 -",
    ),
    "a COOKIE of 7": (
        raw((1, 0, 0, 1), NAME + A_IN + opt(b"\0\x0a\0\x07ccccccc")),
        "FORMERR qr rd ra q0 0/0 edns0 1232 -",
    ),
    "a cookie": (raw((1, 0, 0, 1), NAME + A_IN + opt(COOKIE)), "NOERROR qr rd ra q1 1/0 edns0 1232 -"),
    "plain": (raw(), "NOERROR qr rd ra q1 1/0"),
    "with EDNS": (raw((1, 0, 0, 1), NAME + A_IN + OPT), "NOERROR qr rd ra q1 1/0 edns0 1232 -"),
    "with DO": (raw((1, 0, 0, 1), NAME + A_IN + opt(flags=0x8000)), "NOERROR qr rd ra q1 1/0 edns0 1232 do"),
    "with CD": (raw(flags=0x0110), "NOERROR qr rd ra cd q1 1/0"),
    "a payload of 100": (raw((1, 0, 0, 1), NAME + A_IN + opt(payload=100)), "NOERROR qr rd ra q1 1/0 edns0 1232 -"),
    "ANY of a local name": (query("localhost", "ANY", payload=None), "NOERROR qr rd ra q1 1/0"),  # HINFO
    "localhost": (query("localhost", payload=None), "NOERROR qr rd ra q1 1/0"),
    "a private reverse zone": (query("1.0.168.192.in-addr.arpa", "PTR", payload=None), "NXDOMAIN qr rd ra q1 0/1"),
    "a name of Firefox": (query("use-application-dns.net"), "NXDOMAIN qr rd ra q1 0/1 edns0 1232 -"),
}


@pytest.mark.parametrize("over", TRANSPORTS)
def test_every_row_is_the_same_over_every_transport(authority: Authority, issued: Issued, over: str) -> None:
    async def main() -> dict[str, str]:
        async with asking(authority, issued) as all:
            all.service.upstream.load("example.com. 300 A 192.0.2.1")
            return {row: said(await all.ask(over, data)) for row, (data, _) in TABLE.items()}

    expected = {row: line for row, (_, line) in TABLE.items()}
    found = asyncio.run(main())
    assert found == expected
