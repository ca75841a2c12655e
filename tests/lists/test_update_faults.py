import asyncio
import contextlib
import errno
import os
import pathlib
import signal
from typing import Any

import msgspec
import pytest

from resolver.errors import ListError
from resolver.lists.listed import Habits
from resolver.lists.update import Lists
from tests.lists.home import Home, compilers, go, remote, running, state, who_blocks
from tests.lists.site import HABITS, TIMING, page, saying, serving, until

ADS = "||ads.example^\n"
MORE = "||more.example^\n"
UNLIMITED = Habits(timing=TIMING)
MANY = "".join(f"||a{number}.example^\n" for number in range(150_000))


@pytest.fixture
def home(tmp_path: pathlib.Path) -> Home:
    return Home(tmp_path)


def test_a_restart_after_the_compiled_set_was_damaged_compiles(home: Home) -> None:
    async def main() -> None:
        before = (await home.lists(home.own("mine", MORE))).compiled
        (before.directory / "names.trie").write_bytes(b"")
        after = (await home.lists(home.own("mine", MORE))).compiled
        assert after.directory != before.directory
        assert who_blocks(after, "more.example") == "mine"

    go(main)


@pytest.mark.parametrize("header", ["ETag", "Last_Modified"])
def test_a_validator_of_odd_bytes_is_not_kept(home: Home, header: str) -> None:
    async def main() -> None:
        async with serving(ads=page(ADS, 200, **{header: "\udcff"})) as site:
            lists = await home.lists(remote("ads", site.url))
            await lists.refresh()
            assert who_blocks(lists.compiled, "ads.example") == "ads"
            assert state(await home.lists(remote("ads", site.url)), "ads").state == "ok"

    go(main)


