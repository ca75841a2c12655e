"""What comes from upstream, and what its failures become."""

from __future__ import annotations

import asyncio
import contextlib

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import pytest

from resolver.errors import UpstreamUnreachable
from resolver.model import EdeCode
from resolver.pipeline import waiting
from resolver.policy.truth import Trust, Truth
from tests.pipeline.house import SOA, URL, House, at_home, made
from tests.support import errors, texts

ZONE = f"www.example. 60 A 192.0.2.1\n{SOA}\nbig.example. 60 TXT {'x' * 200}"


def test_answers_are_passed_on() -> None:
    async def main(house: House) -> None:
        reply = await house.ask("www.example")
        assert texts(reply.answer) == ["www.example. 60 IN A 192.0.2.1"]
        assert (reply.authority, reply.additional) == ([], [])
        (row,) = await house.rows()
        exchange = row.exchange
        assert (exchange.origin, exchange.upstream, exchange.verdict, exchange.name) == (
            "upstream",
            URL,
            "pass",
            "www.example",
        )

    at_home(main, ZONE)


def test_denials_have_the_ttl_for_which_they_are_kept() -> None:
    async def main(house: House) -> None:
        reply = await house.ask("no.example")
        assert reply.rcode() == dns.rcode.NXDOMAIN
        assert [rrset.ttl for rrset in reply.authority] == [300]

    at_home(main, ZONE)


@pytest.mark.parametrize(("trust", "believed"), [("encrypted", False), ("all", True), ("none", False)])
def test_ad_is_passed_on_from_those_who_are_trusted_and_to_those_who_ask(trust: Trust, believed: bool) -> None:
    async def main(house: House) -> None:
        def vouch(query: dns.message.Message) -> bytes:
            reply = dns.message.from_wire(house.udp.reply(query))
            reply.flags |= dns.flags.AD
            return reply.to_wire()

        house.udp.result = vouch
        for ad, do in ((False, False), (True, False), (False, True), (True, True)):
            for _ in range(2):
                reply = await house.ask("www.example", ad=ad, do=do)
                assert bool(reply.flags & dns.flags.AD) == (believed and (ad or do))
                house.forwarder.take(house.forwarder.bundle)  # finished answers go, truth stays

    at_home(main, ZONE, made(truth=Truth(trust=trust)))


def test_what_was_believed_is_asked_anew_when_that_is_to_be_believed_no_more() -> None:
    async def main(house: House) -> None:
        def vouch(query: dns.message.Message) -> bytes:
            reply = dns.message.from_wire(house.udp.reply(query))
            reply.flags |= dns.flags.AD
            return reply.to_wire()

        house.udp.result = vouch
        for truth, believed in ((Truth(trust="all"), True), (Truth(trust="none"), False), (Truth(trust="all"), True)):
            house.forwarder.take(made(truth=truth))
            assert bool((await house.ask("www.example", ad=True)).flags & dns.flags.AD) == believed

    at_home(main, ZONE)


def test_silence_is_servfail_and_said_so() -> None:
    async def main(house: House) -> None:
        house.udp.result = lambda _: None
        reply = await house.ask("www.example")
        assert reply.rcode() == dns.rcode.SERVFAIL
        assert errors(reply) == [(EdeCode.NO_REACHABLE_AUTHORITY, "no upstream answered in time")]
        (row,) = await house.rows()
        assert (row.exchange.rcode, row.exchange.origin) == (2, "upstream")
        assert 4_900_000 < row.took_us < 5_100_000

    at_home(main, ZONE)


def test_an_unreachable_upstream_is_servfail_and_said_so() -> None:
    async def main(house: House) -> None:
        house.udp.result = lambda _: UpstreamUnreachable("Connection refused")
        reply = await house.ask("www.example")
        assert reply.rcode() == dns.rcode.SERVFAIL
        ((code, text),) = errors(reply)
        assert code == EdeCode.NETWORK_ERROR
        assert text == f"{URL}: Connection refused"

    at_home(main, ZONE)


def test_without_upstreams_names_of_our_own_still_answer() -> None:
    async def main(house: House) -> None:
        assert (await house.ask("www.example")).rcode() == dns.rcode.SERVFAIL
        assert errors(await house.ask("no.example")) == [(EdeCode.NETWORK_ERROR, "no upstream is configured")]
        assert (await house.ask("localhost")).rcode() == dns.rcode.NOERROR

    at_home(main, ZONE, made(upstreams=()))


