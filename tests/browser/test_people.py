"""First visit, account and a member's page in a real browser: cookies, redirects and forms as it sees them."""

from __future__ import annotations

from urllib.parse import urlsplit

import pyotp
from playwright.async_api import Browser, Page, async_playwright

from tests.admin.household import ADMIN, PASSWORD, House, Opener
from tests.admin.parts import row
from tests.browser.test_home import CHROMIUM, sign_in

NAME, DEVICE = "t.ads.example", "192.0.2.10"


async def opened(browser: Browser, said: list[str]) -> Page:
    """A page of somebody with a browser of their own."""
    page = await (await browser.new_context()).new_page()
    page.on("console", lambda message: said.append(message.text))
    return page


async def fits(page: Page) -> None:
    """Nothing is wider than a telephone, whatever is unfolded."""
    await page.wait_for_load_state("load")
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for width in (360, 1280):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def first_visit(page: Page, house: House) -> None:
    """From the link to the first page of somebody who is signed in."""
    link = urlsplit((await house.api("GET", "welcome"))["link"])
    await page.goto(f"{house.url}{link.path}?{link.query}")
    assert page.url == f"{house.url}/welcome", "the key is not in the address any more"
    await fits(page)
    await page.fill("#name", ADMIN)
    await page.fill("#password", PASSWORD)
    await page.fill("#again", PASSWORD)
    await page.click("text=Begin")
    await page.wait_for_url(f"{house.url}/welcome/lists")
    await fits(page)
    assert {cookie["name"] for cookie in await page.context.cookies()} == {"lull_session"}


async def turn_codes_on(page: Page, house: House) -> pyotp.TOTP:
    await page.goto(f"{house.url}/account")
    await page.fill("#codes-password", PASSWORD)
    await page.click("text=Show a secret for an app")
    await fits(page)
    await page.fill("#codes-code", "123 456")
    await page.click("text=Turn codes on")
    await page.wait_for_selector("#codes-code-wrong:has-text('not the code of now')")
    secret = (await page.inner_text(".secret >> nth=0")).replace(" ", "")
    await fits(page)
    app = pyotp.TOTP(secret)
    await page.fill("#codes-code", app.at(house.clock.now))
    await page.click("text=Turn codes on")
    await page.wait_for_selector("p.notice:has-text('Signing in takes a code')")
    return app


def test_an_admin_from_the_first_visit_on(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        said: list[str] = []
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = await opened(browser, said)
            await first_visit(page, house)
            app = await turn_codes_on(page, house)
            await page.click("text=Tokens of programs")
            await page.fill("#make-name", "home automation")
            await page.click("text=Make the token")
            assert (await page.inner_text(".secret")).startswith("lull_")
            await fits(page)
            await page.click("text=Sign out")
            await page.wait_for_url("**/login")
            assert await page.context.cookies() == []
            house.clock.now += 60
            await page.fill("#code", app.at(house.clock.now))
            await sign_in(page)
            await browser.close()
        assert [text for text in said if "status of 403" not in text] == [], "but for the code that was wrong"

    open_house(scenario)


def test_a_member_asks_and_is_answered(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        await house.journal([row(NAME, client=DEVICE)])
        said: list[str] = []
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            anna, kim = await opened(browser, said), await opened(browser, said)
            await anna.goto(f"{house.url}/account")
            await sign_in(anna, lands="/account")
            await anna.click("text=Users")
            await anna.fill("#add-name", "kim")
            await anna.fill("#add-password", PASSWORD)
            await anna.fill("#add-device", DEVICE)
            await anna.click("[action='/account/users/add'] button")
            await anna.wait_for_selector("p.notice:has-text('kim can sign in now')")
            await fits(anna)
            await kim.goto(f"{house.url}/")
            await sign_in(kim, "kim", "/me")
            await kim.click(f"[aria-label='Ask for it: {NAME}']")
            await kim.wait_for_selector("p.notice:has-text('An admin decides')")
            await fits(kim)
            await anna.goto(f"{house.url}/")
            await fits(anna)
            await anna.click("[aria-label^='Grant ']")
            await anna.wait_for_selector(f"p.notice:has-text('kim has {NAME} for 30 minutes')")
            await kim.reload()
            assert "granted" in await kim.inner_text("main")
            await browser.close()
        assert said == []
        assert (await house.service.whys.why(NAME, DEVICE, 1)).verdict == "allow"

    open_house(scenario)
