"""A household with groups and rules, and queries of every kind that clients send."""

from __future__ import annotations

import struct
from typing import Any

from hypothesis import strategies as st

from resolver.model import RRset, Transport, Type
from resolver.policy.document import GroupEntry, OwnRule
from tests.pipeline.house import ME, SOA
from tests.scenarios.virtual import START
from tests.support import ID, wire

LONG = "big.example. 60 TXT " + " ".join(["x" * 100] * 12)
MIDDLE = "mid.example. 60 TXT " + " ".join(["x" * 100] * 6)  # fits where 1232 bytes do, and not where 512 do
ZONE = f"""
www.example. 60 A 192.0.2.1
www.example. 60 A 192.0.2.2
www.example. 90 AAAA 2001:db8::1
www.example. 90 HTTPS 1 . alpn=h2
www.example. 90 TYPE97 \\# 2 C00C
shop.example. 300 CNAME t.adtech.example.
t.adtech.example. 60 A 203.0.113.9
{LONG}
{MIDDLE}
{SOA}
"""
LISTS = {"ads": "||adtech.example^", "kids": "||www.example^"}
GROUPS = (GroupEntry("default", (), ("ads",)), GroupEntry("kids", ("192.0.2.20",), ("ads", "kids")))
RECORDS = (RRset(wire("nas.home.arpa"), Type.A, 300, (bytes((192, 0, 2, 9)),)),)
RULES = (OwnRule("allow", "www.example", client="192.0.2.30", until=START + 100_000),)


def policy() -> dict[str, Any]:
    return {"groups": GROUPS, "records": RECORDS, "rules": RULES}


class Sent:
    """A query as a client sends it."""

    def __init__(self, data: bytes, client: str, transport: Transport) -> None:
        self.data = data
        self.client = client
        self.transport = transport

    def __repr__(self) -> str:
        return f"{self.client} {self.transport} {self.data.hex(' ')}"


def _spelled(name: str, letters: list[bool]) -> bytes:
    """The name on the wire, upper case where `letters` says so."""
    plain = wire(name)
    return bytes(
        ord(chr(byte).upper()) if letters[n % len(letters)] and 97 <= byte <= 122 else byte
        for n, byte in enumerate(plain)
    )


def _sent(
    *,
    name: str,
    letters: list[bool],
    type: int,
    bits: int,
    payload: int | None,
    do: bool,
    options: bytes,
    who: tuple[str, Transport],
) -> Sent:
    head = struct.pack("!HBB4H", ID, 1, bits, 1, 0, 0, int(payload is not None))
    opt = b"" if payload is None else struct.pack("!BHHLH", 0, 41, payload, do << 15, len(options)) + options
    return Sent(head + _spelled(name, letters) + struct.pack("!HH", type, 1) + opt, *who)


COOKIE = struct.pack("!HH8s", 10, 8, b"01234567")
NAMES = ["www.example", "shop.example", "t.adtech.example", "big.example", "mid.example", "no.example"]
PARTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "name": st.sampled_from([*NAMES, "nas.home.arpa", "localhost"]),
        "letters": st.sampled_from([[False], [False], [True], [True, False], [False, False, True]]),
        "type": st.sampled_from([1, 1, 28, 65, 97, 16, 16, 255]),
        "bits": st.sampled_from([0, 0, 0x10, 0x20, 0x30, 0x40]),
        "payload": st.sampled_from([None, 0, 512, 1232, 1232, 4096]),
        "do": st.booleans(),
        "options": st.sampled_from([b"", b"", COOKIE, struct.pack("!HH", 65001, 0)]),
        "who": st.tuples(
            st.sampled_from([ME, ME, "192.0.2.11", "192.0.2.20", "192.0.2.30", "8.8.8.8"]),
            st.sampled_from([Transport.UDP, Transport.UDP, Transport.TCP]),
        ),
    }
)
QUERIES = PARTS.map(lambda parts: _sent(**parts))


@st.composite
def families(draw: st.DrawFn) -> list[Sent]:
    """Queries that are alike but for a thing or two, so that they have every occasion to be mistaken for each other."""
    base = draw(PARTS)
    found = [_sent(**base)]
    for _ in range(draw(st.integers(1, 12))):
        changed = draw(st.sets(st.sampled_from(sorted(base)), max_size=2))
        other = draw(PARTS)
        found.append(_sent(**{part: (other if part in changed else base)[part] for part in base}))
    return found
