"""The addresses of upstreams that are given by name: asked of bootstrap servers, kept, and asked again in good time.

What was known once is used without waiting, however old it is: who an upstream is, its certificate shows. So Lull
starts although no bootstrap server answers, once control has written down where everybody was (`Document.hosts`). A
bootstrap server that lies can keep nobody away for long either: addresses of before are tried beside those it gives,
those of which nothing came behind the others, and then another server is asked first.
"""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import logging
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.model import Clock, Question, RRset, Type
from resolver.upstream.attempt import Answer
from resolver.upstream.carriers import Reach
from resolver.upstream.endpoint import Endpoint, read
from resolver.upstream.line import Spawn
from resolver.upstream.pool import Pool
from resolver.upstream.upstream import Upstream
from resolver.wire.name import from_text

log = logging.getLogger(__name__)

_LEAST, _MOST = 60, 86_400  # seconds for which addresses are kept, whatever their TTL
_EARLY = 0.9  # of that time, after which they are asked for again
_RETRY = 30.0  # seconds until servers that failed are asked for the same name again
_MANY = 6  # addresses that are tried
_OTHER = 0.5  # seconds that the addresses of one family are waited for when those of the other are there
_TYPES = (int(Type.A), int(Type.AAAA))


class _Host:
    """What is known of one name: its addresses, best first; from when on (monotonic time) they are to be asked for."""

    def __init__(self, addresses: tuple[str, ...] = ()) -> None:
        self.addresses = addresses
        self.due = -math.inf
        self.turn = 0  # which server is asked first
        self.asking: asyncio.Task[None] | None = None
        self._failed: Counter[str] = Counter()

    def find(self, found: Sequence[str]) -> None:
        """These are its addresses now; some of before are kept beside them."""
        before = [one for one in self.addresses if one not in found]
        mixed = itertools.chain.from_iterable(itertools.zip_longest(found, before))
        kept = [one for one in mixed if one is not None][:_MANY]
        self._failed = Counter({one: self._failed[one] for one in kept})
        self._arrange(kept)

    def fails(self, address: str) -> None:
        """Nothing came of an address."""
        self._failed[address] += 1
        self._arrange(self.addresses)

    def _arrange(self, addresses: Sequence[str]) -> None:
        self.addresses = tuple(sorted(addresses, key=self._failed.__getitem__))


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
        known = self.known(endpoint)
        if known:
            return known
        host = self._hosts[endpoint.host]
        if host.asking is not None:
            await asyncio.shield(host.asking)
        if not host.addresses:
            raise UpstreamUnreachable(f"nobody who was asked knows the address of {endpoint.host}")
        return host.addresses

    def known(self, endpoint: Endpoint) -> Sequence[str]:
        """The same, as far as nobody need be waited for; asks for them when it is time to."""
        if endpoint.addressed:
            return (endpoint.host,)
        host = self._hosts.get(endpoint.host)
        if host is None:
            host = self._hosts[endpoint.host] = _Host()
        if host.asking is None and self._clock.monotonic() >= host.due:
            host.asking = self._spawn(self._refresh(host, endpoint))
        return host.addresses

    def fails(self, endpoint: Endpoint, address: str) -> None:
        """Nothing comes of an address: the others are tried first, and another server is asked for them."""
        host = self._hosts.get(endpoint.host)
        if host is not None and address in host.addresses:
            host.fails(address)
            host.turn += 1
            host.due = -math.inf

    async def _refresh(self, host: _Host, endpoint: Endpoint) -> None:
        """Ask for the addresses of a name; what was known stays when nobody answers."""
        try:
            own = tuple(f"udp://{server}" for server in endpoint.bootstrap)
            found, ttl = await self._ask(endpoint.host, own or self._servers, host.turn)
        except UpstreamError:
            found, ttl = (), 0
        except Exception:
            log.exception("asking for the address of %s", endpoint.host)  # a mistake of ours, which ends nothing else
            found, ttl = (), 0
        finally:
            host.asking = None
        now = self._clock.monotonic()
        host.due = now + (_EARLY * min(max(ttl, _LEAST), _MOST) if found else _RETRY)
        if found:
            host.find(found)

    async def _ask(self, name: str, servers: tuple[str, ...], turn: int) -> tuple[tuple[str, ...], int]:
        """Addresses of both families, and for how many seconds they hold. Raises UpstreamError."""
        if not servers:
            raise UpstreamUnreachable("no bootstrap server is configured")
        first = turn % len(servers)
        pool = self._pool((*servers[first:], *servers[:first]))
        wire = from_text(name)
        asked = [pool.ask(Question(wire, type), do=False, cd=False) for type in _TYPES]
        for one in asked:
            one.add_done_callback(_error)  # it is looked at, also if it comes later than anybody waits for it
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait(asked, timeout=_OTHER if _addresses(_records(asked)) else None)
        records = _records(asked)
        found = _addresses(records)
        if not found and (error := next(filter(None, map(_error, asked)), None)):
            raise error
        return found, min((rrset.ttl for rrset in records), default=0)

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


def _error(asked: asyncio.Future[Answer]) -> BaseException | None:
    return None if asked.cancelled() else asked.exception()


def _records(asked: Sequence[asyncio.Future[Answer]]) -> list[RRset]:
    """What has been answered by now."""
    answers = [one.result() for one in asked if one.done() and _error(one) is None]
    return [rrset for answer in answers for rrset in answer.reply.answer]


def _addresses(records: Sequence[RRset]) -> tuple[str, ...]:
    """Those at which somebody can be."""
    found = [ipaddress.ip_address(data) for rrset in records if rrset.type in _TYPES for data in rrset.rdatas]
    return tuple(dict.fromkeys(str(one) for one in found if not (one.is_unspecified or one.is_multicast)))


def _url(address: str) -> str:
    return f"udp://[{address}]" if ":" in address else f"udp://{address}"
