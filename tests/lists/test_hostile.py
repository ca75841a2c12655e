"""Hostile downloads, all the way: each is refused with its reason, and nothing that is blocked changes, nor after a
restart. It takes some seconds: every list is compiled by itself, and some of the downloads are slow."""

import asyncio
import pathlib
import shutil

import pytest

from resolver.lists.compiler import Compiled
from resolver.lists.listed import Habits
from resolver.lists.update import Lists
from resolver.model import Client, Type
from resolver.paths import shipped
from resolver.rules.ruleset import RuleSet
from tests.lists import hostile
from tests.lists.home import Home, remote, running, state
from tests.lists.hostile_server import Server
from tests.lists.site import TIMING

RECEIVED = [name for name, case in hostile.CASES.items() if case.by == "guard" and name != "regexes"]
"""A million expressions take the compiler 20 seconds; `test_examine` has fewer, and just as many too many."""

NOT_RECEIVED = [
    *("short", "chunk-cut", "drip", "silent", "stalled", "head-endless", "line-announced", "ssh", "mute", "part-206"),
    *("gone-410", "loop", "to-file", "to-zone", "to-metadata", "to-loopback", "to-decimal", "to-name-of-loopback"),
    *("bomb-gzip", "bomb-br", "bomb-zstd", "bomb-file", "cut-gzip", "label-br", "label-unknown"),
]
NAMES = [*RECEIVED, *NOT_RECEIVED]
HABITS = Habits(hostile.session, hostile.LIMITS, TIMING)


def blocked(compiled: Compiled) -> dict[str, list[bool]]:
    """Which of some names each list blocks."""
    names = RuleSet.open(compiled.directory, compiled.ids)
    asked = ("x.ads1.example", "ads999.example", "ads1000.example", "google.com", "example.net")
    client = Client("192.0.2.10", "default")
    found = {
        id: [names.winner(name, 1 << index, Type.A, client) is not None for name in asked]
        for index, id in enumerate(compiled.ids)
    }
    names.close()
    return found


async def until_all(lists: Lists, server: Server, said: dict[str, str]) -> None:
    """Ask for all until each says what it must; a machine that is busy may take one for too slow."""
    ids = list(said)
    for _ in range(4):
        await lists.refresh(ids)
        ids = [id for id in ids if said[id] not in (state(lists, id).error or "well")]
        if not ids:
            return
    pytest.fail(f"{[(id, said[id], state(lists, id).error) for id in ids]}")


def test_hostile_downloads_change_nothing(tmp_path: pathlib.Path) -> None:
    home = Home(tmp_path)
    shutil.copy(shipped("blocklists", "popular.txt"), home.catalogue.directory)
    words = {name: hostile.CASES[name].word for name in NAMES}
    assert len(words) >= 30

    async def main() -> None:
        async with hostile.site() as server:
            sources = [remote(name, server.url(name).removesuffix(f"/{name}")) for name in NAMES]
            server.calm = True
            lists = await home.lists(*sources, habits=HABITS)
            await until_all(lists, server, dict.fromkeys(NAMES, "well"))
            before, blocks = lists.compiled.inputs, blocked(lists.compiled)
            assert all(blocks[name] == [True, True, False, False, False] for name in NAMES)

            server.calm = False
            await until_all(lists, server, words)
            reasons = {state(lists, name).error for name in NAMES}
            assert (len(reasons), max(map(len, reasons)) < 400) == (len(NAMES), True)
            assert {name for name in NAMES if state(lists, name).refused is not None} == set(RECEIVED)
            assert all(state(lists, name).state == "failing" for name in NAMES)
            assert (lists.compiled.inputs, blocked(lists.compiled)) == (before, blocks)

            errors = {name: state(lists, name).error for name in NAMES}
            again = await home.lists(*sources, habits=HABITS)
            async with running(again):
                await asyncio.sleep(0.3)
                assert (again.compiled.inputs, blocked(again.compiled)) == (before, blocks)
                assert all(state(again, name).error == errors[name] for name in RECEIVED)

    asyncio.run(main())
