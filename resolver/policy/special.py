"""Special-use names and local records: tier 0 (RFC 6303, 6761, 6762, 7686, 8375, 9462, 9476; wildcards: RFC 4592)."""

from __future__ import annotations

import ipaddress
from collections.abc import Container, Iterable, Iterator, Mapping

from resolver.model import Nodata, Nxdomain, Records, Rewrite, RRset, RuleRef, Tier, Type
from resolver.wire.name import from_text, labels_of

RECORDS = "records"
"""The source of rules that are local records."""

SPECIAL_USE = "special-use"
"""The source of those that names with a meaning of their own have."""

_LOCALHOST_TTL = 10_800
_LOOPBACK = {int(Type.A): bytes((127, 0, 0, 1)), int(Type.AAAA): bytes(15) + b"\x01"}

_ASTERISK = b"\x01*"

_PRIVATE_REVERSE = (
    "0.in-addr.arpa 10.in-addr.arpa 127.in-addr.arpa 254.169.in-addr.arpa 168.192.in-addr.arpa 2.0.192.in-addr.arpa "
    "100.51.198.in-addr.arpa 113.0.203.in-addr.arpa 255.255.255.255.in-addr.arpa "
    + " ".join(f"{n}.172.in-addr.arpa" for n in range(16, 32))
    + " "
    + " ".join(f"{n}.100.in-addr.arpa" for n in range(64, 128))  # RFC 7793
    + f" {'0.' * 32}ip6.arpa 1.{'0.' * 31}ip6.arpa d.f.ip6.arpa 8.e.f.ip6.arpa 9.e.f.ip6.arpa a.e.f.ip6.arpa "
    "b.e.f.ip6.arpa 8.b.d.0.1.0.0.2.ip6.arpa"
).split()

_NXDOMAIN = {
    "invalid": "RFC 6761",
    "test": "RFC 6761",
    "onion": "RFC 7686",
    "alt": "RFC 9476",
    "local": "RFC 6762",
    "internal": "private use",
    "home.arpa": "RFC 8375",
    "service.arpa": "RFC 9665",
    "use-application-dns.net": "keeps browsers on this resolver",
} | dict.fromkeys(_PRIVATE_REVERSE, "RFC 6303")

NEVER_BLOCKED = from_text("ipv4only.arpa")  # RFC 7050: devices find NAT64 with it

_TABLE: dict[bytes, tuple[str, Nxdomain | Nodata | None]] = {
    **{from_text(name): (f"{name} ({why})", Nxdomain()) for name, why in _NXDOMAIN.items()},
    from_text("resolver.arpa"): ("resolver.arpa (RFC 9462)", Nodata()),
    from_text("localhost"): ("localhost (RFC 6761)", None),
}


