"""Salts: one for each day, in one private file, and nowhere when the day is over."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
from collections.abc import Mapping

import pytest

from resolver.journal.redaction import DAY
from resolver.journal.salts import BYTES, Salts

NOON = 20_000 * DAY + DAY / 2
TODAY = 20_000


class Held:
    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


class Made:
    def __init__(self, path: pathlib.Path, clock: Held | None = None) -> None:
        self.clock = clock or Held()
        self.told: list[Mapping[int, bytes]] = []
        self.salts = Salts(path, self.clock, self.told.append)

    def look(self, now: float | None = None) -> Mapping[int, bytes]:
        self.clock.now = self.clock.now if now is None else now
        asyncio.run(self.salts.look())
        return self.salts.known

    def start(self) -> Mapping[int, bytes]:
        """As control does."""

        async def main() -> None:
            keeping = asyncio.create_task(self.salts.keep())
            while not self.salts.known:
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.05)
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping

        asyncio.run(main())
        return self.salts.known


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "run" / "salt"


def test_there_is_one_for_the_day(path: pathlib.Path) -> None:
    made = Made(path)
    found = dict(made.look())
    assert list(found) == [TODAY]
    assert len(found[TODAY]) == BYTES
    assert made.look() == found
    assert made.told == [found], "it is told once"
    assert Made(path.with_name("other")).look() != found


def test_the_file_is_private(path: pathlib.Path) -> None:
    Made(path).look()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["salt"]


def test_a_restart_on_the_same_day_goes_on_with_it(path: pathlib.Path) -> None:
    first = Made(path).start()
    again = Made(path)
    assert again.start() == first
    assert again.told == [first]


def test_a_restart_on_another_day_does_not(path: pathlib.Path) -> None:
    first = Made(path).start()[TODAY]
    later = Made(path, Held(NOON + DAY)).start()
    assert list(later) == [TODAY + 1]
    assert first.hex() not in path.read_text()


def test_the_next_day_is_ready_before_it_begins_and_the_old_one_goes(path: pathlib.Path) -> None:
    made = Made(path)
    old = made.look()[TODAY]
    midnight = (TODAY + 1) * DAY
    both = made.look(midnight - 30)
    assert both.keys() == {TODAY, TODAY + 1}
    assert both[TODAY] == old
    after = made.look(midnight)
    assert after == {TODAY + 1: both[TODAY + 1]}
    assert old.hex() not in path.read_text()
    assert [sorted(one) for one in made.told] == [[TODAY], [TODAY, TODAY + 1], [TODAY + 1]]


def test_what_stood_in_the_file_is_written_over(path: pathlib.Path) -> None:
    """Whoever still has the old file open finds nothing in it."""
    made = Made(path)
    old = made.look()[TODAY]
    with path.open("rb") as file:
        made.look(NOON + DAY)
        assert old.hex().encode() not in file.read()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"20000": "zz"}', b'{"20000": "00"}', b'{"x": "00"}'])
def test_a_damaged_file_is_as_none(path: pathlib.Path, body: bytes) -> None:
    path.parent.mkdir()
    path.touch(0o600)
    path.write_bytes(body)
    assert len(Made(path).start()[TODAY]) == BYTES


def test_a_file_that_others_could_read_is_not_used(path: pathlib.Path) -> None:
    first = Made(path).start()
    path.chmod(0o644)
    assert Made(path).start() != first
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_in_its_place_is_not_followed(path: pathlib.Path, tmp_path: pathlib.Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    path.parent.mkdir()
    path.symlink_to(victim)
    Made(path).start()
    assert victim.read_text() == "mine"
    assert not path.is_symlink()


def test_without_a_disk_it_is_in_memory(path: pathlib.Path, caplog: pytest.LogCaptureFixture) -> None:
    path.parent.write_text("a file where a directory should be")
    made = Made(path)
    assert list(made.look()) == [TODAY]
    made.look(NOON + DAY)
    assert caplog.text.count("cannot be kept") == 1
