"""Stage decide: the verdict, from the pure function that also serves `why`; and visits, which look-ups are.

A look-up of a site's name opens the windows of its rules before it is decided: a site may be trusted with its own
names. Its answer holds for half the shortest of them, so that they are renewed for as long as the site is in use.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from resolver.model import Client, Pass, Query, Tier, Verdict
from resolver.pipeline.stage import Judge, Parts
from resolver.policy import decide as policy
from resolver.policy.document import SiteEntry
from resolver.policy.sites import Sites


def make(parts: Parts) -> Judge:
    def decide(query: Query) -> Query:
        question, client = query.question, query.client
        now = parts.clock.time()
        bundle = parts.bundle()
        sites = bundle.sites
        named = bool(sites) and sites.named(query.name, client, now)
        opened = sites.opened(query.name, client, now) if named else ()
        for entry in opened:
            parts.visits.open(client.key, entry.key, entry.window or 0)
        verdict = policy.decide(question.name, query.name, question.type, client, bundle, now, parts.visits)
        if not sites:
            return Query(query.message, query.name, client, query.transport, verdict)
        if opened:
            verdict = replace(verdict, until=min(verdict.until, now + _half(opened)))
        momentary = named or _trusted(verdict, sites, client, now)
        return Query(query.message, query.name, client, query.transport, verdict, momentary)

    return decide


def _trusted(verdict: Verdict, sites: Sites, client: Client, now: float) -> bool:
    """Whether it would be another verdict, or is one, because of a site that is trusted with everything. What passes
    does so without that, and what comes before the sites' tier is none of their business."""
    return not isinstance(verdict, Pass) and verdict.rule.tier >= Tier.SITES and sites.trusting(client, now)


def _half(opened: Sequence[SiteEntry]) -> float:
    return min(entry.window or 0 for entry in opened) / 2
