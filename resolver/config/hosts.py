"""The machine's own names, and the local records that answer them with its addresses."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Iterable

from resolver.config.names import exact
from resolver.config.values import ExactName
from resolver.errors import TextError
from resolver.model import RRset, Type
from resolver.paths import PRODUCT
from resolver.wire.name import from_text

TTL = 60
"""Seconds: the addresses of a machine change now and then."""

_HOME = "home.arpa"  # RFC 8375
HOUSEHOLD = f"{PRODUCT}.{_HOME}"
"""The name that is the same in every house."""

_LOOPBACK = "localhost"  # RFC 6761: of every machine, and no name of this one alone
_TYPES = {4: int(Type.A), 6: int(Type.AAAA)}


def usual_names(hostname: str) -> tuple[ExactName, ...]:
    """What a machine of this host name answers to: the name, its first label below home.arpa, and lull.home.arpa. A
    host name that is no domain name, and localhost, count for nothing."""
    names: dict[ExactName, None] = {}
    first = hostname.partition(".")[0]
    given = (hostname, f"{first}.{_HOME}") if first.lower() != _LOOPBACK else ()
    for text in (*given, HOUSEHOLD):
        with contextlib.suppress(TextError):
            names[exact(text)] = None
    return tuple(names)


def host_records(names: Iterable[str], addresses: Iterable[str], taken: Iterable[RRset] = ()) -> tuple[RRset, ...]:
    """The A and AAAA records of names (text form) at addresses (text, without a zone). A name that `taken` has records
    for is left to those."""
    others = {rrset.owner for rrset in taken}
    found: dict[int, list[bytes]] = {}
    for address in map(ipaddress.ip_address, dict.fromkeys(addresses)):
        found.setdefault(_TYPES[address.version], []).append(address.packed)
    owners = [owner for owner in map(from_text, names) if owner not in others]
    return tuple(RRset(owner, type, TTL, tuple(rdatas)) for owner in owners for type, rdatas in sorted(found.items()))
