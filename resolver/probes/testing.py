"""Whether an upstream answers now: a query that tells nobody what anybody looks up, sent twice."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence

import msgspec

from resolver.diagnosis.facts import Failure, Role
from resolver.model import Clock, Question, Rcode, Type
from resolver.probes.resolvers import Resolver, ask
from resolver.upstream.bootstrap import Bootstrap
from resolver.upstream.carriers import Carriers
from resolver.upstream.endpoint import Addressed, Endpoint
from resolver.wire.name import from_text
from resolver.wire.zone import rcode_text

PATIENCE = 2.5
"""Seconds that an upstream has, to connect and to answer twice."""

_USABLE = frozenset({int(Rcode.NOERROR), int(Rcode.NXDOMAIN)})


class Outcome(msgspec.Struct, frozen=True):
    """`first_ms` is the time to the first answer, with all that it takes to connect; `ms` that to the second, as
    queries after it take. `reason` says why there is none, or none of use ("" if it works)."""

    first_ms: float
    ms: float
    reason: str = ""


async def test(
    endpoint: Endpoint,
    zone: str,
    clock: Clock,
    bootstrap: Sequence[str] = (),
    hosts: Mapping[str, Sequence[str]] | None = None,
    patience: float = PATIENCE,
) -> Outcome:
    """Ask an upstream for the SOA of `zone` (text form; "." is what every resolver knows). `bootstrap` are addresses of
    servers that know where it is when it is given by name, `hosts` where it was last."""
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:
        plain = Carriers(loop, Addressed(), tasks.create_task)
        found = Bootstrap(plain, loop, clock, lambda: secrets.randbelow(1 << 16), tasks.create_task)
        found.take(bootstrap, hosts or {})
        carriers = Carriers(loop, found, tasks.create_task)
        try:
            return await _twice(endpoint, zone, carriers, patience)
        finally:
            found.close()
            carriers.close()
            plain.close()


async def _twice(endpoint: Endpoint, zone: str, carriers: Carriers, patience: float) -> Outcome:
    loop = asyncio.get_running_loop()
    lossy = endpoint.transport == "udp"
    began, question, took = loop.time(), Question(from_text(zone), Type.SOA), []
    for _ in range(2):
        start = loop.time()
        left = max(0.1, patience - (start - began))
        asked = Resolver(endpoint.url, Role.UPSTREAM, carriers.to(endpoint), lossy, endpoint.encrypted, round(left, 1))
        found = await ask(asked, question)
        took.append(round((loop.time() - start) * 1000, 1))
        if isinstance(found, Failure):
            return Outcome(took[0], took[-1], found.reason)
        if found.rcode not in _USABLE:
            return Outcome(took[0], took[-1], f"it answers {rcode_text(found.rcode)}")
    return Outcome(took[0], took[1])
