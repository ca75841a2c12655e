import asyncio
import pathlib

import msgspec
import pytest
from aiohttp import web

from resolver.errors import ListError
from resolver.lists.catalogue import Entry
from resolver.lists.listed import Habits
from resolver.lists.update import Lists
from tests.lists.home import Home, go, remote, running, state, who_blocks
from tests.lists.site import TIMING, page, serving, until

ADS = "||ads.example^\n"
MORE = "||more.example^\n"
MANY = "".join(f"||a{number}.example^\n" for number in range(150_000))


async def slowly(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(0.05)
    return web.Response(text=ADS)


@pytest.fixture
def home(tmp_path: pathlib.Path) -> Home:
    return Home(tmp_path)


def test_a_first_start_blocks_with_the_starter_list(home: Home) -> None:
    async def main() -> None:
        lists = await home.lists(remote("ads", "http://127.0.0.1:9"))
        assert home.compiled == [lists.compiled]
        assert (lists.compiled.ids, lists.compiled.kinds) == (("starter",), ("block",))
        assert who_blocks(lists.compiled, "x.starter.example") == "starter"
        assert lists.missing() == {"ads"}
        assert (state(lists, "ads").state, state(lists, "starter").state) == ("waiting", "ok")
        assert (state(lists, "starter").rules, lists.error, lists.progress) == (1, "", None)

    go(main)


def test_before_the_start_there_is_nothing(home: Home) -> None:
    lists = Lists(home.state, home.clock, home.on_compiled)
    assert (lists.states(), lists.missing()) == ([], frozenset())
    with pytest.raises(ListError, match="no lists are compiled yet"):
        _ = lists.compiled


def test_a_list_is_downloaded_and_compiled(home: Home) -> None:
    async def main() -> None:
        async with serving(ads=page(ADS + "##.ad\n")) as site:
            lists = await home.lists(remote("ads", site.url))
            async with running(lists):
                await until(lambda: len(home.compiled) == 2)
            assert lists.compiled.ids == ("ads", "starter")
            assert who_blocks(lists.compiled, "ads.example") == "ads"
            assert lists.missing() == frozenset()
            shown = state(lists, "ads")
            assert (shown.state, shown.rules, shown.lines, shown.skipped_by) == ("ok", 1, 2, {"not for DNS": 1})
            assert shown.samples[0].text == "##.ad"
            assert shown.url == f"{site.url}/ads"
            assert shown.next_check == pytest.approx(home.clock.time() + 3600, abs=400)

    go(main)


def test_a_restart_without_network_takes_the_set_that_is_there(home: Home) -> None:
    async def main() -> None:
        async with serving(ads=page(ADS)) as site:
            lists = await home.lists(remote("ads", site.url), home.own("mine", MORE))
            await lists.refresh()
            url, before = site.url, lists.compiled
        handed = len(home.compiled)
        again = await home.lists(remote("ads", url), home.own("mine", MORE))
        assert again.compiled == before
        assert len(home.compiled) == handed
        assert state(again, "ads").rules == 1
        async with running(again):
            await asyncio.sleep(0.2)
        assert again.compiled == before
        assert len(home.compiled) == handed

    go(main)


@pytest.mark.parametrize("changes", [{"kind": "allow"}, {"syntax": "adblock"}, {"subdomains": True}])
def test_a_restart_with_another_config_compiles(home: Home, changes: dict[str, object]) -> None:
    async def main() -> None:
        mine = home.own("mine", MORE)
        before = await home.lists(mine)
        after = await home.lists(msgspec.structs.replace(mine, **changes))
        assert after.compiled.directory != before.compiled.directory
        assert home.compiled == [before.compiled, after.compiled]
        await home.lists(msgspec.structs.replace(mine, **changes))
        assert len(home.compiled) == 2

    go(main)


def test_lists_that_change_together_are_compiled_once(home: Home) -> None:
    async def main() -> None:
        async with serving(**dict.fromkeys("abcde", slowly)) as site:
            patient = Habits(timing=msgspec.structs.replace(TIMING, patience=100))
            lists = await home.lists(*(remote(id, site.url) for id in "abcde"), habits=patient)
            async with running(lists):
                await until(lambda: len(home.compiled) == 2)
            assert lists.compiled.ids == ("a", "b", "c", "d", "e", "starter")

    go(main)


def test_three_downloads_at_once_are_the_most(home: Home) -> None:
    async def main() -> None:
        ids = "abcdefg"
        async with serving(**dict.fromkeys(ids, slowly)) as site:
            lists = await home.lists(*(remote(id, site.url) for id in ids))
            await lists.refresh()
            assert (len(site.asked), site.most_at_once) == (7, 3)

    go(main)


def test_lists_are_looked_for_as_often_as_they_say(home: Home) -> None:
    async def main() -> None:
        async with serving(often=page(ADS, etag='"1"'), seldom=page(ADS)) as site:
            lists = await home.lists(remote("often", site.url, refresh=0.1), remote("seldom", site.url))
            async with running(lists):
                await until(lambda: site.paths().count("/often") >= 2 and len(home.compiled[-1].ids) == 3)
                handed = len(home.compiled)
                await until(lambda: site.paths().count("/often") >= 5)
            assert site.paths().count("/seldom") == 1
            assert len(home.compiled) == handed  # not modified: nothing to compile

    go(main)


def test_a_refresh_asks_whether_there_is_anything_new(home: Home) -> None:
    async def main() -> None:
        async with serving(ads=page(ADS, etag='"1"'), more=page(MORE, etag='"1"')) as site:
            lists = await home.lists(remote("ads", site.url), remote("more", site.url))
            await lists.refresh(["ads"])
            assert site.paths() == ["/ads"]
            await lists.refresh()
            assert sorted(site.paths()) == ["/ads", "/ads", "/more"]
            handed = len(home.compiled)
            await lists.refresh()
            assert len(home.compiled) == handed
            await lists.refresh(force=True)
            assert len(home.compiled) == handed + 1
            assert home.compiled[-1] == lists.compiled != home.compiled[-2]
            with pytest.raises(ListError, match="no such list in use: nope, x; there are ads, more, starter"):
                await lists.refresh(["x", "ads", "nope"])

    go(main)


def test_two_refreshes_at_once_ask_and_compile_once(home: Home) -> None:
    async def main() -> None:
        async with serving(ads=page(ADS)) as site:
            lists = await home.lists(remote("ads", site.url))
            await asyncio.gather(lists.refresh(), lists.refresh(["ads"]), lists.refresh())
            assert site.paths() == ["/ads"]
            assert len(home.compiled) == 2
            assert who_blocks(lists.compiled, "ads.example") == "ads"

    go(main)


def test_a_file_is_compiled_when_it_is_edited(home: Home) -> None:
    async def main() -> None:
        mine = home.own("mine", ADS)
        lists = await home.lists(mine)
        async with running(lists):
            home.own("mine", MORE)
            await until(lambda: who_blocks(lists.compiled, "more.example") == "mine")
            assert who_blocks(lists.compiled, "ads.example") is None
            assert mine.file is not None
            mine.file.unlink()
            await until(lambda: state(lists, "mine").state == "failing")
            assert who_blocks(lists.compiled, "more.example") == "mine"
            home.own("mine", ADS)
            await until(lambda: who_blocks(lists.compiled, "ads.example") == "mine")
            assert state(lists, "mine").state == "ok"

    go(main)


def test_another_config_while_it_runs(home: Home) -> None:
    async def main() -> None:
        async with serving(ads=page(ADS), more=page(MORE)) as site:
            lists = await home.lists(remote("ads", site.url))
            async with running(lists):
                await until(lambda: lists.compiled.ids == ("ads", "starter"))
                await lists.configure((remote("more", site.url), home.own("mine", ADS)), home.catalogue)
                assert lists.missing() == {"more", "mine"}
                assert [shown.id for shown in lists.states()] == ["more", "mine", "starter"]  # that stands in for them
                await until(lambda: lists.compiled.ids == ("more", "mine", "starter"))
                with pytest.raises(ListError, match="list nope: is not in the catalogue"):
                    await lists.configure((msgspec.structs.replace(remote("nope", ""), url=None),), home.catalogue)
                assert [shown.id for shown in lists.states()] == ["more", "mine"]
                await lists.configure((remote("ads", site.url),), home.catalogue)
                await until(lambda: lists.compiled.ids == ("ads", "starter"))
                assert site.paths().count("/ads") == 1  # its version was still there

    go(main)


def test_mirrors_of_the_catalogue(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving(two=page("wide.example")) as site:
            urls = (f"{site.url}/one", f"{site.url}/two")
            home = Home(
                tmp_path,
                Entry(
                    "ads",
                    "Ads",
                    "a",
                    "often",
                    "",
                    "MIT",
                    "domains",
                    ("advertising",),
                    "normal",
                    subdomains=True,
                    urls=urls,
                ),
            )
            lists = await home.lists(msgspec.structs.replace(remote("ads", ""), url=None, subdomains=None))
            await lists.refresh()
            assert site.paths() == ["/one", "/two"]
            assert who_blocks(lists.compiled, "x.wide.example") == "ads"
            assert (state(lists, "ads").url, state(lists, "ads").title) == (urls[1], "Ads")

    go(main)
