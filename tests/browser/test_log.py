"""The log in a real browser: what comes is shown as it comes, and what was chosen or pointed at stays."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from playwright.async_api import Page, async_playwright

from resolver.admin.pages.cookies import SESSION
from tests.admin.household import House, Opener
from tests.admin.pages.test_log import passed
from tests.admin.parts import row
from tests.browser.test_home import CHROMIUM
from tests.browser.test_live import look


@contextlib.asynccontextmanager
async def watching(house: House, address: str) -> AsyncIterator[Page]:
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


def test_rows_come_and_choices_stay(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("n1.ads.example")])
        async with watching(house, "/log?verdict=block") as page:
            await page.select_option("#act-whom", "all")
            await page.evaluate("document.activeElement.blur()")
            await house.journal([row("n2.ads.example"), passed("www.example")])
            await look(page, 3)
            rows = await page.inner_text("#rows")
            assert rows.index("n2.ads.example") < rows.index("n1.ads.example")
            assert "www.example" not in rows
            assert await page.input_value("#act-whom") == "all"
            await page.hover('[aria-label="Allow n2.ads.example"]')
            await house.journal([row("n3.ads.example")])
            await look(page, 3)
            assert "n3.ads.example" not in await page.inner_text("#rows"), "the button stays where it is pressed"
            await page.click('[aria-label="Allow n2.ads.example"]')
            await page.wait_for_selector(
                "p.notice:has-text('n2.ads.example and all below it is now allowed, for everyone')"
            )
            assert "verdict=block" in page.url
            assert await page.input_value("#act-whom") == "all"

    open_house(scenario)


def test_conditions_are_typed_and_shared(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("n1.ads.example"), passed("www.example")])
        async with watching(house, "/log") as page:
            await page.click("summary:has-text('More conditions')")
            await page.select_option("#filter-group", "kids")
            await page.press("#filter-name", "Enter")
            await page.wait_for_url("**/log?group=kids")
            assert "n1.ads.example" not in await page.inner_text("#rows")
            await page.click("#rows >> text=www.example")
            await page.wait_for_url("**/log?group=kids&exact=www.example")
            assert await page.input_value("#filter-exact") == "www.example"

    open_house(scenario)
