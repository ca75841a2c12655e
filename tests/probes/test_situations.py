"""Ten prepared situations, on real sockets: a whole Lull, its upstreams, and the site. Each gets its own sentence."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest

from resolver.config.upstreams import upstream
from resolver.diagnosis.facts import Decided, Facts
from resolver.diagnosis.judging import judge
from resolver.diagnosis.sentences import sentence
from resolver.model import Block, Client, Type
from resolver.policy.bundle import Bundle
from resolver.policy.decide import decide
from resolver.policy.truth import Truth
from resolver.probes.examining import Plan, examine
from resolver.process import SystemClock
from tests.probes.lull import MovedClock, lull
from tests.probes.town import name_server, proc, site, zone
from tests.support import bundle, wire
from tests.upstream.authority import Authority
from tests.upstream.servers import closed_port

NAME = "www.example"
HERE, THERE = "127.0.0.1", "127.0.0.2"
HOUSE = Truth(rebinding=False)  # the sites of these tests are on the loopback
RIGHT = zone(f"{NAME}. 60 A {HERE}")


class Street:
    """Runs a diagnosis of www.example in a house with these upstreams, when site and authority are ready."""

    def __init__(self, directory: pathlib.Path, authority: Authority) -> None:
        self.directory = directory
        self.authority = authority
        self.clock = MovedClock()
        self.https = closed_port().port
        self.http = closed_port().port
        self.online = True

    async def said(self, policy: Bundle, before: Callable[[Plan], Awaitable[None]] | None = None) -> str:
        """The sentence."""
        upstreams = tuple(map(upstream, policy.document.upstreams))
        async with lull(policy, self.clock) as own:
            network = proc(self.directory / "net", online=self.online)
            plan = Plan(NAME, own, upstreams, https=self.https, http=self.http, proc=network)
            if before is not None:
                await before(plan)
            found = await examine(plan, SystemClock(), lambda _what, _outcome: None)
        decided = _decided(policy)
        facts = Facts(NAME, decided, found.own, found.upstreams, found.others, found.reached, found.network)
        return sentence(judge(facts).finding, facts).text

    @contextlib.asynccontextmanager
    async def sites(self, here: dict[str, Any], there: dict[str, Any] | None = None) -> AsyncIterator[None]:
        """Sites with certificates, at 127.0.0.1 and perhaps 127.0.0.2."""
        async with contextlib.AsyncExitStack() as stack:
            self.https = await stack.enter_async_context(site(self._issued("here", **here)))
            if there is not None:
                await stack.enter_async_context(site(self._issued("there", **there), THERE, self.https))
            yield

    def _issued(self, file: str, name: str = NAME, **options: Any) -> Any:
        return self.authority.issue(name, file=file, **options).server()


def _decided(policy: Bundle) -> Decided:
    verdict = decide(wire(NAME), NAME, Type.A, Client("127.0.0.1", "default"), policy, 0.0)
    return Decided("block", str(verdict.rule)) if isinstance(verdict, Block) else Decided("pass")


@pytest.fixture
def street(tmp_path: pathlib.Path, authority: Authority) -> Iterator[Street]:
    yield Street(tmp_path, authority)


def policy(*upstreams: str, truth: Truth = HOUSE, **lists: str) -> Bundle:
    return bundle(lists, upstreams=upstreams, truth=truth)


def test_blocked(street: Street) -> None:
    async def run() -> str:
        async with name_server(RIGHT) as (_, one), street.sites({}):
            return await street.said(policy(one.url("udp"), ads="||www.example^"))

    assert asyncio.run(run()) == "www.example is blocked by ads: ||www.example^."


def test_blocked_by_an_alias(street: Street) -> None:
    async def run() -> str:
        hidden = zone(f"{NAME}. 60 CNAME t.adtech.example.\nt.adtech.example. 60 A {HERE}")
        async with name_server(hidden) as (_, one), street.sites({}):
            return await street.said(policy(one.url("udp"), ads="||adtech.example^"))

    assert asyncio.run(run()) == "www.example is blocked by ads: ||adtech.example^."


def test_the_site_is_down(street: Street) -> None:
    async def run() -> str:
        async with name_server(RIGHT) as (_, one):
            return await street.said(policy(one.url("udp")))

    said = asyncio.run(run())
    assert said.startswith("The site is down: www.example is at 127.0.0.1, where ports ")
    assert said.endswith(" do not answer (it refuses connections).")


def test_the_upstream_is_down(street: Street) -> None:
    dead = closed_port().url("udp")
    text = f"Upstream {dead} fails: Connection refused. The network is up."
    assert asyncio.run(street.said(policy(dead))) == text


def test_one_of_two_upstreams_is_down(street: Street) -> None:
    dead = closed_port().url("udp")

    async def run() -> str:
        async with name_server(RIGHT) as (_, one), street.sites({}):
            return await street.said(policy(dead, one.url("udp")))

    text = f"Upstream {dead} fails: Connection refused. The others answer, and www.example is fine."
    assert asyncio.run(run()) == text


def test_the_upstream_lies(street: Street) -> None:
    async def run() -> tuple[str, str]:
        lie = zone(f"{NAME}. 60 A {THERE}")
        sites = street.sites({}, {"name": "else.example"})
        async with name_server(lie) as (_, one), name_server(RIGHT) as (_, two), sites:
            return one.url("udp"), await street.said(policy(one.url("udp"), two.url("udp")))

    liar, said = asyncio.run(run())
    text = f"Upstream {liar} is wrong about www.example: it says that it is at 127.0.0.2, but it is at 127.0.0.1"
    assert said == f"{text}, which its certificate shows."


def test_offline(street: Street) -> None:
    street.online = False
    text = "You are offline: there is no route to the Internet."
    assert asyncio.run(street.said(policy(closed_port().url("udp")))) == text


def test_the_certificate_has_expired(street: Street) -> None:
    async def run() -> str:
        sites = street.sites({"begins": -20, "ends": -2})
        async with name_server(RIGHT) as (_, one), name_server(RIGHT) as (_, two), sites:
            return await street.said(policy(one.url("udp"), two.url("udp")))

    text = "The site is at fault: 127.0.0.1 answers for www.example, and its certificate has expired."
    assert asyncio.run(run()) == text


def test_stale(street: Street) -> None:
    async def run() -> tuple[str, str]:
        server = contextlib.AsyncExitStack()
        _, one = await server.enter_async_context(name_server(RIGHT))

        async def before(plan: Plan) -> None:
            await examine(plan, SystemClock(), lambda _what, _outcome: None)
            street.clock.moved = 3600.0
            await server.aclose()

        return one.url("udp"), await street.said(policy(one.url("udp")), before)

    dead, said = asyncio.run(run())
    text = f"No upstream answers ({dead}: Connection refused), so that Lull gives its old answer to www.example."
    assert said == f"{text} The network is up."


def test_rebinding(street: Street) -> None:
    async def run() -> str:
        async with name_server(RIGHT) as (_, one), street.sites({}):
            return await street.said(policy(one.url("udp"), truth=Truth()))

    text = "www.example is a public name with an address of this house, 127.0.0.1: Lull refuses such answers."
    assert asyncio.run(run()) == text


def test_fine(street: Street) -> None:
    async def run() -> str:
        async with name_server(RIGHT) as (_, one), name_server(RIGHT) as (_, two), street.sites({}):
            return await street.said(policy(one.url("udp"), two.url("tcp")))

    text = (
        "The answer is fine: www.example is found, and 127.0.0.1 answers. Look at the device: does it ask Lull at all?"
    )
    assert asyncio.run(run()) == text
