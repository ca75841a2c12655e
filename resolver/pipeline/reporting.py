"""How a worker is doing, as it tells control every second."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from resolver.journal.frames import Health
from resolver.model import UpstreamHealth
from resolver.pipeline.forwarder import Forwarder
from resolver.upstream.endpoint import read

_NAMED = 5  # clients that are held back, of whom control is told


def health(
    forwarder: Forwarder, waiting: int, dropped: int, hosts: Mapping[str, tuple[str, ...]], trouble: str
) -> Health:
    """To be made when a batch was rolled. `waiting` queries are under way, `dropped` answers could not be sent; `hosts`
    is where upstreams were found that are given by name, `trouble` what is wrong beside the upstreams."""
    journal = forwarder.journal
    return Health(
        generation=forwarder.bundle.generation,
        answered=journal.answered,
        waiting=waiting,
        refused_busy=dropped,
        rrsets=len(forwarder.rrsets),
        packets=sum(map(len, forwarder.peers.maps())),
        journal_waiting=journal.waiting_rows,
        journal_dropped=journal.dropped,
        upstreams=[_placed(one, hosts) for one in forwarder.upstreams()],
        trouble=trouble or forwarder.trouble,
        hosts=dict(hosts),
        answers=forwarder.answers(),
        truth=forwarder.truth(),
        limited=forwarder.rates.refused,
        wild=sorted(forwarder.rates.wild)[:_NAMED],
    )


def _placed(one: UpstreamHealth, hosts: Mapping[str, tuple[str, ...]]) -> UpstreamHealth:
    """With where it was found."""
    at = hosts.get(read(one.url).host, ()) if hosts else ()
    return replace(one, at=at) if at else one
