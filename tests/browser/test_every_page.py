"""Every page there is, in a real browser: with and without scripts, on small and large screens, in light and dark.

Nothing is refused by the page's own policy, nothing complained of, nothing wider than the screen; axe-core finds
nothing; and each page is small, with all that it loads. The table of sizes is printed (`pytest -s`)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import pytest

from resolver.lists.catalogue import Catalogue
from tests.admin.household import House, Opener
from tests.browser import examples, filled
from tests.browser.examples import Example
from tests.browser.looking import Visitors, chromium

LARGEST = 60_000
"""Bytes of a page with everything it loads, none of it compressed."""

AT_ONCE = 2

T = TypeVar("T")


async def each(of: Sequence[Example], work: Callable[[Example], Awaitable[T]]) -> list[T]:
    """Some at once, in their order."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(example: Example) -> T:
        async with room:
            return await work(example)

    return await asyncio.gather(*map(one, of))


def test_no_page_is_left_out() -> None:
    assert examples.without_example() == [], "tests/browser/examples.py needs an example of each"
    assert not set(examples.EXAMPLES) - set(examples.pages()), "there is no such page any more"


def visit(open_house: Opener, scenario: Callable[[House, Visitors], Awaitable[None]]) -> None:
    async def run(house: House) -> None:
        await filled.fill(house, hostile=True)
        async with chromium() as browser:
            await scenario(house, Visitors(house, browser))

    open_house(run, text=filled.furnish(open_house.lists), catalogue=Catalogue.load())


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_every_page(open_house: Opener, scripts: bool) -> None:
    async def scenario(_: House, visitors: Visitors) -> None:
        every = examples.every()
        loads = await each(every, lambda one: visitors.look(one, scripts=scripts))
        print(f"\n{'bytes':>7} {'of HTML':>7} {'requests':>8}  page")
        for one, load in zip(every, loads, strict=True):
            print(f"{load.bytes:7,} {load.html:7,} {load.requests:8}  {one.address} {one.who and f'({one.who})'}")
        large = [[f"{load.bytes:,} bytes"] if load.bytes >= LARGEST else [] for load in loads]
        assert_all_well(every, [[*load.wrong, *more] for load, more in zip(loads, large, strict=True)])

    visit(open_house, scenario)


def assert_all_well(every: Sequence[Example], wrong: Sequence[Sequence[str]]) -> None:
    told = [f"{one.address} ({one.who}): {text}" for one, all in zip(every, wrong, strict=True) for text in all]
    assert not told, "\n" + "\n".join(told)
