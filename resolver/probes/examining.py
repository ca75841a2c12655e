"""What is found out about a name by asking: what Lull, its upstreams and others say, and who answers where it leads."""

from __future__ import annotations

import asyncio
import ipaddress
import pathlib
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Literal, TypeVar

import msgspec
from msgspec.structs import replace

from resolver.diagnosis.agreement import real
from resolver.diagnosis.facts import Answer, Network, Portal, Reached, Role, Said
from resolver.diagnosis.words import says
from resolver.model import Clock
from resolver.probes import portal, resolvers, routes, sites
from resolver.upstream.bootstrap import Bootstrap
from resolver.upstream.carriers import Carriers
from resolver.upstream.endpoint import Addressed, Endpoint
from resolver.wire.name import from_text

T = TypeVar("T")

OWN_PATIENCE = 6.5
"""Seconds that Lull itself has: those in which it gives up on its upstreams, and some more."""

_EACH = 2  # addresses of each resolver that are tried

Tell = Callable[[str, "str | None"], None]
"""Hears of each step by its words: that it has begun (None), and what came of it."""


class Plan(msgspec.Struct, frozen=True):
    """Whom to ask about a name (normal text): Lull at `own`, its upstreams, and those that the person named.
    `bootstrap` are addresses of servers that know where upstreams are that are given by name, `hosts` where they were
    last. `portal` is the URL of a page that shows captive portals ("": none). The rest is for tests."""

    name: str
    own: Endpoint
    upstreams: tuple[Endpoint, ...]
    also: tuple[Endpoint, ...] = ()
    bootstrap: tuple[str, ...] = ()
    hosts: Mapping[str, tuple[str, ...]] = {}
    portal: str = ""
    patience: float = resolvers.PATIENCE
    https: int = sites.HTTPS
    http: int = sites.HTTP
    proc: pathlib.Path = routes.PROC


class Examined(msgspec.Struct, frozen=True):
    """What was found out."""

    own: Said
    upstreams: tuple[Said, ...]
    others: tuple[Said, ...]
    reached: tuple[Reached, ...]
    network: Network


async def examine(plan: Plan, clock: Clock, tell: Tell) -> Examined:
    """Ask everybody at once, then try the addresses; 12 seconds at most."""
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:
        plain = Carriers(loop, Addressed(), tasks.create_task)
        bootstrap = Bootstrap(plain, loop, clock, lambda: secrets.randbelow(1 << 16), tasks.create_task)
        bootstrap.take(plan.bootstrap, plan.hosts)
        carriers = Carriers(loop, bootstrap, tasks.create_task)
        try:
            return await _examined(plan, carriers, tell)
        finally:
            bootstrap.close()
            carriers.close()
            plain.close()


async def _examined(plan: Plan, carriers: Carriers, tell: Tell) -> Examined:
    name = from_text(plan.name)
    chosen = list(_chosen(plan, carriers))

    async def ask(resolver: resolvers.Resolver) -> Said:
        return await _told(tell, f"asking {resolver.server}", resolvers.say(resolver, name), _heard)

    said, found = await asyncio.gather(asyncio.gather(*map(ask, chosen)), _portal(plan, carriers, tell))
    reached = await _reached(plan, said, tell)
    network = await asyncio.to_thread(routes.network, plan.proc)  # last: the kernel has looked for the router by now
    by = {role: tuple(one for one in said if one.role == role) for role in Role}
    others = by[Role.TRANSPORT] + by[Role.ALSO]
    return Examined(by[Role.OWN][0], by[Role.UPSTREAM], others, reached, replace(network, portal=found))


def _chosen(plan: Plan, carriers: Carriers) -> Iterable[resolvers.Resolver]:
    yield resolvers.Resolver(str(plan.own), Role.OWN, carriers.to(plan.own), lossy=False, patience=OWN_PATIENCE)
    asked = {Role.UPSTREAM: plan.upstreams, Role.TRANSPORT: _independent(plan), Role.ALSO: plan.also}
    for role, endpoints in asked.items():
        for endpoint in endpoints:
            lossy = endpoint.transport == "udp"
            yield resolvers.Resolver(
                endpoint.url, role, carriers.to(endpoint), lossy, endpoint.encrypted, plan.patience
            )


def _independent(plan: Plan) -> tuple[Endpoint, ...]:
    """The first plain upstream over its other transport: it learns nothing new, and a network that meddles with one
    often leaves the other alone."""
    for endpoint in plan.upstreams:
        if not endpoint.encrypted:
            other: Literal["udp", "tcp"] = "tcp" if endpoint.transport == "udp" else "udp"
            host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
            port = "" if endpoint.port == 53 else f":{endpoint.port}"
            made = replace(endpoint, url=f"{other}://{host}{port}", transport=other)
            return () if any(one.url == made.url for one in plan.upstreams) else (made,)
    return ()


async def _reached(plan: Plan, said: Sequence[Said], tell: Tell) -> tuple[Reached, ...]:
    """A few addresses of each who answered, those of Lull first."""
    answers = [one.result for one in said if isinstance(one.result, Answer)]
    addresses = [address for answer in answers for address in _few(real(answer.addresses))]
    if not addresses:
        return ()
    trying = sites.reach(addresses, plan.name, plan.https, plan.http)
    return await _told(tell, f"trying {len(set(addresses))} addresses", trying, _worked)


def _few(addresses: Sequence[str]) -> list[str]:
    """The smallest of each family, so that resolvers which shuffle the same addresses lead to the same few."""
    v6 = sorted((address for address in addresses if ":" in address), key=ipaddress.ip_address)
    v4 = sorted((address for address in addresses if ":" not in address), key=ipaddress.ip_address)
    return v4[:_EACH] + v6[:_EACH]


async def _portal(plan: Plan, carriers: Carriers, tell: Tell) -> Portal | None:
    if not plan.portal:
        return None

    async def find(host: str) -> Sequence[str]:
        resolver = resolvers.Resolver("", Role.OWN, carriers.to(plan.own), lossy=False)
        said = await resolvers.say(resolver, from_text(host))
        return real(said.result.addresses) if isinstance(said.result, Answer) else ()

    return await _told(tell, f"looking for a portal at {plan.portal}", portal.portal(plan.portal, find), _captive)


async def _told(tell: Tell, what: str, work: Awaitable[T], outcome: Callable[[T], str]) -> T:
    tell(what, None)
    done = await work
    tell(what, outcome(done))
    return done


def _heard(said: Said) -> str:
    return says(said.result) if isinstance(said.result, Answer) else said.result.reason


def _worked(reached: Sequence[Reached]) -> str:
    works = len({one.address for one in reached if one.trouble is None})
    return f"{works} of {len({one.address for one in reached})} answer"


def _captive(found: Portal) -> str:
    return f"there is one ({found.where})" if found.captive else found.where or "there is none"
