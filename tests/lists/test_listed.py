import asyncio
import pathlib
from collections.abc import Awaitable, Callable

import msgspec
import pytest
from aiohttp import web

from resolver.lists.fetch import open_session
from resolver.lists.listed import Listed, Means
from resolver.lists.schedule import Timing
from resolver.lists.wanted import Wanted
from tests.lists.site import LIMITS, TIMING, ShiftedClock, page, redirect, serving, sha256

LIST = "||ads.example^\n"
OTHER = "||other.example^\n"


def means(clock: ShiftedClock | None = None, timing: Timing = TIMING) -> Means:
    return Means(clock or ShiftedClock(), open_session, LIMITS, timing, lambda: 0.5)


def remote(*urls: str) -> Wanted:
    return Wanted("ads", "Ads", "block", "auto", subdomains=False, refresh=1000.0, urls=urls)


def own(file: pathlib.Path) -> Wanted:
    return Wanted("ads", "Ads", "block", "auto", subdomains=False, refresh=1000.0, file=file)


def left(listed: Listed) -> list[str]:
    return sorted(path.name for path in listed.path.parent.iterdir())


def go(main: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await main()

    asyncio.run(run())


def test_a_first_version_and_then_nothing_new(tmp_path: pathlib.Path) -> None:
    clock = ShiftedClock()

    async def main() -> None:
        async with serving(list=page(LIST, etag='"1"')) as site:
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means(clock))
            assert (listed.has_version, listed.input()) == (False, None)
            assert listed.due(clock.time()) <= clock.time()
            assert await listed.check()
            first = listed.meta
            assert listed.path.read_text() == LIST
            assert (first.sha256, first.bytes, first.etag, first.error) == (sha256(LIST), len(LIST), '"1"', "")
            assert first.fetched == first.checked == pytest.approx(clock.time(), abs=2)
            assert listed.due(clock.time()) == pytest.approx(clock.time() + 1000, abs=2)
            clock.shift += 500
            assert not await listed.check()
            assert listed.meta.fetched == first.fetched
            assert listed.meta.checked == pytest.approx(first.checked + 500, abs=2)
            assert site.asked[1][1]["If-None-Match"] == '"1"'
            assert left(listed) == ["list", "meta.json"]
            assert Listed(listed.wanted, tmp_path, means()).meta == listed.meta

    go(main)


def test_the_same_again_is_no_change(tmp_path: pathlib.Path) -> None:
    clock = ShiftedClock()

    async def main() -> None:
        async with serving(list=page(LIST)) as site:
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means(clock))
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


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (page("<html><body>Sign in</body></html>"), "/list: it is a web page"),
        (page(b"\x1f\x8b\x00\x00\x00"), "/list: it is not text"),
        (page(""), "/list: it is empty"),
        (page("# all gone\n"), "/list: no line of it is a rule"),
        (page(LIST, status=500), "/list: the server answered 500"),
        (page("x" * 100_001), "/list: it is larger than"),
        (redirect("/login"), "/list: the server answered 404"),
    ],
)
def test_a_bad_version_leaves_the_good_one(tmp_path: pathlib.Path, bad: object, said: str) -> None:
    clock = ShiftedClock()

    async def main() -> None:
        async with serving(list=page(LIST, etag='"1"')) as site:
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means(clock))
            await listed.check()
            before = listed.meta
            site.pages["/list"] = bad  # type: ignore[assignment]
            for failures, pause in ((1, 0.05), (2, 0.1), (3, 0.1)):
                assert not await listed.check()
                assert said in listed.meta.error
                assert (listed.meta.failures, listed.meta.sha256, listed.meta.etag) == (failures, before.sha256, '"1"')
                assert listed.meta.next_try == pytest.approx(listed.meta.checked + pause)
            assert (listed.path.read_text(), left(listed)) == (LIST, ["list", "meta.json"])
            assert Listed(listed.wanted, tmp_path, means()).meta == listed.meta
            site.pages["/list"] = page(OTHER)
            assert await listed.check()
            assert (listed.meta.error, listed.meta.failures) == ("", 0)

    go(main)


def test_two_checks_at_once_are_one(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving(list=page(LIST)) as site:
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means())
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
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means())
            first = group.create_task(listed.check())
            await asked.wait()
            second = group.create_task(listed.check())
            await asyncio.sleep(0)
            first.cancel()
            assert await second
            assert left(listed) == ["list", "meta.json"]

    go(main)


def test_a_list_that_moves_keeps_its_version_until_the_next(tmp_path: pathlib.Path) -> None:
    clock = ShiftedClock()

    async def main() -> None:
        async with serving(old=page(LIST, etag='"1"'), new=page(OTHER, etag='"1"')) as site:
            listed = Listed(remote(f"{site.url}/old"), tmp_path, means(clock))
            await listed.check()
            listed.use(remote(f"{site.url}/new"))
            assert listed.has_version
            assert listed.due(clock.time()) <= clock.time()
            restarted = Listed(remote(f"{site.url}/new"), tmp_path, means(clock))
            assert restarted.due(clock.time()) <= clock.time()
            assert await listed.check()  # although the other server's ETag is the same
            assert listed.path.read_text() == OTHER

    go(main)


def test_what_blocked_elsewhere_never_allows_here(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving(block=page(LIST), allow=page(LIST)) as site:
            listed = Listed(remote(f"{site.url}/block"), tmp_path, means())
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
            listed = Listed(remote(f"{site.url}/slow"), tmp_path, means())
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
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means(clock))
            await listed.check()
            clock.shift = 0.0
            assert listed.due(clock.time()) <= clock.time()

    go(main)


def test_a_version_that_someone_removed_is_looked_for_anew(tmp_path: pathlib.Path) -> None:
    clock = ShiftedClock()

    async def main() -> None:
        async with serving(list=page(LIST, etag='"1"')) as site:
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means(clock))
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
            listed = Listed(remote(f"{site.url}/list"), tmp_path, means())
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
