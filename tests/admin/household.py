"""The admin over real parts, on a free port, with a worker that speaks the real frames: what these tests share."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import re
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from typing import Any

import aiohttp
import msgspec

from resolver.admin.app import AdminServer
from resolver.admin.auth import COOKIE
from resolver.admin.publish import Publisher
from resolver.admin.service import Parts, Service
from resolver.config.schema import Config, Endpoint, Group, ListSource, OwnRule
from resolver.journal import frames
from resolver.journal.hub import Hub
from resolver.lists.catalogue import Catalogue
from resolver.lists.update import Lists
from resolver.model import Exchange, UpstreamHealth
from resolver.policy.bundles import Bundles
from resolver.store.database import Database
from resolver.store.queries import Queries
from resolver.store.rules import RulesStore
from resolver.store.writer import Writer

NOON = 1_767_268_800  # 2026-01-01 12:00 UTC
TOKEN = "a-token-of-these-tests-0123456789"
UPSTREAM = "udp://192.0.2.53"


class StillClock:
    """A clock that is moved by hand."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


class Reply(msgspec.Struct, frozen=True):
    """An HTTP response that was read to its end."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.text)

    @property
    def error(self) -> Any:
        return self.json["error"]

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    def cookie(self, name: str = COOKIE) -> str:
        """The value of a cookie that the response sets."""
        found = re.search(rf"^{name}=([^;]*)", self.headers.get("Set-Cookie", ""))
        return found[1].strip('"') if found else ""


class Worker:
    """A worker as control sees it: takes every bundle, and sends what it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._seq = 0
        self.loaded: list[str] = []
        self.refuses = ""

    def send(self, frame: frames.FromWorker) -> None:
        self._writer.write(frames.pack(frame))

    def health(self, *, up: bool = True, trouble: str = "") -> None:
        upstream = UpstreamHealth(UPSTREAM, up, NOON, 12.5, 7, 2, "" if up else "timed out")
        self.send(frames.Health("1", 42, 0, 3, 5, 6, 0, 0, [upstream], trouble))

    def journal(self, rows: list[frames.Row], second: int = NOON - 60) -> int:
        totals: dict[str, int] = {}
        for row in rows:
            kind = f"{row.exchange.verdict}/{row.exchange.origin}"
            totals[kind] = totals.get(kind, 0) + row.count
        self._seq += 1
        self.send(frames.Batch("life", self._seq, second, rows, totals))
        return len(rows)

    async def run(self) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                frame = await frames.read_from_control(self._reader)
                if isinstance(frame, frames.Load):
                    self.loaded.append(frame.generation)
                    self.send(frames.Loaded(frame.generation, self.refuses))

    def close(self) -> None:
        self._writer.close()


def row(name: str, verdict: str = "block", *, via: str = "", client: str = "192.0.2.10", count: int = 1) -> frames.Row:
    source, rule = ("ads", f"||{name}^") if verdict == "block" else ("", "")
    return frames.Row(client, "default", Exchange(name, 1, 0, "local", verdict, source, rule, via), count, 90)


class House:
    """A running admin. Requests carry the token unless told otherwise, and are not redirected."""

    def __init__(self, parts: Parts, service: Service, clock: StillClock, port: int, worker: Worker) -> None:
        self.parts = parts
        self.service = service
        self.clock = clock
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.worker = worker
        self.http: aiohttp.ClientSession

    async def call(self, method: str, path: str, *, token: str | None = TOKEN, **options: Any) -> Reply:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        options["headers"] = {**headers, **options.get("headers", {})}
        async with self.http.request(method, self.url + path, allow_redirects=False, **options) as response:
            return Reply(response.status, dict(response.headers), (await response.read()).decode())

    async def get(self, path: str, **more: Any) -> Reply:
        return await self.call("GET", path, **more)

    async def api(self, method: str, path: str, json: object = None) -> Any:
        """The value that the API answers with; fails when it refuses."""
        reply = await self.call(method, f"/api/v1/{path}", json=json)
        assert reply.status < 300, reply.text
        return reply.json

    async def sign_in(self) -> Browser:
        reply = await self.call("POST", "/login", token=None, data={"token": TOKEN})
        assert (reply.status, reply.location) == (303, "/"), reply.text
        return Browser(self, reply.cookie())

    async def journal(self, rows: list[frames.Row], second: int = NOON - 60) -> None:
        """Have queries in the log."""
        before = self.parts.writer.counts().rows_written
        wanted = before + self.worker.journal(rows, second)
        await until(lambda: self.parts.writer.counts().rows_written >= wanted)

    async def say_health(self, *, up: bool = True, trouble: str = "") -> None:
        self.worker.health(up=up, trouble=trouble)
        await until(lambda: any(w.health and _is(w.health, up, trouble) for w in self.parts.hub.workers))


