"""The page in a real browser: what it says of where a form comes from is its own, not ours to make up.

A browser sends Sec-Fetch-Site only over HTTPS and to the machine it runs on; elsewhere Origin has to do.
"""

import pytest
from playwright.async_api import Page, async_playwright

from tests.admin.household import ADMIN, PASSWORD, House, Opener
from tests.admin.parts import row

CHROMIUM = "/usr/bin/chromium"


async def sign_in(page: Page, name: str = ADMIN, lands: str = "/") -> None:
    """On the page for that."""
    await page.fill("#name", name)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url(f"**{lands}")


async def use(page: Page, house: House, host: str) -> None:
    """Sign in, allow a name, pause, go on, sign out."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    await page.goto(f"http://{host}:{house.port}/login")
    await sign_in(page)
    for button, notice in (
        ('[aria-label="Allow t.ads.example for everyone"]', "t.ads.example and all below it is now allowed"),
        ('[value="5m"]', "Blocking is paused for everyone until"),
        ('[formaction="/resume"]', "That pause is over."),
        ('.said >> text="Undo"', "Taken back: "),
    ):
        await page.click(button)
        await page.wait_for_selector(f"p.notice:has-text('{notice}')")
    await page.set_viewport_size({"width": 360, "height": 800})
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    await page.click("text=Sign out")
    await page.wait_for_url("**/login")
    await page.goto(f"http://{host}:{house.port}/account")
    assert page.url.endswith("/login?next=/account")
    assert [text for text in said if "Cross-Origin-Opener-Policy header has been ignored" not in text] == []


def test_addresses_stay_whole(open_house: Opener) -> None:
    """In every row one line is one address."""

    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        long = ".".join(["x" * 60] * 4)
        rows = [
            row(long, via=long, client=client) for client in ("2001:db8:1111:2222:3333:4444:5555:6666", "192.0.2.9")
        ]
        await house.journal(rows)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = await browser.new_page(viewport={"width": 1100, "height": 800})
            await page.goto(f"http://127.0.0.1:{house.port}/")
            await sign_in(page)
            lines = "all => all.map(one => one.getClientRects().length)"
            assert await page.eval_on_selector_all("td.whole[data-label=Device] bdi", lines) == [1, 1]
            assert await page.evaluate("document.documentElement.scrollWidth") <= 1100
            await browser.close()

    open_house(scenario)


@pytest.mark.parametrize("host", ["127.0.0.1", "lull.home.arpa"])
def test_a_visit(open_house: Opener, host: str) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        await house.journal([row("t.ads.example"), row(".".join(["x" * 60] * 4), via="<script>alert(1)</script>")])
        async with async_playwright() as playwright:
            arguments = ["--no-sandbox", "--host-resolver-rules=MAP lull.home.arpa 127.0.0.1"]
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
            await use(await browser.new_page(), house, host)
            await browser.close()

    open_house(scenario)


def test_what_is_refused_is_said_on_a_page_with_a_way_back(open_house: Opener) -> None:
    """Forms that are of another session, or too large, and addresses that are none."""

    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        await house.journal([row("t.ads.example")])
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = await browser.new_page()
            await page.goto(f"{house.url}/login?next=/account")
            await sign_in(page, lands="/account")
            await page.click("text=Now")
            for field, value, said in (
                ("form", "0" * 64, "the form is not of this session"),
                ("form", "x" * 70_000, "a body is at most 64 KiB"),
            ):
                fill = "([name, value]) => { document.querySelector(`#do [name=${name}]`).value = value; }"
                await page.evaluate(fill, [field, value])
                await page.click("#blocked button")
                assert said in await page.inner_text("main")
                assert await page.inner_text("nav.menu [href='/log']") == "Log"
                await page.click("main a")
                assert page.url == f"{house.url}/"
            await page.goto(f"{house.url}/nowhere")
            assert await page.inner_text("h1") == "Not found"
            await browser.close()

    open_house(scenario)
