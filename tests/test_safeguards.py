from __future__ import annotations

import asyncio
import contextlib
import itertools
import pathlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import msgspec
import pytest

from resolver.config.schema import Config
from resolver.config.updates import Updates
from resolver.config.values import Upstream
from resolver.journal.frames import Batch, Row
from resolver.lists.canaries import Canary
from resolver.lists.update import Lists
from resolver.model import Exchange
from resolver.safeguards import Safeguards
from resolver.store.database import Database
from resolver.store.insight import DAY, Insight, Often
from tests.lists.home import Home, remote, running, state, who_blocks
from tests.lists.site import HABITS, Site, page, serving, until
from tests.store.making import store_all, waiting

SITES = [f"site{number}.example" for number in range(100)]
ADS = "".join(f"||ads{number}.example^\n" for number in range(100))
BAD = ADS + "".join(f"||{name}^\n" for name in SITES[60:90])
GROWN = BAD + "".join(f"||more{number}.example^\n" for number in range(300))

_SEQ = itertools.count(1)


@pytest.fixture
def house(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr("socket.gethostname", lambda: "lull.home.example")
    house = House(tmp_path)
    yield house
    house.database.close()


class House(Home):
    """A home with a log and what goes with it."""

    def __init__(self, directory: pathlib.Path) -> None:
        super().__init__(directory)
        self.database = Database.open(directory / "lull.db", self.clock)
        self.config = Config()
        self.safeguards = Safeguards(self.clock, Insight(self.database), lambda: self.config)

    def logged(self, *names: str) -> None:
        """These were asked for on three days, 20 times each."""
        for day in range(1, 4):
            rows = [Row("192.0.2.10", "default", Exchange(name, 1, 0, "upstream", "pass"), 20, 9) for name in names]
            batches = [waiting(next(_SEQ), rows, second=int(self.clock.time() - day * DAY))]
            store_all(self.database, batches)

    def asked(self, lists: Lists, *names: str, ago: float = -5.0) -> None:
        """A second of queries, answered as the lists say."""
        rows = []
        for name in names:
            source = who_blocks(lists.compiled, name)
            exchange = Exchange(name, 1, 0, "upstream", "block" if source else "pass", source or "")
            rows.append(Row("192.0.2.10", "default", exchange, 1, 9))
        self.safeguards.take(Batch("life", next(_SEQ), int(self.clock.time() - ago), rows, {}))

    @contextlib.asynccontextmanager
    async def living(self, site: Site) -> AsyncIterator[Lists]:
        lists = Lists(
            self.state,
            self.clock,
            self.on_compiled,
            HABITS,
            canaries=self.safeguards.canaries,
            on_swapped=self.safeguards.swapped,
        )
        site.pages["/ads"] = page(ADS)
        await lists.configure((remote("ads", site.url),), self.catalogue, self.config.updates)
        await lists.start()
        async with running(lists), asyncio.TaskGroup() as group:
            keeping = group.create_task(self.safeguards.keep(lists))
            await until(lambda: "ads" in lists.compiled.ids)
            yield lists
            assert not keeping.done()
            keeping.cancel()


def go(main: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await main()

    asyncio.run(run())


def test_the_names_that_matter_here(house: House) -> None:
    house.logged("school.example", "bank.example")
    plain = Upstream("udp://192.0.2.53", "udp", "192.0.2.53", 53)
    upstreams = (plain, Upstream("tls://x", "tls", "192.0.2.1", 853, "dns.example"))
    house.config = Config(upstreams=upstreams)
    often = "which is looked up here often"
    assert asyncio.run(house.safeguards.canaries()) == [
        Canary("dns.example", "an upstream"),
        Canary("lull.home.example", "the name of this machine"),
        Canary("bank.example", often, usual=True),
        Canary("school.example", often, usual=True),
    ]


def test_the_log_is_asked_once_an_hour(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.logged("school.example")
    asked: list[float] = []
    often = Insight.often

    def counted(self: Insight, since: float) -> list[Often]:
        asked.append(since)
        return often(self, since)

    monkeypatch.setattr(Insight, "often", counted)

    async def together() -> list[list[Canary]]:
        return await asyncio.gather(*(house.safeguards.canaries() for _ in range(3)))

    assert [len(found) for found in asyncio.run(together())] == [2, 2, 2]
    assert len(asked) == 1
    house.logged("bank.example")
    assert len(asyncio.run(house.safeguards.canaries())) == 2
    house.clock.shift += 3601
    assert len(asyncio.run(house.safeguards.canaries())) == 3
    house.clock.shift += 30 * DAY
    assert len(asyncio.run(house.safeguards.canaries())) == 1


def test_a_log_that_cannot_be_read_is_done_without(house: House, tmp_path: pathlib.Path) -> None:
    (tmp_path / "dir.db").mkdir()
    broken = Database.open(tmp_path / "dir.db", house.clock)
    safeguards = Safeguards(house.clock, Insight(broken), lambda: house.config)
    assert [canary.name for canary in asyncio.run(safeguards.canaries())] == ["lull.home.example"]


def test_a_list_that_blocks_what_was_answered_goes_back(house: House) -> None:
    async def main() -> None:
        async with serving() as site, house.living(site) as lists:
            house.asked(lists, *SITES, ago=5.0)
            site.pages["/ads"] = page(BAD)
            await lists.refresh()
            assert who_blocks(lists.compiled, SITES[60]) == "ads"
            house.asked(lists, *SITES)
            await until(lambda: who_blocks(lists.compiled, SITES[60]) is None)
            said = "it blocked 30 % of the queries for names that were answered before, such as "
            assert state(lists, "ads").note == f"{said}{', '.join(SITES[60:63])}"
            await lists.refresh()
            assert who_blocks(lists.compiled, SITES[60]) is None
            await lists.accept("ads")
            house.asked(lists, *SITES)
            await asyncio.sleep(0.2)
            assert who_blocks(lists.compiled, SITES[60]) == "ads"  # somebody wants it so

    go(main)


def test_names_that_were_looked_up_before_the_start_count(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.logged(*SITES)
    house.config = Config(updates=Updates(watchdog=29))
    monkeypatch.setattr(house.safeguards, "canaries", house.important)  # or the guard refuses it

    async def main() -> None:
        async with serving() as site, house.living(site) as lists:
            house.clock.shift += 10
            site.pages["/ads"] = page(BAD)
            await lists.refresh()
            house.asked(lists, *SITES)
            await until(lambda: who_blocks(lists.compiled, SITES[60]) is None)
            assert state(lists, "ads").note.startswith("it blocked 30 %")

    go(main)


@pytest.mark.parametrize("watchdog", [0, 30])
def test_the_config_says_how_much_may_be_blocked(house: House, watchdog: int) -> None:
    house.config = msgspec.structs.replace(Config(), updates=Updates(watchdog=watchdog))

    async def main() -> None:
        async with serving() as site, house.living(site) as lists:
            house.asked(lists, *SITES, ago=5.0)
            site.pages["/ads"] = page(BAD)
            await lists.refresh()
            house.asked(lists, *SITES)
            await asyncio.sleep(0.2)
            assert who_blocks(lists.compiled, SITES[60]) == "ads"

    go(main)


def test_what_somebody_chose_meanwhile_stays(house: House) -> None:
    async def main() -> None:
        async with serving() as site, house.living(site) as lists:
            house.asked(lists, *SITES, ago=5.0)
            site.pages["/ads"] = page(ADS + "||more.example^\n")
            await lists.refresh()
            site.pages["/ads"] = page(GROWN)
            await lists.refresh()
            await lists.accept("ads")  # while the version before is watched
            house.asked(lists, *SITES)
            await asyncio.sleep(0.2)
            assert who_blocks(lists.compiled, SITES[60]) == "ads"
            house.asked(lists, *SITES[:60], ago=-6.0)
            site.pages["/ads"] = page(GROWN + "".join(f"||{name}^\n" for name in SITES[:30]))
            await lists.refresh()
            house.hold = asyncio.Event()
            going = asyncio.create_task(lists.rollback("ads"))
            await asyncio.sleep(0.1)
            house.asked(lists, *SITES[:60], ago=-9.0)  # the older version is not in force yet
            await asyncio.sleep(0.1)
            house.hold.set()
            await going
            await asyncio.sleep(0.2)
            assert [version.current for version in state(lists, "ads").versions] == [False, True, False]

    go(main)


def test_a_list_that_cannot_go_back_stays(house: House) -> None:
    async def main() -> None:
        async with serving() as site, house.living(site) as lists:
            house.asked(lists, *SITES, ago=5.0)
            site.pages["/ads"] = page(BAD)
            await lists.refresh()
            await lists.rollback("ads")
            house.safeguards.swapped({"ads", "nope"})
            blocked = [Row("192.0.2.10", "default", Exchange(name, 1, 0, "", "block", "nope"), 1, 9) for name in SITES]
            house.safeguards.take(Batch("life", 1, int(house.clock.time() + 5), blocked, {}))
            await asyncio.sleep(0.1)  # and what keeps watch goes on
            assert state(lists, "ads").note.startswith("it was asked")

    go(main)
