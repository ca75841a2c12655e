"""Policy on what is inside an answer: the targets of CNAMEs, fresh and cached."""

from __future__ import annotations

import asyncio

import dns.rcode
import pytest

from resolver.model import EdeCode, Nxdomain
from resolver.policy.document import GroupEntry, OwnRule
from tests.pipeline.house import SOA, House, at_home, made
from tests.scenarios.virtual import START
from tests.support import errors, texts

ZONE = f"""
shop.example. 300 CNAME t.adtech.example.
t.adtech.example. 60 A 203.0.113.9
two.example. 300 CNAME one.example.
one.example. 100 CNAME t.adtech.example.
gone.example. 300 CNAME no.adtech.example.
{SOA}
"""
LISTS = {"ads": "||adtech.example^"}
BLOCKED = (["shop.example. 10 IN A 0.0.0.0"], [(EdeCode.BLOCKED, "ads: ||adtech.example^")])
OPEN = ["shop.example. 300 IN CNAME t.adtech.example.", "t.adtech.example. 60 IN A 203.0.113.9"]


async def seen(house: House, name: str = "shop.example", **options: str) -> tuple[list[str], list[tuple[int, str]]]:
    reply = await house.ask(name, **options)
    return texts(reply.answer), errors(reply)


def test_a_blocked_target_blocks_the_name_and_is_named_in_the_log() -> None:
    async def main(house: House) -> None:
        for _ in range(2):
            assert await seen(house) == BLOCKED
            await asyncio.sleep(3)
        assert len(house.udp.asked) == 1
        rows = await house.rows()
        facts = [
            (r.exchange.origin, r.exchange.verdict, r.exchange.via, r.exchange.rule, r.exchange.name) for r in rows
        ]
        assert sorted(facts) == [
            ("cache", "block", "t.adtech.example", "||adtech.example^", "shop.example"),
            ("upstream", "block", "t.adtech.example", "||adtech.example^", "shop.example"),
        ]

    at_home(main, ZONE, made(LISTS))


@pytest.mark.parametrize("name", ["two.example", "gone.example"])
def test_wherever_in_the_chain_and_however_it_ends(name: str) -> None:
    async def main(house: House) -> None:
        answer, found = await seen(house, name)
        assert (answer, found) == ([f"{name}. 10 IN A 0.0.0.0"], BLOCKED[1])

    at_home(main, ZONE, made(LISTS))


def test_the_blocked_answer_lasts_as_long_as_the_alias_is_known() -> None:
    async def main(house: House) -> None:
        await seen(house)
        await asyncio.sleep(59)
        assert await seen(house) == BLOCKED
        assert len(house.udp.asked) == 1
        await asyncio.sleep(2)
        assert await seen(house) == BLOCKED
        assert len(house.udp.asked) == 2

    at_home(main, ZONE, made(LISTS))


def test_truth_is_kept_and_told_to_groups_without_that_list() -> None:
    async def main(house: House) -> None:
        assert await seen(house) == BLOCKED
        assert await seen(house, client="192.0.2.99") == (OPEN, [])
        assert await seen(house) == BLOCKED
        assert len(house.udp.asked) == 1

    groups = (GroupEntry("default", (), ("ads",)), GroupEntry("office", ("192.0.2.99",)))
    at_home(main, ZONE, made(LISTS, groups=groups))


def test_a_new_policy_needs_no_new_question() -> None:
    async def main(house: House) -> None:
        assert await seen(house) == (OPEN, [])
        house.forwarder.take(made(LISTS))
        assert await seen(house) == BLOCKED
        house.forwarder.take(made())
        assert await seen(house) == (OPEN, [])
        assert len(house.udp.asked) == 1

    at_home(main, ZONE)


@pytest.mark.parametrize("rule", ["allow shop.example", "@@||shop.example^"])
def test_a_name_that_a_rule_allows_is_not_undone_by_its_alias(rule: str) -> None:
    async def main(house: House) -> None:
        for _ in range(2):
            assert await seen(house) == (OPEN, [])
        assert {row.exchange.verdict for row in await house.rows()} == {"allow"}

    if rule.startswith("@@"):
        at_home(main, ZONE, made({"ads": f"||adtech.example^\n{rule}"}))
    else:
        at_home(main, ZONE, made(LISTS, rules=(OwnRule("allow", "shop.example"),)))


def test_an_allowed_target_is_no_excuse_for_the_next() -> None:
    async def main(house: House) -> None:
        answer, _ = await seen(house, "two.example")
        assert answer == ["two.example. 10 IN A 0.0.0.0"]

    at_home(main, ZONE, made(LISTS, rules=(OwnRule("allow", "one.example"),)))


def test_an_allowed_target_is_let_through() -> None:
    async def main(house: House) -> None:
        assert await seen(house) == (OPEN, [])

    at_home(main, ZONE, made(LISTS, rules=(OwnRule("allow", "t.adtech.example"),)))


