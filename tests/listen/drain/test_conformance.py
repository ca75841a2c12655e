"""The hot path in force, and another that is obviously right, do what the seam asks; what does not is found out."""

from __future__ import annotations

import asyncio
import pathlib
from typing import Any

import dns.exception
import pytest

from resolver.cache.packets import Packet, Packets
from resolver.journal.journal import Hits
from resolver.listen import draining
from resolver.listen.drain import Ancillary, Fast
from resolver.listen.draining import PYTHON
from resolver.pipeline.identify import Peer
from tests.listen.drain.conformance import CHECKS, Check
from tests.listen.drain.naive import NAIVE, NaiveDrain, NaiveTable


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("fast", [PYTHON, NAIVE], ids=["python", "naive"])
def test_it_does_what_is_asked(fast: Fast, check: Check) -> None:
    asyncio.run(check(fast))


class NotAged(NaiveDrain):
    def reply(self, data: bytes, packet: Packet) -> bytes:
        return data[:2] + packet.body


class AgedTwice(NaiveDrain):
    def reply(self, data: bytes, packet: Packet) -> bytes:
        packet.age(int(self.clock.monotonic()))
        packet.second -= int(self.clock.monotonic()) - 1000
        return super().reply(data, packet)


class Expired(NaiveDrain):
    def find(self, peer: Peer, data: bytes) -> Packet | None:
        return peer.packets.get(data[2:])


class SameId(NaiveDrain):
    def reply(self, data: bytes, packet: Packet) -> bytes:
        return b"\0\0" + super().reply(data, packet)[2:]


class HeldNoMore(NaiveDrain):
    """Does not see who is held back."""

    def find(self, peer: Peer, data: bytes) -> Packet | None:
        packet = peer.held.get(data[2:])
        return packet if packet is not None and packet.expires > self.clock.monotonic() else None


class FirstPeers(NaiveDrain):
    """Keeps the table of the first bundle."""

    def who(self, source: Any) -> Peer:
        self.first = getattr(self, "first", None) or self.peers()
        return self.first[source[0]]


class OnePolicy(NaiveDrain):
    def who(self, source: Any) -> Peer:
        return self.peers()["127.0.0.1"]


class Lost(NaiveDrain):
    """Loses what is counted while the journal takes the rest."""

    def pour(self, hits: Hits) -> None:
        super().pour(hits)
        self.one = self._uncounted  # type: ignore[method-assign]

    def _uncounted(self, data: bytes, source: Any, ancillary: Ancillary | None) -> None:
        NaiveDrain.one(self, data, source, ancillary)
        self.given.clear()
        del self.one


class Twice(NaiveDrain):
    def pour(self, hits: Hits) -> None:
        given = self.given
        super().pour(hits)
        self.given = given[-1:]


class Greedy(NaiveDrain):
    most = 1_000_000


class Elsewhere(NaiveDrain):
    """Answers from whichever address the kernel picks."""

    def send(self, answer: bytes, source: Any, ancillary: Ancillary | None) -> None:
        super().send(answer, source, None)


class Deaf(NaiveDrain):
    """Ends at the first error."""

    def send(self, answer: bytes, source: Any, ancillary: Ancillary | None) -> None:
        before = self.dropped
        super().send(answer, source, ancillary)
        if self.dropped > before:
            self.stop()


class Reads(NaiveDrain):
    def stop(self) -> None:
        self.loop.call_later(0.002, self.wake)
        super().stop()


class Endless(NaiveTable):
    """Forgets its capacity."""

    def put(self, key: bytes, value: Packet, /) -> None:
        self.capacity = 1 << 40
        super().put(key, value)


class Silent(Packets):
    """Does not say what had to go."""

    def put(self, key: bytes, value: Packet, /) -> None:
        super().put(key, value)
        self.evicted = 0


DRAINS = (
    NotAged,
    AgedTwice,
    Expired,
    SameId,
    HeldNoMore,
    FirstPeers,
    OnePolicy,
    Lost,
    Twice,
    Greedy,
    Elsewhere,
    Deaf,
    Reads,
)
MUTANTS = [Fast(drain, NaiveTable) for drain in DRAINS] + [Fast(NaiveDrain, table) for table in (Endless, Silent)]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.drain.__name__}-{mutant.table.__name__}")
def test_a_mistake_is_found(mutant: Fast) -> None:
    assert any(_fails(check, mutant) for check in CHECKS)


SOURCE = pathlib.Path(draining.__file__).read_text("utf-8")
SLIPS = (
    ("packet.age(second)", "pass"),
    ("packet.second != second", "packet.second < second - 1"),
    ("packet is None or packet.expires <= now", "packet is None"),
    ("packet.expires <= now", "packet.expires < now"),
    ("hits[peer][packet] += 1", "hits[peer][packet] = 1"),
    ("hits[peer][packet] += 1", "hits[peer][packet] += 2"),
    ("data[at : at + 2] + body", "body[:2] + body"),
    ("out_sizes[n + n + 1] = length", "out_sizes[n + n + 1] = length - 1"),
    ("names[name + 2 : name + 4] == _PORT_ZERO", "False"),
    ("waiting = n + 1", "waiting = n"),
    ("self.dropped += batch.send(waiting, n)", "pass"),
    ("self.dropped += batch.send(waiting, len(sizes))", "pass"),
    ("batch.whole(n, size)", "batch.whole(n, 10)"),
    ("peers[text]", 'peers["127.0.0.1"]'),
    ("peer.packets.get", "peer.held.get"),
    ("if self._wildcard else 0", "* 0"),
    ("OSError:\n            self.dropped += 1  # the", "KeyError:\n            self.dropped += 1  # the"),
    ("self._misses.begin()", "pass"),
    ("self._loop.remove_reader(self._sock.fileno())", "pass"),
)


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip[0])
def test_a_slip_in_the_one_in_force_is_found(slip: tuple[str, str]) -> None:
    assert slip[0] in SOURCE
    changed: dict[str, Any] = {"__name__": "changed"}
    exec(compile(SOURCE.replace(*slip), "changed", "exec"), changed)
    assert any(_fails(check, changed["PYTHON"]) for check in CHECKS)


def _fails(check: Check, fast: Fast) -> bool:
    try:
        asyncio.run(check(fast))
    except (AssertionError, TimeoutError, OSError, dns.exception.DNSException):
        return True
    return False
