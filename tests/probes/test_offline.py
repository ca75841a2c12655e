"""Offline for certain: in a network of the test's own, with the kernel's own words for it."""

from __future__ import annotations

import asyncio
import pathlib
from collections.abc import Callable

from resolver.config.upstreams import upstream
from resolver.diagnosis.facts import Decided, Facts, Failure, Network
from resolver.diagnosis.judging import judge
from resolver.diagnosis.sentences import sentence
from resolver.probes.examining import Examined, Plan, examine
from resolver.process import SystemClock
from tests.network.apart import apart, ip, wire
from tests.probes.town import failing, name_server

PROC = pathlib.Path("/proc/thread-self/net")  # /proc/net is that of the process, whose namespace is another

HURRY = pathlib.Path("/proc/sys/net/ipv4/neigh/w0/retrans_time_ms")  # how long the kernel looks for the router


def found(prepare: Callable[[], None], url: str) -> tuple[Examined, str]:
    """What a diagnosis finds in such a network, and the sentence."""
    told: list[tuple[Examined, str]] = []

    async def run() -> None:
        async with name_server(failing) as (_, own):  # as Lull answers without upstreams
            plan = Plan("www.example", upstream(own.url("udp")), (upstream(url),), patience=1.0, proc=PROC)
            facts = await examine(plan, SystemClock(), lambda _what, _outcome: None)
        whole = Facts(
            plan.name,
            Decided("pass"),
            facts.own,
            facts.upstreams,
            facts.others,
            facts.reached,
            facts.network,
        )
        told.append((facts, sentence(judge(whole).finding, whole).text))

    def work() -> None:
        prepare()
        asyncio.run(run())

    apart(work)
    return told[0]


def test_no_route_at_all() -> None:
    facts, text = found(lambda: ip("link", "set", "lo", "up"), "udp://192.0.2.53")
    assert facts.upstreams[0].result == Failure("Network is unreachable", silent=True)
    assert facts.network == Network()
    assert text == "You are offline: there is no route to the Internet."


def test_a_router_that_is_silent() -> None:
    def prepare() -> None:
        wire()
        ip("route", "add", "default", "via", "192.0.2.254")
        HURRY.write_text("100")

    facts, text = found(prepare, "udp://198.51.100.53")
    result = facts.upstreams[0].result
    assert isinstance(result, Failure)
    assert result.silent
    assert facts.network.gateway_heard is False
    assert text == "You are offline: the router 192.0.2.254 is silent."