def test_failures_are_not_kept_for_longer_than_a_second() -> None:
    async def main(house: House) -> None:
        house.udp.result = lambda _: UpstreamUnreachable("Connection refused")
        await house.ask("www.example")
        asked = house.udp.asked.count("www.example. A")
        house.udp.result = house.udp.reply
        await asyncio.sleep(1)
        assert (await house.ask("www.example")).rcode() == dns.rcode.NOERROR
        assert house.udp.asked.count("www.example. A") == asked + 1

    at_home(main, ZONE)


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_what_all_upstreams_say_is_told_with_their_reason_and_kept_for_a_second(rcode: dns.rcode.Rcode) -> None:
    async def main(house: House) -> None:
        def refuse(query: dns.message.Message) -> bytes:
            reply = dns.message.from_wire(house.udp.reply(query))
            reply.use_edns(0, 0, 1232, options=[dns.edns.EDEOption(dns.edns.EDECode.DNSSEC_BOGUS, "no")])
            reply.set_rcode(rcode)
            return reply.to_wire()

        house.udp.result = refuse
        for name in ("www.example", "no.example"):
            reply = await house.ask(name)
            assert (reply.rcode(), errors(reply)) == (rcode, [(6, "no")])
            before = len(house.udp.asked)
            reply = await house.ask(name)
            assert (reply.rcode(), errors(reply)) == (rcode, [(6, "no"), (13, "")])
            assert len(house.udp.asked) == before
            await asyncio.sleep(1)
            assert errors(await house.ask(name)) == [(6, "no")]
            assert len(house.udp.asked) > before
        assert len(house.forwarder.rrsets) == 0
        assert {row.exchange.origin for row in await house.rows()} == {"upstream", "cache"}

    at_home(main, ZONE)


def test_equal_questions_of_many_clients_are_asked_once() -> None:
    async def main(house: House) -> None:
        house.udp.delay = 0.3
        replies = await asyncio.gather(
            *[house.ask("www.example", client=f"192.0.2.{n}", id=n) for n in range(50)], house.ask("WWW.example")
        )
        assert {reply.rcode() for reply in replies} == {dns.rcode.NOERROR}
        assert len(house.udp.asked) == 1
        assert sum(row.count for row in await house.rows()) == 51

    at_home(main, ZONE)


def test_unknown_types_go_through_untouched() -> None:
    async def main(house: House) -> None:
        for _ in range(2):
            reply = await house.ask("odd.example", "TYPE65280")
            assert texts(reply.answer) == [r"odd.example. 60 IN TYPE65280 \# 3 c00cff"]

    at_home(main, r"odd.example. 60 TYPE65280 \# 3 C00CFF")


def test_one_client_who_goes_away_takes_nobody_along() -> None:
    async def main(house: House) -> None:
        house.udp.delay = 0.3
        gone = asyncio.ensure_future(house.ask("www.example"))
        await asyncio.sleep(0.1)
        other = asyncio.ensure_future(house.ask("www.example", client="192.0.2.77"))
        await asyncio.sleep(0.1)
        gone.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await gone
        assert (await other).rcode() == dns.rcode.NOERROR

    at_home(main, ZONE)


def test_when_too_many_wait_more_are_refused_and_the_others_still_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "MOST", 5)

    async def main(house: House) -> None:
        house.udp.delay = 0.3
        replies = await asyncio.gather(*[house.ask(f"n{n}.example") for n in range(8)], house.ask("localhost"))
        assert [reply.rcode() for reply in replies] == [dns.rcode.NXDOMAIN] * 5 + [dns.rcode.SERVFAIL] * 3 + [0]
        assert {errors(reply)[0] for reply in replies[5:8]} == {(0, "too many queries are waiting for upstreams")}
        assert len(house.udp.asked) == 5
        assert (await house.ask("www.example")).rcode() == dns.rcode.NOERROR  # there is room again
        assert sum(row.count for row in await house.rows()) == 10

    at_home(main, ZONE)


def test_an_extended_rcode_is_between_us_and_the_upstream() -> None:
    async def main(house: House) -> None:
        def bad_version(query: dns.message.Message) -> bytes:
            reply = dns.message.make_response(query)
            reply.set_rcode(dns.rcode.BADVERS)
            return reply.to_wire()

        house.udp.result = bad_version
        for payload in (1232, None):
            reply = await house.ask("www.example", payload=payload)
            assert reply.rcode() == dns.rcode.SERVFAIL

    at_home(main, ZONE)


def test_only_some_errors_of_an_upstream_are_passed_on() -> None:
    async def main(house: House) -> None:
        def chatty(query: dns.message.Message) -> bytes:
            reply = dns.message.from_wire(house.udp.reply(query))
            options: list[dns.edns.Option] = [dns.edns.EDEOption(dns.edns.EDECode.OTHER, f"{n}") for n in range(20)]
            reply.use_edns(0, 0, 1232, options=options)
            return reply.to_wire()

        house.udp.result = chatty
        assert errors(await house.ask("www.example")) == [(0, "0"), (0, "1"), (0, "2"), (0, "3")]

    at_home(main, ZONE)