def test_a_target_that_is_allowed_for_a_while_limits_the_answer_to_that_while() -> None:
    async def main(house: House) -> None:
        answer, _ = await seen(house)
        assert answer == ["shop.example. 30 IN CNAME t.adtech.example.", "t.adtech.example. 30 IN A 203.0.113.9"]
        await asyncio.sleep(29.5)
        answer, _ = await seen(house)
        assert [line.split()[1] for line in answer] in (["0", "0"], ["1", "1"])
        await asyncio.sleep(1)
        assert await seen(house) == BLOCKED

    rules = (OwnRule("allow", "t.adtech.example", until=START + 30),)
    at_home(main, ZONE, made(LISTS, rules=rules))


def test_a_target_that_is_blocked_for_a_while() -> None:
    async def main(house: House) -> None:
        reply = await house.ask("shop.example")
        assert reply.rcode() == dns.rcode.NXDOMAIN
        assert errors(reply) == [(EdeCode.FILTERED, "rules: deny adtech.example")]
        await asyncio.sleep(25)
        reply = await house.ask("shop.example")
        assert reply.rcode() == dns.rcode.NXDOMAIN
        assert all(rrset.ttl <= 5 for rrset in reply.authority)
        await asyncio.sleep(6)
        assert (await house.ask("shop.example")).rcode() == dns.rcode.NOERROR

    rules = (OwnRule("deny", "adtech.example", until=START + 30),)
    at_home(main, ZONE, made(rules=rules, answer=Nxdomain()))


def test_asked_for_the_alias_itself_its_target_counts() -> None:
    async def main(house: House) -> None:
        reply = await house.ask("shop.example", "CNAME")
        assert (texts(reply.answer), errors(reply)) == ([], BLOCKED[1])

    at_home(main, ZONE, made(LISTS))


def test_hostile_targets_pose_as_nobody() -> None:
    async def main(house: House) -> None:
        answer, found = await seen(house, "evil.example")
        assert (len(answer), found) == (1, [])

    at_home(main, r"evil.example. 60 CNAME adtech\.example.", made(LISTS))


LEADS = f"""
plain.example. 300 A 198.51.100.7
plain.example. 300 A 203.0.113.9
six.example. 300 AAAA 2001:db8::66
hints.example. 300 HTTPS 1 . ipv4hint=192.0.2.1,203.0.113.9
service.example. 300 HTTPS 1 t.adtech.example. alpn=h2
fine.example. 300 HTTPS 1 . alpn=h2
alias.example. 300 CNAME rewritten.example.
rewritten.example. 300 A 203.0.113.10
{SOA}
"""


@pytest.mark.parametrize(
    ("name", "type", "rule", "via"),
    [
        ("plain.example", "A", "||203.0.113.9^", "203.0.113.9"),
        ("six.example", "AAAA", "2001:db8::66", "2001:db8::66"),
        ("hints.example", "HTTPS", "||203.0.113.9^", "203.0.113.9"),
        ("service.example", "HTTPS", "||adtech.example^", "t.adtech.example"),
        ("fine.example", "HTTPS", "", ""),
    ],
)
def test_addresses_and_services(name: str, type: str, rule: str, via: str) -> None:
    async def main(house: House) -> None:
        reply = await house.ask(name, type)
        assert errors(reply) == ([(EdeCode.BLOCKED, f"ads: {rule}")] if rule else [])
        (row,) = await house.rows()
        assert (row.exchange.verdict, row.exchange.via) == ("block" if rule else "pass", via)

    at_home(main, LEADS, made({"ads": "||adtech.example^\n||203.0.113.9^\n2001:db8::66\n"}))


def test_the_type_that_counts_is_the_records() -> None:
    async def main(house: House) -> None:
        assert errors(await house.ask("shop.example")) == []
        assert errors(await house.ask("two.example")) == [(EdeCode.BLOCKED, "ads: ||one.example^$dnstype=CNAME")]

    at_home(main, ZONE, made({"ads": "||adtech.example^$dnstype=A\n||one.example^$dnstype=CNAME"}))


def test_a_target_that_a_list_rewrites() -> None:
    async def main(house: House) -> None:
        reply = await house.ask("alias.example")
        assert texts(reply.answer) == [
            "alias.example. 10 IN CNAME rewritten.example.",
            "rewritten.example. 10 IN A 192.0.2.77",
        ]
        assert errors(reply) == [(EdeCode.FORGED, "ads: 192.0.2.77 rewritten.example")]
        assert texts((await house.ask("alias.example", "CNAME")).answer)[1:] == []

    at_home(main, LEADS, made({"ads": "192.0.2.77 rewritten.example"}))


def test_a_shadow_list_lets_pass_and_is_noted() -> None:
    async def main(house: House) -> None:
        assert await seen(house) == (OPEN, [])
        assert errors(await house.ask("t.adtech.example")) == []
        assert {(r.exchange.verdict, r.exchange.shadow, r.exchange.via) for r in await house.rows()} == {
            ("pass", "tried: ||adtech.example^", "t.adtech.example"),
            ("pass", "tried: ||adtech.example^", ""),
        }

    at_home(main, ZONE, made({"tried": "||adtech.example^"}, shadow=["tried"]))
