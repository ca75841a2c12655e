"""Who may be missing on a site, by the log and the policy of a running admin."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from resolver.config.log import Log
from resolver.config.people import Group
from resolver.model import Allow, Privacy
from resolver.store.sightings import Seen
from tests.admin.broken import (
    ADS,
    PHONE,
    SITE,
    STARTER,
    TV,
    allowed,
    do,
    refused,
    suspects,
    verdict,
    visited,
)
from tests.admin.household import House, Opener, config_of
from tests.admin.parts import NOON, row


def test_suspects(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        found = await suspects(house)
        assert [one.domain for one in found.suspects] == ["ads.example", "starter.example", "track.example"]
        assert (found.site, found.client, found.visits, found.loads, found.unknown) == ("news.example", TV, 3, 3, "")
        first, _, last = found.suspects
        assert [(one.name, one.rule) for one in first.names] == [(ADS, "ads: ||ads.example^")]
        assert (first.with_site, first.loads, first.worth, first.why, first.others) == (3, 3, True, "", [])
        assert first.lift > 10 > last.lift
        assert last.others == ["other.example"]
        assert (await suspects(house, PHONE)).visits == 0

    open_house(scenario)


def test_what_people_or_schedules_block_is_not_tried(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        await house.api("POST", "rules", {"action": "deny", "name": "ads.example"})
        await house.api("POST", "rules", {"action": "allow", "name": "track.example"})
        found = {one.domain: one for one in (await suspects(house)).suspects}
        assert set(found) == {"ads.example", "starter.example"}, "what is blocked no more is no suspect"
        assert (found["ads.example"].worth, found["ads.example"].why) == (False, "it is blocked by people's rules")
        assert (await do(house, "try")).names == [STARTER]

    open_house(scenario)


def test_what_a_site_rule_allows_is_no_suspect(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        await house.api("POST", f"{SITE}/allow", {"names": ["ads.example"]})
        assert [one.domain for one in (await suspects(house)).suspects] == ["starter.example", "track.example"]
        await house.api("PUT", SITE, {"allow": "all", "client": PHONE})
        assert len((await suspects(house)).suspects) == 2, "that is another device"

    open_house(scenario)


@pytest.mark.parametrize(
    ("privacy", "why"),
    [("no-client", "does not keep who asked"), ("no-name", "keeps no names"), ("off", "keeps no names")],
)
def test_a_log_that_cannot_say(open_house: Opener, privacy: Privacy, why: str) -> None:
    async def scenario(house: House) -> None:
        assert why in (await suspects(house)).unknown
        assert why in (await refused(house, "try"))[1]
        assert (await do(house, "try", names=[ADS])).names == [ADS], "names of one's own can be tried"

    config = config_of(open_house.lists)
    open_house(scenario, config=replace(config, log=Log(privacy=privacy)))


def test_a_group_of_which_the_log_says_nothing(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert "groups.default.privacy is off" in (await suspects(house)).unknown

    config = config_of(open_house.lists)
    open_house(scenario, config=replace(config, groups={"default": Group(privacy="off")}))


def test_the_registrable_domain_is_meant(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        found = await house.api("GET", f"sites/a.b.news.example/suspects?client={TV}")
        assert (found["site"], len(found["suspects"])) == ("news.example", 3)
        assert "all of news.example" in found["hint"]
        exact = await house.api("GET", f"sites/www.news.example/suspects?client={TV}&exact=true")
        assert (exact["site"], exact["visits"]) == ("www.news.example", 3)
        public = await house.get(f"/api/v1/sites/co.uk/suspects?client={TV}")
        assert (public.status, public.error["path"]) == (400, "site")

    open_house(scenario)


def test_a_device_of_two_addresses(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        mac, other = "02:00:5e:10:00:01", "2001:db8::7"
        seen = [Seen(TV, mac, NOON), Seen(other, mac, NOON)]
        house.parts.devices.store.note(seen, {}, NOON, lambda _: False)
        await house.journal([row("www.news.example", "pass", client=TV)], NOON - 60)
        await house.journal([row(ADS, client=other)], NOON - 59)
        alone = await suspects(house)
        assert (alone.client, alone.suspects) == (TV, [])
        assert f"lull devices name {TV} NAME" in alone.hint
        await house.api("PUT", f"clients/{TV}", {"name": "Telly"})
        found = await suspects(house)
        assert (found.client, found.hint) == ("Telly", "")
        assert [one.domain for one in found.suspects] == ["ads.example"]
        await do(house, "try", client="telly")
        assert allowed(house, TV) == allowed(house, other) == {ADS}
        assert allowed(house, PHONE) == set()

    open_house(scenario)


def test_what_is_blocked_for_its_alias(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        hidden = "metrics.news.example"
        await house.journal([row("www.news.example", "pass"), row(hidden, via="t.ads.example")], NOON - 60)
        (one,) = (await suspects(house)).suspects
        assert [(name.name, name.via, name.rule) for name in one.names] == [
            (hidden, "t.ads.example", "ads: ||ads.example^")
        ]
        await do(house, "try")
        assert isinstance(verdict(house, hidden), Allow)
        await do(house, "undo")
        await house.api("POST", "rules", {"action": "allow", "name": "ads.example"})
        assert (await suspects(house)).suspects == []

    open_house(scenario)