class LocalNames:
    """Tier 0 of one bundle: its records with the PTR records of their addresses, then the special-use names. Of two
    RRsets of one name and type the last counts."""

    def __init__(self, records: Iterable[RRset], forwarded: Container[bytes] = ()) -> None:
        """`forwarded` are domains (wire form) that upstreams of their own know: what is special in them is theirs."""
        self._forwarded = forwarded
        self._records: dict[bytes, dict[int, RRset]] = {}
        for rrset in records:
            self._records.setdefault(rrset.owner, {})[rrset.type] = rrset
        for rrset in _reverse(self._records):
            self._records.setdefault(rrset.owner, {})[rrset.type] = rrset
        self._above = {above for owner in self._records for above in _parents(owner)}
        self._wild = any(owner.startswith(_ASTERISK) for owner in self._records)

    def find(self, name: bytes, type: int) -> Rewrite | None:
        """What is answered locally for this question, or None when the name has no meaning of its own."""
        own = self._records.get(name)
        if own is None and self._wild:
            own = self._records.get(self.wildcard(name))
        if own is not None:
            rrset = own.get(type) or own.get(Type.CNAME)
            rule = RuleRef(Tier.LOCAL, RECORDS, "a local record")
            return Rewrite(rule, Nodata() if rrset is None else self._chased(name, rrset, type))
        offset = 0
        while length := name[offset]:
            suffix = name[offset:]
            known = _TABLE.get(suffix)
            if suffix in self._forwarded:
                return None
            if known is not None:
                text, target = known
                if name in self._above and target is not None:
                    target = Nodata()  # a name with records below it exists (RFC 8020 section 2)
                return Rewrite(RuleRef(Tier.LOCAL, SPECIAL_USE, text), target or _localhost(name, type))
            offset += 1 + length
        return None

    def wildcard(self, name: bytes) -> bytes:
        """The wildcard whose records stand for a name without any: the one right below the nearest name above that
        exists (RFC 4592 section 3.3.1); empty for none. A name that exists itself, by those below it, has none."""
        if not self._wild or name in self._above or name in self._records:
            return b""
        for above in _parents(name):
            if above in self._records or above in self._above:
                return _ASTERISK + above if _ASTERISK + above in self._records else b""
        return b""

    def _chased(self, name: bytes, rrset: RRset, type: int) -> Records:
        """The RRset asked for, or a local CNAME with what local records know of its target."""
        found = [_owned(rrset, name)]
        for _ in range(8):
            if found[-1].type != Type.CNAME or type == Type.CNAME:
                break
            name = found[-1].rdatas[0]
            target = self._records.get(name) or self._records.get(self.wildcard(name)) or {}
            following = target.get(type) or target.get(Type.CNAME)
            if following is None or (following := _owned(following, name)) in found:
                break
            found.append(following)
        return Records(tuple(found))


def _owned(rrset: RRset, name: bytes) -> RRset:
    """The RRset as `name` has it: the same, or made from a wildcard's."""
    return rrset if rrset.owner == name else RRset(name, rrset.type, rrset.ttl, rrset.rdatas)


def _reverse(records: Mapping[bytes, Mapping[int, RRset]]) -> list[RRset]:
    """The PTR records of the addresses in records, but for wildcards, addresses that lead nowhere, and reverse names
    that have a PTR or CNAME record already. The smallest TTL holds for all of one name."""
    found: dict[bytes, RRset] = {}
    for reverse, ttl, owner in _addressed(records):
        taken = {Type.PTR, Type.CNAME} & records.get(reverse, {}).keys()
        if reverse and not taken:
            before = found.get(reverse, RRset(reverse, Type.PTR, ttl, ()))
            names = dict.fromkeys((*before.rdatas, owner))
            found[reverse] = RRset(reverse, Type.PTR, min(before.ttl, ttl), tuple(names))
    return list(found.values())


def _addressed(records: Mapping[bytes, Mapping[int, RRset]]) -> Iterator[tuple[bytes, int, bytes]]:
    """The reverse name, the TTL and the owner of each address in the records of names."""
    for owner, types in records.items():
        rrsets = () if owner.startswith(_ASTERISK) else (types.get(Type.A), types.get(Type.AAAA))
        for rrset in filter(None, rrsets):
            yield from ((_reverse_name(rdata), rrset.ttl, owner) for rdata in rrset.rdatas)


def _reverse_name(rdata: bytes) -> bytes:
    """The name that tells who has an address (RFC 1035 section 3.5, RFC 3596 section 2.5); empty for one that leads
    nowhere."""
    address = ipaddress.ip_address(rdata)
    return b"" if address.is_unspecified or address.is_loopback else from_text(address.reverse_pointer)


def _parents(name: bytes) -> Iterator[bytes]:
    """The names above a wire name."""
    while length := name[0]:
        name = name[1 + length :]
        yield name


def _localhost(name: bytes, type: int) -> Records | Nodata:
    address = _LOOPBACK.get(type)
    return Nodata() if address is None else Records((RRset(name, type, _LOCALHOST_TTL, (address,)),))


assert all(labels_of(name) for name in _TABLE)
