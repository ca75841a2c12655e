"""A list whose process is killed between any two things that it does to the disk."""

import asyncio
import contextlib
import itertools
import os
import pathlib
from collections.abc import Callable, Iterator

import pytest

from resolver.lists import disk
from resolver.lists.listed import Listed
from resolver.lists.versions import Kept
from resolver.lists.wanted import Wanted
from tests.lists.home import means
from tests.lists.test_versions import former

ONE, TWO, THREE = "||one.example^\n", "||two.example^\n", "||three.example^\n"
DOING = ("replace", "rename", "unlink", "mkdir", "fsync", "utime", "link", "rmdir")


class Killed(BaseException):
    """Nothing that is killed cleans up: whatever is done afterwards comes to nothing too."""


class Death:
    """Comes with the `nth` thing done to the disk."""

    def __init__(self, nth: int) -> None:
        self.left = nth
        self.done: list[str] = []

    def wrap(self, name: str, real: Callable[..., object]) -> Callable[..., object]:
        def act(*arguments: object, **more: object) -> object:
            if self.left <= 0:
                raise Killed
            self.left -= 1
            self.done.append(name)
            return real(*arguments, **more)

        return act


@contextlib.contextmanager
def dying(nth: int) -> Iterator[Death]:
    death = Death(nth)
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(Killed, BaseExceptionGroup):
        for name in DOING:
            patch.setattr(os, name, death.wrap(name, getattr(os, name)))
        patch.setattr(pathlib.Path, "write_bytes", death.wrap("write", pathlib.Path.write_bytes))
        yield death


class House:
    """A file of the house's own as a list."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        root.mkdir(parents=True)
        self.file = root / "mine.txt"

    def listed(self) -> Listed:
        wanted = Wanted("ads", "Ads", "block", "auto", subdomains=False, refresh=1000.0, file=self.file)
        return Listed(wanted, self.root / "lists", means(self.root))

    def say(self, *texts: str) -> Listed:
        listed = self.listed()
        for text in texts:
            self.file.write_text(text)
            assert asyncio.run(listed.check())
        return listed

    def left(self) -> list[str]:
        return [path.name for path in (self.root / "lists").rglob(disk.UNFINISHED + "*")]


def at_every_step(tmp_path: pathlib.Path, begin: Callable[[House], Callable[[], object]]) -> Iterator[House]:
    """The house after each death that `begin`'s act can die."""
    for nth in itertools.count():
        house = House(tmp_path / str(nth))
        act = begin(house)
        with dying(nth) as death:
            act()
        if len(death.done) < nth:
            assert nth > 4
            return
        yield house


def text(listed: Listed) -> str:
    assert listed.input() is not None
    return listed.path.read_text()


def test_a_new_version(tmp_path: pathlib.Path) -> None:
    def begin(house: House) -> Callable[[], object]:
        listed = house.say(ONE, TWO)
        house.file.write_text(THREE)
        return lambda: asyncio.run(listed.check())

    for house in at_every_step(tmp_path, begin):
        again = house.listed()
        assert text(again) in {TWO, THREE}
        assert house.left() == []
        asyncio.run(again.check())
        assert text(again) == THREE
        asyncio.run(again.rollback())
        assert text(again) == TWO


def test_a_fourth_version(tmp_path: pathlib.Path) -> None:
    def begin(house: House) -> Callable[[], object]:
        listed = house.say("||zero.example^\n", ONE, TWO)
        house.file.write_text(THREE)
        return lambda: asyncio.run(listed.check())

    for house in at_every_step(tmp_path, begin):
        again = house.listed()
        asyncio.run(again.check())
        assert text(again) == THREE
        assert len(list((house.root / "lists" / "ads" / "versions").iterdir())) == 3


def test_the_first_version(tmp_path: pathlib.Path) -> None:
    def begin(house: House) -> Callable[[], object]:
        house.file.write_text(ONE)
        return lambda: asyncio.run(house.listed().check())

    for house in at_every_step(tmp_path, begin):
        again = house.listed()
        asyncio.run(again.check())
        assert text(again) == ONE


def test_going_back(tmp_path: pathlib.Path) -> None:
    def begin(house: House) -> Callable[[], object]:
        listed = house.say(ONE, TWO)
        return lambda: asyncio.run(listed.rollback("it was wrong"))

    seen = set()
    for house in at_every_step(tmp_path, begin):
        again = house.listed()
        before = text(again)
        seen.add((before, again.meta.note))
        asyncio.run(again.check())
        assert text(again) == before  # what was left is not taken again, though the source gives it
    assert seen == {(TWO, ""), (ONE, "it was wrong")}


def test_refusing_and_accepting(tmp_path: pathlib.Path) -> None:
    def refused(house: House) -> Listed:
        listed = house.say(ONE)
        asyncio.run(listed.note_rules(listed.meta.current, 1))
        house.file.write_text("")
        return listed

    def begin(house: House) -> Callable[[], object]:
        listed = refused(house)
        return lambda: asyncio.run(listed.check())

    for house in at_every_step(tmp_path / "refused", begin):
        again = house.listed()
        assert text(again) == ONE
        asyncio.run(again.check())
        assert again.refused is not None
        asyncio.run(again.accept())
        assert text(again) == ""

    def begin_accepting(house: House) -> Callable[[], object]:
        listed = refused(house)
        asyncio.run(listed.check())
        return lambda: asyncio.run(listed.accept())

    for house in at_every_step(tmp_path / "accepted", begin_accepting):
        again = house.listed()
        assert text(again) in {ONE, ""}
        if text(again) == ONE:
            asyncio.run(again.check())
            assert again.refused is not None
            asyncio.run(again.accept())
        assert text(again) == ""


def test_taking_over_what_an_older_lull_left(tmp_path: pathlib.Path) -> None:
    def begin(house: House) -> Callable[[], object]:
        former(house.root)
        return lambda: Kept(house.root, "ads").load()

    for house in at_every_step(tmp_path, begin):
        meta = Kept(house.root, "ads").load()
        assert meta.version is not None
        assert Kept(house.root, "ads").path(meta.version).read_text() == "||old.example^\n"
        assert meta.version.kind == "allow"
