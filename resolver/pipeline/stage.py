"""What a stage is: one of four kinds of function, made from the parts it needs."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from resolver.cache.rrsets import RRsetCache
from resolver.model import Clock, Query, Response
from resolver.pipeline.fetching import Fetching
from resolver.pipeline.later import Later
from resolver.pipeline.prefetch import Prefetch
from resolver.pipeline.sources import Sources
from resolver.pipeline.visits import Visits
from resolver.policy.bundle import Bundle

Gate = Callable[[Query], "Response | None"]
"""May end a query before it is decided."""

Judge = Callable[[Query], Query]
"""Gives the query its verdict."""

Responder = Callable[[Query], "Response | Later[Response] | None"]
"""May answer; the first that does wins. What has to be asked for first it answers later."""

Reviser = Callable[[Query, Response], Response]
"""Sees every answer, and returns it or another."""


class Parts(msgspec.Struct, frozen=True):
    """What stages are made from. `bundle` gives the bundle in force now; `sources` are those beside that of all, whose
    are the other parts (`routed`)."""

    bundle: Callable[[], Bundle]
    rrsets: RRsetCache
    fetching: Fetching
    prefetch: Prefetch
    clock: Clock
    visits: Visits
    sources: Sources = msgspec.field(default_factory=Sources)
