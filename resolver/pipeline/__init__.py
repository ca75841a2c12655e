"""A query's way through a worker. Stages are one file each; the order is this tuple; none calls the next.

decode → identify → ORDER → record → encode → packet cache
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from resolver.model import Query, Response
from resolver.pipeline import admit, aliased, blocked, cached, decide, finish, forward, inspect, local, rebinding
from resolver.pipeline.later import Later
from resolver.pipeline.routed import routed
from resolver.pipeline.stage import Gate, Judge, Parts, Responder, Reviser


class Order(NamedTuple):
    """Every stage, in the order they run: gates, one judge, responders until one answers, all revisers."""

    gates: tuple[Callable[[Parts], Gate], ...]
    judge: Callable[[Parts], Judge]
    responders: tuple[Callable[[Parts], Responder], ...]
    revisers: tuple[Callable[[Parts], Reviser], ...]


ORDER = Order(
    gates=(
        admit.make,  # first, so that a stranger costs nothing and learns nothing
    ),
    judge=decide.make,  # before every responder: each of them acts on the verdict
    responders=(
        aliased.make,  # before local, which would leave an alias without its target
        local.make,  # tier 0: names with a meaning of their own never leave the house
        blocked.make,  # before the cache: truth that is blocked is not told
        routed(cached.make),  # before asking: what is known need not be asked
        routed(forward.make),  # last: it always answers, if only with SERVFAIL
    ),
    revisers=(
        inspect.make,  # on hits too: the cache holds truth, and policy may have changed since
        rebinding.make,  # after policy, which may have put something else in the answer's place
        finish.make,  # last: it caps the TTLs of whatever the others made
    ),
)


class Pipeline:
    """The stages in order, ready to run."""

    def __init__(self, parts: Parts, order: Order = ORDER) -> None:
        self._gates = [make(parts) for make in order.gates]
        self._judge = order.judge(parts)
        self._responders = [make(parts) for make in order.responders]
        self._revisers = [make(parts) for make in order.revisers]

    def respond(self, query: Query) -> tuple[Query, Response | Later[Response]]:
        """The query with its verdict, and the answer to it: now, or later if somebody has to be asked. It is to be
        revised when it is there."""
        for gate in self._gates:
            refusal = gate(query)
            if refusal is not None:
                return query, refusal
        query = self._judge(query)
        for respond in self._responders:
            response = respond(query)
            if response is not None:
                break
        else:
            raise AssertionError("the last responder answers every query")
        return query, response

    def revise(self, query: Query, response: Response) -> Response:
        """The answer after all revisers."""
        for revise in self._revisers:
            response = revise(query, response)
        return response
