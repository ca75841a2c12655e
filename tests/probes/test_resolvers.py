"""What a resolver says, and what there is to say when it says nothing: over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import dns.message
import dns.rcode
import pytest

from resolver.diagnosis.facts import Answer, Failure, Role, Said
from resolver.model import Ede
from resolver.probes import resolvers
from resolver.probes.resolvers import Resolver, say
from resolver.upstream.endpoint import read
from tests.probes.town import failing, name_server, zone
from tests.support import wire
from tests.upstream.authority import NAME, Authority
from tests.upstream.servers import closed_port, framed, right, serving, silent, truncated
from tests.upstream.streamed import answering, carrying, streaming

WWW = wire("www.example")
ZONE = """
www.example. 60 CNAME a.cdn.example.
a.cdn.example. 60 CNAME b.cdn.example.
b.cdn.example. 60 A 192.0.2.80
b.cdn.example. 60 AAAA 2001:db8::80
"""


async def said(url: str, *, patience: float = 2.0) -> Said:
    async with carrying() as carriers:
        endpoint = read(url)
        lossy = endpoint.transport == "udp"
        return await say(Resolver(url, Role.UPSTREAM, carriers.to(endpoint), lossy, endpoint.encrypted, patience), WWW)


def of(reply: Callable[[bytes], bytes], scheme: str = "udp") -> tuple[Said, list[bytes]]:
    async def run() -> tuple[Said, list[bytes]]:
        async with name_server(reply) as (server, address):
            return await said(address.url(scheme)), server.queries

    return asyncio.run(run())


@pytest.mark.parametrize("scheme", ["udp", "tcp"])
def test_both_families_and_the_aliases(scheme: str) -> None:
    found, queries = of(zone(ZONE), scheme)
    chain = ("a.cdn.example", "b.cdn.example")
    assert found.result == Answer(0, ("192.0.2.80", "2001:db8::80"), chain)
    assert found.ms > 0
    assert len(queries) == 2


def test_a_name_that_does_not_exist() -> None:
    assert of(zone("else.example. 60 A 192.0.2.1"))[0].result == Answer(3)


def test_one_family_that_fails_does_not_hide_the_other() -> None:
    def lame(query: bytes) -> bytes:
        message = dns.message.from_wire(query)
        return failing(query) if message.question[0].rdtype == 28 else zone(ZONE)(query)

    result = of(lame)[0].result
    assert isinstance(result, Answer)
    assert (result.rcode, result.addresses) == (0, ("192.0.2.80",))


def test_errors_in_their_own_words() -> None:
    def told(query: bytes) -> bytes:
        response = dns.message.make_response(dns.message.from_wire(query))
        response.set_rcode(dns.rcode.NXDOMAIN)
        response.use_edns(options=[dns.edns.EDEOption(dns.edns.EDECode.CENSORED, "by court order")])
        return response.to_wire()

    assert of(told)[0].result == Answer(3, ede=(Ede(16, "by court order"),))


def test_one_that_fails_at_everything_is_not_sound() -> None:
    def root(query: bytes) -> bytes:
        known = dns.message.from_wire(query).question[0].name == dns.name.root
        return zone(". 60 NS a.root.example.")(query) if known else failing(query)

    broken, sound = of(failing)[0], of(root)[0]
    assert broken.result == sound.result == Answer(2)
    assert (broken.sound, sound.sound) == (False, True)


def test_nobody_there() -> None:
    found = asyncio.run(said(closed_port().url("udp"))).result
    assert found == Failure("Connection refused", silent=False)


def test_silence() -> None:
    async def run() -> tuple[Said, int]:
        async with serving(silent) as (server, address):
            return await said(address.url("udp"), patience=0.2), len(server.queries)

    found, _ = asyncio.run(run())
    assert found.result == Failure("no answer in 0.2 seconds", silent=True)


def test_a_lost_datagram_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolvers, "_AGAIN", (0.05, 0.05))
    lost: set[int] = set()

    def forgetful(query: bytes) -> list[bytes]:
        type = dns.message.from_wire(query).question[0].rdtype
        if type in lost:
            return [zone(ZONE)(query)]
        lost.add(type)
        return []

    async def run() -> Said:
        async with serving(forgetful) as (_, address):
            return await said(address.url("udp"))

    assert isinstance(asyncio.run(run()).result, Answer)


def test_truncated_answers_are_followed_over_tcp() -> None:
    async def run() -> tuple[Said, Said]:
        async with serving(lambda query: [truncated(query)]) as (_, one):
            followed = await said(one.url("udp"))
        async with serving(lambda query: [truncated(query)], lambda query: [framed(truncated(query))]) as (_, two):
            return followed, await said(two.url("udp"))

    followed, endless = asyncio.run(run())
    assert isinstance(followed.result, Answer)
    assert endless.result == Failure("truncated answers without end", silent=False)


def test_a_malformed_answer() -> None:
    found, _ = of(lambda query: right(query)[:-3])
    assert isinstance(found.result, Failure)
    assert found.result.reason.startswith("a malformed answer: ")
    assert not found.result.silent


def test_certificates(authority: Authority) -> None:
    async def run(**options: float) -> Said:
        context = authority.issue(NAME, "127.0.0.1", **options).server("dot")  # type: ignore[arg-type] # only numbers
        async with streaming(answering, context) as server:
            return await said(server.address.url("tls"))

    well, late = asyncio.run(run()), asyncio.run(run(begins=-9, ends=-1))
    assert well.authentic
    assert isinstance(well.result, Answer)
    assert isinstance(late.result, Failure)
    assert (late.result.untimely, late.result.silent) == (True, False)
    assert "has expired" in late.result.reason
