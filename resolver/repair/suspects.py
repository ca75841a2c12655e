"""Who is missing: blocked names that a device asks for after a site's names, and seldom otherwise.

Names of one registrable domain are one suspect: they are one owner's, and a page that needs one of them mostly needs
the others. For each suspect two stories are weighed by what the log has. One: the site asks for it, in nearly every
load. The other: the device asks for it anyway, and it was there by chance, as often as at other times. The logarithm of
how much likelier the first is orders them: who is there in every load, and at few other moments, comes first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import msgspec

_FAITHFUL = 0.8  # of a site's loads have a name of its own: some answers are still remembered, some adverts change
_HABIT, _IMAGINED = 0.5, 10  # in so many of so many imagined moments: what was never seen elsewhere is not beyond doubt
_CHANGED = 3.0  # logarithm of how unlikely it is that the site has asked for somebody only since a certain load
_SPECIAL = 0.25  # how much rarer suspects are likelier to be missed; 0: no more than others; 1: in proportion


class Asked(msgspec.Struct, frozen=True, gc=False):
    """That a name was asked for in a Unix second. `blocked` says by which list or else, `rule`; `via` is the alias
    target that the rule is about, if it is not the name itself."""

    at: int
    name: str
    blocked: bool = False
    source: str = ""
    rule: str = ""
    via: str = ""
    count: int = 1


class Named(msgspec.Struct, frozen=True):
    """A name that was blocked `asked` times in the loads of a site, and what blocked it last."""

    name: str
    source: str
    rule: str
    via: str
    asked: int


class Suspect(msgspec.Struct, frozen=True):
    """The blocked names of one registrable domain, in the order in which they were asked for, and how they go with the
    site.

    Some of them were asked for, and blocked, in `with_site` of `loads` loads; at other times in `share` of the moments
    in which the device asked for anything. `lift` is how many times as often that makes it after the site as otherwise.
    `weight` is how much likelier they are the site's than there by chance, as a logarithm.
    """

    domain: str
    names: tuple[Named, ...]
    with_site: int
    loads: int
    share: float
    lift: float
    weight: float


class Moments(msgspec.Struct, frozen=True):
    """The device's other time: how many moments there were, and in how many of them it asked for each domain."""

    moments: int
    domains: Mapping[str, int]

    def share(self, domain: str) -> float:
        """How much of that time has a domain: never none, never all."""
        return (self.domains.get(domain, 0) + _HABIT) / (self.moments + _IMAGINED)


class _Trace:
    """What the loads of a site say of one domain: for each, oldest first, True where it was blocked, None where it was
    only answered, False where it was not asked for."""

    def __init__(self, loads: int) -> None:
        self.seen: list[bool | None] = [False] * loads
        self.names: dict[str, Named] = {}
        self.first = math.inf

    def add(self, load: int, place: int, one: Asked) -> None:
        if one.blocked:
            self.seen[load] = True
            self.first = min(self.first, place)
            before = self.names.get(one.name)
            count = one.count + (before.asked if before else 0)
            self.names[one.name] = Named(one.name, one.source, one.rule, one.via, count)
        elif self.seen[load] is False:
            self.seen[load] = None


def rank(loads: Sequence[Sequence[Asked]], domain_of: Callable[[str], str], other: Moments) -> list[Suspect]:
    """Who was blocked in the loads of a site, the likeliest to be missed first. Each load has what was asked in it, in
    order; the oldest comes first. `domain_of` gives the registrable domain of a name."""
    traces: dict[str, _Trace] = {}
    for number, load in enumerate(loads):
        for place, one in enumerate(load):
            traces.setdefault(domain_of(one.name), _Trace(len(loads))).add(number, place, one)
    found = [(trace.first, _suspect(domain, trace, other)) for domain, trace in traces.items() if trace.names]
    found.sort(key=lambda pair: (-pair[1].weight, pair[0], pair[1].domain))
    return [suspect for _, suspect in found]


def likelihoods(suspects: Sequence[Suspect]) -> dict[str, float]:
    """The domains worth trying, in the order given: those that are rather the site's than there by chance, each in
    proportion to how likely it is to be missed. What many sites ask for is seldom what one cannot do without."""
    return {one.domain: _likelihood(one) for one in suspects if one.weight > 0}


def _likelihood(one: Suspect) -> float:
    its = 1 / (1 + math.exp(-one.weight))
    return its * (one.with_site / one.loads) ** 2 / math.pow(one.share, _SPECIAL)


def _suspect(domain: str, trace: _Trace, other: Moments) -> Suspect:
    share = other.share(domain)
    asked = [seen for seen in trace.seen if seen is not None]
    hits = sum(asked)
    return Suspect(
        domain=domain,
        names=tuple(trace.names.values()),
        with_site=hits,
        loads=len(asked),
        share=share,
        lift=hits / len(asked) / share,
        weight=max(_weight(asked, share), *(_weight(asked[k:], share) - _CHANGED for k in range(len(asked)))),
    )


def _weight(asked: Sequence[bool], share: float) -> float:
    hits = sum(asked)
    faithful = max(_FAITHFUL, (1 + share) / 2)  # what is asked for all the time may be the site's all the same
    there, missing = math.log(faithful / share), math.log((1 - faithful) / (1 - share))
    return hits * there + (len(asked) - hits) * missing
