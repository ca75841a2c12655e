"""The admin over real parts, on a free port, with a worker that speaks the real frames: what these tests share."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import aiohttp
import msgspec

from resolver.admin.accountbodies import NewUser, Role
from resolver.admin.app import AdminServer
from resolver.admin.jobbodies import Job
from resolver.admin.listbodies import Tried, Trying
from resolver.admin.parts import Parts
from resolver.admin.publish import Publisher
from resolver.admin.service import Service
from resolver.admin.tallied import Tallied
from resolver.admin.whereabouts import Whereabouts
from resolver.config.load import NO_OVERRIDES, parse
from resolver.config.people import Group
from resolver.config.schema import Config, ListSource
from resolver.config.settled import Settled
from resolver.config.values import Endpoint, OwnRule
from resolver.configured import Configured, Renewing
from resolver.journal import frames
from resolver.journal.hub import Hub
from resolver.lists.catalogue import Catalogue
from resolver.lists.update import Lists
from resolver.network.keeper import Devices
from resolver.pipeline.visits import Visits
from resolver.policy.bundles import Bundles
from resolver.process import Snapshot
from resolver.store.accounts import AccountStore
from resolver.store.database import Database
from resolver.store.people import PeopleStore
from resolver.store.queries import Queries
from resolver.store.writer import Writer
from tests.admin import documented
from tests.admin.browsing import Browser, Reply
from tests.admin.parts import NOON, StillClock, Worker, free_port, until, until_listening
from tests.lists.site import small_catalogue

TOKEN = "a-token-of-these-tests-0123456789"
ADMIN = "anna"
PASSWORD = "correct horse battery staple"


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
            cookies = response.headers.getall("Set-Cookie", [])
            reply = Reply(response.status, dict(response.headers), (await response.read()).decode(), cookies)
        documented.check(method, path, reply.status, response.content_type, reply.text)
        return reply

    async def get(self, path: str, **more: Any) -> Reply:
        return await self.call("GET", path, **more)

    async def api(self, method: str, path: str, json: object = None) -> Any:
        """The value that the API answers with, or, if that takes long, the result of the job; fails when it refuses."""
        reply = await self.call(method, f"/api/v1/{path}", json=json)
        assert reply.status < 300, reply.text
        if reply.status == 202:
            job = await self.ended(reply.json["id"])
            assert job.error is None, job.error
            return msgspec.json.decode(job.result or b"")
        return reply.json if reply.text else None

    async def ended(self, id: str) -> Job[msgspec.Raw]:
        """A job, when it is over."""
        while True:
            job = await self.service.jobs.one(id, lambda _: True, 5.0)
            if job.state != "running":
                return job

    async def tried(self, asked: Trying) -> Tried:
        """What a list would do. Raises ApiError when it cannot be tried out; fails when the job does."""
        job = await self.ended((await self.service.trials.begin(asked)).id)
        assert job.result is not None, job.error
        return msgspec.json.decode(job.result, type=Tried)

    async def add(self, name: str, role: Role = "member", device: str = "192.0.2.10", *, grants: bool = False) -> None:
        """Have a user, whose password is PASSWORD."""
        device = "" if role == "admin" else device
        await self.service.entrance.users.add(NewUser(name, PASSWORD, role, device, grants), "a test")

    async def sign_in(self, name: str = ADMIN) -> Browser:
        """A browser in which a user is signed in; ADMIN is made where that is needed."""
        picture = await self.service.entrance.accounts.picture()
        if name == ADMIN and picture.named(ADMIN) is None:
            await self.add(ADMIN, "admin")
        reply = await self.call("POST", "/login", token=None, data={"name": name, "password": PASSWORD})
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


def config_of(lists: pathlib.Path) -> Config:
    return Config(
        lists=(ListSource("ads", file=lists / "ads.txt"), ListSource("starter", file=lists / "starter.txt")),
        groups={"default": Group(), "kids": Group(lists=())},
        rules=(OwnRule("allow", "cdn.example.com", "allow cdn.example.com"),),
    )


CONFIG = b"""lists:
  - {id: ads, file: ads.txt}
  - {id: starter, file: starter.txt}
