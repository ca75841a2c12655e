"""What the script of our pages does in a real browser: it keeps parts of a page up to date, and takes nothing away."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Page, Route, async_playwright

from resolver.admin.pages.cookies import SESSION
from tests.admin.household import House, Opener
from tests.admin.parts import row
from tests.browser.test_home import CHROMIUM

NEW = "n2.ads.example"


@contextlib.asynccontextmanager
async def visiting(house: House, address: str) -> AsyncIterator[Page]:
    """A page that somebody signed in looks at, with a clock that can be moved on."""
    signed_in = await house.sign_in()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = await browser.new_context()
        await context.add_cookies([{"name": SESSION, "value": signed_in.session, "url": house.url}])
        page = await context.new_page()
        await page.clock.install()
        await page.goto(f"{house.url}{address}")
        yield page
        await browser.close()


@contextlib.asynccontextmanager
async def watching(house: House) -> AsyncIterator[Page]:
    """The page Now with one blocked name."""
    await house.journal([row("n1.ads.example")])
    async with visiting(house, "/") as page:
        yield page


async def look(page: Page, seconds: int = 6) -> None:
    """Let time pass, until the script has looked again."""
    async with page.expect_request_finished(lambda request: "x-live" in request.headers):
        await page.clock.fast_forward(seconds * 1000)
    await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


async def shown(page: Page) -> bool:
    return NEW in await page.inner_text("#blocked")


def test_what_is_new_comes_by_itself(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        async with watching(house) as page:
            said: list[str] = []
            page.on("console", lambda message: said.append(message.text))
            await house.journal([row(NEW)])
            await house.say_health(up=False)
            await look(page)
            assert await shown(page)
            assert "DNS is in trouble" in await page.inner_text("h1")
            assert (await page.title()).startswith("Trouble ")
            await page.click(f'[aria-label="Allow {NEW} for everyone"]')
            await page.wait_for_selector(f"p.notice:has-text('{NEW} and all below it is now allowed')")
            assert said == []

    open_house(scenario)


def test_each_part_as_often_as_it_says(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        async with watching(house) as page:
            await house.journal([row("www.example", "pass", count=1233)])
            await look(page)
            assert "1,234" not in await page.inner_text("#day")
            await look(page, 30)
            assert "1,234" in await page.inner_text("#day")

    open_house(scenario)


async def focus(page: Page) -> None:
    await page.focus("#blocked button")


async def blur(page: Page) -> None:
    await page.focus("#site")


async def point(page: Page) -> None:
    await page.hover("#blocked button")


async def point_elsewhere(page: Page) -> None:
    await page.hover("#site")


async def mark(page: Page) -> None:
    await page.evaluate("getSelection().selectAllChildren(document.querySelector('#blocked td'))")


async def unmark(page: Page) -> None:
    await page.evaluate("getSelection().removeAllRanges()")


async def add(page: Page, html: str) -> None:
    await page.evaluate("html => document.querySelector('#last').insertAdjacentHTML('afterend', html)", html)


async def unfold(page: Page) -> None:
    await add(page, "<details open>more</details>")


async def fold(page: Page) -> None:
    await page.evaluate("document.querySelector('#blocked details').open = false")


async def type_something(page: Page) -> None:
    await add(page, "<textarea></textarea>")
    await page.fill("#blocked textarea", "half a word")
    await blur(page)


async def type_nothing(page: Page) -> None:
    await page.fill("#blocked textarea", "")
    await blur(page)


Hands = Callable[[Page], Awaitable[None]]


@pytest.mark.parametrize(
    ("hold", "let_go"),
    [(focus, blur), (point, point_elsewhere), (mark, unmark), (unfold, fold), (type_something, type_nothing)],
)
def test_nothing_is_taken_from_under_hands(open_house: Opener, hold: Hands, let_go: Hands) -> None:
    async def scenario(house: House) -> None:
        async with watching(house) as page:
            await hold(page)
            await house.journal([row(NEW)])
            await look(page)
            assert not await shown(page)
            await let_go(page)
            await look(page)
            assert await shown(page)

    open_house(scenario)


def test_an_admin_that_is_away_is_said_until_it_is_back(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        async with watching(house) as page:
            assert not await page.is_visible("#stale")
            await page.context.set_offline(offline=True)
            await page.clock.fast_forward(6_000)
            await page.wait_for_selector("#stale", state="visible")
            assert "the admin does not answer" in await page.inner_text("#stale")
            assert "n1.ads.example" in await page.inner_text("#blocked"), "what was there stays there"
            await page.context.set_offline(offline=False)
            await page.clock.fast_forward(6_000)
            await page.wait_for_selector("#stale", state="hidden")

    open_house(scenario)


def test_the_end_of_the_session_is_said_and_nothing_is_lost(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        async with watching(house) as page:
            house.service.entrance.accounts.store.sessions.end(lambda _: True)
            await page.clock.fast_forward(6_000)
            await page.wait_for_selector("#stale", state="visible")
            assert "your session is over" in await page.inner_text("#stale")
            assert "n1.ads.example" in await page.inner_text("#blocked")

    open_house(scenario)


def test_what_is_over_is_taken_for_the_last_time(open_house: Opener) -> None:
    """As the page of a job that has ended: its part says data-live no longer."""

    async def over(route: Route) -> None:
        answer = await route.fetch()
        text = (await answer.text()).replace("data-live=", "data-was=").replace("Last blocked", "That was it")
        await route.fulfill(response=answer, body=text)

    async def scenario(house: House) -> None:
        async with watching(house) as page:
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            await page.route(f"{house.url}/", over)
            await look(page)
            assert "That was it" in await page.inner_text("#blocked")
            await look(page, 31)
            assert await page.locator("[data-live]").count() == 0
            asked.clear()
            await page.clock.fast_forward(120_000)
            await page.evaluate("fetch('/healthz')")
            assert asked == [f"{house.url}/healthz"]

    open_house(scenario)


def test_a_page_that_nobody_sees_asks_for_nothing_and_catches_up_at_once(open_house: Opener) -> None:
    turn = "away => { Object.defineProperty(document, 'hidden', { get: () => away, configurable: true });"
    turn += " document.dispatchEvent(new Event('visibilitychange')); }"

    async def scenario(house: House) -> None:
        async with watching(house) as page:
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            await page.evaluate(turn, arg=True)
            await page.clock.fast_forward(60_000)
            await page.evaluate("fetch('/healthz')")
            assert f"{house.url}/" not in asked
            await house.journal([row(NEW)])
            await page.evaluate(turn, arg=False)
            await page.wait_for_selector(f"#blocked >> text={NEW}")

    open_house(scenario)


@pytest.mark.parametrize("what", ["pointerdown", "touchstart", "keydown", "submit"])
def test_a_finger_that_is_down_finds_the_button_it_went_for(open_house: Opener, what: str) -> None:
    """Between the press and the click the button must stay, though the answer comes just then."""

    async def scenario(house: House) -> None:
        async with watching(house) as page:
            await house.journal([row(NEW)])

            async def press(route: Route) -> None:
                await page.evaluate(f"document.body.dispatchEvent(new Event('{what}', {{bubbles: true}}))")
                await route.continue_()

            await page.route("**/*", press, times=1)
            await look(page)
            assert not await shown(page)
            await look(page)
            assert await shown(page)

    open_house(scenario)
