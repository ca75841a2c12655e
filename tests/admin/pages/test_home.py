"""The page Now, read as a browser reads it: by its elements, not its text."""

from html.parser import HTMLParser
from urllib.parse import parse_qsl

import pytest

from resolver.admin import bodies
from resolver.admin.shown import clock_time
from resolver.config.schema import Config
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

    @property
    def words(self) -> str:
        return " ".join(self.text.split())

    @property
    def allowed(self) -> list[dict[str, str]]:
        """What the buttons beside the rows would allow."""
        buttons = [(button["name"], str(button["value"])) for button in self.all("button") if "aria-label" in button]
        return [
            dict(parse_qsl(value, strict_parsing=True)) if name == "row" else {"name": value}
            for name, value in buttons
            if name in {"row", "name"}
        ]

    @property
    def scripts(self) -> list[str]:
        return [str(script.get("src")) for script in self.all("script")]


async def look(house: House) -> Page:
    return Page(await (await house.sign_in()).page())


def is_harmless(page: Page) -> bool:
    """Whether nothing is in it but what we put there."""
    ours = [src.startswith("/static/live.js?") for src in page.scripts]
    return ours == [True] and not page.all("img") and not page.all("b")


def test_the_page_has_its_landmarks_and_our_script_alone(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        page = await look(house)
        for tag in ("header", "main", "footer", "h1", "nav"):
            assert len(page.all(tag)) == 1, tag
        assert page.all("html") == [{"lang": "en"}]
        assert is_harmless(page)
        assert not any("style" in attributes or "onclick" in attributes for _, attributes in page.elements)
        assert [form["action"] for form in page.all("form") if form["method"] == "get"] == ["/repair"]
        sections = [section["aria-labelledby"] for section in page.all("section") if "hidden" not in section]
        assert sections == [heading["id"] for heading in page.all("h1") + page.all("h2") if "id" in heading]
        ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(ids) == len(set(ids))

    open_house(scenario)


def test_what_the_page_links_to_is_there(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        page = await look(house)
        for link in [*(str(link["href"]) for link in page.all("link")), *page.scripts]:
            path, _, digest = link.partition("?")
            assert path in {"/static/style.css", "/static/icon.svg", "/static/live.js"}
            reply = await house.get(link, token=None)
            assert (reply.status, len(digest)) == (200, 10)
            assert "immutable" in reply.headers["Cache-Control"]

    open_house(scenario)


def test_a_site_is_repaired_from_the_very_top(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        page = await look(house)
        first = next(attributes for tag, attributes in page.elements if tag == "input")
        assert first["name"] == "site"
        assert {"for": "site"} in page.all("label")

    open_house(scenario)


def test_all_is_well_in_words_and_shape(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        page = await look(house)
        assert page.all("h1")[0]["class"] == "state good"
        assert "● DNS is well Since 2026-01-01" in page.words
        assert "▲" not in page.text
        assert "Needs attention" not in page.text
        assert "Nothing was blocked yet." in page.text
        assert "Nothing was asked in the last 24 hours. Set up a device" in page.words

    open_house(scenario)


def test_trouble_is_seen_and_leads_to_where_it_is_dealt_with(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.say_health(up=False)
        house.service.config_trouble = f"the config is refused:\n{MARKUP}"
        page = await look(house)
        assert page.all("h1")[0]["class"] == "state bad"
        assert "▲ DNS is in trouble No upstream answers since" in page.words
        assert page.text.count("No upstream answers since") == 1, "it is said once"
        assert ": timed out. Upstreams Since " in page.words
        assert "Needs attention the config is refused:" in page.words
        assert "\\u202e\\x07\\x1b[2J Settings" in page.words
        assert is_harmless(page)

    open_house(scenario)


def test_there_is_no_end_of_trouble(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        many = [bodies.Trouble(f"list l{number}: gone", "lists", f"l{number}") for number in range(60)]
        monkeypatch.setattr(house.service, "attention", lambda _: many)
        page = await look(house)
        assert [one["href"] for one in page.all("a") if str(one["href"]).startswith("/lists/l")][:2] == [
            "/lists/l0",
            "/lists/l1",
        ]
        assert page.text.count(": gone") == 8
        assert "There is more: lull status shows all of it." in page.words

    open_house(scenario)


def test_the_day_in_figures_in_a_chart_and_in_words(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("www.example", "pass", count=3000), row("t.ads.example", count=1000)])
        await house.journal([row("old.example", "pass", count=500)], NOON - 20 * 3600)
        page = await look(house)
        same = clock_time(NOON - 20 * 3600)[:10] == clock_time(NOON)[:10]  # in some places it was today
        assert ("Queries4,500 Blocked22.2 % 1,000" if same else "Queries4,000 Blocked25.0 % 1,000") in page.words
        hour = clock_time(NOON - 3600)[11:16]
        said = "4,500 queries in the last 24 hours, 22.2 % of them blocked. The hour with most, 4,000, began at"
        assert page.words.count(f"{said} {hour}.") == 1, "nobody hears it twice"
        assert len(page.all("g")) == 24
        assert f"{hour}: 3,000 passed, 1,000 blocked" in page.text
        assert f"{hour}3,0001,000" in page.text, "in the table"
        assert len(page.all("rect")) == 3, "nothing is drawn of nothing"

    open_house(scenario)


def test_the_page_is_there_when_the_database_is_not(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        house.parts.database.close()
        page = await look(house)
        assert "What was asked cannot be shown: the database cannot be used now" in page.words
        assert "What was counted cannot be shown: the database cannot be used now" in page.words
        assert "● DNS is well" in page.words

    open_house(scenario)


def test_a_first_start(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        browser = await house.sign_in()
        assert "refresh" not in await browser.page()
        house.parts.publisher.bundle = None
        monkeypatch.setattr(type(house.parts.lists), "progress", 0.4)
        text = await browser.page()
        assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in text
        page = Page(text)
        assert "No policy is in force yet: the lists are being compiled for the first time." in page.words
        assert "Lists are being compiled: 40 %." in page.words
        assert [one["value"] for one in page.all("progress")] == ["40.0"]

    open_house(scenario)


def test_without_any_list_it_says_where_to_choose_some(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        page = await look(house)
        assert "No list is in use: nothing is blocked but by your own rules. Choose lists" in page.words

    open_house(scenario, config=Config(lists=()))


def test_who_looks_without_a_session_is_offered_nothing_that_they_cannot_do(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example")])
        await house.service.pausing.begin(bodies.NewPause("5m"), "ada")
        page = Page((await house.get("/")).text)
        assert "t.ads.example" in page.text
        assert [button.get("value") for button in page.all("button")] == [None], "the one that looks for a site"

    open_house(scenario)
