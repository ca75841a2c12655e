"""Running one scenario: what its console and log blocks should say."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import pathlib
import time
from collections.abc import Iterator, Sequence

import yaml

from resolver.errors import ConfigError
from resolver.model import Transport
from tests.scenarios.console import Console
from tests.scenarios.edges import Edge, InProcess, Sockets
from tests.scenarios.parse import Block, Bodies, Document, Role, Scenario, ScenarioError
from tests.scenarios.virtual import VirtualLoop
from tests.scenarios.words import UsageError
from tests.scenarios.world import Scene, World

WAYS = ("in-process", "udp", "tcp")
"""How packets can go: between the parts in memory, or over sockets, with TCP or UDP as what clients usually use."""

_GRACE = 0.002  # real seconds without a packet after which nothing more is on its way over loopback


def run(document: Document, heading: str, way: str, directory: pathlib.Path) -> Bodies:
    """What the output blocks of a scenario should say. `directory` is empty and the scenario's own.

    Raises ScenarioError for a scenario that cannot be run, or holds what nothing asks for.
    """
    scenario = document.find(heading)
    scene = _scene(document, scenario)
    grace = 0.0 if way == "in-process" else _GRACE
    with _utc(), asyncio.Runner(loop_factory=functools.partial(VirtualLoop, grace)) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        edge: Edge = InProcess() if way == "in-process" else Sockets(Transport(way))
        try:
            world = World(scene, edge, directory, loop)
        except ConfigError as error:
            raise ScenarioError(document.path, scenario.line, f"the config is refused:\n{error}") from error
        return runner.run(_play(document.path, scenario, world))


async def _play(path: pathlib.Path, scenario: Scenario, world: World) -> Bodies:
    bodies: dict[Block, list[str]] = {}
    failure: ScenarioError | None = None
    async with asyncio.TaskGroup() as tasks:
        await world.open(tasks)
        try:
            for block in scenario.of(Role.CONSOLE):
                bodies[block] = await _converse(path, world, block)
            for block in scenario.of(Role.LOG):
                bodies[block] = world.log.lines()
        except ScenarioError as error:
            failure = error  # kept until the group has ended, which would wrap it
        finally:
            await world.close()
    if failure is not None:
        raise failure
    _all_used(path, scenario, world)
    if not any(not line.startswith("$ ") for block in scenario.of(Role.CONSOLE) for line in bodies[block]):
        raise ScenarioError(path, scenario.line, "nothing is said in the console: a scenario shows what Lull answers")
    return bodies


async def _converse(path: pathlib.Path, world: World, block: Block) -> list[str]:
    console = Console(world)
    lines: list[str] = []
    for number, line in enumerate(block.body, block.line):
        if line.startswith("$ "):
            try:
                lines += [line, *await console.run(line[2:].strip())]
            except UsageError as error:
                raise ScenarioError(path, number, str(error)) from error
        elif not lines:
            raise ScenarioError(path, number, "output without input: the first line of a console begins with `$ `")
        if world.mistakes:
            raise ScenarioError(path, number, world.mistakes[0])
    return lines


def _all_used(path: pathlib.Path, scenario: Scenario, world: World) -> None:
    """Nothing in a scenario may be there for nothing."""
    for block in scenario.of(Role.UPSTREAM):
        if block.name not in world.upstreams:
            raise ScenarioError(path, block.line, f"the config has no upstream {block.name}")
        for line in world.upstreams[block.name].unused():
            raise ScenarioError(path, line, "a record that is never asked for")
    files = {source.file.name for source in world.config.lists if source.file}
    for block in scenario.of(Role.FILE):
        if block.name not in files or (block.version > 1 and (block.name, block.version) not in world.versions):
            raise ScenarioError(path, block.line, "a list file that is never read")


def _scene(document: Document, scenario: Scenario) -> Scene:
    """What the scenario begins with: the file's blocks, and its own in their place."""
    blocks = (*document.shared, *scenario.blocks)
    return Scene(
        _merged(document.path, [block for block in blocks if block.role is Role.CONFIG]),
        {(block.name, block.version): block.text for block in blocks if block.role is Role.FILE},
        {block.name: block for block in blocks if block.role is Role.UPSTREAM},
    )


def _merged(path: pathlib.Path, blocks: Sequence[Block]) -> str:
    """The texts of configs as one: a key of a later one takes the place of the same key before. Values stay as they are
    written, for it is Lull that reads them."""
    keys: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    for block in blocks:
        tree = yaml.compose(block.text)
        if not isinstance(tree, yaml.MappingNode):
            raise ScenarioError(path, block.line, "a config is a mapping of sections")
        keys |= {key.value: (key, value) for key, value in tree.value}
    return yaml.serialize(yaml.MappingNode("tag:yaml.org,2002:map", list(keys.values()))) if keys else ""


@contextlib.contextmanager
def _utc() -> Iterator[None]:
    """Local time is UTC meanwhile: some texts name the time of day."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()
