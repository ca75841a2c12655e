"""UDP over real sockets: misses and hits, every address, floods and garbage."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct

import dns.rcode
import pytest

from resolver.listen.drain import DRAIN
from resolver.listen.turns import OF_ONE
from resolver.model import Transport
from resolver.pipeline import record
from resolver.policy.document import Limits
from tests.listen.service import URL, Service, serving
from tests.support import ID, StillClock, bundle, errors, query, read, texts

WWW = ["www.example. 300 IN A 192.0.2.1"]


async def answered(service: Service) -> int:
    await service.forwarder.journal.roll(0)
    return service.forwarder.journal.answered


@pytest.mark.parametrize(
    ("listen", "ask"),
    [("127.0.0.1", ""), ("::1", ""), ("0.0.0.0", "127.0.0.1"), ("0.0.0.0", "127.0.0.2"), ("::", "::1")],
)
def test_misses_and_hits_come_from_the_address_that_was_asked(listen: str, ask: str) -> None:
    """The client's socket is connected: it hears nothing that comes from elsewhere."""

    async def main() -> None:
        async with serving(listen) as service:
            with service.client(ask) as client:
                for id in (1, 2, 3):
                    reply = read(await client.exchange(query("www.example", id=id)))
                    assert (reply.id, texts(reply.answer)) == (id, WWW)
            assert len(service.upstream.asked) == 1
            assert await answered(service) == 3

    asyncio.run(main())


@pytest.mark.parametrize("listen", ["127.0.0.1", "0.0.0.0"])
def test_a_burst_is_answered_whole(listen: str) -> None:
    async def main() -> None:
        async with serving(listen) as service:
            with service.client("127.0.0.1") as client:
                await client.exchange(query("www.example"))
                for id in range(4 * DRAIN):
                    client.send(query("www.example", id=id))
                ids = {read(await client.receive()).id for _ in range(4 * DRAIN)}
            assert ids == set(range(4 * DRAIN))
            assert len(service.upstream.asked) == 1
            assert await answered(service) == 4 * DRAIN + 1

    asyncio.run(main())


@pytest.mark.parametrize("listen", ["127.0.0.1", "0.0.0.0"])
def test_garbage_stops_nobody(listen: str) -> None:
    async def main() -> None:
        async with serving(listen) as service:
            with service.client("127.0.0.1") as client:
                good = query("www.example")
                await client.exchange(good)
                garbage = [b"", b"x", bytes(11), good[:2] + b"\x81" + good[3:]]
                for data in garbage * 30:
                    client.send(data)
                client.send(query("www.example", id=77))
                assert read(await client.receive()).id == 77  # and nothing came before it
                client.send(good + b"x")
                assert read(await client.receive()).rcode() == dns.rcode.FORMERR
                client.send(good + bytes(20_000))
                assert read(await client.receive()).rcode() == dns.rcode.FORMERR

    asyncio.run(main())


@pytest.mark.parametrize("listen", ["127.0.0.1", "0.0.0.0"])
def test_what_has_expired_is_asked_again(listen: str) -> None:
    async def main() -> None:
        clock = StillClock()
        async with serving(listen, clock=clock) as service:
            with service.client("127.0.0.1") as client:
                for passed, ttl, asked in ((0, 300, 1), (100, 200, 1), (199.5, 1, 1), (1, 300, 2)):
                    clock.advance(passed)
                    reply = read(await client.exchange(query("www.example")))
                    assert reply.answer[0].ttl in {ttl, ttl - 1}
                    assert len(service.upstream.asked) == asked

    asyncio.run(main())


def test_hits_are_answered_while_misses_wait() -> None:
    async def main() -> None:
        async with serving() as service:
            with service.client() as client:
                await client.exchange(query("www.example"))
                service.upstream.delay = 0.2
                client.send(query("slow.example", id=1))
                client.send(query("www.example", id=2))
                assert [read(await client.receive()).id for _ in range(2)] == [2, 1]

    asyncio.run(main())


def test_stopped_it_reads_no_more_and_still_answers_what_it_has_read() -> None:
    async def main() -> None:
        async with serving() as service:
            service.upstream.delay = 0.1
            with service.client() as client:
                client.send(query("slow.example", id=1))
                while not service.udp.waiting:
                    await asyncio.sleep(0.001)
                assert not service.udp.idle.is_set()
                service.udp.stop()
                client.send(query("www.example", id=2))
                async with asyncio.timeout(2):
                    await service.udp.idle.wait()
                assert read(await client.receive()).id == 1
                with pytest.raises(TimeoutError):
                    await client.receive(0.05)

    asyncio.run(main())


def test_a_bundle_taken_between_two_datagrams() -> None:
    async def main() -> None:
        async with serving() as service:
            with service.client() as client:
                assert texts(read(await client.exchange(query("www.example"))).answer) == WWW
                service.forwarder.take(bundle({"ads": "||www.example^"}))
                blocked = read(await client.exchange(query("www.example")))
                assert texts(blocked.answer) == ["www.example. 10 IN A 0.0.0.0"]

    asyncio.run(main())


