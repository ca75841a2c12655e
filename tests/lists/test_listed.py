import asyncio
import pathlib

import msgspec
import pytest
from aiohttp import web

from resolver.lists.listed import Listed
from tests.lists.home import go, means
from tests.lists.one import LIST, OTHER, left, remote
from tests.lists.site import ShiftedClock, page, serving, sha256


def test_a_first_version_and_then_nothing_new(tmp_path: pathlib.Path) -> None:
    clock = ShiftedClock()

    async def main() -> None:
        async with serving(list=page(LIST, etag='"1"')) as site:
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means(tmp_path, clock))
            assert (listed.has_version, listed.input()) == (False, None)
            assert listed.due(clock.time()) <= clock.time()
            assert await listed.check()
            first = listed.meta
            assert listed.path.read_text() == LIST
            assert (first.sha256, first.current, first.etag, first.error) == (sha256(LIST), sha256(LIST), '"1"', "")
            assert [(held.url, held.rules, held.bytes) for held in first.versions] == [
                (f"{site.url}/list", 1, len(LIST))
            ]
            assert first.fetched == pytest.approx(first.checked, abs=1) == pytest.approx(clock.time(), abs=2)
            assert listed.due(clock.time()) == pytest.approx(clock.time() + 1000, abs=2)
            clock.shift += 500
            assert not await listed.check()
            assert listed.meta.fetched == first.fetched
            assert listed.meta.checked == pytest.approx(first.checked + 500, abs=2)
            assert site.asked[1][1]["If-None-Match"] == '"1"'
            assert left(tmp_path) == ["meta.json", "versions"]
            assert Listed(listed.wanted, tmp_path, means(tmp_path)).meta == listed.meta

    go(main)


def test_the_same_again_is_no_change(tmp_path: pathlib.Path) -> None:
    clock = ShiftedClock()

    async def main() -> None:
        async with serving(list=page(LIST)) as site:
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means(tmp_path, clock))
            assert await listed.check()
            before = listed.meta
            clock.shift += 500
            assert not await listed.check()
            assert listed.meta.changed == before.changed
            assert listed.meta.fetched > before.fetched
            site.pages["/list"] = page(OTHER)
            assert await listed.check()
            assert listed.meta.changed > before.changed
            assert listed.path.read_text() == OTHER

    go(main)


def test_two_checks_at_once_are_one(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving(list=page(LIST)) as site:
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means(tmp_path))
            assert sorted(await asyncio.gather(listed.check(), listed.check(), listed.check())) == [False, False, True]
            assert len(site.asked) == 1
            await listed.check()
            assert len(site.asked) == 2

    go(main)


def test_who_waits_for_a_check_that_is_cancelled_checks(tmp_path: pathlib.Path) -> None:
    asked = asyncio.Event()

    async def first_hangs(request: web.Request) -> web.StreamResponse:
        if not asked.is_set():
            asked.set()
            await asyncio.sleep(30)
        return web.Response(text=LIST)

    async def main() -> None:
        async with serving(list=first_hangs) as site, asyncio.TaskGroup() as group:
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means(tmp_path))
            first = group.create_task(listed.check())
            await asked.wait()
            second = group.create_task(listed.check())
            await asyncio.sleep(0)
            first.cancel()
            assert await second
            assert left(tmp_path) == ["meta.json", "versions"]

    go(main)


def test_a_list_that_moves_keeps_its_version_until_the_next(tmp_path: pathlib.Path) -> None:
    clock = ShiftedClock()

    async def main() -> None:
        async with serving(old=page(LIST, etag='"1"'), new=page(OTHER, etag='"1"')) as site:
            listed = Listed(remote(f"{site.url}/old"), tmp_path, means(tmp_path, clock))
            await listed.check()
            listed.use(remote(f"{site.url}/new"))
            assert listed.has_version
            assert listed.due(clock.time()) <= clock.time()
            restarted = Listed(remote(f"{site.url}/new"), tmp_path, means(tmp_path, clock))
            assert restarted.due(clock.time()) <= clock.time()
            assert await listed.check()  # although the other server's ETag is the same
            assert listed.path.read_text() == OTHER

    go(main)


def test_what_blocked_elsewhere_never_allows_here(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving(block=page(LIST), allow=page(LIST)) as site:
            listed = Listed(remote(f"{site.url}/block"), tmp_path, means(tmp_path))
            await listed.check()
            listed.use(msgspec.structs.replace(listed.wanted, kind="allow"))
            assert listed.has_version  # the same list, called otherwise
            listed.use(msgspec.structs.replace(listed.wanted, urls=(f"{site.url}/allow",)))
            assert (listed.has_version, listed.input()) == (False, None)
            assert await listed.check()
            assert listed.has_version

    go(main)


def test_a_version_of_a_place_that_no_longer_counts_is_dropped(tmp_path: pathlib.Path) -> None:
    asked = asyncio.Event()
    go_on = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        asked.set()
        await go_on.wait()
        return web.Response(text=LIST)

    async def main() -> None:
        async with serving(slow=slow, new=page(OTHER)) as site, asyncio.TaskGroup() as group:
            listed = Listed(remote(f"{site.url}/slow"), tmp_path, means(tmp_path))
            check = group.create_task(listed.check())
            await asked.wait()
            listed.use(remote(f"{site.url}/new"))
            go_on.set()
            assert not await check
            assert not listed.has_version
            assert await listed.check()
            assert listed.path.read_text() == OTHER

    go(main)


def test_a_clock_that_was_wrong_is_not_believed(tmp_path: pathlib.Path) -> None:
    clock = ShiftedClock()
    clock.shift = 10**8

    async def main() -> None:
        async with serving(list=page(LIST)) as site:
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means(tmp_path, clock))
            await listed.check()
            clock.shift = 0.0
            assert listed.due(clock.time()) <= clock.time()

    go(main)


def test_a_version_that_someone_removed_is_looked_for_anew(tmp_path: pathlib.Path) -> None:
    clock = ShiftedClock()

    async def main() -> None:
        async with serving(list=page(LIST, etag='"1"')) as site:
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means(tmp_path, clock))
            await listed.check()
            listed.path.unlink()
            assert listed.input() is None
            assert listed.due(clock.time()) <= clock.time()
            assert await listed.check()
            assert listed.input() is not None

    go(main)


def test_a_version_that_is_removed_during_a_check_is_looked_for_anew(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving(list=page(LIST, etag='"1"')) as site:
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means(tmp_path))
            await listed.check()

            async def meanwhile(request: web.Request) -> web.StreamResponse:
                listed.path.unlink()
                assert listed.input() is None
                return web.Response(status=304)

            site.pages["/list"] = meanwhile
            assert not await listed.check()
            assert "is gone" in listed.meta.error
            site.pages["/list"] = page(LIST, etag='"1"')
            assert await listed.check()

    go(main)
