"""New versions through the whole of `Lists`: refused, accepted, taken back, and none of it forgotten."""

import asyncio
import pathlib

import msgspec
import pytest
from aiohttp import web

from resolver.config.updates import Updates
from resolver.errors import ListError
from resolver.lists.canaries import Canary
from resolver.lists.update import Lists
from tests.lists.home import Home, go, remote, running, state, who_blocks
from tests.lists.site import Site, page, serving, sha256, until

ADS = "".join(f"||ads{number}.example^\n" for number in range(100))
GOOGLE = ADS + "||google.com^\n"
GROWN = ADS + "".join(f"||more{number}.example^\n" for number in range(250))


@pytest.fixture
def home(tmp_path: pathlib.Path) -> Home:
    home = Home(tmp_path)
    (home.catalogue.directory / "popular.txt").write_text("google.com\ntiktok.com social\n")
    return home


async def begun(home: Home, site: Site, text: str = ADS) -> Lists:
    site.pages["/ads"] = page(text, etag=f'"{sha256(text)}"')
    lists = await home.lists(remote("ads", site.url))
    await lists.refresh()
    return lists


async def given(lists: Lists, site: Site, text: str) -> None:
    site.pages["/ads"] = page(text, etag=f'"{sha256(text)}"')
    await lists.refresh()


def in_force(lists: Lists) -> str:
    """The digest of the version that is compiled in."""
    return next(one.sha256 for one in lists.compiled.inputs if one.id == "ads")


@pytest.mark.parametrize(
    ("bad", "name", "said"),
    [
        (GOOGLE, "google.com", "it would block google.com (||google.com^), one of the most popular names"),
        (GROWN, "more7.example", "it has 350 rules, the version before had 100: more than 300 %"),
    ],
)
def test_refused_accepted_and_taken_back(home: Home, bad: str, name: str, said: str) -> None:
    async def main() -> None:
        async with serving() as site:
            lists = await begun(home, site)
            await given(lists, site, bad)
            again = await home.lists(remote("ads", site.url))
            for one in (lists, again):
                shown = state(one, "ads")
                assert shown.refused is not None
                assert (shown.refused.reason, shown.refused.sha256) == (said, sha256(bad))
                assert shown.error == f"{site.url}/ads: {said}"
                assert (who_blocks(one.compiled, "ads1.example"), who_blocks(one.compiled, name)) == ("ads", None)
            lists = again
            await lists.accept("ads")
            shown = state(lists, "ads")
            assert (who_blocks(lists.compiled, name), shown.refused, shown.error) == ("ads", None, "")
            assert [version.sha256 for version in shown.versions] == [sha256(bad), sha256(ADS)]
            await lists.refresh()
            assert in_force(lists) == sha256(bad)
            await lists.rollback("ads", "it was wrong")
            again = await home.lists(remote("ads", site.url))
            for one in (lists, again):
                await one.refresh()
                shown = state(one, "ads")
                assert (shown.note, shown.error, shown.refused) == ("it was wrong", "", None)
                assert [version.current for version in shown.versions] == [False, True]
                assert (who_blocks(one.compiled, name), in_force(one)) == (None, sha256(ADS))
            await given(again, site, "||new.example^\n" + ADS)
            assert (who_blocks(again.compiled, "new.example"), state(again, "ads").note) == ("ads", "")
            assert home.swapped == [{"ads"}]  # only of what a check brought

    go(main)


def test_what_this_household_looks_up_often(home: Home) -> None:
    async def main() -> None:
        async with serving() as site:
            lists = await begun(home, site)
            home.canaries = [Canary("school.example", "which is looked up here often", usual=True)]
            await given(lists, site, ADS + "||school.example^\n")
            assert state(lists, "ads").error.endswith(
                "/ads: it would block school.example (||school.example^), which is looked up here often"
            )
            assert who_blocks(lists.compiled, "school.example") is None
            other = await home.lists(
                remote("ads", site.url), msgspec.structs.replace(remote("ads", site.url), id="new")
            )
            await other.refresh(["new"])
            assert who_blocks(other.compiled, "school.example") == "new"  # a list that is new here was chosen to

    go(main)