groups:
  kids: {lists: []}
rules: [allow cdn.example.com]
"""
"""What the config file says, which is what `config_of` has."""


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
    state: pathlib.Path,
    lists: pathlib.Path,
    clock: StillClock | None = None,
    config: Config | None = None,
    text: bytes | None = None,
    catalogue: Catalogue | None = None,
) -> AsyncIterator[House]:
    """The admin over `state`, everything in force and one worker connected. `text` is what the config file says
    (None: CONFIG), which is read again when somebody chooses something; `config` is in force until then, and without
    it what the file says, if that is another than usual."""
    clock, text = clock or StillClock(), CONFIG if text is None else text
    catalogue = catalogue or Catalogue(small_catalogue(state / "shipped").entries, lists)
    if config is None:
        config = config_of(lists) if text is CONFIG else parse(text, lists / "lull.yaml", catalogue.known())
    async with contextlib.AsyncExitStack() as stack:
        database = Database.open(state / "lull.db", clock)
        stack.callback(database.close)
        writer = Writer(database, lambda _feed, _seq: None, interval=0.02)
        writer.start()
        stack.callback(writer.close, 1.0)
        tallied = Tallied()

        def on_batch(batch: frames.Batch) -> None:
            tallied.take(batch)
            writer.submit(batch)
            parts.recent.take(batch)

        hub = Hub(state / "run" / "control.sock", on_batch, lambda: publisher.generation, Visits(clock))
        publisher = Publisher(Bundles(state), hub, clock)
        updated = Lists(state, clock, lambda _: _publish(service))
        devices = Devices(database, clock, lambda: service.config)
        people, accounts = PeopleStore(database, clock), AccountStore(database, clock)
        people.beside = lambda: {**devices.store.beside(), **accounts.beside()}
        kept = people, devices, Queries(database), writer, accounts
        configured = Configured(lists / "lull.yaml", Snapshot.make(text), NO_OVERRIDES, catalogue, state)
        renewing = _renewing(configured, people, lambda: service, catalogue)
        there = _there(configured, renewing, lists / "lull.yaml", text)
        work = clock, hub, publisher, updated, database, *kept
        parts = Parts(*work, catalogue, state, lists, tallied=tallied, there=there)
        service = Service(config, parts)
        if (settled := configured.begin(clock)).choices:  # of an earlier house over this state directory
            service.take(settled)
            service.config_trouble = configured.trouble
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
        await stack.enter_async_context(
            _tasks(server.keep_running(), service.jobs.keep(), service.entrance.keep(), worker.run())
        )
        house.http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        await house.say_health()
        await until_listening(house.port)
        yield house


def _renewing(
    configured: Configured, people: PeopleStore, service: Callable[[], Service], catalogue: Catalogue
) -> Renewing:
    """What brings choices into force, as control does."""

    async def take(settled: Settled) -> str:
        service().take(settled)
        await service()._parts.lists.configure(settled.config.lists, catalogue, settled.config.updates)
        return await service().publish()

    def tell(trouble: str) -> None:
        service().config_trouble = trouble

    return Renewing(configured, people.choices, take, tell)


def _there(configured: Configured, renewing: Renewing, file: pathlib.Path, text: bytes) -> Whereabouts:
    """A daemon that is not started again, whatever is restored."""
    return Whereabouts(file, lambda: text, lambda: None, NO_OVERRIDES, configured.read, renewing.choose)


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

    def __call__(
        self,
        scenario: Scenario,
        clock: StillClock | None = None,
        config: Config | None = None,
        text: bytes | None = None,
        catalogue: Catalogue | None = None,
    ) -> None:
        async def run() -> None:
            async with running(self.state, self.lists, clock, config, text, catalogue) as house:
                await scenario(house)

        asyncio.run(run())