@pytest.mark.parametrize("place", ["lists/ads", "lists/ads/list", "compiled"])
def test_a_disk_that_cannot_be_read(home: Home, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    def breaking(name: str) -> None:
        whole = getattr(pathlib.Path, name)

        def broken(self: pathlib.Path, *arguments: Any, **more: Any) -> Any:
            if home.state / place in (self, *self.parents):
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return whole(self, *arguments, **more)

        monkeypatch.setattr(pathlib.Path, name, broken)

    async def main() -> None:
        async with serving(ads=page(ADS)) as site:
            lists = await home.lists(remote("ads", site.url))
            await lists.refresh()
            for name in ("exists", "glob", "is_file", "iterdir", "mkdir", "stat", "unlink"):
                breaking(name)
            lists = Lists(home.state, home.clock, home.on_compiled, HABITS)
            await lists.configure((remote("ads", site.url),), home.catalogue)
            with contextlib.suppress(ListError):
                await lists.start()
            await lists.refresh()

    go(main)


def test_a_start_without_network_is_mended_soon(home: Home) -> None:
    async def main() -> None:
        async with serving() as site:
            lists = await home.lists(remote("ads", site.url))
            async with running(lists):
                await until(lambda: len(site.asked) >= 3)
                assert state(lists, "ads").error.endswith("/ads: the server answered 404 Not Found")
                site.pages["/ads"] = page(ADS)
                await until(lambda: "ads" in lists.compiled.ids)
            assert (state(lists, "ads").state, state(lists, "ads").error) == ("ok", "")

    go(main)


def test_a_bad_list_beside_a_good_one(home: Home) -> None:
    async def main() -> None:
        async with serving(good=page(ADS), bad=page(MORE)) as site:
            lists = await home.lists(remote("bad", site.url), remote("good", site.url))
            await lists.refresh()
            site.pages["/bad"] = page("<!doctype html>")
            site.pages["/good"] = page("||new.example^\n")
            await lists.refresh()
            assert state(lists, "bad").state == "failing"
            assert "it is a web page" in state(lists, "bad").error
            assert who_blocks(lists.compiled, "more.example") == "bad"
            assert who_blocks(lists.compiled, "new.example") == "good"

    go(main)


def test_a_slow_list_does_not_hold_up_the_others(home: Home) -> None:
    async def main() -> None:
        drip = saying(b"HTTP/1.1 200 OK\r\n\r\n", b"#", every=0.05, forever=True)
        async with serving(good=page(ADS)) as site, drip as url:
            slow = msgspec.structs.replace(remote("slow", ""), url=url)
            lists = await home.lists(slow, remote("good", site.url))
            async with running(lists):
                await until(lambda: "good" in lists.compiled.ids, 1.5)  # the drip takes two seconds to be given up

    go(main)


def test_a_restart_after_a_file_is_gone_keeps_its_version(home: Home) -> None:
    async def main() -> None:
        mine = home.own("mine", ADS)
        before = await home.lists(mine)
        assert mine.file is not None
        mine.file.unlink()
        after = await home.lists(mine)
        assert after.compiled == before.compiled
        assert state(after, "mine").state == "failing"

    go(main)


def test_a_compiler_that_is_killed_leaves_the_set_in_force(home: Home) -> None:
    async def main() -> None:
        lists = await home.lists(home.own("mine", ADS), habits=UNLIMITED)
        before = lists.compiled
        async with running(lists), asyncio.TaskGroup() as group:
            home.own("mine", MANY)
            refresh = group.create_task(lists.refresh())
            await until(lambda: (lists.progress or 0.0) > 0.0)
            assert lists.progress is not None
            assert lists.progress < 1.0
            for pid in compilers():
                os.kill(pid, signal.SIGKILL)
            await refresh
            assert lists.error.startswith("compiling the lists failed: the compiler was killed")
            assert lists.compiled == before
            assert who_blocks(lists.compiled, "ads.example") == "mine"
            await until(lambda: lists.compiled != before, 10.0)  # it is tried again
            await until(lambda: lists.error == "" and lists.progress is None)
        assert who_blocks(lists.compiled, "a7.example") == "mine"

    go(main)


def test_nothing_is_left_of_a_compile_when_lull_stops(home: Home) -> None:
    async def main() -> None:
        lists = await home.lists(home.own("mine", ADS), habits=UNLIMITED)
        home.own("mine", MANY)
        async with running(lists):
            await until(compilers)
        assert compilers() == []
        assert [path.name for path in (home.state / "compiled").iterdir()] == ["1"]

    go(main)


def test_what_cannot_be_handed_on_is_handed_on_later(home: Home) -> None:
    async def main() -> None:
        home.refuses = 3
        lists = await home.lists()
        assert lists.error == "the bundle cannot be written"
        compiled = lists.compiled
        async with running(lists):
            await until(lambda: home.compiled == [compiled])
            await until(lambda: lists.error == "")
        assert lists.compiled == compiled  # without another compile
        assert home.refuses == 0

    go(main)


def test_a_refresh_that_is_given_up_is_finished_by_run(home: Home) -> None:
    async def main() -> None:
        lists = await home.lists()
        async with running(lists):
            await asyncio.sleep(0.2)
            home.hold = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                refresh = group.create_task(lists.refresh(force=True))
                await until(lambda: lists.compiled.directory.name == "2")
                refresh.cancel()
            assert len(home.compiled) == 1
            home.hold.set()
            await until(lambda: home.compiled[-1].directory.name == "2")

    go(main)


def test_a_config_that_changes_during_the_start_is_compiled(home: Home) -> None:
    async def main() -> None:
        home.hold = asyncio.Event()
        lists = Lists(home.state, home.clock, home.on_compiled, HABITS)
        await lists.configure((), home.catalogue)
        async with asyncio.TaskGroup() as group:
            group.create_task(lists.start())
            await until((home.state / "compiled" / "1").exists)
            await lists.configure((home.own("mine", ADS),), home.catalogue)
            home.hold.set()
        async with running(lists):
            await until(lambda: home.compiled[-1].ids == ("mine", "starter"))

    go(main)


def test_a_start_that_cannot_compile_takes_the_set_before(home: Home) -> None:
    async def main() -> None:
        before = await home.lists(home.own("mine", ADS))
        hopeless = Habits(timing=msgspec.structs.replace(TIMING, compile=0.001))
        after = await home.lists(home.own("mine", MORE), habits=hopeless)
        assert after.compiled == before.compiled
        assert "took longer" in after.error

    go(main)


def test_a_first_start_that_cannot_compile_says_why(home: Home) -> None:
    with pytest.raises(ListError, match=r"took longer than 0\.001 seconds"):
        asyncio.run(home.lists(habits=Habits(timing=msgspec.structs.replace(TIMING, compile=0.001))))
