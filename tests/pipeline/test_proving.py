"""Cookies as clients see them: given, brought back, and what that is good for."""

from __future__ import annotations

import dns.edns
import dns.message
import dns.rcode
import pytest

from resolver.model import Transport
from resolver.policy.document import Limits
from tests.pipeline.house import ME, SOA, House, at_home, made
from tests.support import query, read

ZONE = "\n".join(
    [SOA, "www.example. 300 A 192.0.2.1", *(f"big.example. 300 TXT {'x' * 100}{number}" for number in range(20))]
)
OWN = b"12345678"
RATE = 10


def cookie(value: bytes) -> dns.edns.GenericOption:
    return dns.edns.GenericOption(dns.edns.OptionType.COOKIE, value)


def given(reply: bytes | None) -> bytes:
    """The cookie of a reply; it has one COOKIE at most."""
    assert reply is not None
    found = [one.to_wire() or b"" for one in read(reply).options if one.otype == dns.edns.OptionType.COOKIE]
    return found[0] if found else b""


async def learnt(house: House, client: str = ME) -> bytes:
    return given(await house.send(query("www.example", options=[cookie(OWN)]), client))


@pytest.mark.parametrize("transport", list(Transport))
@pytest.mark.parametrize("name", ["www.example", "gone.example", "big.example"])
def test_every_reply_to_a_cookie_has_one(name: str, transport: Transport) -> None:
    async def main(house: House) -> None:
        for _ in range(3):  # asked upstream, from what is finished, and again
            reply = await house.send(query(name, options=[cookie(OWN)]), transport=transport)
            mine = given(reply)
            assert (len(mine), mine[:8]) == (24, OWN)
            again = given(await house.send(query(name, options=[cookie(mine)]), transport=transport))
            assert again == mine
            assert reply is not None
            assert transport != Transport.UDP or len(reply) <= 1232

    at_home(main, ZONE)


@pytest.mark.parametrize(
    ("client", "again"),
    [(f"{ME}#kitchen", ME), ("::ffff:192.0.2.10", ME), ("fe80::1%eth0#kitchen", "fe80::1%eth1")],
)
def test_a_cookie_is_for_an_address_however_it_is_told(client: str, again: str) -> None:
    async def main(house: House) -> None:
        reply = await house.send(query("www.example", options=[cookie(OWN)]), client, Transport.TLS)
        assert len(given(reply)) == 24
        assert given(reply) == await learnt(house, again)

    at_home(main, ZONE)


def test_nobody_gets_anothers() -> None:
    async def main(house: House) -> None:
        mine, theirs = await learnt(house), await learnt(house, "192.0.2.11")
        assert mine != theirs
        assert given(await house.send(query("www.example"))) == b""
        assert given(await house.send(query("www.example", payload=None))) == b""

    at_home(main, ZONE)


def test_replies_without_a_question_too() -> None:
    async def main(house: House) -> None:
        bare = dns.message.Message(id=1)
        bare.use_edns(0, 0, 1232, options=[cookie(OWN)])
        assert len(given(await house.send(bare.to_wire()))) == 24
        bare.use_edns(1, 0, 1232, options=[cookie(OWN)])
        reply = await house.send(bare.to_wire())
        assert len(given(reply)) == 24
        assert reply is not None
        assert read(reply).rcode() == dns.rcode.BADVERS

    at_home(main, ZONE)


def test_a_small_reply_is_cut_so_that_the_cookie_fits() -> None:
    async def main(house: House) -> None:
        for size in (512, 600, 1232):
            for _ in range(2):
                reply = await house.send(query("big.example", "TXT", payload=size, options=[cookie(OWN)]))
                assert reply is not None
                assert len(reply) <= size
                assert len(given(reply)) == 24

    at_home(main, ZONE)


def test_finished_answers_have_none_for_others() -> None:
    """Of answers of every size up to the limit: what was made for a cookie is the same for those without, and back."""

    async def main(house: House) -> None:
        for size in range(512, 700, 7):
            for options in ([], [cookie(OWN)], []):
                reply = await house.send(query("big.example", "TXT", payload=size, options=options))
                assert reply is not None
                assert len(reply) <= size
                assert bool(given(reply)) is bool(options)

    at_home(main, ZONE)


def test_who_is_proven_is_told_of_every_error() -> None:
    async def main(house: House) -> None:
        mine = await learnt(house)

        async def told(value: bytes) -> int:
            broken = query("www.example", "AXFR", options=[cookie(value)])
            return sum([await house.send(broken) is not None for _ in range(40)])

        assert await told(OWN + bytes(16)) == 5
        assert await told(OWN) == 0
        assert await told(mine) == 40

    at_home(main, ZONE, made(limits=Limits(1000, 5)))


def test_who_is_proven_is_refused_but_never_met_with_silence() -> None:
    async def main(house: House) -> None:
        mine = await learnt(house)
        for _ in range(4):
            for number in range(20 * RATE):
                await house.send(query(f"x{number}.example"))
            await house.tend()

        async def asked(options: list[dns.edns.Option]) -> list[dns.rcode.Rcode | None]:
            replies = [await house.send(query("www.example", options=options)) for _ in range(RATE)]
            return [None if one is None else read(one).rcode() for one in replies]

        assert await asked([]) == [dns.rcode.NOERROR] * RATE
        assert await asked([]) == [dns.rcode.REFUSED] * RATE
        assert await asked([]) == [None] * RATE
        assert await asked([cookie(mine)]) == [dns.rcode.NOERROR] * RATE  # nobody else can use this up
        for _ in range(2):
            for number in range(20 * RATE):
                await house.send(query(f"x{number}.example", options=[cookie(mine)]))
            await house.tend()
        assert await asked([cookie(mine)]) == [dns.rcode.NOERROR] * RATE
        assert await asked([cookie(mine)]) == [dns.rcode.REFUSED] * RATE
        assert await asked([cookie(mine)]) == [dns.rcode.REFUSED] * RATE

    at_home(main, ZONE, made(limits=Limits(RATE, 5, slip=0)))


def test_addresses_of_every_kind() -> None:
    async def main(house: House) -> None:
        for client in ("127.0.0.1", "::1", "fe80::1%lo", "2001:db8::1"):
            mine = await learnt(house, client)
            assert given(await house.send(query("www.example", options=[cookie(mine)]), client)) == mine

    at_home(main, ZONE)
