"""Site rules in a whole forwarder: windows open, are renewed and close; TTLs follow them; nothing of it is remembered
for anybody else."""

from __future__ import annotations

import asyncio
from typing import Any

import dns.message
import dns.rcode
import pytest

from resolver.model import Nxdomain
from resolver.policy.bundle import Bundle
from resolver.policy.document import DeviceEntry, GroupEntry, OwnRule, SafeEntry, SiteEntry
from tests.pipeline.house import ME, SOA, House, at_home, made
from tests.scenarios.virtual import START

ZONE = f"""
www.news.example. 3600 A 192.0.2.1
player.example.net. 3600 A 203.0.113.1
alias.news.example. 3600 CNAME player.example.net.
shop.example. 3600 CNAME player.example.net.
free.example.org. 3600 CNAME www.news.example.
other.example.org. 3600 A 203.0.113.2
tracker.example.com. 3600 A 203.0.113.66
{SOA}
"""
LISTS = {"ads": "||example.net^\n||tracker.example.com^"}
YOU = "192.0.2.11"


def policy(site: SiteEntry | None = None, **fields: Any) -> Bundle:
    one = site or SiteEntry("news.example", ("example.net",), key="site:1")
    return made(LISTS, sites=(one,), **fields)


def said(reply: dns.message.Message) -> tuple[str, int]:
    """The last record's data, and the smallest TTL."""
    rrsets = [*reply.answer, *reply.authority]
    return str(rrsets[-1][0]), min(rrset.ttl for rrset in rrsets)


def finished(house: House, client: str = ME) -> int:
    """How many finished answers are kept for a client."""
    return len(house.forwarder.peers[client].packets)


def test_a_window_opens_for_one_client_and_closes() -> None:
    async def main(house: House) -> None:
        assert said(await house.ask("player.example.net")) == ("0.0.0.0", 10)
        assert said(await house.ask("www.news.example")) == ("192.0.2.1", 300)
        assert said(await house.ask("player.example.net")) == ("203.0.113.1", 600)
        assert said(await house.ask("player.example.net", client=YOU)) == ("0.0.0.0", 10)
        await asyncio.sleep(450)
        assert said(await house.ask("player.example.net")) == ("203.0.113.1", 150)
        await asyncio.sleep(149)
        assert said(await house.ask("player.example.net")) == ("203.0.113.1", 1)
        await asyncio.sleep(1)
        assert said(await house.ask("player.example.net")) == ("0.0.0.0", 10)
        assert finished(house) == 0
        assert house.udp.asked == ["www.news.example. A", "player.example.net. A"]  # truth is kept all the same

    at_home(main, ZONE, policy())


def test_every_look_up_of_the_site_renews_it() -> None:
    async def main(house: House) -> None:
        for _ in range(5):
            assert said(await house.ask("www.news.example"))[1] == 300
            await asyncio.sleep(400)
            assert said(await house.ask("player.example.net")) == ("203.0.113.1", 200)

    at_home(main, ZONE, policy())


def test_a_name_of_the_site_that_does_not_exist_is_a_visit_too() -> None:
    async def main(house: House) -> None:
        assert said(await house.ask("no.news.example"))[1] == 300
        assert said(await house.ask("player.example.net"))[0] == "203.0.113.1"

    at_home(main, ZONE, policy())


def test_a_site_that_is_blocked_itself_stays_so_and_its_window_opens() -> None:
    async def main(house: House) -> None:
        for _ in range(2):
            assert said(await house.ask("www.news.example")) == ("0.0.0.0", 10)
        assert said(await house.ask("player.example.net"))[0] == "203.0.113.1"

    rules = (OwnRule("deny", "news.example"),)
    at_home(main, ZONE, policy(rules=rules))


@pytest.mark.parametrize("window", [60, 61])
def test_the_sites_own_answers_hold_for_at_most_half_the_shortest_window(window: int) -> None:
    async def main(house: House) -> None:
        assert said(await house.ask("www.news.example"))[1] == 30
        assert finished(house) == 0

    sites = (
        SiteEntry("example", ("a.example",), window=3600, key="site:1"),
        SiteEntry("news.example", ("b.example",), window=window, key="site:2"),
    )
    at_home(main, ZONE, made(LISTS, sites=sites))


def test_a_device_is_on_a_site_with_all_its_addresses() -> None:
    async def main(house: House) -> None:
        await house.ask("www.news.example", client="192.0.2.20")
        assert said(await house.ask("player.example.net", client="2001:db8::20"))[0] == "203.0.113.1"
        assert said(await house.ask("player.example.net", client=ME))[0] == "0.0.0.0"

    devices = (DeviceEntry("Tablet", ("192.0.2.20", "2001:db8::20")),)
    at_home(main, ZONE, policy(devices=devices))


