"""Everybody is asked at once, and a few addresses of each are tried."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from resolver.config.upstreams import upstream
from resolver.diagnosis.facts import Answer, Failure, Portal, Role
from resolver.probes import examining
from resolver.probes.examining import Examined, Plan, examine
from resolver.process import SystemClock
from tests.probes.town import name_server, site, zone
from tests.upstream.authority import Authority
from tests.upstream.servers import closed_port, descriptors, settled
from tests.upstream.streamed import streaming

NAME = "www.example"
MANY = zone("\n".join(f"{NAME}. 60 A 127.0.0.{n}" for n in range(1, 6)) + f"\n{NAME}. 60 AAAA ::1")
NOBODY = zone("else.example. 60 A 127.0.0.1")


class Steps:
    """What was told of the steps, in order."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str | None]] = []

    def __call__(self, what: str, outcome: str | None) -> None:
        self.all.append((what, outcome))


@contextlib.asynccontextmanager
async def planned(*urls: str, **more: object) -> AsyncIterator[Plan]:
    """A plan with a Lull that knows the name and a portal page."""
    own = zone(f"{NAME}. 60 A 127.0.0.1\ncheck.example. 60 A 127.0.0.1")
    async with name_server(own) as (_, address):
        plan = Plan(NAME, upstream(address.url("udp")), tuple(map(upstream, urls)))
        yield replace(plan, **{"https": closed_port().port, "http": closed_port().port} | more)


async def examined(plan: Plan, steps: Steps | None = None) -> Examined:
    return await examine(plan, SystemClock(), steps or Steps())


def test_everybody_is_asked_and_nothing_stays_open() -> None:
    steps = Steps()

    async def run() -> tuple[Examined, str]:
        before = descriptors()
        async with name_server(MANY) as (_, one), name_server(NOBODY) as (_, two):
            also = (upstream(two.url("udp")),)
            async with planned(one.url("udp"), also=also) as plan:
                found = await examined(plan, steps)
        await settled(before)
        return found, one.url("tcp")

    found, transport = asyncio.run(run())
    assert isinstance(found.own.result, Answer)
    assert [said.role for said in found.upstreams] == [Role.UPSTREAM]
    assert (found.others[0].role, found.others[0].server) == (Role.TRANSPORT, transport)
    assert found.others[1].result == Answer(3)
    tried = {reached.address for reached in found.reached}
    assert tried == {"127.0.0.1", "127.0.0.2", "::1"}  # two of each family, and each once
    assert found.network.portal is None
    begun = [what for what, outcome in steps.all if outcome is None]
    assert begun == list(dict.fromkeys(what for what, _ in steps.all))
    assert ("trying 3 addresses", "0 of 3 answer") in steps.all


@pytest.mark.parametrize(
    ("urls", "other"),
    [
        (["udp://192.0.2.1"], ["tcp://192.0.2.1"]),
        (["tcp://[2001:db8::1]:5353"], ["udp://[2001:db8::1]:5353"]),
        (["tls://192.0.2.1", "udp://192.0.2.2", "udp://192.0.2.3"], ["tcp://192.0.2.2"]),
        (["tls://192.0.2.1"], []),
        (["udp://192.0.2.1", "tcp://192.0.2.1"], []),
    ],
)
def test_the_independent_transport(urls: list[str], other: list[str]) -> None:
    plan = Plan(NAME, upstream("udp://127.0.0.1:5353"), tuple(map(upstream, urls)))
    found = examining._independent(plan)
    assert [one.url for one in found] == other
    assert list(found) == list(map(upstream, other))


def test_upstreams_given_by_name(authority: Authority) -> None:
    async def run(**more: object) -> Examined:
        context = authority.issue("dns.example").server("dot")
        async with streaming(tls=context) as server:
            url = f"tls://dns.example:{server.address.port}"
            async with planned(url, **more) as plan:
                return await examined(plan)

    known = asyncio.run(run(hosts={"dns.example": ("127.0.0.1",)}))
    assert known.upstreams[0].authentic
    assert isinstance(known.upstreams[0].result, Answer)
    unknown = asyncio.run(run())
    assert isinstance(unknown.upstreams[0].result, Failure)
    assert "dns.example" in unknown.upstreams[0].result.reason


def test_a_portal_is_looked_for_where_the_config_says() -> None:
    async def run() -> tuple[Portal | None, Steps]:
        steps = Steps()

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        url = f"http://check.example:{server.sockets[0].getsockname()[1]}/"
        async with planned(portal=url) as plan:
            found = await examined(plan, steps)
        server.close()
        return found.network.portal, steps

    portal, steps = asyncio.run(run())
    assert portal == Portal(captive=True, where="http://portal.example/")
    assert any(outcome == "there is one (http://portal.example/)" for _, outcome in steps.all)


def test_a_site_that_answers(authority: Authority) -> None:
    async def run() -> Examined:
        async with site(authority.issue(NAME).server()) as port, planned(https=port) as plan:
            return await examined(plan)

    found = asyncio.run(run())
    assert [one.trouble for one in found.reached if one.secure] == [None]
