"""Looking for new versions in a browser: what comes of it is seen without a reload, and without scripts with one."""

from __future__ import annotations

import pytest

from tests.admin.household import ADMIN, House, Opener
from tests.browser.looking import chromium
from tests.browser.test_home import sign_in


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_looking_for_new_versions(open_house: Opener, scripts: bool) -> None:
    async def scenario(house: House) -> None:
        await house.add(ADMIN, "admin")
        async with chromium() as browser:
            context = await browser.new_context(java_script_enabled=scripts, viewport={"width": 360, "height": 800})
            page = await context.new_page()
            await page.goto(f"http://127.0.0.1:{house.port}/login")
            await sign_in(page)
            await page.goto(f"http://127.0.0.1:{house.port}/lists")
            await page.click('[action="/lists/refresh"] button')
            await page.wait_for_url("**/lists?job=*")
            await page.wait_for_selector("text=Look for new versions of all lists: done.")
            await page.wait_for_selector("text=starter: nothing new")
            await page.wait_for_selector("text=0 blocked, 0 by no other list")

    open_house(scenario)