def test_other_thresholds_let_a_refused_version_through(home: Home) -> None:
    async def main() -> None:
        async with serving() as site:
            lists = await begun(home, site)
            await given(lists, site, GROWN)
            assert state(lists, "ads").refused is not None
            async with running(lists):
                await lists.configure((remote("ads", site.url),), home.catalogue, Updates(grow=400))
                await until(lambda: who_blocks(lists.compiled, "more7.example") == "ads")
            assert state(lists, "ads").refused is None

    go(main)


def test_the_measure_is_found_again_when_all_that_was_known_is_lost(home: Home) -> None:
    async def main() -> None:
        async with serving() as site:
            await begun(home, site)
            (home.state / "lists" / "ads" / "meta.json").unlink()
            lists = await home.lists(remote("ads", site.url))
            await given(lists, site, "||only.example^\n")
            assert "it has 1 rule, the version before had 100" in state(lists, "ads").error

    go(main)


def test_what_the_config_says_otherwise_while_a_version_is_on_its_way(home: Home) -> None:
    async def main() -> None:
        asked, goes = asyncio.Event(), asyncio.Event()

        async def late(request: web.Request) -> web.StreamResponse:
            asked.set()
            await goes.wait()
            return await page(GOOGLE)(request)

        async with serving(ads=late) as site:
            lists = await home.lists(msgspec.structs.replace(remote("ads", site.url), kind="allow"))
            looking = asyncio.create_task(lists.refresh())
            await asked.wait()
            await lists.configure((remote("ads", site.url),), home.catalogue)
            goes.set()
            await looking
            assert "it would block google.com" in state(lists, "ads").error  # it was asked for as an allow list

    go(main)


def test_a_list_that_comes_from_elsewhere_is_measured_by_itself(home: Home) -> None:
    async def main() -> None:
        async with serving() as site:
            lists = await begun(home, site)
            site.pages["/other/ads"] = page("||other.example^\n")
            async with running(lists):
                await lists.configure((remote("ads", f"{site.url}/other"),), home.catalogue)
                await until(lambda: who_blocks(lists.compiled, "other.example") == "ads")
            assert state(lists, "ads").error == ""
            site.pages["/other/ads"] = page("||google.com^\n")
            await lists.refresh()
            assert "it would block google.com" in state(lists, "ads").error

    go(main)


def test_a_refused_list_holds_up_no_other(home: Home) -> None:
    async def main() -> None:
        async with serving(more=page("||more.example^\n")) as site:
            await begun(home, site, GOOGLE)
            lists = await home.lists(remote("ads", site.url), remote("more", site.url))
            async with running(lists):
                await until(lambda: "more" in lists.compiled.ids)
            assert state(lists, "ads").state == "waiting"
            assert lists.missing() == {"ads"}
            await lists.accept("ads")
            assert who_blocks(lists.compiled, "google.com") == "ads"

    go(main)


def test_what_cannot_be_accepted_or_taken_back(home: Home) -> None:
    async def main() -> None:
        async with serving() as site:
            lists = await begun(home, site)
            with pytest.raises(ListError, match="list ads: no version of it was refused"):
                await lists.accept("ads")
            with pytest.raises(ListError, match="list ads: there is no version before the one in force"):
                await lists.rollback("ads")
            for act in (lists.accept, lists.rollback):
                with pytest.raises(ListError, match="no such list in use: nope; there are ads, starter"):
                    await act("nope")

    go(main)


def test_the_text_behind_a_compiled_set(home: Home) -> None:
    async def main() -> None:
        async with serving() as site:
            lists = await begun(home, site)
            path = lists.version_file("ads", in_force(lists))
            assert path is not None
            assert path.read_text() == ADS
            await given(lists, site, ADS + "||new.example^\n")
            assert path.read_text() == ADS  # still, for a set that is in use somewhere
            assert lists.version_file("ads", "0" * 64) is None
            assert lists.version_file("nope", in_force(lists)) is None

    go(main)


def test_going_back_is_tried_again_when_it_cannot_be_handed_on(home: Home) -> None:
    async def main() -> None:
        async with serving() as site:
            lists = await begun(home, site)
            await given(lists, site, ADS + "||new.example^\n")
            home.refuses = 2
            await lists.rollback("ads")
            assert lists.error == "the bundle cannot be written"
            async with running(lists):
                await until(lambda: who_blocks(home.compiled[-1], "new.example") is None)
            assert lists.error == ""

    go(main)
