"""Testing an upstream, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import dns.message

from resolver.probes import testing
from resolver.probes.testing import Outcome
from resolver.process import SystemClock
from resolver.upstream.endpoint import read
from tests.probes.town import failing, name_server, zone
from tests.upstream.servers import closed_port, serving, silent


async def outcome(url: str, name: str = ".", patience: float = 2.0) -> Outcome:
    return await testing.test(read(url), name, SystemClock(), patience=patience)


def of(reply: Callable[[bytes], bytes], scheme: str = "udp", name: str = ".") -> tuple[Outcome, list[bytes]]:
    async def run() -> tuple[Outcome, list[bytes]]:
        async with name_server(reply) as (server, address):
            return await outcome(address.url(scheme), name), server.queries

    return asyncio.run(run())


def test_one_that_answers_is_asked_twice_for_the_root() -> None:
    for scheme in ("udp", "tcp"):
        found, queries = of(zone(". 60 SOA a.example. b.example. 1 2 3 4 5"), scheme)
        assert found.reason == ""
        assert 0 < found.ms < 1500
        assert 0 < found.first_ms < 1500
        asked = [dns.message.from_wire(query).question[0].to_text() for query in queries]
        assert asked == [". IN SOA", ". IN SOA"]


def test_one_for_a_domain_is_asked_for_that() -> None:
    found, queries = of(zone("lan. 60 SOA a.lan. b.lan. 1 2 3 4 5"), name="lan")
    assert found.reason == ""
    assert dns.message.from_wire(queries[0]).question[0].to_text() == "lan. IN SOA"


def test_one_that_fails_says_with_what() -> None:
    found, queries = of(failing)
    assert found.reason == "it answers SERVFAIL"
    assert len(queries) == 1, "once is enough to know"


def test_one_that_is_silent_or_not_there() -> None:
    async def run() -> None:
        async with serving(silent, silent) as (_, address):
            found = await outcome(address.url("udp"), patience=0.3)
            assert found.reason == "no answer in 0.3 seconds"
        found = await outcome(closed_port().url("tcp"), patience=2.0)
        assert "refused" in found.reason.lower()
        found = await outcome("tls://nowhere.invalid", patience=0.5)
        assert found.reason != ""

    asyncio.run(run())
