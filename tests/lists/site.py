"""A real HTTP server on the loopback for the tests of downloads, and parts that tests of lists share."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import pathlib
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web
from multidict import CIMultiDict

from resolver.lists.catalogue import Catalogue, Entry
from resolver.lists.fetch import Limits
from resolver.lists.listed import Habits
from resolver.lists.schedule import Timing
from resolver.process import SystemClock

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LIMITS = Limits(total=2.0, idle=0.3, size=100_000, redirects=3)
TIMING = Timing(
    retries=(0.05, 0.1), retry_jitter=0.0, overdue=0.05, files=0.05, settle=0.02, patience=3, compile=20.0, nap=0.05
)
HABITS = Habits(limits=LIMITS, timing=TIMING)


class Site:
    """What is served by path, and the requests that came: method, path and headers."""

    def __init__(self) -> None:
        self.pages: dict[str, Handler] = {}
        self.asked: list[tuple[str, CIMultiDict[str]]] = []
        self.most_at_once = 0
        self._now = 0
        self.url = ""

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append((request.path, CIMultiDict(request.headers)))
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            handler = self.pages.get(request.path)
            return await handler(request) if handler else web.Response(status=404)  # type: ignore[arg-type]
        finally:
            self._now -= 1


@contextlib.asynccontextmanager
async def serving(**pages: Handler) -> AsyncIterator[Site]:
    """A site on a free port; `list=handler` is served at /list."""
    site = Site()
    site.pages = {f"/{name}": handler for name, handler in pages.items()}
    runner = web.ServerRunner(web.Server(site.answer), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    site.url = f"http://{host}:{port}"
    try:
        yield site
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def saying(*parts: bytes, every: float = 0.0, forever: bool = False) -> AsyncIterator[str]:
    """A server that says these bytes, whatever it is asked, and closes; with `forever`, the last over and over."""

    talks: set[asyncio.Task[None] | None] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError), contextlib.closing(writer):
            await reader.readuntil(b"\r\n\r\n")
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(every)
            while forever:
                writer.write(parts[-1])
                await writer.drain()
                await asyncio.sleep(every)

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}/list"
    finally:
        server.close()
        for task in filter(None, talks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await asyncio.sleep(0)  # the transports close in the next round of the loop


def page(text: str | bytes, status: int = 200, **headers: str) -> Handler:
    """A page that is always the same; `etag="x"` gives the header ETag: x, and honours it."""
    body = text.encode() if isinstance(text, str) else text
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(request: web.Request) -> web.Response:
        if "etag" in headers and request.headers.get("If-None-Match") == headers["etag"]:
            return web.Response(status=304)
        return web.Response(body=body, status=status, headers=named)

    return answer


def redirect(to: str) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": to})

    return answer


def small_catalogue(directory: pathlib.Path, *more: Entry) -> Catalogue:
    """A catalogue with a starter list of one name, and these entries."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "starter.txt").write_text("||starter.example^\n")
    starter = Entry(
        "starter", "Starter", "ads", "rarely", "", "MIT", "adblock", ("general",), "gentle", file="starter.txt"
    )
    return Catalogue({entry.id: entry for entry in (starter, *more)}, directory)


def sha256(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


async def until(true: Callable[[], object], seconds: float = 4.0) -> None:
    """Wait until something is true, and fail when it is not in time."""
    for _ in range(int(seconds * 100)):
        if true():
            return
        await asyncio.sleep(0.01)
    assert true()


class ShiftedClock(SystemClock):
    """The machine's clock, put forward by so many seconds."""

    def __init__(self) -> None:
        self.shift = 0.0

    def time(self) -> float:
        return SystemClock.time() + self.shift
