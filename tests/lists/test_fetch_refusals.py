import asyncio
import ipaddress
import pathlib
import socket
import time

import pytest

from resolver.errors import ListError
from resolver.lists.fetch import Fetched, Limits, fetch, open_session, shown
from resolver.lists.sources import Meta
from tests.lists import hostile
from tests.lists.hostile_server import Case, page, said, serving

NOTHING = Meta()
SLOW = [name for name, case in hostile.CASES.items() if "seconds" in case.word]
QUICK = [name for name, case in hostile.CASES.items() if case.by == "fetch" and name not in SLOW]
WHOLE = [name for name, case in hostile.CASES.items() if case.by == "guard"]


def left(out: pathlib.Path) -> bool:
    return out.exists()


async def refused(url: str, out: pathlib.Path, limits: Limits = hostile.LIMITS) -> str:
    """Why fetching fails, without the URL that was shown; nothing is left of it."""
    async with hostile.session() as session:
        with pytest.raises(ListError) as caught:
            await fetch(session, url, NOTHING, limits, out, loopback=True)
    reason = str(caught.value)
    assert reason.startswith(f"{shown(url)}: ")
    assert not left(out)
    return reason.removeprefix(f"{shown(url)}: ")


@pytest.mark.parametrize("name", QUICK)
def test_hostile_downloads_are_refused(tmp_path: pathlib.Path, name: str) -> None:
    async def main() -> None:
        async with hostile.site() as site:
            assert hostile.CASES[name].word in await refused(site.url(name), tmp_path / "out")
            assert set(site.reached) <= {name}  # and nothing behind a redirect

    asyncio.run(main())


def test_slow_downloads_end_in_time(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with hostile.site() as site:
            before = time.monotonic()
            reasons = await asyncio.gather(*(refused(site.url(name), tmp_path / name) for name in SLOW))
            assert time.monotonic() - before < 2 * hostile.LIMITS.total
            for name, reason in zip(SLOW, reasons, strict=True):
                assert hostile.CASES[name].word in reason

    asyncio.run(main())


def test_what_is_left_for_the_guard_is_whole(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with hostile.site() as site, hostile.session() as session:
            for name in WHOLE:
                found = await fetch(session, site.url(name), NOTHING, hostile.LIMITS, tmp_path / "out", loopback=True)
                assert isinstance(found, Fetched)

    asyncio.run(main())


def test_a_bomb_does_not_keep_others_waiting(tmp_path: pathlib.Path) -> None:
    """The loop goes round while it unpacks."""
    rounds = 0

    async def others() -> None:
        nonlocal rounds
        while True:
            await asyncio.sleep(0)
            rounds += 1

    async def main() -> None:
        async with hostile.site() as site, asyncio.TaskGroup() as group:
            task = group.create_task(others())
            await refused(site.url("bomb-hollow"), tmp_path / "out")
            task.cancel()

    asyncio.run(main())
    assert rounds > 5_000


def test_a_name_that_may_be_reached_is(tmp_path: pathlib.Path) -> None:
    """The other side of the cases with names: they fail for where the name leads to, and for nothing else."""
    reach = [ipaddress.ip_network("127.0.0.1")]

    async def main() -> None:
        async with (
            serving({"to": Case(page(hostile.GOOD), "")}, hostile.GOOD) as server,
            hostile.session(reach) as session,
        ):
            for host in ("loopback.example", "127.0.0.1"):
                url = server.fill(f"http://{host}:{{port}}/to")
                found = await fetch(session, url, NOTHING, hostile.LIMITS, tmp_path / "out")
                assert isinstance(found, Fetched)

    asyncio.run(main())


def test_the_cap_is_exact(tmp_path: pathlib.Path) -> None:
    limits = Limits(total=5.0, idle=5.0, size=1_000)
    cases = {
        "told": Case(page(bytes(1_001)), ""),
        "untold": Case(said(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(1_001)), ""),
        "fits": Case(said(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(1_000)), ""),
    }

    async def main() -> None:
        async with serving(cases, "") as server:
            for name in ("told", "untold"):
                assert "it is larger than" in await refused(server.url(name), tmp_path / "out", limits)
            async with hostile.session() as session:
                found = await fetch(session, server.url("fits"), NOTHING, limits, tmp_path / "out", loopback=True)
            assert isinstance(found, Fetched)
            assert found.bytes == 1_000

    asyncio.run(main())


def test_nobody_listens(tmp_path: pathlib.Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}/list"
        assert asyncio.run(refused(url, tmp_path / "out")).startswith("no connection: ")


def test_a_name_that_the_system_does_not_know(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with open_session() as session:
            with pytest.raises(ListError, match="/list: its name cannot be looked up"):
                await fetch(session, "http://lists.invalid/list", NOTHING, hostile.LIMITS, tmp_path / "out")

    asyncio.run(main())


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://a.example/x", "not http:// or https://"),
        ("file:///etc/passwd", "not http:// or https://"),
        ("/etc/passwd", "not http:// or https://"),
        ("http://", "not valid"),
        ("http://a.example:99999/", "not valid"),
        ("http://[::1", "not valid"),
    ],
)
def test_urls_that_are_not_for_downloads(tmp_path: pathlib.Path, url: str, said: str) -> None:
    assert asyncio.run(refused(url, tmp_path / "out")) == f"it leads to an address that is {said}"


def test_a_full_disk(tmp_path: pathlib.Path) -> None:
    (tmp_path / "out").symlink_to("/dev/full")

    async def main() -> None:
        async with serving({}, hostile.GOOD) as server:
            assert "the disk is full" in await refused(server.fill("{site}/list"), tmp_path / "out")

    asyncio.run(main())
    assert pathlib.Path("/dev/full").exists()
