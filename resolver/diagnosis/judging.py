"""From facts to findings. The order is data: what stands first explains what stands below it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from resolver.diagnosis import network, own, resolvers, site
from resolver.diagnosis.facts import Facts
from resolver.diagnosis.findings import Finding, UpstreamFails, UpstreamLies

Judge = Callable[[Facts], Finding | None]

ORDER: tuple[Judge, ...] = (
    own.speechless,  # nothing else matters to a device while Lull is silent
    own.not_admitted,  # likewise, for this one
    own.blocked,  # by our own rules, and so whatever the network does
    own.local,
    network.offline,  # before upstreams and site, which then seem to be down
    network.captive,  # likewise; and its answers are not the upstreams'
    network.wrong_clock,  # before the upstreams, whose fault it is not
    network.stale,  # before upstreams-down, whose cause it shares: the device has an answer
    network.zone_broken,  # before upstreams-down: they did answer
    network.upstreams_down,
    own.rebinding,  # from here on there is an answer; ours was refused
    resolvers.upstream_lies,  # before anything is concluded from what is said
    resolvers.disagreement,
    resolvers.upstreams_block,
    resolvers.outdated,  # before the site: it is tried at the addresses of now
    resolvers.no_name,
    resolvers.no_address,
    site.certificate,
    site.only_v6,  # before site-down, which it looks like from here
    site.site_down,
    resolvers.upstream_fails,  # the site works: from here on it is about what is slow, or could be
    site.half_down,
    site.fine,
)


class Judged(msgspec.Struct, frozen=True):
    """The one finding that explains most, and what is the matter besides."""

    finding: Finding
    beside: tuple[UpstreamFails | UpstreamLies, ...] = ()


def judge(facts: Facts) -> Judged:
    """What is the matter with a name; `site.fine` has an answer to everything."""
    found = (judge(facts) for judge in ORDER)
    finding: Finding = next((one for one in found if one is not None), site.fine(facts))
    beside: list[UpstreamFails | UpstreamLies] = [*resolvers.failing(facts), *resolvers.liars(facts)]
    return Judged(finding, tuple(one for one in beside if one != finding))
