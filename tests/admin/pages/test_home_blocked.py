"""The last blocked names on the page Now, and how they are allowed from there."""

from urllib.parse import parse_qsl

import pytest
from msgspec.structs import replace

from resolver.admin.bodies import LogPage
from resolver.admin.rulebodies import NewRule
from resolver.admin.shown import clock_time
from resolver.journal.frames import Row
from tests.admin.household import House, Opener
from tests.admin.pages.test_home import HOSTILE, MARKUP, Page, is_harmless, look
from tests.admin.parts import NOON, row


def test_the_last_blocked_queries(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("www.example", "pass"), *(row(f"n{number}.ads.example") for number in range(60))])
        await house.journal([row("shop.example", via="t.ads.example", client="192.0.2.99", count=3)])
        page = await look(house)
        assert len(page.allowed) == 14
        assert "www.example" not in page.text
        assert "n40.ads.example" not in page.text
        for part in (
            "192.0.2.99",
            "shop.example",
            "met as t.ads.example",
            "ads: ||shop.example^",
            "\N{MULTIPLICATION SIGN} 3",
        ):
            assert part in page.words, part
        links = [str(link["href"]) for link in page.all("a")]
        assert links.count("/log?verdict=block") == 1
        assert "/why?name=shop.example&type=A&client=192.0.2.99" in links
        assert f">{clock_time(NOON - 60)[11:]}</time>" in await (await house.sign_in()).page(), (
            "what was today has no date"
        )

    open_house(scenario)


def asked(type: int) -> Row:
    blocked = row("t.ads.example")
    return replace(blocked, exchange=replace(blocked.exchange, type=type))


def test_a_name_that_was_asked_for_in_several_types_is_one_row(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([asked(number) for number in (1, 28, 65)])
        page = await look(house)
        assert [one["name"] for one in page.allowed] == ["t.ads.example"]
        assert "\N{MULTIPLICATION SIGN} 3" in page.words

    open_house(scenario)


def test_hostile_names_are_shown_harmlessly_and_go_back_as_they_are(open_house: Opener) -> None:
    long = ".".join(["\\000" * 15] * 15) + ".ads.example"

    async def scenario(house: House) -> None:
        await house.journal([row(HOSTILE), row(long), row("x.example", via=MARKUP, client=MARKUP)])
        raw = await (await house.sign_in()).page()
        page = Page(raw)
        assert is_harmless(page)
        assert raw.replace("\n", "").isprintable(), "no control and no direction marks"
        assert [one["name"] for one in page.allowed] == ["x.example", long, HOSTILE]
        why = [str(link["href"]).partition("?")[2] for link in page.all("a") if str(link["href"]).startswith("/why?")]
        assert [dict(parse_qsl(one))["name"] for one in why] == ["x.example", long, HOSTILE]
        shown = page.text[page.text.index("Last blocked") :]
        assert "\u2026" in shown
        assert long not in shown
        assert shown.count(".ads.example") >= 2, "the end of a long name says whose it is"

    open_house(scenario)


def asleep(name: str, client: str) -> Row:
    blocked = row(name, client=client)
    return replace(blocked, exchange=replace(blocked.exchange, source="schedules", rule="bedtime until 06:30"))


def test_what_a_schedule_blocked_can_be_allowed_for_a_while(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example"), asleep("chat.example", ""), asleep("game.example", "192.0.2.20")])
        page = await look(house)
        assert page.allowed == [
            {"name": "game.example", "for": "30m", "client": "192.0.2.20"},
            {"name": "chat.example", "for": "30m", "group": "default"},
            {"name": "t.ads.example"},
        ]
        labels = [str(button["aria-label"]) for button in page.all("button") if button.get("name") in {"row", "name"}]
        assert labels == [
            "Allow game.example for 30 minutes, for this device",
            "Allow chat.example for 30 minutes, for group default",
            "Allow t.ads.example for everyone",
        ]
        for said in ("Allow for 30 minutes, for this device", "Allow for 30 minutes, for group default"):
            assert page.text.count(said) == 1, said

    open_house(scenario)


def test_what_is_allowed_by_now_has_no_button(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example"), row("t.ads.example", client="192.0.2.20"), row("x.ads.example")])
        await house.journal([row("t.ads.example", client="\x1b no address"), row(MARKUP)])
        new = NewRule("allow", text="/^t[.]ads/", client="192.0.2.20")
        await house.service.ruling.add(new, "ada")
        page = await look(house)
        names = [one["name"] for one in page.allowed]
        assert sorted(names) == sorted(["t.ads.example", "t.ads.example", "x.ads.example", MARKUP])
        assert page.text.count("by now: ") == 1
        assert "allow /^t[.]ads/" in page.text
        await house.service.ruling.add(NewRule("allow", "ads.example"), "ada")
        page = await look(house)
        names = [one["name"] for one in page.allowed]
        assert sorted(names) == sorted([MARKUP, "t.ads.example"]), "what cannot be judged keeps its button"
        assert page.text.count("by now: ") == 3

    open_house(scenario)


def test_what_privacy_left_out_is_said(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("", client="")])
        page = await look(house)
        assert page.text.count("not kept") == 2
        assert not page.allowed
        assert not [link for link in page.all("a") if "/why?" in str(link["href"])]

    open_house(scenario)


def test_how_far_back_nothing_was_blocked(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Among ten million answers the time for looking may be over before the first that was blocked is found."""

    async def scenario(house: House) -> None:
        assert "Nothing was blocked yet." in (await look(house)).words

        async def slow(*_: object) -> LogPage:
            return LogPage([], 7, NOON - 60)

        monkeypatch.setattr(house.service, "log", slow)
        said = f"Nothing was blocked since {clock_time(NOON - 60)}. Look further back"
        assert said in (await look(house)).words

    open_house(scenario)
