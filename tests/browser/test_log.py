"""The log in a real browser: what comes is shown as it comes, and what was chosen or pointed at stays."""

from __future__ import annotations

from tests.admin.household import House, Opener
from tests.admin.pages.test_log import passed
from tests.admin.parts import row
from tests.browser.test_live import look, visiting


def test_rows_come_and_choices_stay(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("n1.ads.example")])
        async with visiting(house, "/log?verdict=block") as page:
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
        async with visiting(house, "/log") as page:
            await page.click("summary:has-text('More conditions')")
            await page.select_option("#filter-group", "kids")
            await page.press("#filter-name", "Enter")
            await page.wait_for_url("**/log?group=kids")
            assert "n1.ads.example" not in await page.inner_text("#rows")
            await page.click("#rows >> text=www.example")
            await page.wait_for_url("**/log?group=kids&exact=www.example")
            assert await page.input_value("#filter-exact") == "www.example"

    open_house(scenario)
