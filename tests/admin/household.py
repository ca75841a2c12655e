"""The admin over real parts, on a free port, with a worker that speaks the real frames: what these tests share."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from typing import Any

import aiohttp
import msgspec

from resolver.admin.app import AdminServer
from resolver.admin.auth import COOKIE
from resolver.admin.parts import Parts
from resolver.admin.publish import Publisher
from resolver.admin.service import Service
from resolver.config.people import Group
from resolver.config.schema import Config, ListSource
from resolver.config.values import Endpoint, OwnRule
from resolver.journal import frames
from resolver.journal.hub import Hub
from resolver.lists.catalogue import Catalogue
from resolver.lists.update import Lists
from resolver.network.keeper import Devices
from resolver.pipeline.visits import Visits
from resolver.policy.bundles import Bundles
from resolver.store.database import Database
from resolver.store.people import PeopleStore
from resolver.store.queries import Queries
from resolver.store.writer import Writer
from tests.admin.parts import NOON, StillClock, Worker, free_port, until, until_listening
from tests.lists.site import small_catalogue

TOKEN = "a-token-of-these-tests-0123456789"


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
    (lists / "popular.txt").write_text("popular.example\n")

    async def compile() -> None:
        made = Lists(state, StillClock(), _nothing)
        await made.configure(config_of(lists).lists, Catalogue({}, lists))
        await made.start()

    asyncio.run(compile())


async def _nothing(_: object) -> None:
    pass


async def _publish(service: Service) -> None:
    await service.publish()


@contextlib.asynccontextmanager
async def running(
    state: pathlib.Path, lists: pathlib.Path, clock: StillClock | None = None, config: Config | None = None
) -> AsyncIterator[House]:
    """The admin over `state`, everything in force and one worker connected."""
    clock = clock or StillClock()
    config = config or config_of(lists)
    catalogue = Catalogue(small_catalogue(state / "shipped").entries, lists)
    async with contextlib.AsyncExitStack() as stack:
        database = Database.open(state / "lull.db", clock)
        stack.callback(database.close)
        writer = Writer(database, lambda _feed, _seq: None, interval=0.02)
        writer.start()
        stack.callback(writer.close, 1.0)
        hub = Hub(state / "run" / "control.sock", writer.submit, lambda: publisher.generation, Visits(clock))
        publisher = Publisher(Bundles(state), hub, clock)
        updated = Lists(state, clock, lambda _: _publish(service))
        devices = Devices(database, clock, lambda: service.config)
        kept = PeopleStore(database, clock), devices, Queries(database), writer
        parts = Parts(clock, hub, publisher, updated, database, *kept, catalogue, lists)
        service = Service(config, parts)
        await hub.start()
        stack.push_async_callback(hub.stop)
        await publisher.start()
        await updated.configure(config.lists, catalogue, config.updates)
        await updated.start()
        await service.publish()
        worker = Worker(*await asyncio.open_unix_connection(state / "run" / "control.sock"))
        stack.callback(worker.close)
        worker.send(frames.Hello(1, 4711, publisher.generation))
        house = House(parts, service, clock, free_port(), worker)
        server = AdminServer(service, TOKEN, Endpoint("127.0.0.1", house.port))
        await stack.enter_async_context(_tasks(server.keep_running(), service.diagnoses.keep(), worker.run()))
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


Scenario = Callable[[House], Awaitable[None]]


class Opener:
    """Runs a scenario with a running admin, over the test's own state directory."""

    def __init__(self, state: pathlib.Path, lists: pathlib.Path, made: pathlib.Path) -> None:
        self.state = state
        self.lists = lists
        shutil.copytree(made, state)

    def __call__(self, scenario: Scenario, clock: StillClock | None = None, config: Config | None = None) -> None:
        async def run() -> None:
            async with running(self.state, self.lists, clock, config) as house:
                await scenario(house)

        asyncio.run(run())