def _is(health: frames.Health, up: bool, trouble: str) -> bool:
    return health.upstreams[0].up == up and health.trouble == trouble


class Browser:
    """Somebody who is signed in, and the cookies they have."""

    def __init__(self, house: House, session: str) -> None:
        self.house = house
        self.session = session
        self.notice = ""

    @property
    def cookies(self) -> str:
        return f"{COOKIE}={self.session}; lull_notice={self.notice}"

    async def page(self) -> str:
        reply = await self.house.get("/", token=None, headers={"Cookie": self.cookies})
        assert reply.status == 200, reply.text
        return reply.text

    async def form_token(self) -> str:
        found = re.search(r'name="form" value="([0-9a-f]+)"', await self.page())
        assert found
        return found[1]

    async def post(
        self, path: str, fields: Mapping[str, str] | None = None, *, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send one of the page's forms; `form` may be given to forge its token."""
        data = {"form": await self.form_token(), **(fields or {})}
        sent = {"Cookie": self.cookies, **(headers or {})}
        reply = await self.house.call("POST", path, token=None, data=data, headers=sent)
        self.notice = reply.cookie("lull_notice")
        return reply


async def until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until something is true; fails if it does not become so."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.005)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def config_of(lists: pathlib.Path) -> Config:
    return Config(
        lists=(ListSource("ads", file=lists / "ads.txt"), ListSource("starter", file=lists / "starter.txt")),
        groups={"default": Group(), "kids": Group(lists=())},
        rules=(OwnRule("allow", "cdn.example.com", "allow cdn.example.com"),),
    )


def compile_lists(state: pathlib.Path, lists: pathlib.Path) -> None:
    """A state directory with compiled lists, from files in `lists`: made once, copied for each test."""
    lists.mkdir(parents=True)
    (lists / "ads.txt").write_text("||ads.example^\n||track.example^\nnot a rule at all ###\n")
    (lists / "starter.txt").write_text("||starter.example^\n")

    async def compile() -> None:
        made = Lists(state, StillClock(), _nothing)
        await made.configure(config_of(lists).lists, Catalogue({}, lists))
        await made.start()

    asyncio.run(compile())


async def _nothing(_: object) -> None:
    pass


@contextlib.asynccontextmanager
async def running(state: pathlib.Path, lists: pathlib.Path, clock: StillClock | None = None) -> AsyncIterator[House]:
    """The admin over `state`, everything in force and one worker connected."""
    clock = clock or StillClock()
    config = config_of(lists)
    async with contextlib.AsyncExitStack() as stack:
        database = Database.open(state / "lull.db", clock)
        stack.callback(database.close)
        writer = Writer(database, lambda _feed, _seq: None, interval=0.02)
        writer.start()
        stack.callback(writer.close, 1.0)
        hub = Hub(state / "run" / "control.sock", writer.submit, lambda: publisher.generation)
        publisher = Publisher(Bundles(state), hub, clock)
        updated = Lists(state, clock, _nothing)
        parts = Parts(clock, hub, publisher, updated, database, RulesStore(database, clock), Queries(database), writer)
        service = Service(config, parts)
        await hub.start()
        stack.push_async_callback(hub.stop)
        await publisher.start()
        await updated.configure(config.lists, Catalogue({}, lists))
        await updated.start()
        await service.publish()
        worker = Worker(*await asyncio.open_unix_connection(state / "run" / "control.sock"))
        stack.callback(worker.close)
        worker.send(frames.Hello(1, 4711, publisher.generation))
        house = House(parts, service, clock, free_port(), worker)
        server = AdminServer(service, TOKEN, Endpoint("127.0.0.1", house.port))
        await stack.enter_async_context(_tasks(server.keep_running(), worker.run()))
        house.http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        await house.say_health()
        await until_listening(house.port)
        yield house


@contextlib.asynccontextmanager
async def _tasks(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Have these run meanwhile."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until_listening(port: int, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.005)


Scenario = Callable[[House], Awaitable[None]]


class Opener:
    """Runs a scenario with a running admin, over the test's own state directory."""

    def __init__(self, state: pathlib.Path, lists: pathlib.Path, made: pathlib.Path) -> None:
        self.state = state
        self.lists = lists
        shutil.copytree(made, state)

    def __call__(self, scenario: Scenario, clock: StillClock | None = None) -> None:
        async def run() -> None:
            async with running(self.state, self.lists, clock) as house:
                await scenario(house)

        asyncio.run(run())
