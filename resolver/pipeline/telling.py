"""What a worker knows of a question, for `why`: cached truth, the finished answer, open windows. It changes nothing."""

from __future__ import annotations

import math

from resolver.errors import DomainError
from resolver.journal.frames import Ask, Known, Told
from resolver.model import Client, Clock, Question
from resolver.pipeline.identify import Peer, Peers
from resolver.pipeline.stage import Parts
from resolver.wire.name import from_text, to_text
from resolver.wire.query import usual_keys


def tell(ask: Ask, parts: Parts, peers: Peers) -> Told:
    """The reply to Ask; it says nothing about what is no name, or for whom has no address."""
    try:
        question = Question(from_text(ask.name), ask.type)
        peer = peers[ask.client] if ask.client else None
    except (DomainError, ValueError):
        return Told(ask.number)
    known = _known(question, parts, peer.client.group if peer else "")
    if peer is None:
        return Told(ask.number, known)
    return Told(ask.number, known, _finished(question, peer, parts.clock), _windows(peer.client, parts))


def _windows(client: Client, parts: Parts) -> dict[str, float]:
    """The windows of rules that are in force; with its rule a window ends."""
    now, found = parts.clock.time(), parts.visits.of(client.key)
    ends = {site.key: math.inf if site.until is None else site.until for site in parts.bundle().document.sites}
    return {key: min(until, ends[key]) for key, until in found.items() if ends.get(key, 0.0) > now}


def _known(question: Question, parts: Parts, group: str) -> Known | None:
    source = parts.sources.find(question.name, group)
    found = (parts if source is None else source).rrsets.peek(question)
    if found is None:
        return None
    return Known(found.rcode, round(found.age, 3), round(found.left, 3), list(map(to_text, found.chain)))


def _finished(question: Question, peer: Peer, clock: Clock) -> float | None:
    """For how many seconds the finished answer for a client may still be given, in whichever usual way it asks."""
    now, packets = clock.monotonic(), peer.packets
    found = [packets.get(key) for key in usual_keys(question)]
    ends = [packet.expires for packet in found if packet is not None]
    left = max(ends, default=now) - now
    return round(left, 3) if left > 0 else None
