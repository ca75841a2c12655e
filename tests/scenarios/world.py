"""A household for one scenario: the parts of a worker and of control, composed in one process and one loop.

Everything here is what runs in the daemon, but for what would not stand still: the clock is virtual, lists are compiled
in place instead of in a child process, and control reaches its worker without their socket.
"""

from __future__ import annotations

import asyncio
import functools
import io
import pathlib
from collections.abc import Mapping, Sequence
from unittest import mock

import msgspec

from resolver.admin.parts import Parts
from resolver.admin.publish import Publisher
from resolver.admin.service import Service
from resolver.admin.timekeeping import Timekeeper
from resolver.config import choosing
from resolver.config.load import parse
from resolver.config.schema import Config
from resolver.errors import BundleError, ListError
from resolver.journal import frames
from resolver.journal.hub import Hub
from resolver.journal.redaction import DAY
from resolver.lists import compiler
from resolver.lists.catalogue import Catalogue
from resolver.lists.running import Say
from resolver.lists.update import Lists
from resolver.model import Client
from resolver.network.keeper import Devices
from resolver.pipeline.forwarder import Forwarder
from resolver.pipeline.visits import Visits
from resolver.policy.bundle import Bundle
from resolver.policy.bundles import Bundles
from resolver.policy.document import Document
from resolver.rules import child
from resolver.rules.report import SourceReport
from resolver.rules.ruleset import RuleSet
from resolver.store.accounts import AccountStore
from resolver.store.database import Database
from resolver.store.people import PeopleStore
from resolver.store.queries import Queries
from resolver.store.writer import Writer
from tests.scenarios.double import Upstream
from tests.scenarios.edges import Address, Edge
from tests.scenarios.log import Log
from tests.scenarios.parse import Block
from tests.scenarios.virtual import VirtualClock, VirtualLoop

FEED = "scenario"
BOOT = "scenario"


class Scene(msgspec.Struct, frozen=True):
    """What a scenario begins with: the config's text, list files by name and version, and upstreams by their id."""

    config: str
    files: Mapping[tuple[str, int], str]
    upstreams: Mapping[str, Block]


