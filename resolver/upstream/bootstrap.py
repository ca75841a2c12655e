"""The addresses of upstreams that are given by name: asked of bootstrap servers, kept, and asked again in good time.

What was known once is used without waiting, however old it is: who an upstream is, its certificate shows. So Lull
starts although no bootstrap server answers, once control has written down where everybody was (`Document.hosts`). A
bootstrap server that lies can keep nobody away for long either: addresses of before are tried beside those it gives,
and while connections come to nothing, another server is asked first.
"""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import math
from collections.abc import Callable, Mapping, Sequence

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.model import Clock, Question, Type
from resolver.upstream.asking import Answer
from resolver.upstream.carriers import Reach
from resolver.upstream.endpoint import Endpoint, read
from resolver.upstream.line import Spawn
from resolver.upstream.pool import Pool
from resolver.upstream.upstream import Upstream
from resolver.wire.name import from_text

_LEAST, _MOST = 60, 86_400  # seconds for which addresses are kept, whatever their TTL
_EARLY = 0.9  # of that time, after which they are asked for again
_AGAIN = 10.0  # seconds; who needs addresses again so soon did not get through with those it had
_RETRY = 30.0  # seconds until servers that failed are asked for the same name again
_MANY = 6  # addresses that are tried
_TYPES = (int(Type.A), int(Type.AAAA))


class _Host:
    """What is known of one name. `due` and `used` are monotonic times."""

    def __init__(self, addresses: tuple[str, ...] = ()) -> None:
        self.addresses = addresses
        self.due = -math.inf
        self.used = -math.inf
        self.turn = 0  # which server is asked first
        self.asking: asyncio.Task[None] | None = None


class Bootstrap:
    """Who knows the addresses of endpoints (endpoint.Hosts). `reach` carries plain queries to addresses alone."""

    def __init__(
        self,
        reach: Reach,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        random_id: Callable[[], int],
        spawn: Spawn,
    ) -> None:
        self._reach = reach
        self._loop = loop
        self._clock = clock
        self._random_id = random_id
        self._spawn = spawn
        self._servers: tuple[str, ...] = ()
        self._hosts: dict[str, _Host] = {}
        self._upstreams: dict[str, Upstream] = {}
        self._pools: dict[tuple[str, ...], Pool] = {}

    def take(self, servers: Sequence[str], hosts: Mapping[str, Sequence[str]]) -> None:
        """Put a policy in force: whom to ask for endpoints that do not say it themselves (addresses), and what is
        remembered of before."""
        self._servers = tuple(map(_url, servers))
        for name, addresses in hosts.items():
            self._hosts.setdefault(name, _Host(tuple(addresses)))

    @property
    def hosts(self) -> dict[str, tuple[str, ...]]:
        """What is known, to be remembered."""
        return {name: host.addresses for name, host in self._hosts.items() if host.addresses}

    async def addresses(self, endpoint: Endpoint) -> Sequence[str]:
        """The addresses to try, best first. Raises UpstreamError when nobody knows any."""
        if endpoint.addressed:
            return (endpoint.host,)
        host = self._hosts.setdefault(endpoint.host, _Host())
        now = self._clock.monotonic()
        if now - host.used < _AGAIN:
            host.turn += 1
            host.due = min(host.due, now)
        host.used = now
        if now >= host.due and host.asking is None:
            host.asking = self._spawn(self._refresh(host, endpoint))
        if not host.addresses and host.asking is not None:
            await asyncio.shield(host.asking)
        if not host.addresses:
            raise UpstreamUnreachable(f"nobody who was asked knows the address of {endpoint.host}")
        return host.addresses

    async def _refresh(self, host: _Host, endpoint: Endpoint) -> None:
        """Ask for the addresses of a name; what was known stays when nobody answers."""
        try:
            own = tuple(f"udp://{server}" for server in endpoint.bootstrap)
            found, ttl = await self._ask(endpoint.host, own or self._servers, host.turn)
        except UpstreamError:
            found, ttl = (), 0
        finally:
            host.asking = None
        now = self._clock.monotonic()
        host.due = now + (_EARLY * min(max(ttl, _LEAST), _MOST) if found else _RETRY)
        if found:
            before = [one for one in host.addresses if one not in found]
            mixed = itertools.chain.from_iterable(itertools.zip_longest(found, before))
            host.addresses = tuple(one for one in mixed if one is not None)[:_MANY]

    async def _ask(self, name: str, servers: tuple[str, ...], turn: int) -> tuple[tuple[str, ...], int]:
        """Addresses of both families, and for how many seconds they hold. Raises UpstreamError."""
        if not servers:
            raise UpstreamUnreachable("no bootstrap server is configured")
        first = turn % len(servers)
        pool = self._pool((*servers[first:], *servers[:first]))
        wire = from_text(name)
        answers = await asyncio.gather(
            *(pool.ask(Question(wire, type), do=False, cd=False) for type in _TYPES), return_exceptions=True
        )
        records = [rrset for one in answers if isinstance(one, Answer) for rrset in one.reply.answer]
        found = [rrset for rrset in records if rrset.type in _TYPES]
        if not found and (error := next((one for one in answers if isinstance(one, UpstreamError)), None)):
            raise error
        addresses = dict.fromkeys(str(ipaddress.ip_address(rdata)) for rrset in found for rdata in rrset.rdatas)
        return tuple(addresses), min((rrset.ttl for rrset in records), default=0)

    def _pool(self, urls: tuple[str, ...]) -> Pool:
        if urls not in self._pools:
            for url in urls:
                if url not in self._upstreams:
                    self._upstreams[url] = Upstream(url, self._reach.to(read(url)), self._clock)
            upstreams = [self._upstreams[url] for url in urls]
            self._pools[urls] = Pool(upstreams, self._loop, self._random_id, strategy="ordered")
        return self._pools[urls]

    def close(self) -> None:
        """Ask nobody any more."""
        for pool in self._pools.values():
            pool.close()


def _url(address: str) -> str:
    return f"udp://[{address}]" if ":" in address else f"udp://{address}"
