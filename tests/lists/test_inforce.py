import asyncio
import pathlib

import pytest

from resolver.errors import BundleError
from resolver.lists.compiler import Compiled, Compiler, Input
from resolver.lists.inforce import InForce
from tests.lists.site import sha256


class House:
    """`texts` are what the lists hold; `told` what was said after each set that came into force."""

    def __init__(self, directory: pathlib.Path, **texts: str) -> None:
        self.directory = directory
        self.texts = texts
        self.subdomains = False
        self.refuses = 0
        self.handed: list[Compiled] = []
        self.told: list[tuple[Compiled, frozenset[str]]] = []
        self.force = InForce(Compiler(directory / "compiled", 20.0), self.inputs, self.hand, self.tell)

    def inputs(self) -> list[tuple[Input, pathlib.Path]]:
        found = []
        for id, text in self.texts.items():
            path = self.directory / sha256(text)
            path.write_text(text)
            found.append((Input(id, "block", "auto", self.subdomains, sha256(text)), path))
        return found

    async def hand(self, compiled: Compiled) -> None:
        if self.refuses:
            self.refuses -= 1
            raise BundleError("no room")
        self.handed.append(compiled)

    async def tell(self, compiled: Compiled, swapped: frozenset[str]) -> None:
        self.told.append((compiled, swapped))

    def bring(self, **texts: str) -> frozenset[str]:
        self.texts |= texts
        assert asyncio.run(self.force.bring())
        assert self.told[-1][0] is self.force.latest
        return self.told[-1][1]


def test_what_came_into_force_in_another_version_is_told(tmp_path: pathlib.Path) -> None:
    house = House(tmp_path, ads="a.example\n", more="b.example\n")
    assert house.bring() == frozenset()  # there was nothing before
    assert house.bring(ads="c.example\n") == {"ads"}
    assert house.bring(ads="d.example\n", more="e.example\n", new="f.example\n") == {"ads", "more"}
    house.subdomains = True
    assert house.bring(ads="g.example\n") == frozenset()  # it is read otherwise: nobody knows who changed what
    told = len(house.told)
    assert asyncio.run(house.force.bring())
    assert len(house.told) == told  # nothing is new


def test_what_came_when_nobody_was_there_to_compile_it_is_told(tmp_path: pathlib.Path) -> None:
    House(tmp_path, ads="a.example\n").bring()
    house = House(tmp_path, ads="b.example\n")
    asyncio.run(house.force.start())
    assert [swapped for _, swapped in house.told] == [{"ads"}]


def test_what_is_handed_on_late_is_told_then(tmp_path: pathlib.Path) -> None:
    house = House(tmp_path, ads="a.example\n")
    house.bring()
    house.refuses = 2
    for text in ("b.example\n", "c.example\n"):
        house.texts["ads"] = text
        assert not asyncio.run(house.force.bring())
        assert (house.force.error, len(house.told)) == ("no room", 1)
    assert house.force.failures == 2
    assert house.bring() == {"ads"}
    assert (house.force.error, house.force.failures, len(house.handed)) == ("", 0, 2)


def test_after_a_start_the_set_on_disk_is_what_was_before(tmp_path: pathlib.Path) -> None:
    House(tmp_path, ads="a.example\n").bring()
    house = House(tmp_path, ads="a.example\n")
    asyncio.run(house.force.start())
    assert (house.handed, house.told) == ([], [(house.force.latest, frozenset())])
    assert house.bring(ads="b.example\n") == {"ads"}


@pytest.mark.parametrize("force", [True, False])
def test_the_same_again_only_by_force(tmp_path: pathlib.Path, force: bool) -> None:
    house = House(tmp_path, ads="a.example\n")
    house.bring()
    assert asyncio.run(house.force.bring(force=force))
    assert len(house.handed) == 1 + force
    assert house.told[-1][1] == frozenset()
