"""How a stage is made once for each source of truth, and a query sent to that of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from msgspec.structs import replace

from resolver.model import Query, Response
from resolver.pipeline.later import Later
from resolver.pipeline.sources import Source
from resolver.pipeline.stage import Parts, Responder


def routed(make: Callable[[Parts], Responder]) -> Callable[[Parts], Responder]:
    """The stage that `make` makes, over whichever source a query has."""

    def made(parts: Parts) -> Responder:
        common, sources = make(parts), parts.sources

        def respond(query: Query) -> Response | Later[Response] | None:
            if sources.zones or sources.groups:
                source = sources.of(query)
                if source is not None:
                    return of(source)(query)
            return common(query)

        def of(source: Source) -> Responder:
            stage = source.made.get(made)
            if stage is None:
                own = replace(parts, rrsets=source.rrsets, fetching=source.fetching, prefetch=source.prefetch)
                stage = source.made[made] = make(own)
            return cast("Responder", stage)

        return respond

    return made
