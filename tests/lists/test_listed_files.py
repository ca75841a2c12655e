import asyncio
import os
import pathlib

import msgspec
import pytest

from resolver.config.updates import Updates
from resolver.lists.listed import Habits, Listed
from resolver.lists.wanted import Wanted
from tests.lists.home import go, means
from tests.lists.site import ShiftedClock

LIST = "||ads.example^\n"
OTHER = "||other.example^\n"


def own(file: pathlib.Path) -> Wanted:
    return Wanted("ads", "Ads", "block", "auto", subdomains=False, refresh=1000.0, file=file)


def test_a_file_is_read_when_it_changes(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text(LIST)
    listed = Listed(own(file), tmp_path / "lists", means(tmp_path))

    async def main() -> None:
        assert await listed.check()
        meta = tmp_path / "lists" / "ads" / "meta.json"
        saved = meta.stat().st_ino
        assert not await listed.check()
        assert meta.stat().st_ino == saved  # a look is not written down
        file.write_text(OTHER)
        assert await listed.check()
        assert listed.path.read_text() == OTHER
        os.utime(file)
        assert not await listed.check()
        file.unlink()
        assert not await listed.check()
        assert "mine.txt: it cannot be read: No such file" in listed.meta.error
        assert (listed.has_version, listed.path.read_text()) == (True, OTHER)
        file.write_text(OTHER)
        assert not await listed.check()
        assert listed.meta.error == ""

    go(main)


def test_a_file_that_is_refused_is_not_read_again_until_it_changes(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.txt"
    file.write_text(LIST)
    listed = Listed(own(file), tmp_path / "lists", means(tmp_path))

    async def main() -> None:
        await listed.check()
        await listed.note_rules(listed.meta.current, 1)
        file.write_text("")
        for _ in range(2):
            assert not await listed.check()
            assert listed.meta.error.endswith(
                "mine.txt: it is empty; to keep it without rules, write a comment into it"
            )
            monkeypatch.setattr("resolver.lists.local.copy", None)
        monkeypatch.undo()
        file.write_text("# none\n")
        assert await listed.check()
        assert (listed.meta.error, listed.path.read_text()) == ("", "# none\n")

    go(main)


def test_a_file_that_never_was(tmp_path: pathlib.Path) -> None:
    listed = Listed(own(tmp_path / "mine.txt"), tmp_path / "lists", means(tmp_path))
    assert not asyncio.run(listed.check())
    assert not listed.has_version
    assert "No such file" in listed.meta.error


def test_files_are_due_every_few_seconds_whatever_the_refresh(tmp_path: pathlib.Path) -> None:
    clock = ShiftedClock()
    listed = Listed(own(tmp_path / "mine.txt"), tmp_path / "lists", means(tmp_path, clock, Habits()))
    asyncio.run(listed.check())
    assert listed.due(clock.time()) == pytest.approx(clock.time() + 10, abs=1)
    clock.shift = -(10.0**6)
    assert listed.due(clock.time()) <= clock.time() + 10


def test_how_many_rules_there_are_is_remembered(tmp_path: pathlib.Path) -> None:
    (tmp_path / "mine.txt").write_text(LIST)
    listed = Listed(own(tmp_path / "mine.txt"), tmp_path / "lists", means(tmp_path))

    async def main() -> None:
        await listed.check()
        await listed.note_rules(listed.meta.current, 1)

    go(main)
    again = Listed(listed.wanted, tmp_path / "lists", means(tmp_path))
    assert [held.rules for held in again.meta.versions] == [1]


def test_files_must_be_where_the_config_says_but_for_lull_s_own(tmp_path: pathlib.Path) -> None:
    (tmp_path / "mine.txt").write_text(LIST)
    with_ = means(tmp_path)
    with_.examiner.updates = Updates(files=(tmp_path / "lists",))
    listed = Listed(own(tmp_path / "mine.txt"), tmp_path / "kept", with_)
    shipped = Listed(msgspec.structs.replace(listed.wanted, id="starter", ships=True), tmp_path / "kept", with_)

    async def main() -> None:
        assert not await listed.check()
        assert "mine.txt: it is not in " in listed.meta.error
        assert await shipped.check()
        with_.examiner.updates = Updates()
        assert await listed.check()
        with_.examiner.updates = Updates(files=(tmp_path / "lists",))
        assert not await listed.check()
        assert listed.has_version  # what it had before stays
        assert listed.meta.error

    go(main)
