"""What a stage is: one of four kinds of function, made from the parts it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from resolver.cache.rrsets import RRsetCache
from resolver.model import Clock, Query, Response
from resolver.pipeline.visits import Visits
from resolver.policy.bundle import Bundle
from resolver.upstream.pool import Pool

Gate = Callable[[Query], "Response | None"]
"""May end a query before it is decided."""

Judge = Callable[[Query], Query]
"""Gives the query its verdict."""

Responder = Callable[[Query], Awaitable["Response | None"]]
"""May answer; the first that does wins."""

Reviser = Callable[[Query, Response], Response]
"""Sees every answer, and returns it or another."""


class Parts(msgspec.Struct, frozen=True):
    """What stages are made from. `bundle` gives the bundle in force now."""

    bundle: Callable[[], Bundle]
    rrsets: RRsetCache
    pool: Callable[[], Pool]
    clock: Clock
    visits: Visits
