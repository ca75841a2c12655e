"""What is looked for on every page, in a browser."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
from collections.abc import AsyncIterator

import axe_playwright_python
import msgspec
from playwright.async_api import Browser, BrowserContext, Error, Page, Request, Response, async_playwright

from resolver.admin.pages.cookies import SESSION
from tests.admin.household import House
from tests.browser.examples import Example
from tests.browser.test_home import CHROMIUM

WIDTHS = (360, 768, 1280)
SCHEMES = ("light", "dark")
HEIGHT = 900
GOES_ON = 'content="1"></noscript>'

AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RUN = "options => axe.run(document, options).then(found => found.violations.map(one => [one.id, one.help,"
RUN += " one.nodes.slice(0, 3).map(node => node.html.slice(0, 200)).join('  ')]))"
CONTRAST = {"runOnly": ["color-contrast"]}
"""The only rule of axe that what is seen in the dark may break, and not in the light."""


JUDGED: tuple[tuple[int, str, dict[str, list[str]]], ...] = (
    (360, "light", {}),
    (1280, "dark", {}),
    (1280, "light", CONTRAST),
    (360, "dark", CONTRAST),
)


class Load(msgspec.Struct):
    """What it took to load a page, and all that is wrong with it."""

    status: int = 0
    bytes: int = 0
    requests: int = 0
    html: int = 0
    wrong: list[str] = []
    asked: list[Request] = []


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


class Visitors:
    """People with a browser, by their names; a session each."""

    def __init__(self, house: House, browser: Browser) -> None:
        self._house = house
        self._browser = browser
        self._sessions: dict[str, str] = {}

    async def context(self, who: str, *, scripts: bool = True) -> BrowserContext:
        """A browser with nothing in its cache."""
        context = await self._browser.new_context(java_script_enabled=scripts)
        if who:
            if who not in self._sessions:
                self._sessions[who] = (await self._house.sign_in(who)).session
            await context.add_cookies([{"name": SESSION, "value": self._sessions[who], "url": self._house.url}])
        return context

    async def look(self, one: Example, *, scripts: bool) -> Load:
        """Load a page, and look at it in every width and light; with scripts, have axe judge it too."""
        context = await self.context(one.who, scripts=scripts)
        page = await context.new_page()
        load = Load()

        def count(request: Request) -> None:
            load.asked.append(request)

        page.on("console", lambda message: load.wrong.append(f"console: {message.text[:300]}"))
        page.on("pageerror", lambda error: load.wrong.append(f"script: {error.message[:300]}"))
        page.on("requestfailed", lambda request: load.wrong.append(f"not loaded: {request.url}"))
        page.on("requestfinished", count)
        try:
            first = await _whole(page, self._house.url + one.address, load)
            load.status = first.status
            await _weigh(load, first)
            load.wrong += await _read(page)
            load.wrong += await _judge(page) if scripts else []
        except Error as error:  # such as a page that went away meanwhile
            load.wrong.append(f"{error.message[:300]} (at {page.url})")
        await context.close()
        if load.status != one.status:
            load.wrong.append(f"status {load.status}")
        if one.status != 200:  # the page says so itself
            load.wrong = [text for text in load.wrong if f"status of {one.status}" not in text]
        return load


async def _whole(page: Page, address: str, load: Load) -> Response:
    """Load a page. One that is looking for something would load itself again: it is loaded once it has found."""
    for _ in range(30):
        load.asked.clear()
        first = await page.goto(address)
        assert first is not None
        if GOES_ON not in await first.text():
            return first
        await asyncio.sleep(0.2)
    raise AssertionError(f"{address} is looking for something still")


async def _weigh(load: Load, first: Response) -> None:
    """Count what was loaded."""
    load.requests = len(load.asked)
    load.html = len(await first.body())
    sizes = [await request.sizes() for request in load.asked]
    load.bytes = sum(size["responseBodySize"] for size in sizes)


async def _read(page: Page) -> list[str]:
    wrong = [] if await page.title() else ["no title"]
    if (count := await page.locator("h1").count()) != 1:
        wrong.append(f"{count} h1")
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for scheme in SCHEMES:
        for width in WIDTHS:
            await _set(page, width, scheme)
            wide = await page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                wrong.append(f"{wide} px wide at {width} {scheme}: {await page.evaluate(WIDEST)}")
    return wrong


async def _judge(page: Page) -> list[str]:
    """What axe finds: everything in the light on a telephone and in the dark on a desk, and colours the other way
    round."""
    found: list[str] = []
    await page.evaluate(AXE)
    for width, scheme, options in JUDGED:
        await _set(page, width, scheme)
        said = await page.evaluate(RUN, options)
        found += [f"axe, {width} {scheme}: {' | '.join(parts)}" for parts in said]
    return found


WIDEST = """() => [...document.body.querySelectorAll('*')]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .slice(-3).map(one => one.outerHTML.slice(0, 120)).join('  ')"""


async def _set(page: Page, width: int, scheme: str) -> None:
    await page.set_viewport_size({"width": width, "height": HEIGHT})
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
