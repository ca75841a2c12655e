"""Special-use names and local records: tier 0 (RFC 6303, 6761, 6762, 7686, 8375, 9462, 9476)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from resolver.model import Nodata, Nxdomain, Records, Rewrite, RRset, RuleRef, Tier, Type
from resolver.wire.name import from_text, labels_of

_LOCALHOST_TTL = 10_800
_LOOPBACK = {int(Type.A): bytes((127, 0, 0, 1)), int(Type.AAAA): bytes(15) + b"\x01"}

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
    """Tier 0 of one bundle: its records, then the special-use names."""

    def __init__(self, records: Iterable[RRset]) -> None:
        self._records: dict[bytes, dict[int, RRset]] = {}
        self._above: set[bytes] = set()
        for rrset in records:
            self._records.setdefault(rrset.owner, {})[rrset.type] = rrset
            self._above.update(_parents(rrset.owner))

    def find(self, name: bytes, type: int) -> Rewrite | None:
        """What is answered locally for this question, or None when the name has no meaning of its own."""
        own = self._records.get(name)
        if own is not None:
            rrset = own.get(type) or own.get(Type.CNAME)
            rule = RuleRef(Tier.LOCAL, "records", "a local record")
            return Rewrite(rule, Nodata() if rrset is None else self._chased(rrset, type))
        offset = 0
        while length := name[offset]:
            known = _TABLE.get(name[offset:])
            if known is not None:
                text, target = known
                if name in self._above and target is not None:
                    target = Nodata()  # a name with records below it exists (RFC 8020 section 2)
                return Rewrite(RuleRef(Tier.LOCAL, "special-use", text), target or _localhost(name, type))
            offset += 1 + length
        return None

    def _chased(self, rrset: RRset, type: int) -> Records:
        """The RRset asked for, or a local CNAME with what local records know of its target."""
        found = [rrset]
        for _ in range(8):
            if found[-1].type != Type.CNAME or type == Type.CNAME:
                break
            target = self._records.get(found[-1].rdatas[0], {})
            following = target.get(type) or target.get(Type.CNAME)
            if following is None or following in found:
                break
            found.append(following)
        return Records(tuple(found))


def _parents(name: bytes) -> Iterator[bytes]:
    """The names above a wire name."""
    while length := name[0]:
        name = name[1 + length :]
        yield name


def _localhost(name: bytes, type: int) -> Records | Nodata:
    address = _LOOPBACK.get(type)
    return Nodata() if address is None else Records((RRset(name, type, _LOCALHOST_TTL, (address,)),))


assert all(labels_of(name) for name in _TABLE)
