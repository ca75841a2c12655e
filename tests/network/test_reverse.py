import asyncio
import contextlib
from collections.abc import AsyncIterator

import dns.message
import pytest

from resolver.network import reverse
from resolver.network.reverse import Reverse
from tests.network.router import Router, routing
from tests.support import StillClock, until

TABLET = "10.2.0.192.in-addr.arpa"


@contextlib.asynccontextmanager
async def asking(router: Router, clock: StillClock | None = None) -> AsyncIterator[Reverse]:
    names = Reverse(clock or StillClock(), router.port)
    names.use("127.0.0.1")
    task = asyncio.create_task(names.run())
    try:
        yield names
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_names_of_both_families() -> None:
    async def run() -> None:
        v6 = "a." + "0." * 27 + "0.0.d.f.ip6.arpa"
        async with routing({TABLET: "Tablet.fritz.box.", v6: "phone."}) as router, asking(router) as names:
            for address in ("192.0.2.10", "fd00::a", "192.0.2.11"):
                names.want(address)
            await until(lambda: len(router.asked) == 3)
            await until(lambda: names.known("fd00::a"))
            assert names.known("192.0.2.10") == "tablet.fritz.box"
            assert names.known("fd00::a") == "phone"
            assert names.known("192.0.2.11") == ""

    asyncio.run(run())


def test_an_answer_is_kept_for_an_hour_and_the_name_while_it_is_asked_again() -> None:
    async def run() -> None:
        clock = StillClock()
        async with routing({TABLET: "tablet."}) as router, asking(router, clock) as names:
            names.want("192.0.2.10")
            names.want("192.0.2.11")
            await until(lambda: len(router.asked) == 2 and names.known("192.0.2.10"))
            clock.advance(3500)
            names.want("192.0.2.10")
            names.want("192.0.2.11")
            await asyncio.sleep(0.02)
            assert len(router.asked) == 2
            clock.advance(200)
            router.names[TABLET] = "laptop."
            names.want("192.0.2.10")
            assert names.known("192.0.2.10") == "tablet"
            await until(lambda: names.known("192.0.2.10") == "laptop")
            names.forget("192.0.2.10")
            assert names.known("192.0.2.10") == ""

    asyncio.run(run())


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "9.9.9.9", "2620:fe::fe", "fe80::1", "224.0.0.1", "0.0.0.0"])
def test_only_private_addresses_are_asked_for(address: str) -> None:
    async def run() -> None:
        async with routing({}) as router, asking(router) as names:
            names.want(address)
            names.want("192.0.2.10")
            await until(lambda: router.asked)
            await asyncio.sleep(0.02)
            assert router.asked == [TABLET]

    asyncio.run(run())


def hostile(data: bytes) -> list[bytes]:
    """Replies that do not belong, then one that cannot be read as a name."""
    query = dns.message.from_wire(data)
    other = dns.message.make_query("11.2.0.192.in-addr.arpa", "PTR")
    wrong_id = bytes([data[0] ^ 1]) + data[1:2] + b"\x81\x80" + data[4:]
    wrong_question = data[:2] + dns.message.make_response(other).to_wire()[2:]
    answer = dns.message.make_response(query)
    answer.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "PTR", r"\027[2J\010evil."))
    return [b"", b"\0", wrong_id, wrong_question, data, answer.to_wire()]


def test_hostile_replies_and_names_give_nothing() -> None:
    async def run() -> None:
        async with routing({}) as router, asking(router) as names:
            router.reply = hostile
            names.want("192.0.2.10")
            await until(lambda: router.asked)
            router.reply = lambda data: [data[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + data[12:41] + b"\xc0\x0c\0"]
            names.want("192.0.2.11")
            await until(lambda: len(router.asked) == 2)
            router.reply, router.names["12.2.0.192.in-addr.arpa"] = router.honest, "tv."
            names.want("192.0.2.12")
            await until(lambda: names.known("192.0.2.12") == "tv")
            assert names.known("192.0.2.10") == names.known("192.0.2.11") == ""

    asyncio.run(run())


def test_a_router_that_is_silent_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reverse, "PATIENCE", 0.02)

    async def run() -> None:
        clock = StillClock()
        async with routing({"19.2.0.192.in-addr.arpa": "tv."}) as router, asking(router, clock) as names:
            router.reply = lambda _: []
            for last in range(10, 20):
                names.want(f"192.0.2.{last}")
            await until(lambda: len(router.asked) == 6)  # three addresses, twice each
            await asyncio.sleep(0.1)
            names.want("192.0.2.19")
            await asyncio.sleep(0.05)
            assert len(router.asked) == 6
            router.reply = router.honest
            clock.advance(3601)
            names.want("192.0.2.19")
            await until(lambda: names.known("192.0.2.19") == "tv")

    asyncio.run(run())


def test_nobody_is_asked_without_a_router_and_another_is_asked_anew() -> None:
    async def run() -> None:
        async with routing({TABLET: "tablet."}) as router, asking(router) as names:
            names.use("")
            names.want("192.0.2.10")
            await asyncio.sleep(0.02)
            assert router.asked == []
            names.use("127.0.0.1")
            names.want("192.0.2.10")
            await until(lambda: names.known("192.0.2.10"))
            names.use("127.0.0.2")
            assert names.known("192.0.2.10") == ""

    asyncio.run(run())


def test_a_port_that_nobody_listens_on_hurts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reverse, "PATIENCE", 0.02)

    async def run() -> None:
        async with routing({TABLET: "tablet."}) as router:
            port, router.port = router.port, 9  # discard
            async with asking(router) as names:
                names.want("192.0.2.10")
                await asyncio.sleep(0.1)
                names._port = port
                names.want("192.0.2.11")
                await until(lambda: router.asked)

    asyncio.run(run())
