"""Who is asked for what: domains and groups with upstreams of their own, caches apart, and what a change leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import dns.rcode

from resolver.errors import UpstreamUnreachable
from resolver.journal.frames import Ask
from resolver.model import EdeCode, Transport
from resolver.pipeline.forwarder import Forwarder
from resolver.policy.bundle import Bundle
from resolver.policy.document import DeviceEntry, ForwardEntry, GroupEntry
from resolver.policy.truth import Truth
from resolver.upstream import transport
from resolver.upstream.endpoint import Endpoint
from tests.pipeline.house import ME
from tests.scenarios.virtual import VirtualClock, VirtualLoop
from tests.support import MemoryUpstream, bundle, errors, query, read, run_virtual, texts

ALL, ROUTER, KIDS = "udp://192.0.2.53", "udp://192.0.2.1", "udp://192.0.2.99"
KID = "198.51.100.7"
GROUPS = (GroupEntry("default"), GroupEntry("kids", (f"{KID}/32",), upstreams=(KIDS,)))


class Town:
    """A forwarder and one upstream for each address."""

    def __init__(self, loop: VirtualLoop, bundle: Bundle) -> None:
        self.upstreams = {
            ALL: MemoryUpstream("www.example. 60 A 203.0.113.1\na.lan. 60 A 203.0.113.66"),
            ROUTER: MemoryUpstream("a.lan. 60 A 10.0.0.9\n9.0.0.10.in-addr.arpa. 60 PTR a.lan."),
            KIDS: MemoryUpstream("www.example. 60 A 203.0.113.99"),
        }
        self.clock = VirtualClock(loop)
        self.forwarder = Forwarder(bundle, self.clock, self, "feed")

    def to(self, endpoint: Endpoint, *, dated: bool = True) -> Sequence[transport.Transport]:
        return (self.upstreams[endpoint.url],) * 2 if dated else ()

    async def ask(self, name: str, type: str = "A", client: str = ME) -> Any:
        answer = self.forwarder.answering.answer(query(name, type), client, Transport.UDP)
        data = answer if answer is None or isinstance(answer, bytes) else await answer
        assert data is not None
        return read(data)

    async def address(self, name: str, client: str = ME) -> str:
        (line,) = texts((await self.ask(name, client=client)).answer)
        return line.split()[-1]

    async def tend(self) -> None:
        hits = self.forwarder.journal.hits
        await self.forwarder.journal.roll(0)
        await self.forwarder.tend(hits)

    def asked(self, url: str) -> list[str]:
        return self.upstreams[url].asked


def in_town(main: Callable[[Town], Coroutine[Any, Any, None]], **fields: Any) -> None:
    async def run(loop: VirtualLoop) -> None:
        town = Town(loop, policy(**fields))
        await main(town)
        town.forwarder.close()

    run_virtual(run)


def policy(**fields: Any) -> Bundle:
    forward = (ForwardEntry("lan", (ROUTER,)), ForwardEntry("10.in-addr.arpa", (ROUTER,)))
    truth = Truth(local=frozenset({"lan", "10.in-addr.arpa"}))
    usual: dict[str, Any] = {"upstreams": (ALL,), "forward": forward, "groups": GROUPS, "truth": truth}
    return bundle(**usual | fields)


def test_a_domain_is_asked_of_those_who_know_it_and_of_nobody_else() -> None:
    async def main(town: Town) -> None:
        assert await town.address("a.lan") == "10.0.0.9"
        assert await town.address("a.lan", KID) == "10.0.0.9"
        assert (await town.ask("none.lan")).rcode() == dns.rcode.NXDOMAIN
        assert texts((await town.ask("9.0.0.10.in-addr.arpa", "PTR")).answer)
        assert await town.address("www.example") == "203.0.113.1"
        assert town.asked(ALL) == ["www.example. A"]
        assert len(town.asked(ROUTER)) == 3  # one of all for a.lan
        assert town.asked(KIDS) == []

    in_town(main)


def test_a_group_hears_what_its_own_upstreams_say_from_its_own_cache() -> None:
    async def main(town: Town) -> None:
        for _ in range(2):
            assert await town.address("www.example") == "203.0.113.1"
            assert await town.address("www.example", KID) == "203.0.113.99"
            town.forwarder.take(policy())  # finished answers go, truth stays
        assert (len(town.asked(ALL)), len(town.asked(KIDS))) == (1, 1)

    in_town(main)


def test_what_one_source_fails_at_others_do_not() -> None:
    async def main(town: Town) -> None:
        town.upstreams[KIDS].result = lambda _: UpstreamUnreachable("Connection refused")
        reply = await town.ask("www.example", client=KID)
        assert errors(reply) == [(EdeCode.NETWORK_ERROR, f"{KIDS}: Connection refused")]
        assert await town.address("www.example") == "203.0.113.1"
        assert errors(await town.ask("www.example", client=KID))[-1] == (EdeCode.CACHED, "")

    in_town(main)


def test_flushing_forgets_every_cache() -> None:
    async def main(town: Town) -> None:
        for client in (ME, KID):
            await town.address("www.example", client)
        town.forwarder.flush()
        for client in (ME, KID):
            await town.address("www.example", client)
        assert (len(town.asked(ALL)), len(town.asked(KIDS))) == (2, 2)

    in_town(main)


def test_a_domain_that_is_given_to_others_is_asked_anew() -> None:
    async def main(town: Town) -> None:
        assert await town.address("a.lan") == "203.0.113.66"
        town.forwarder.take(policy())
        assert await town.address("a.lan") == "10.0.0.9"
        town.forwarder.take(policy(forward=()))
        assert await town.address("a.lan") == "203.0.113.66"

    in_town(main, forward=())


def test_an_alias_does_not_tell_what_others_know_better() -> None:
    async def main(town: Town) -> None:
        soa = "SOA ns. admin. 1 3600 600 86400 3600"
        aliases = "evil.example. 60 CNAME a.lan.\nbad.example. 60 CNAME b.lan."
        town.upstreams[ALL].load(f"{aliases}\na.lan. 60 A 203.0.113.66\nwww.example. 60 A 203.0.113.1\n. 3600 {soa}")
        mine = "a.lan. 60 A 10.0.0.9\nb.lan. 60 A 10.0.0.8"
        town.upstreams[ROUTER].load(f"{mine}\nout.lan. 60 CNAME www.example.\nwww.example. 60 A 10.0.0.7")
        for name in ("evil.example", "bad.example", "out.lan"):
            await town.ask(name)
        assert await town.address("a.lan") == "10.0.0.9"
        assert await town.address("b.lan") == "10.0.0.8"
        assert await town.address("www.example") == "203.0.113.1"

    in_town(main)


def test_room_is_shared_and_upstreams_are_known_once() -> None:
    async def main(town: Town) -> None:
        sources = town.forwarder.sources
        caches = [town.forwarder.rrsets, *(one.rrsets for one in (*sources.zones.values(), *sources.groups.values()))]
        assert len(set(map(id, caches))) == 3  # both domains are of the same upstreams
        assert {cache._entries.capacity for cache in caches} == {(Truth().size << 20) // 3}
        town.forwarder.take(policy(groups=(GroupEntry("default"), GroupEntry("kids", (), upstreams=(ALL,)))))
        source = town.forwarder.sources.groups["kids"]
        assert source.pool.upstreams[0] is town.forwarder.pool.upstreams[0]
        assert [(one.url, one.purpose) for one in town.forwarder.upstreams()] == [(ALL, ""), (ROUTER, "names of lan")]

    in_town(main)


def test_what_is_popular_is_asked_ahead_of_its_own_source_and_warming_is_for_all() -> None:
    async def main(town: Town) -> None:
        for _ in range(4):
            for name, client in (("www.example", ME), ("www.example", KID), ("a.lan", ME)):
                await town.ask(name, client=client)
        await town.tend()
        await asyncio.sleep(58)
        for name, client in (("www.example", ME), ("www.example", KID), ("a.lan", ME)):
            for _ in range(4):
                await town.ask(name, client=client)
        await town.tend()
        await asyncio.sleep(0.1)
        assert [len(town.asked(url)) for url in (ALL, KIDS, ROUTER)] == [2, 2, 2]
        town.forwarder.flush()
        await town.forwarder.warm([("a.lan", 1), ("www.example", 1), ("not..a.name", 1)])
        await asyncio.sleep(0.1)
        assert [len(town.asked(url)) for url in (ALL, KIDS, ROUTER)] == [3, 2, 2]

    in_town(main, truth=Truth(prefetch=100, local=frozenset({"lan"})))


def test_the_fallback_answers_for_those_who_say_nothing() -> None:
    async def main(town: Town) -> None:
        town.upstreams[ALL].result = lambda _: None
        assert await town.address("www.example") == "203.0.113.99"
        assert [(one.url, one.purpose) for one in town.forwarder.upstreams()][1] == (KIDS, "fallback")

    in_town(main, fallback=(KIDS,), groups=(GroupEntry("default"),))


def test_what_is_told_of_a_question_is_what_its_own_source_knows() -> None:
    async def main(town: Town) -> None:
        for client in (ME, KID):
            await town.ask("www.example", client=client)
            await asyncio.sleep(10)
        await town.ask("a.lan")
        asked = [("www.example", ""), ("www.example", ME), ("www.example", KID), ("a.lan", KID), ("b.lan", "")]
        told = [town.forwarder.tell(Ask(1, name, 1, client)).known for name, client in asked]
        assert [None if one is None else (one.age, one.left) for one in told] == [
            (20, 40),
            (20, 40),
            (10, 50),
            (0, 60),
            None,
        ]

    in_town(main)


def test_a_device_asks_those_of_its_group_wherever_it_is() -> None:
    tablet = DeviceEntry("tablet", found=((ME, "MAC 02:00:5e:10:00:01"),), mac="02:00:5e:10:00:01", group="kids")

    async def main(town: Town) -> None:
        assert await town.address("www.example") == "203.0.113.99"
        assert await town.address("a.lan") == "10.0.0.9"
        town.forwarder.take(policy())
        assert await town.address("www.example") == "203.0.113.1"

    in_town(main, devices=(tablet,))


def test_sources_outlive_a_clock_that_is_set() -> None:
    async def main(town: Town) -> None:
        await town.address("www.example", KID)
        town.clock.step(365 * 86_400)
        town.forwarder.keep_time()
        await town.tend()
        assert await town.address("www.example", KID) == "203.0.113.99"
        assert len(town.asked(KIDS)) == 1

    in_town(main)
