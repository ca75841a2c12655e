"""How devices that ask in the clear learn where they can ask encrypted (RFC 9461, RFC 9462)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from resolver.model import RRset, Type
from resolver.policy.document import Doors
from resolver.wire.name import from_text

QUESTION = from_text("_dns.resolver.arpa")
PATH = "/dns-query{?dns}"
"""The URI template of queries over HTTPS (RFC 8484 section 4.1)."""

_TTL = 300
_ALPN, _PORT, _DOHPATH = 1, 3, 7  # keys of service parameters (RFC 9460 section 14.3.2, RFC 9461 section 5)
_USUAL = {b"dot": 853, b"h2": 443, b"doq": 853}


def designated(doors: Doors, records: Iterable[RRset]) -> tuple[RRset, ...]:
    """The SVCB records that point at the encrypted transports by the first name of the certificate.

    There are none without a name, or where people have records of their own for that question. A device takes them only
    if the certificate also holds the address that it asks now (RFC 9462 section 4.2).
    """
    if not doors.names or any(record.owner == QUESTION for record in records):
        return ()
    target = from_text(doors.names[0])
    rdatas = tuple(
        priority.to_bytes(2, "big") + target + parameters
        for priority, parameters in enumerate(_parameters(doors), start=1)
    )
    return (RRset(QUESTION, Type.SVCB, _TTL, rdatas),) if rdatas else ()


def _parameters(doors: Doors) -> Iterator[bytes]:
    """The service parameters of each way, the one that devices do best with first; keys ascend (RFC 9460 2.2)."""
    for protocols, ports, path in (
        ((b"h2", b"http/1.1"), doors.https, PATH),
        ((b"dot",), doors.tls, ""),
        ((b"doq",), doors.quic, ""),
    ):
        for port in ports:
            alpn = b"".join(len(name).to_bytes(1, "big") + name for name in protocols)
            other = b"" if port == _USUAL[protocols[0]] else _parameter(_PORT, port.to_bytes(2, "big"))
            yield _parameter(_ALPN, alpn) + other + (_parameter(_DOHPATH, path.encode()) if path else b"")


def _parameter(key: int, value: bytes) -> bytes:
    return key.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value