def _from_port_zero(port: int, data: bytes) -> None:
    """Only a forged packet has source port 0."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as sock:
        sock.sendto(struct.pack("!4H", 0, port, 8 + len(data), 0) + data, ("127.0.0.1", 0))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can forge packets")
@pytest.mark.parametrize("listen", ["127.0.0.1", "0.0.0.0"])
def test_source_port_zero_is_dropped(listen: str) -> None:
    async def main() -> None:
        async with serving(listen) as service:
            with service.client("127.0.0.1") as client:
                for expected in (1, 2):  # before and after the answer is known
                    _from_port_zero(service.port, query("www.example"))
                    await client.exchange(query("www.example"))
                    await asyncio.sleep(0.01)
                    assert await answered(service) == expected

    asyncio.run(main())


def test_an_answer_that_cannot_be_sent_is_counted() -> None:
    async def main() -> None:
        async with serving() as service:
            service.udp.miss(query("localhost", rd=False), ("255.255.255.255", 53), None)  # refused without a task
            assert service.udp.dropped == 1

    asyncio.run(main())


def test_what_it_says_of_a_query_is_what_answering_says() -> None:
    async def main() -> None:
        async with serving() as service:
            with service.client() as client:
                over_udp = await client.exchange(query("localhost"))
            answer = service.forwarder.answering.answer(query("localhost"), "127.0.0.1", Transport.UDP)
            assert answer == over_udp
            assert over_udp[:2] == ID.to_bytes(2, "big")

    asyncio.run(main())


def test_a_client_that_asks_too_much_is_refused_and_others_are_not() -> None:
    async def main() -> None:
        policy = bundle(upstreams=(URL,), limits=Limits(client=20, slip=4))
        async with serving("0.0.0.0", policy) as service:
            forwarder = service.forwarder
            with service.client("127.0.0.1") as wild:
                for _ in range(3):
                    for id in range(400):
                        wild.send(query("www.example", id=id))
                        if id % 50 == 0:
                            await asyncio.sleep(0.002)
                    await asyncio.sleep(0.05)
                    hits = forwarder.journal.hits
                    await forwarder.journal.roll(0)
                    await forwarder.tend(hits)
                assert forwarder.rates.wild == {"127.0.0.1"}
                with contextlib.suppress(TimeoutError):
                    while await wild.receive(0.05):
                        pass
                replies = [await wild.exchange(query("www.example", id=id)) for id in range(40)]
                assert [reply[3] & 15 for reply in replies] == [0] * 20 + [5, 5, 5, 0] * 5
                assert [reply[2] & 2 for reply in replies] == [0] * 20 + [0, 0, 0, 2] * 5
                assert errors(read(replies[-2])) == [(18, "more than 20 queries a second (limits.client)")]
                again = query("www.example", id=39)
                assert len(replies[-1]) == len(again)
                assert not read(replies[-1]).answer
                async with service.connection("127.0.0.1") as stream:  # there it is whoever it says it is
                    stream.send(again)
                    assert read(await stream.receive()).answer
                with pytest.raises(TimeoutError):
                    wild.send(query("www.example"))
                    await wild.receive(0.1)
                for _ in range(5):
                    hits = forwarder.journal.hits
                    await forwarder.journal.roll(0)
                    await forwarder.tend(hits)
                assert not forwarder.rates.wild
                assert [(await wild.exchange(query("www.example")))[3] & 15 for _ in range(30)] == [0] * 30

    asyncio.run(main())


@pytest.mark.parametrize("listen", ["127.0.0.1", "0.0.0.0"])
def test_a_burst_of_new_names_is_answered_whole(listen: str) -> None:
    """As when a browser opens a page that has very many."""

    async def main() -> None:
        async with serving(listen) as service:
            with service.client("127.0.0.1") as client:
                for id in range(OF_ONE // 2):
                    client.send(query(f"x{id}.example", id=id))
                ids = {read(await client.receive()).id for _ in range(OF_ONE // 2)}
            assert ids == set(range(OF_ONE // 2))
            assert service.udp.idle.is_set()

    asyncio.run(main())


def test_a_mistake_in_one_answer_costs_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those that are answered at once, and of those that wait for their turn."""

    async def main() -> None:
        async with serving("127.0.0.1") as service:
            answer = service.forwarder.answering.answer

            def mistaken(data: bytes, address: str, transport: Transport) -> object:
                assert data[0]
                return answer(data, address, transport)

            monkeypatch.setattr(service.forwarder.answering, "answer", mistaken)
            with service.client("127.0.0.1") as client:
                for id in range(2 * DRAIN):
                    client.send(query(f"x{id}.example", id=id + id % 2 * 256))
                ids = {read(await client.receive()).id % 256 for _ in range(DRAIN)}
            assert ids == set(range(1, 2 * DRAIN, 2))
            assert service.udp.idle.is_set()

    asyncio.run(main())


def test_what_is_known_does_not_wait_for_a_flood() -> None:
    async def main() -> None:
        async with serving("127.0.0.1") as service:
            with service.client("127.0.0.1") as client, service.client("127.0.0.1") as flood:
                await client.exchange(query("www.example"))
                for id in range(4 * DRAIN):
                    flood.send(query(f"x{id}.example", id=id))
                client.send(query("www.example", id=7))
                assert read(await client.receive()).id == 7
                asked = len(service.upstream.asked)
                assert asked < 2 * DRAIN, "most of the flood is still waiting"
                ids = {read(await flood.receive()).id for _ in range(4 * DRAIN)}
            assert ids == set(range(4 * DRAIN))

    asyncio.run(main())


def test_an_answer_that_a_mistake_loses_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object) -> None:
        raise KeyError("a mistake")

    async def main() -> None:
        async with serving("127.0.0.1") as service:
            with service.client("127.0.0.1") as client:
                monkeypatch.setattr(record, "exchange", stumble)
                client.send(query("www.example"))
                while not service.upstream.asked:
                    await asyncio.sleep(0.01)
                await asyncio.wait_for(service.udp.idle.wait(), 2)
                assert service.udp.waiting == 0

    asyncio.run(main())
