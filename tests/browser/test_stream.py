"""The live log in a real browser: EventSource, with the session of whoever is signed in."""

from __future__ import annotations

import asyncio
import contextlib

from playwright.async_api import async_playwright

from resolver.admin.pages.cookies import SESSION
from tests.admin.household import House, Opener
from tests.admin.parts import row, until
from tests.browser.test_home import CHROMIUM

LISTEN = """() => {
    window.told = [];
    window.source = new EventSource("/api/v1/log/stream?name=example");
    source.onmessage = one => told.push(JSON.parse(one.data).name);
    source.addEventListener("ended", one => { told.push(JSON.parse(one.data).reason); source.close(); });
    return new Promise(done => { source.onopen = done; }).then(() => true);
}"""


def test_entries_come_and_the_session_ends_them(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        signed_in = await house.sign_in()
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            context = await browser.new_context(bypass_csp=True)  # our pages have no scripts, and may connect nowhere
            await context.add_cookies([{"name": SESSION, "value": signed_in.session, "url": house.url}])
            page = await context.new_page()
            await page.goto(f"{house.url}/")
            assert await page.evaluate(LISTEN)
            house.worker.journal([row("a.example"), row("b.other"), row(r"<b>\226\128\168.example")])
            await page.wait_for_function("told.length == 2")
            house.service.entrance.accounts.store.sessions.end(lambda _: True)
            await page.wait_for_function("told.length == 3", timeout=10_000)
            assert await page.evaluate("told") == ["a.example", r"<b>\226\128\168.example", "the session is over"]
            await until(lambda: house.service.logged.tail.readers == 0)
            await browser.close()

    open_house(scenario)


class Relay:
    """Stands between browser and admin, and can cut what goes through."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._writers: list[asyncio.StreamWriter] = []

    async def open(self) -> int:
        """The port at which it listens."""
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def close(self) -> None:
        self._server.close()
        self.cut()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection("127.0.0.1", self._to)
        self._writers += [writer, here]
        await asyncio.gather(_copy(reader, here), _copy(there, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()


def test_it_goes_on_by_itself_after_a_break(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        signed_in, relay = await house.sign_in(), Relay(house.port)
        url = f"http://127.0.0.1:{await relay.open()}"
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            context = await browser.new_context(bypass_csp=True)
            await context.add_cookies([{"name": SESSION, "value": signed_in.session, "url": url}])
            page = await context.new_page()
            await page.goto(f"{url}/")
            assert await page.evaluate(LISTEN)
            house.worker.journal([row("a.example")])
            await page.wait_for_function("told.length == 1")
            relay.cut()
            await until(lambda: house.service.logged.tail.readers == 0)
            house.worker.journal([row("b.example")])
            await until(lambda: house.parts.recent.end == 3)
            await until(lambda: house.service.logged.tail.readers == 1, 10)
            house.worker.journal([row("c.example")])
            await page.wait_for_function("told.length == 3")
            assert await page.evaluate("told") == ["a.example", "b.example", "c.example"]
            await browser.close()
        relay.close()

    open_house(scenario)
