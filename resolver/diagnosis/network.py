"""What keeps every answer from coming: the line, a portal, the clock, or the upstreams all at once."""

from __future__ import annotations

from resolver.diagnosis.facts import Answer, Facts, Failure, Role, Said, Trouble
from resolver.diagnosis.findings import Captive, Offline, Stale, UpstreamsDown, WrongClock, ZoneBroken
from resolver.model import EdeCode, Rcode
from resolver.wire.zone import rcode_text

_STALE = frozenset({int(EdeCode.STALE), int(EdeCode.STALE_NXDOMAIN)})
_NOTHING_THERE = frozenset({Trouble.SILENT, Trouble.UNREACHABLE})


def usable(said: Said) -> bool:
    """Whether it answered, and says anything of the name."""
    return isinstance(said.result, Answer) and said.result.usable


def failure(said: Said) -> str:
    """Why an upstream that is not usable fails."""
    match said.result:
        case Failure(reason):
            return reason
        case Answer(rcode):
            return f"it says {rcode_text(rcode)}" + ("" if said.sound else ", whatever it is asked")


def offline(facts: Facts) -> Offline | None:
    """Nobody usable was heard of, and the way out is missing, or the router on it silent."""
    network = facts.network
    if any(map(usable, facts.asked)) or _anyone_reached(facts):
        return None
    route = network.v4 or network.v6
    if route is None:
        return Offline(stale=is_stale(facts))
    if network.gateway_heard is False and not any(_spoke(said) for said in facts.asked):
        return Offline(route.gateway, stale=is_stale(facts))
    return None


def captive(facts: Facts) -> Captive | None:
    portal = facts.network.portal
    return Captive(portal.where) if portal is not None and portal.captive else None


def wrong_clock(facts: Facts) -> WrongClock | None:
    """No upstream helps, and all that are encrypted fail for nothing but the dates of their certificates."""
    if any(map(usable, facts.upstreams)):
        return None
    secure = [said for said in facts.upstreams if said.authentic]
    for said in secure:
        if not isinstance(said.result, Failure) or not said.result.untimely:
            return None
    return WrongClock(secure[0].server, failure(secure[0])) if secure else None


def stale(facts: Facts) -> Stale | None:
    if not is_stale(facts) or not facts.upstreams or any(map(usable, facts.upstreams)):
        return None
    return Stale(facts.upstreams[0].server, failure(facts.upstreams[0]), _online(facts))


def zone_broken(facts: Facts) -> ZoneBroken | None:
    """Whoever answers at all says SERVFAIL: it tried, and the name's own servers did not answer."""
    answers = [said.result for said in facts.asked if said.sound and isinstance(said.result, Answer)]
    if not answers or any(answer.rcode != Rcode.SERVFAIL for answer in answers):
        return None
    texts = (ede.text or _MEANINGS.get(ede.code, "") for answer in answers for ede in answer.ede)
    return ZoneBroken(next(filter(None, texts), ""))


def upstreams_down(facts: Facts) -> UpstreamsDown | None:
    if any(map(usable, facts.upstreams)) or not facts.upstreams:
        return None
    first, others = facts.upstreams[0], [said for said in facts.others if usable(said)]
    best = min(others, key=lambda said: said.role != Role.TRANSPORT, default=None)
    return UpstreamsDown(
        first.server,
        failure(first),
        len(facts.upstreams),
        _online(facts),
        "" if best is None else best.server,
        other_transport=best is not None and best.role == Role.TRANSPORT,
    )


def is_stale(facts: Facts) -> bool:
    """Whether Lull gave an answer that is too old."""
    answer = facts.own.result
    return isinstance(answer, Answer) and any(ede.code in _STALE for ede in answer.ede)


_MEANINGS = {
    6: "DNSSEC: bogus",
    7: "DNSSEC: a signature has expired",
    8: "DNSSEC: a signature is not valid yet",
    9: "DNSSEC: a key is missing",
    10: "DNSSEC: signatures are missing",
    22: "no server of its zone answers",
    23: "a network error",
}
"""Extended DNS Errors that tell why a name's servers did not help (RFC 8914 section 4)."""


def _spoke(said: Said) -> bool:
    return not isinstance(said.result, Failure) or not said.result.silent


def _anyone_reached(facts: Facts) -> bool:
    return any(reached.trouble not in _NOTHING_THERE for reached in facts.reached)


def _online(facts: Facts) -> bool:
    """Whether anything was heard of that is not this machine."""
    return _anyone_reached(facts) or any(map(_spoke, facts.asked))
