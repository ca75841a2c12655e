import pathlib

import msgspec
import pytest

from resolver.errors import ListError
from resolver.lists.listed import Listed
from resolver.lists.wanted import Wanted
from tests.lists.home import go, means
from tests.lists.site import Site, page, serving, sha256

ONE, TWO, THREE = "||one.example^\n", "||two.example^\n", "||three.example^\n"
BAD = "||bad.example^\n||*^\n"


async def given(site: Site, tmp_path: pathlib.Path, *texts: str) -> Listed:
    """A list whose source gave these, one after the other."""
    wanted = Wanted("ads", "Ads", "block", "auto", subdomains=False, refresh=1000.0, urls=(f"{site.url}/list",))
    listed = Listed(wanted, tmp_path / "lists", means(tmp_path))
    for text in texts:
        await give(site, listed, text)
    return listed


async def give(site: Site, listed: Listed, text: str) -> bool:
    site.pages["/list"] = page(text, etag=f'"{sha256(text)}"')
    return await listed.check()


def again(listed: Listed, tmp_path: pathlib.Path) -> Listed:
    """After a restart."""
    return Listed(listed.wanted, tmp_path / "lists", means(tmp_path))


def test_a_refused_version_is_taken_when_somebody_says_so(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving() as site:
            listed = again(await given(site, tmp_path, ONE, BAD), tmp_path)
            assert listed.path.read_text() == ONE
            assert listed.refused is not None
            await listed.accept()
            assert (listed.path.read_text(), listed.meta.turned, listed.meta.error) == (BAD, None, "")
            assert listed.chosen == sha256(BAD)
            listed = again(listed, tmp_path)
            assert not await listed.check()
            assert listed.path.read_text() == BAD
            assert [held.sha256 for held in listed.meta.older] == [sha256(ONE)]
            with pytest.raises(ListError, match="list ads: no version of it was refused"):
                await listed.accept()

    go(main)


def test_a_first_version_that_was_refused_may_be_taken(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving() as site:
            listed = again(await given(site, tmp_path, BAD), tmp_path)
            assert (listed.has_version, listed.input()) == (False, None)
            await listed.accept()
            assert listed.path.read_text() == BAD

    go(main)


def test_the_version_that_was_left_is_not_taken_again_by_itself(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving() as site:
            listed = await given(site, tmp_path, ONE, TWO)
            await listed.rollback("it was wrong")
            assert (listed.path.read_text(), listed.meta.note) == (ONE, "it was wrong")
            listed = again(listed, tmp_path)
            assert not await listed.check()
            assert site.asked[-1][1]["If-None-Match"] == f'"{sha256(TWO)}"'
            site.pages["/list"] = page(TWO)
            assert not await listed.check()
            assert (listed.path.read_text(), listed.meta.note, listed.meta.error) == (ONE, "it was wrong", "")
            assert await give(site, listed, THREE)
            assert (listed.path.read_text(), listed.meta.note, listed.meta.left) == (THREE, "", ())
            await listed.rollback()
            assert (listed.path.read_text(), listed.meta.note) == (ONE, "it was asked to go back to the version before")

    go(main)


def test_the_version_that_was_left_is_taken_again_when_somebody_says_so(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving() as site:
            listed = await given(site, tmp_path, ONE, TWO, THREE)
            await listed.rollback()
            await listed.rollback()
            assert listed.path.read_text() == ONE
            with pytest.raises(ListError, match="list ads: there is no version before the one in force"):
                await listed.rollback()
            listed = again(listed, tmp_path)
            assert not await listed.check()
            await listed.accept()
            assert (listed.path.read_text(), listed.meta.note) == (THREE, "")
            await listed.rollback()
            assert listed.path.read_text() == TWO

    go(main)


def test_a_refused_version_comes_before_one_that_was_left(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving() as site:
            listed = await given(site, tmp_path, ONE, TWO)
            await listed.rollback()
            assert not await give(site, listed, BAD)
            assert (listed.path.read_text(), len(listed.meta.left)) == (ONE, 1)
            await listed.accept()
            assert (listed.path.read_text(), listed.meta.left) == (BAD, ())

    go(main)


def test_a_refused_version_of_elsewhere_is_none_of_this_list(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving() as site:
            listed = await given(site, tmp_path, ONE, BAD)
            listed.use(msgspec.structs.replace(listed.wanted, urls=(f"{site.url}/other",)))
            assert listed.refused is None
            with pytest.raises(ListError, match="no version of it was refused"):
                await listed.accept()

    go(main)


def test_what_was_of_the_other_kind_elsewhere_is_not_gone_back_to(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving() as site:
            listed = await given(site, tmp_path, ONE)
            listed.use(msgspec.structs.replace(listed.wanted, kind="allow", urls=(f"{site.url}/allow",)))
            site.pages["/allow"] = page(TWO)
            assert await listed.check()
            with pytest.raises(ListError, match="there is no version before"):
                await listed.rollback()

    go(main)


def test_the_version_before_steps_in_for_one_whose_file_is_gone(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving() as site:
            listed = await given(site, tmp_path, ONE, TWO)
            listed.path.unlink()
            made = listed.input()
            assert made is not None
            assert made.sha256 == sha256(ONE)
            assert listed.due(0.0) <= 0.0
            assert await listed.check()
            assert listed.path.read_text() == TWO

    go(main)


def test_versions_are_found_by_their_digest(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving() as site:
            listed = await given(site, tmp_path, ONE, TWO, BAD)
            found = listed.file(sha256(ONE))
            assert found is not None
            assert found.read_text() == ONE
            assert listed.file(sha256(BAD)) is None
            found.unlink()
            assert listed.file(sha256(ONE)) is None

    go(main)


def test_a_disk_that_refuses_leaves_everything_as_it_was(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving() as site:
            listed = await given(site, tmp_path, ONE, BAD)
            before = listed.meta
            versions = tmp_path / "lists" / "ads" / "versions"
            versions.rename(tmp_path / "aside")
            versions.write_text("in the way")
            with pytest.raises(ListError, match="ads cannot be written: "):
                await listed.accept()
            versions.unlink()
            (tmp_path / "aside").rename(versions)
            assert (listed.meta, listed.path.read_text(), again(listed, tmp_path).path.read_text()) == (
                before,
                ONE,
                ONE,
            )

    go(main)