class World:
    """The household while the scenario lasts. `asked` are queries that reached upstreams, with the time; `mistakes`
    what the scenario forgot to say."""

    def __init__(self, scene: Scene, edge: Edge, directory: pathlib.Path, loop: VirtualLoop) -> None:
        """`directory` is empty, and the scenario's own. Raises ConfigError."""
        self.loop = loop
        self.edge = edge
        self.clock = VirtualClock(loop)
        self.log = Log()
        self.asked: list[tuple[float, str]] = []
        self.mistakes: list[str] = []
        self.versions: set[tuple[str, int]] = set()
        self._scene = scene
        self.directory = directory
        self.config = parse(scene.config.encode(), directory / "lull.yaml", _catalogue().known())
        self.upstreams = {_id(place): self._upstream(_id(place)) for place in _places(self.config)}
        self._bundles = Bundles(directory / "state")
        self._forwarder: Forwarder | None = None

    def _upstream(self, name: str) -> Upstream:
        def note(text: str) -> None:
            self.asked.append((self.loop.time(), text))

        return Upstream(name, self._scene.upstreams.get(name), note, self.mistakes.append)

    async def open(self, tasks: asyncio.TaskGroup) -> None:
        """Start everything, as control and a worker do, in that order."""
        for (name, version), text in self._scene.files.items():
            if version == 1:
                self._write(name, text)
        await self._open_control()
        by_address = {place: self.upstreams[_id(place)] for place in _places(self.config)}
        reach = await self.edge.open(by_address, self.clock, tasks)
        generation = self._bundles.current()
        assert generation is not None
        self._forwarder = Forwarder(self._open(generation), self.clock, reach, FEED, BOOT)
        await self.edge.serve(self._forwarder)

    async def _open_control(self) -> None:
        (self.directory / "state").mkdir()
        self._database = Database.open(self.directory / "state" / "lull.db", self.clock)
        hub = _Hub(self)
        self._lists = Lists(self.directory / "state", self.clock, lambda _: self._publish(), chance=lambda: 0.5)
        parts = Parts(
            clock=self.clock,
            hub=hub,
            publisher=Publisher(self._bundles, hub, self.clock),
            lists=self._lists,
            database=self._database,
            people=PeopleStore(self._database, self.clock),
            devices=Devices(self._database, self.clock, lambda: self.config),
            queries=Queries(self._database),
            writer=Writer(self._database, lambda _, __: None),
            accounts=AccountStore(self._database, self.clock),
            catalogue=_catalogue(),
            state=self.directory / "state",
            home=self.directory,
            boot=BOOT,
        )
        self.service = Service(self.config, parts)
        self._timekeeper = Timekeeper(parts, self._publish)
        await self._timekeeper.look()
        with mock.patch.object(compiler, "run", _compile_here):
            await self._lists.configure(self.config.lists, _catalogue())
            await self._lists.start()

    async def close(self) -> None:
        await self.edge.close()
        if self._forwarder is not None:
            self._forwarder.close()
        self._database.close()

    async def _publish(self) -> None:
        trouble = await self.service.publish()
        assert not trouble, trouble

    def _open(self, generation: str) -> Bundle:
        """A bundle whose clients are known by the addresses that their packets come from."""
        bundle = self._bundles.open(generation)
        return _Bundle(bundle.generation, bundle.document, bundle.names, bundle.own, self.edge)

    def take(self, generation: str) -> str:
        if self._forwarder is None:
            return ""
        try:
            self._forwarder.take(self._open(generation))
        except BundleError as error:
            return str(error)
        return ""

    @property
    def forwarder(self) -> Forwarder:
        """The worker, once it answers."""
        assert self._forwarder is not None
        return self._forwarder

    async def set_clock(self, by: float) -> None:
        """Set the clock on the wall; worker and control look at it, as they do every second."""
        self.clock.step(by)
        self.forwarder.keep_time()
        await self._timekeeper.look()

    def flush(self) -> None:
        """Forget cached truth and finished answers."""
        if self._forwarder is not None:
            self._forwarder.flush()

    async def roll(self) -> None:
        """Take what the journal has, as of this second."""
        ahead = self.forwarder.prefetch.asked
        hits = self.forwarder.journal.hits
        day = int(self.clock.time()) // DAY
        self.forwarder.journal.redaction.take(day, b"salt of %08d" % day)  # control's are random
        batch = await self.forwarder.journal.roll(int(self.clock.time()))
        await self.forwarder.tend(hits)
        if self.forwarder.prefetch.asked > ahead:
            await asyncio.sleep(1e-6)  # time for the question to arrive, over whatever edge
        if batch is not None:
            self.log.add(batch)

    async def new_version(self, file: str, version: int) -> Sequence[str]:
        """Put a version of a list file in the place of the one before and look at it; the ids of its lists."""
        text = self._scene.files.get((file, version))
        ids = [source.id for source in self.config.lists if source.file == (self.directory / file).absolute()]
        if text is None or not ids:
            raise ListError(f"there is no block `text file={file} version={version}`, or no list uses that file")
        self.versions.add((file, version))
        self._write(file, text)
        with mock.patch.object(compiler, "run", _compile_here):
            await self.service.listing.refresh(ids)
        return ids

    def _write(self, name: str, text: str) -> None:
        (self.directory / name).write_text(text, "utf-8")


class _Hub(Hub):
    """Control's hub without its socket: orders are carried out where they are given."""

    def __init__(self, world: World) -> None:
        super().__init__(pathlib.Path(), lambda _: None, lambda: "", Visits(world.clock))
        self._world = world

    async def load(self, generation: str, seconds: float) -> dict[int, str]:
        error = self._world.take(generation)
        return {0: error} if error else {}

    async def ask(self, name: str, type: int, client: str, seconds: float) -> list[frames.Told]:
        return [self._world.forwarder.tell(frames.Ask(0, name, type, client))]

    def flush(self) -> None:
        self._world.flush()


class _Bundle(Bundle):
    def __init__(self, generation: str, document: Document, names: RuleSet, own: RuleSet | None, edge: Edge) -> None:
        super().__init__(generation, document, names, own)
        self._edge = edge

    def identified(self, address: str, id: str = "") -> tuple[Client, str]:
        return super().identified(self._edge.client(address), id)

    def over(self, document: Document) -> Bundle:
        return _Bundle(self.generation, document, self.names, self.own, self._edge)


async def _compile_here(command: Sequence[str], job: bytes, say: Say) -> list[SourceReport]:
    """What the compiling child does, in this process."""
    said: list[child.Line] = []
    child.run(io.BytesIO(job), said.append)
    last = said[-1]
    assert isinstance(last, child.Done), last
    return last.reports


@functools.cache
def _catalogue() -> Catalogue:
    """The lists that ship with Lull; read once, as it takes as long as all the rest of a scenario."""
    return Catalogue.load()


def _places(config: Config) -> list[Address]:
    upstreams = (one for _, some in choosing.places(config) for one in some)
    return list(dict.fromkeys(Address(upstream.host, upstream.port) for upstream in upstreams))


def _id(place: Address) -> str:
    """An upstream as scenarios write it: its address, and the port unless that is the usual one."""
    if place.port == 53:
        return place.host
    return f"[{place.host}]:{place.port}" if ":" in place.host else f"{place.host}:{place.port}"
