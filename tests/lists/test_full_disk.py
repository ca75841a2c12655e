"""Lists on a real full disk. It is mounted for the test, which takes root, and skipped elsewhere; test_fetch and
test_sink have a full device for everyone."""

import asyncio
import pathlib
from collections.abc import Iterator

import pytest

from tests.lists.home import Home, remote, running, state, who_blocks
from tests.lists.site import page, serving, until
from tests.mounting import small

ADS = "||ads.example^\n"


@pytest.fixture
def disk(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A disk of 1 MiB."""
    with small(tmp_path / "state", "1m") as where:
        yield where


def fill(disk: pathlib.Path) -> pathlib.Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        size = 65536
        while size:
            try:
                file.write(b"x" * size)
            except OSError:
                size //= 2
    return ballast


def files(directory: pathlib.Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


def test_a_full_disk_stops_nothing_and_is_mended_when_there_is_room(tmp_path: pathlib.Path, disk: pathlib.Path) -> None:
    async def main() -> None:
        home = Home(tmp_path)
        async with serving(ads=page(ADS)) as site:
            lists = await home.lists(remote("ads", site.url))
            await lists.refresh()
            before, ballast = lists.compiled, fill(disk)
            held = files(disk)
            site.pages["/ads"] = page("||new.example^\n" * 2_000)
            await lists.refresh()
            assert "the disk is full" in state(lists, "ads").error
            assert state(lists, "ads").state == "failing"
            assert (lists.compiled, files(disk)) == (before, held)
            await lists.refresh(force=True)
            assert "compiled lists cannot be written: No space left on device" in lists.error
            assert (lists.compiled, files(disk)) == (before, held)
            async with running(lists):
                await asyncio.sleep(0.2)
                assert who_blocks(lists.compiled, "ads.example") == "ads"
                ballast.unlink()
                await until(lambda: who_blocks(lists.compiled, "new.example") == "ads")
            assert (state(lists, "ads").state, lists.error) == ("ok", "")

    asyncio.run(main())
