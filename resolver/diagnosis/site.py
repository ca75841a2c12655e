"""Whether the site itself is there, at the addresses that those say who are right."""

from __future__ import annotations

import ipaddress

from resolver.diagnosis.facts import Facts, Reached, Role, Trouble
from resolver.diagnosis.findings import Certificate, Fine, HalfDown, OnlyV6, SiteDown
from resolver.diagnosis.resolvers import truth

_CERTIFICATE = frozenset({Trouble.EXPIRED, Trouble.EARLY, Trouble.OTHER_NAME, Trouble.UNKNOWN_ISSUER})


def certificate(facts: Facts) -> Certificate | None:
    tried = _tried(facts)
    bad = [one for one in tried if one.trouble in _CERTIFICATE]
    if not bad or any(one.secure and one.trouble is None for one in tried):
        return None
    asked = {said.server for said in facts.asked if said.role != Role.TRANSPORT}
    return Certificate(bad[0], alone=len(asked) < 2)


def only_v6(facts: Facts) -> OnlyV6 | None:
    tried = _tried(facts)
    if not tried or any(one.trouble is None for one in tried) or facts.network.v6 is not None:
        return None
    return OnlyV6() if all(_is_v6(one) and one.trouble == Trouble.UNREACHABLE for one in tried) else None


def site_down(facts: Facts) -> SiteDown | None:
    """No address takes connections on any port, or what takes them is not to be talked to."""
    tried = _tried(facts)
    if not tried or any(one.trouble is None for one in tried):
        return None
    return SiteDown(_reachable(tried, facts) or tried)


def half_down(facts: Facts) -> HalfDown | None:
    tried = _reachable(_tried(facts), facts)
    up = {one.address for one in tried if one.trouble is None}
    down = [one for one in tried if one.address not in up]
    return HalfDown(next(one.address for one in tried if one.address in up), down[0]) if up and down else None


def fine(facts: Facts) -> Fine:
    return Fine(next((one.address for one in _tried(facts) if one.trouble is None), ""))


def _tried(facts: Facts) -> tuple[Reached, ...]:
    right = truth(facts)
    addresses = () if right is None else {address for said in right.said for address in _addresses(said.result)}
    return tuple(one for one in facts.reached if one.address in addresses)


def _addresses(result: object) -> tuple[str, ...]:
    return getattr(result, "addresses", ())


def _reachable(tried: tuple[Reached, ...], facts: Facts) -> tuple[Reached, ...]:
    """Without IPv6 where there is no way out for it: no device here would try it."""
    if facts.network.v6 is not None:
        return tried
    return tuple(one for one in tried if not (_is_v6(one) and one.trouble == Trouble.UNREACHABLE))


def _is_v6(reached: Reached) -> bool:
    return ipaddress.ip_address(reached.address).version == 6
