"""The page, read as a browser reads it: by its elements, not its text."""

import time
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from resolver.admin import bodies
from resolver.admin.rulebodies import NewRule
from resolver.journal.frames import Row
from tests.admin.household import ADMIN, House, Opener
from tests.admin.parts import NOON, row

HOSTILE = r"<img\032src=x\032onerror=alert\0401\041>'.\226\128\174gpj.\000\010\034.ads.example"
MARKUP = "<script>alert(1)</script>\"'><b>&amp;\u202e\u0007\x1b[2J"


class Page(HTMLParser):
    """Elements and their texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


async def look(house: House) -> Page:
    return Page(await (await house.sign_in()).page())


def test_the_page_has_its_landmarks_and_no_script(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        page = await look(house)
        for tag in ("header", "main", "footer", "h1"):
            assert len(page.all(tag)) == 1, tag
        assert page.all("html") == [{"lang": "en"}]
        assert not page.all("script")
        assert not any("style" in attributes or "onclick" in attributes for _, attributes in page.elements)
        assert all(form["method"] == "post" for form in page.all("form"))
        sections = [section["aria-labelledby"] for section in page.all("section")]
        assert sections == [heading["id"] for heading in page.all("h1") + page.all("h2")]

    open_house(scenario)


def test_what_the_page_links_to_is_there(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        page = await look(house)
        links = [str(link["href"]) for link in page.all("link")]
        assert links == ["/static/style.css", "/static/icon.svg"]
        for link in links:
            assert (await house.get(link, token=None)).status == 200

    open_house(scenario)


def test_all_is_well_in_words_and_shape(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        page = await look(house)
        assert page.all("h1")[0]["class"] == "state good"
        assert "●" in page.text
        assert "▲" not in page.text
        assert "DNS is well." in page.text
        assert "Needs attention" not in page.text
        assert "Nothing was blocked yet." in page.text

    open_house(scenario)


def test_trouble_is_seen(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.say_health(up=False)
        house.service.config_trouble = MARKUP
        page = await look(house)
        assert page.all("h1")[0]["class"] == "state bad"
        assert "▲" in page.text
        assert "No upstream answers since" in page.text
        assert "Needs attention" in page.text
        assert "\\u202e\\x07\\x1b[2J" in page.text
        assert not page.all("script")

    open_house(scenario)


def test_totals_of_the_day(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("www.example", "pass", count=3000), row("t.ads.example", count=1000)])
        text = " ".join((await look(house)).text.split())
        assert "Queries4,000 Blocked1,000 25.0 % From cache0 0.0 %" in text

    open_house(scenario)


def test_the_last_blocked_queries(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("www.example", "pass"), *(row(f"n{number}.ads.example") for number in range(60))])
        await house.journal([row("shop.example", via="t.ads.example", client="192.0.2.99", count=3)])
        page = await look(house)
        assert len([form for form in page.all("form") if form["action"] == "/allow"]) == 50
        assert "www.example" not in page.text
        assert "n9.ads.example" not in page.text
        for part in (
            "192.0.2.99",
            "shop.example",
            "t.ads.example",
            "ads: ",
            "||shop.example^",
            "\N{MULTIPLICATION SIGN} 3",
        ):
            assert part in page.text, part

    open_house(scenario)


def test_hostile_names_are_shown_harmlessly_and_go_back_as_they_are(open_house: Opener) -> None:
    long = ".".join(["\\000" * 15] * 15) + ".ads.example"

    async def scenario(house: House) -> None:
        await house.journal([row(HOSTILE), row(long), row("x.example", via=MARKUP, client=MARKUP)])
        raw = await (await house.sign_in()).page()
        page = Page(raw)
        assert not page.all("script")
        assert not page.all("img")
        assert not page.all("b")
        assert raw.replace("\n", "").isprintable(), "no control and no direction marks"
        names = [field["value"] for field in page.all("input") if field["name"] == "name"]
        assert names == ["x.example", long, HOSTILE]
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
        hidden = [(field["name"], field["value"]) for field in page.all("input") if field["name"] != "form"]
        assert hidden == [
            *(("name", "game.example"), ("for", "30m"), ("client", "192.0.2.20")),
            *(("name", "chat.example"), ("for", "30m"), ("group", "default")),
            ("name", "t.ads.example"),
        ]
        labels = [str(button["aria-label"]) for button in page.all("button") if "aria-label" in button]
        assert labels == [
            "Allow game.example for 30 minutes, for this device",
            "Allow chat.example for 30 minutes, for group default",
            "Allow t.ads.example for everyone",
        ]
        for said in ("for 30 minutes, for this device", "for 30 minutes, for group default", "for everyone"):
            assert page.text.count(f"Allow {said}") == 1, said

    open_house(scenario)


def test_what_is_allowed_by_now_has_no_button(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example"), row("t.ads.example", client="192.0.2.20"), row("x.ads.example")])
        await house.journal([row("t.ads.example", client="\x1b no address"), row(MARKUP)])
        new = NewRule("allow", text="/^t[.]ads/", client="192.0.2.20")
        await house.service.ruling.add(new, "ada")
        page = await look(house)
        names = [field["value"] for field in page.all("input") if field["name"] == "name"]
        assert sorted(map(str, names)) == sorted(["t.ads.example", "t.ads.example", "x.ads.example", MARKUP])
        assert page.text.count("by now: ") == 1
        assert "allow /^t[.]ads/" in page.text
        await house.service.ruling.add(NewRule("allow", "ads.example"), "ada")
        page = await look(house)
        names = [field["value"] for field in page.all("input") if field["name"] == "name"]
        assert sorted(map(str, names)) == sorted([MARKUP, "t.ads.example"]), "what cannot be judged keeps its button"
        assert page.text.count("by now: ") == 3
        assert "Block nothing, by schedules neither, for everyone, for" in page.text

    open_house(scenario)


def test_what_privacy_left_out_is_said(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("", client="")])
        page = await look(house)
        assert page.text.count("not kept") == 2
        assert not [form for form in page.all("form") if form["action"] == "/allow"]

    open_house(scenario)


def test_pauses_are_shown_with_a_way_back(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert not [form for form in (await look(house)).all("form") if form["action"] == "/resume"]
        await house.service.pausing.begin(bodies.NewPause("5m"), "ada")
        await house.service.pausing.begin(bodies.NewPause("5m", group="kids"), "ada")
        page = await look(house)
        text = " ".join(page.text.split())
        assert "for everyone." in text
        assert "for group kids." in text
        assert [form for form in page.all("form") if form["action"] == "/resume"]
        assert {button.get("value") for button in page.all("button")} >= {"5m", "30m", "2h"}

    open_house(scenario)


def test_the_page_is_there_when_the_database_is_not(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        house.parts.database.close()
        page = await look(house)
        text = " ".join(page.text.split())
        assert "What was asked cannot be shown: the database cannot be used now" in text
        assert "DNS is well." in text
        assert "Not known now." in text
        assert "ads" in text

    open_house(scenario)


@pytest.mark.parametrize("rows", [20_000])
def test_the_page_is_quick(open_house: Opener, rows: int) -> None:
    async def scenario(house: House) -> None:
        some = [row(f"n{number}.ads.example", "block" if number % 3 else "pass") for number in range(rows)]
        await house.journal(some, NOON - 3600)
        browser = await house.sign_in()
        await browser.page()
        took = []
        for _ in range(10):
            began = time.perf_counter()
            await browser.page()
            took.append(time.perf_counter() - began)
        assert min(took) < 0.05, took

    open_house(scenario)
