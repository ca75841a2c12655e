"""From a query's bytes to an answer's bytes: what the listeners call for everything the packet cache did not have."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from resolver.cache.packets import Packet
from resolver.cache.table import Table
from resolver.errors import WireError
from resolver.journal.journal import Journal
from resolver.model import Clock, Ede, EdeCode, Message, Pass, Query, Rcode, Response, Transport
from resolver.pipeline import Pipeline, record
from resolver.pipeline.identify import Peer, Peers
from resolver.pipeline.later import Later
from resolver.pipeline.proving import NO_PROOF, Proof, Proving
from resolver.pipeline.rates import Fate, Rates
from resolver.process import whereabouts
from resolver.wire import edns
from resolver.wire.name import to_text
from resolver.wire.query import decode
from resolver.wire.response import cut, encode, encode_fault, respell
from resolver.wire.subnet import attached

log = logging.getLogger(__name__)

_REPEATABLE = frozenset({int(Rcode.NOERROR), int(Rcode.NXDOMAIN), int(Rcode.REFUSED)})
_PASS = Pass()
MAX_TCP = 65_535


Answer = bytes | None
"""A reply, or None when none is sent."""


class Answering:
    """Decodes, identifies, runs the pipeline, records, encodes and fills the packet cache."""

    def __init__(
        self,
        pipeline: Pipeline,
        journal: Journal,
        clock: Clock,
        peers: Callable[[], Peers],
        rates: Rates,
        proving: Proving,
    ) -> None:
        self._pipeline = pipeline
        self._journal = journal
        self._clock = clock
        self._peers = peers
        self._rates = rates
        self._proving = proving

    def answer(self, data: bytes, address: str, transport: Transport) -> Answer | Later[Answer]:
        """The reply to a datagram or another transport's message; later, when an upstream has to be asked. `address`
        is as `Peers` are found by."""
        try:
            message = decode(data)
        except WireError:
            return None
        peers = self._peers()
        peer = peers[address]
        proof = self._proving.of(message.cookie, peer.client.address) if message.cookie else NO_PROOF
        if not isinstance(message, Message):
            told = transport != Transport.UDP or proof.proven or self._rates.errs(peer.place)
            self._journal.note(peer.client, record.fault(message), 0)
            return proof.seal(data[:2] + encode_fault(message)) if told else None
        if message.subnet and peers.subnets:
            message = replace(message, key=attached(message.key, message.subnet))
        known = peer.held.get(message.key)
        if known is not None and not (self._fresh(known) and _has_room(known, message, proof)):
            known = None
        if not peer.exempt:
            proven = proof.proven or transport != Transport.UDP
            fate = self._rates.count(peer.place, hit=known is not None, proven=proven)
            if fate is not Fate.ANSWERED:
                return self._too_many(data, message, peer, proof, fate)
        if known is not None:
            self._journal.hits[peer][known] += 1
            _alias(peer.held, data, message, known)
            return proof.seal(data[:2] + respell(known.body, message.spelled))
        return self._resolve(data, message, peer, transport, proof)

    def _too_many(self, data: bytes, message: Message, peer: Peer, proof: Proof, fate: Fate) -> Answer:
        """What a client gets that asks too much. It is recorded without names: they would be as many as it likes."""
        self._journal.note(peer.client, record.TOO_MANY, 0)
        if fate is Fate.SILENT:
            return None
        if fate is Fate.CUT:
            encoded = encode(message, Response(Rcode.NOERROR), edns.MINIMUM - proof.room)
            return proof.seal(data[:2] + respell(cut(encoded.body), message.spelled))
        rate = self._rates.limits.client
        ede = Ede(EdeCode.PROHIBITED, f"more than {rate} queries a second (limits.client)")
        encoded = encode(message, Response(Rcode.REFUSED, ede=(ede,)), edns.MINIMUM - proof.room)
        return proof.seal(data[:2] + respell(encoded.body, message.spelled))

    def _fresh(self, packet: Packet) -> bool:
        now = self._clock.monotonic()
        if now >= packet.expires:
            return False
        packet.age(int(now))
        return True

    def _resolve(
        self, data: bytes, message: Message, peer: Peer, transport: Transport, proof: Proof
    ) -> Answer | Later[Answer]:
        began = self._clock.monotonic()
        query = Query(message, to_text(message.question.name), peer.client, transport, _PASS)
        found: Response | Exception | Later[Response]
        try:
            query, found = self._pipeline.respond(query)
        except Exception as error:  # noqa: BLE001 - `_finish` tells of it
            found = error
        finish = partial(self._finish, data, query, peer, proof, began)
        if not isinstance(found, Later):
            return finish(found)
        answer: Later[Answer] = Later()

        def tell(response: Response | Exception) -> None:
            try:
                made: Answer | Exception = finish(response)
            except Exception as error:  # noqa: BLE001 - whoever waits logs it, and waits no more
                made = error
            answer.settle(made)

        found.then(tell)
        return answer

    def _finish(
        self, data: bytes, query: Query, peer: Peer, proof: Proof, began: float, response: Response | Exception
    ) -> Answer:
        """The reply, once the response is there. A bug in one answer must not cost the others, and the client learns
        that it was not the site."""
        message = query.message
        limit = edns.limit(message.payload)
        room = (limit if query.transport == Transport.UDP else MAX_TCP) - proof.room
        if isinstance(response, Exception):
            response = _mistaken(query, response)
        try:
            response = self._pipeline.revise(query, response)
            encoded = encode(message, response, room)
        except Exception as error:  # noqa: BLE001 - see above
            response = _mistaken(query, error)
            encoded = encode(message, response, room)
        exchange = record.exchange(query, response)
        now = self._clock.monotonic()
        self._journal.note(peer.client, exchange, int((now - began) * 1e6))
        if response.silent:
            return None
        # What is given again must be what any client with the same key gets, over UDP too.
        fits = encoded.whole and len(encoded.body) + 2 <= limit
        if fits and response.lifetime > 0 and response.rcode in _REPEATABLE:
            ttls = () if response.fixed else encoded.ttls
            packet = Packet(encoded.body, ttls, record.again(exchange), now, now + response.lifetime)
            peer.held.put(message.key, packet)
            _alias(peer.held, data, message, packet)
        return proof.seal(data[:2] + respell(encoded.body, message.spelled))


def _has_room(packet: Packet, message: Message, proof: Proof) -> bool:
    """Whether a finished answer leaves room for what this client is told of cookies."""
    return not proof.cookie or len(packet.body) + 2 + proof.room <= edns.limit(message.payload)


def _mistaken(query: Query, error: Exception) -> Response:
    """What is answered after a mistake of ours; what went wrong is logged, as far as names may be kept."""
    if query.client.privacy in {"full", "no-client"}:
        log.error("internal error while answering %s", query.name, exc_info=error)
    else:
        log.error("internal error: %s", whereabouts(error))
    return Response(Rcode.SERVFAIL, ede=(Ede(EdeCode.OTHER, "internal error"),))


def _alias(packets: Table, data: bytes, message: Message, packet: Packet) -> None:
    """Let the next datagram like this one be found without decoding, when it can come again.

    It can unless it holds EDNS options (such as cookies) or a random spelling.
    """
    raw = data[2:]
    if raw != message.key and len(raw) == len(message.key) and message.spelled[:-4] == message.question.name:
        packets.put(raw, packet)
