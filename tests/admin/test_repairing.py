"""Repairing a site, from the log to a site rule, over the API of a running admin."""

from __future__ import annotations

from resolver.admin.repairing import MINUTES
from resolver.model import Allow
from resolver.store.repairs import Repair
from tests.admin.broken import (
    ADS,
    PHONE,
    SITE,
    STARTER,
    TRACK,
    TV,
    allowed,
    do,
    page,
    refused,
    suspects,
    verdict,
    visited,
)
from tests.admin.household import House, Opener
from tests.admin.parts import NOON, row
from tests.store.making import remember


def test_until_the_culprit_is_left_and_kept(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        trial = await do(house, "try")
        assert (trial.stage, trial.of, trial.left, trial.until) == ("trying", 3, 3, NOON + MINUTES)
        assert allowed(house) == {ADS, TRACK, STARTER} == set(trial.names)
        assert allowed(house, PHONE) == set()
        while trial.stage == "trying":
            trial = await do(house, "answer", works=STARTER in allowed(house))
            assert allowed(house) == set(trial.names)
        assert (trial.stage, trial.names) == ("found", [STARTER])
        assert trial.reloads <= 4
        kept = await do(house, "keep")
        assert (kept.stage, kept.names) == ("kept", [STARTER])
        (rule,) = await house.api("GET", "sites")
        assert (rule["site"], rule["allow"], rule["window"], rule["client"]) == ("news.example", [STARTER], 600, TV)
        assert rule["who"].startswith("api")
        left = await suspects(house)
        assert [one.domain for one in left.suspects if one.domain != "starter.example"] == [
            "ads.example",
            "track.example",
        ]
        await do(house, "undo")
        assert await house.api("GET", "sites") == []
        assert allowed(house) == set()
        assert (await house.api("GET", SITE))["trials"] == []

    open_house(scenario)


def test_what_is_on_trial_is_remembered_for_seconds(open_house: Opener) -> None:
    """So that it is seen at once when less is allowed."""

    async def scenario(house: House) -> None:
        await visited(house)
        await do(house, "try")
        found = verdict(house, ADS)
        assert isinstance(found, Allow)
        assert found.until == NOON + 10
        house.clock.now += MINUTES - 4
        assert verdict(house, ADS).until == NOON + MINUTES
        house.clock.now += 4
        assert allowed(house) == set()

    open_house(scenario)


def test_a_trial_whose_time_is_over_goes_on(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        await do(house, "try")
        half = await do(house, "answer", works=True)
        house.clock.now += MINUTES + 1
        assert (await refused(house, "answer", works=True))[0] == 409
        again = await do(house, "try")
        assert (again.names, again.reloads) == (half.names, 1)
        assert allowed(house) == set(half.names)
        anew = await do(house, "try")
        assert (len(anew.names), anew.reloads) == (3, 0), "while it goes on, try begins anew"

    open_house(scenario)


def test_some_of_the_suspects(open_house: Opener) -> None:
    """By their domains: as likely as they are, so that halving begins with the likelier ones."""

    async def scenario(house: House) -> None:
        await visited(house)
        trial = await do(house, "try", domains=["track.example", "starter.example"])
        assert (trial.names, trial.of) == ([STARTER, TRACK], 2)
        assert (await refused(house, "try", domains=["track.example", "x.example"]))[0] == 409
        both = await do(house, "try", domains=["ads.example"], names=["other.example"])
        assert set(both.names) == {ADS, "other.example"}

    open_house(scenario)


def test_what_is_kept_is_no_suspect(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        await do(house, "try", names=[ADS])
        assert "ads.example" in {one.domain for one in (await suspects(house)).suspects}, "while it is on trial"
        await do(house, "keep")
        assert {one.domain for one in (await suspects(house)).suspects} == {"track.example", "starter.example"}

    open_house(scenario)


def test_the_site_itself(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        async def itself(site: str) -> tuple[str, str, str]:
            found = await house.api("GET", f"sites/{site}/suspects?client={TV}")
            assert found["group"] == "default"
            return found["itself"]["name"], found["itself"]["verdict"], found["itself"]["kind"]

        assert await itself("www.news.example") == ("www.news.example", "pass", "")
        assert await itself("www.ads.example") == ("ads.example", "block", "lists")
        await house.api("POST", "rules", {"action": "deny", "name": "www.news.example"})
        assert await itself("www.news.example") == ("www.news.example", "block", "rules")
        assert await itself("news.example") == ("news.example", "pass", "")
        await house.api("POST", "pause", {"for": "5m"})
        assert await itself("www.news.example") == ("www.news.example", "allow", "pause")

    open_house(scenario)


def test_it_lies_elsewhere(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        await do(house, "try", names=[ADS])
        assert allowed(house) == {ADS}
        wider = await do(house, "answer", works=False)
        assert (wider.stage, wider.of) == ("trying", 3)
        assert allowed(house) == {ADS, TRACK, STARTER}
        end = await do(house, "answer", works=False)
        assert (end.stage, end.names) == ("elsewhere", [])
        assert allowed(house) == set()
        assert (await refused(house, "answer", works=True))[0] == 409
        assert (await refused(house, "keep"))[0] == 409
        await do(house, "undo")
        assert (await refused(house, "undo"))[0] == 404

    open_house(scenario)


def test_a_page_that_gets_further_asks_for_more(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal(page()[:2], NOON - 60)
        assert (await do(house, "try")).names == [ADS]
        await house.journal([row("www.news.example", "pass"), row(STARTER)], NOON - 20)
        wider = await do(house, "answer", works=False)
        assert (wider.stage, set(wider.names), wider.left) == ("trying", {ADS, STARTER}, 1)
        both = await do(house, "answer", works=True)
        while both.stage == "trying":
            both = await do(house, "answer", works={ADS, STARTER} <= allowed(house))
        assert (both.stage, set(both.names)) == ("found", {ADS, STARTER})

    open_house(scenario)


def test_keeping_for_others(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        await do(house, "try", names=[ADS])
        assert (await refused(house, "keep", group="kids", for_everyone=True))[0] == 400
        await do(house, "keep", for_everyone=True, window="always")
        assert {ADS} == allowed(house, PHONE) == allowed(house)
        assert (await refused(house, "keep"))[0] == 409
        await house.api("POST", f"{SITE}/allow", {"names": [TRACK]})
        await do(house, "undo")
        assert allowed(house, PHONE) == {TRACK}, "what was not of the repair stays"
        (rule,) = await house.api("GET", "sites")
        assert rule["allow"] == [TRACK]

    open_house(scenario)


def test_it_stays_allowed_on_the_device_until_it_asks_for_the_site_again(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        await do(house, "try", names=[ADS])
        await do(house, "keep")
        house.clock.now += MINUTES + 60
        assert allowed(house) == {ADS}
        house.clock.now += 3600
        assert allowed(house) == set()

    open_house(scenario)


def test_nothing_to_try(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert await refused(house, "try") == (
            409,
            f"the log does not have {TV} on news.example: load the page there, and try again",
        )
        await house.journal(page()[:1])
        assert (await refused(house, "try"))[1] == f"nothing that {TV} asks for with news.example is blocked"
        assert (await refused(house, "answer", works=True))[0] == 404
        assert (await refused(house, "try", client=""))[0] == 400
        assert (await refused(house, "try", names=["||x^"]))[0] == 400

    open_house(scenario)


def test_a_repair_that_cannot_be_read_is_none(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        remember(house.parts.people, Repair("news.example", TV, '{"of": "another version"}', NOON + 60))
        assert (await house.api("GET", SITE))["trials"] == []
        assert (await refused(house, "answer", works=True))[0] == 404
        assert (await do(house, "try", names=[ADS])).names == [ADS]

    open_house(scenario)


def test_undo_leaves_what_the_rule_had_before(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        await house.api("POST", f"{SITE}/allow", {"names": [ADS], "client": TV})
        await do(house, "try", names=[ADS, STARTER])
        await do(house, "keep")
        (rule,) = await house.api("GET", "sites")
        assert rule["allow"] == [ADS, STARTER]
        await do(house, "undo")
        (rule,) = await house.api("GET", "sites")
        assert rule["allow"] == [ADS]

    open_house(scenario)


def test_a_try_whose_rules_somebody_took_away_says_nothing(open_house: Opener) -> None:
    """What was seen without them would convict the wrong names."""

    async def scenario(house: House) -> None:
        await visited(house)
        for undo in (False, True):
            half = await do(house, "answer", works=True) if (await do(house, "try")).names else None
            assert half is not None
            if undo:
                newest = (await house.api("GET", "changes?limit=1"))["entries"][0]["id"]
                await house.api("POST", f"changes/{newest}/undo")
            else:
                rule = next(one["id"] for one in await house.api("GET", "rules") if one["name"] == half.names[0])
                await house.api("DELETE", f"rules/{rule}")
            assert (await house.api("GET", SITE))["trials"][0]["until"] is None
            assert (await refused(house, "answer", works=False))[0] == 409
            again = await do(house, "try")
            assert (again.names, again.reloads) == (half.names, 1), "it goes on from there"
            assert allowed(house) == set(half.names)

    open_house(scenario)


def test_what_was_kept_and_taken_back_is_no_repair(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        await do(house, "try")
        await do(house, "keep")
        (standing,) = (await house.api("GET", "sites/news.example"))["trials"]
        assert standing["stage"] == "kept"
        newest = (await house.api("GET", "changes?limit=1"))["entries"][0]
        await house.api("POST", f"changes/{newest['id']}/undo")
        found = await house.api("GET", "sites/news.example")
        assert found["rules"] == []
        (trial,) = found["trials"]
        assert (trial["stage"], trial["until"]) == ("trying", NOON + MINUTES), "as it was before it was kept"
        assert allowed(house) == set(trial["names"])
        house.clock.now += MINUTES + 1
        assert (await house.api("GET", "sites/news.example"))["trials"] == []
        assert allowed(house) == set()
        assert (await do(house, "try")).stage == "trying"

    open_house(scenario)


def test_what_was_kept_is_taken_back_by_a_new_name_too(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await visited(house)
        await do(house, "try", names=[ADS])
        await do(house, "keep")
        await house.api("PUT", f"clients/{TV}", {"name": "tv"})
        assert [rule["client"] for rule in await house.api("GET", "sites")] == ["tv"]
        await do(house, "undo")
        assert await house.api("GET", "sites") == []
        assert allowed(house) == set()

    open_house(scenario)
