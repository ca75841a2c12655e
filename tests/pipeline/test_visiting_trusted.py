"""Sites that are trusted with everything, or always: what of that is remembered, and for whom."""

from __future__ import annotations

import asyncio

import dns.rcode

from resolver.policy.document import OwnRule, SiteEntry
from tests.pipeline.house import House, at_home
from tests.pipeline.test_visiting import YOU, ZONE, finished, policy, said


def test_a_site_trusted_with_everything() -> None:
    site = SiteEntry("news.example", everything=True, window=60, key="site:1")

    async def main(house: House) -> None:
        assert said(await house.ask("tracker.example.com"))[0] == "0.0.0.0"
        assert said(await house.ask("shop.example"))[0] == "0.0.0.0"
        await house.ask("www.news.example")
        assert said(await house.ask("tracker.example.com")) == ("203.0.113.66", 60)
        assert said(await house.ask("shop.example")) == ("203.0.113.1", 60)
        assert said(await house.ask("tracker.example.com", client=YOU))[0] == "0.0.0.0"
        await asyncio.sleep(60)
        assert said(await house.ask("tracker.example.com"))[0] == "0.0.0.0"
        assert finished(house) == 0

    at_home(main, ZONE, policy(site))


def test_what_passes_anyhow_is_remembered_as_ever_where_a_site_is_trusted_with_everything() -> None:
    site = SiteEntry("news.example", everything=True, key="site:1")

    async def main(house: House) -> None:
        await house.ask("other.example.org")
        assert finished(house) == 1
        await house.ask("www.news.example")
        await house.ask("other.example.org")
        assert finished(house) == 1

    at_home(main, ZONE, policy(site))


def test_what_is_decided_before_sites_have_a_say_is_remembered_too() -> None:
    site = SiteEntry("news.example", everything=True, key="site:1")

    async def main(house: House) -> None:
        for _ in range(2):
            assert said(await house.ask("other.example.org"))[0] == "0.0.0.0"
            await house.ask("www.news.example")
        assert finished(house) == 1

    at_home(main, ZONE, policy(site, rules=(OwnRule("deny", "other.example.org"),)))


def test_what_is_denied_behind_an_alias_is_not_remembered_where_a_site_is_trusted_with_everything() -> None:
    """On the site the alias itself is allowed, and nobody looks at what it leads to."""
    site = SiteEntry("news.example", everything=True, key="site:1")

    async def main(house: House) -> None:
        assert said(await house.ask("shop.example"))[0] == "0.0.0.0"
        await house.ask("www.news.example")
        assert said(await house.ask("shop.example"))[0] == "203.0.113.1"
        assert finished(house) == 0

    at_home(main, ZONE, policy(site, rules=(OwnRule("deny", "player.example.net"),)))


def test_a_site_trusted_with_everything_is_trusted_with_its_own_names_from_the_first_look_up_on() -> None:
    site = SiteEntry("example.com", everything=True, key="site:1")

    async def main(house: House) -> None:
        assert said(await house.ask("tracker.example.com")) == ("203.0.113.66", 300)

    at_home(main, ZONE, policy(site))


def test_always_is_remembered_as_any_other_answer() -> None:
    site = SiteEntry("news.example", ("example.net",), window=None, key="site:1")

    async def main(house: House) -> None:
        assert said(await house.ask("player.example.net")) == ("203.0.113.1", 3600)
        assert said(await house.ask("www.news.example")) == ("192.0.2.1", 3600)
        assert finished(house) == 2

    at_home(main, ZONE, policy(site))


def test_with_local_addresses_too_and_only_while_it_is_looked_at() -> None:
    site = SiteEntry("news.example", everything=True, window=60, key="site:1")

    async def main(house: House) -> None:
        for _ in range(2):
            assert (await house.ask("nas.example")).rcode() == dns.rcode.REFUSED
            await house.ask("www.news.example")
            assert said(await house.ask("nas.example")) == ("192.168.1.9", 60)
            assert (await house.ask("nas.example", client=YOU)).rcode() == dns.rcode.REFUSED
            await asyncio.sleep(60)
        assert finished(house) == 0

    at_home(main, ZONE + "\nnas.example. 3600 A 192.168.1.9", policy(site))