def test_what_passes_for_a_device_on_a_site_is_not_what_its_group_hears() -> None:
    """Two clients share their finished answers; what one is told on a site must never be among them."""

    async def main(house: House) -> None:
        await house.ask("www.news.example")
        for name in ("player.example.net", "shop.example", "alias.news.example"):
            assert said(await house.ask(name))[0] == "203.0.113.1"
            assert said(await house.ask(name, client=YOU))[0] == ("203.0.113.1" if "news" in name else "0.0.0.0")
        assert house.forwarder.peers[ME].packets is house.forwarder.peers[YOU].packets
        assert finished(house) == 0

    at_home(main, ZONE, policy())


def test_a_target_inside_an_answer_is_allowed_until_the_window_ends() -> None:
    async def main(house: House) -> None:
        assert said(await house.ask("shop.example")) == ("0.0.0.0", 10)
        await house.ask("www.news.example")
        await asyncio.sleep(100)
        assert said(await house.ask("shop.example")) == ("203.0.113.1", 500)
        await asyncio.sleep(500)
        assert said(await house.ask("shop.example")) == ("0.0.0.0", 10)
        assert finished(house) == 0

    at_home(main, ZONE, policy())


def test_an_alias_of_the_site_is_no_visit() -> None:
    async def main(house: House) -> None:
        assert said(await house.ask("free.example.org")) == ("192.0.2.1", 3600)
        assert said(await house.ask("player.example.net"))[0] == "0.0.0.0"

    at_home(main, ZONE, policy())


def test_what_concerns_others_costs_nobody_their_finished_answers() -> None:
    site = SiteEntry("news.example", ("example.net",), client=YOU, key="site:1")

    async def main(house: House) -> None:
        await house.ask("www.news.example")
        assert said(await house.ask("player.example.net"))[0] == "0.0.0.0"
        assert finished(house) == 2
        await house.ask("www.news.example", client=YOU)
        assert said(await house.ask("player.example.net", client=YOU))[0] == "203.0.113.1"
        assert finished(house, YOU) == 0

    at_home(main, ZONE, policy(site))


def test_the_rule_ends_before_its_window_does() -> None:
    site = SiteEntry("news.example", ("example.net",), until=START + 100, key="site:1")

    async def main(house: House) -> None:
        await house.ask("www.news.example")
        assert said(await house.ask("player.example.net")) == ("203.0.113.1", 100)
        await asyncio.sleep(100)
        assert said(await house.ask("player.example.net")) == ("0.0.0.0", 10)

    at_home(main, ZONE, policy(site))


def test_windows_outlive_a_change_of_policy() -> None:
    async def main(house: House) -> None:
        await house.ask("www.news.example")
        house.forwarder.take(policy(rules=(OwnRule("deny", "x.example"),)))
        house.forwarder.flush()
        assert said(await house.ask("player.example.net"))[0] == "203.0.113.1"

    at_home(main, ZONE, policy())


def test_an_alias_of_safe_search_is_not_remembered_for_a_name_of_a_rule() -> None:
    """It would be given without opening the window."""
    engine = SafeEntry("seek", "Seek", ("www.news.example",), "other.example.org")
    groups = (GroupEntry("default", safe_search=("seek",)),)

    async def main(house: House) -> None:
        for _ in range(2):
            assert said(await house.ask("www.news.example"))[0] == "203.0.113.2"
            await asyncio.sleep(500)
            assert house.forwarder.visits.of(ME)
        assert finished(house) == 0

    at_home(main, ZONE, policy(safe_search=(engine,), groups=groups))


def test_other_ways_to_block_are_not_remembered_either() -> None:
    async def main(house: House) -> None:
        assert (await house.ask("player.example.net")).rcode() == dns.rcode.NXDOMAIN
        await house.ask("www.news.example")
        assert (await house.ask("player.example.net")).rcode() == dns.rcode.NOERROR

    at_home(main, ZONE, policy(answer=Nxdomain()))


def test_the_rule_that_allowed_is_in_the_journal_with_its_key() -> None:
    async def main(house: House) -> None:
        await house.ask("www.news.example")
        await house.ask("player.example.net")
        found = {row.exchange.name: row.exchange for row in await house.rows()}
        allowed = found["player.example.net"]
        assert (allowed.verdict, allowed.source, allowed.own) == ("allow", "sites", "site:1")
        assert (found["www.news.example"].verdict, found["www.news.example"].own) == ("pass", "")

    at_home(main, ZONE, policy())
