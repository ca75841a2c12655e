import asyncio
import gzip
import pathlib
import socket
import time
from collections.abc import Sequence

import pytest

from resolver.errors import ListError
from resolver.lists.fetch import Fetched, Limits, NotModified, fetch_first, open_session, shown
from resolver.lists.sources import Meta
from tests.lists.site import LIMITS, page, redirect, saying, serving

LIST = "||ads.example^\n"
NOTHING = Meta()
SHORT = Limits(total=0.5, idle=0.2, size=1000, redirects=3)


async def got(
    urls: str | Sequence[str], out: pathlib.Path, meta: Meta = NOTHING, limits: Limits = LIMITS
) -> Fetched | NotModified:
    async with open_session() as session:
        return await fetch_first(session, [urls] if isinstance(urls, str) else urls, meta, limits, out)


def left(out: pathlib.Path) -> bool:
    return out.exists()


async def refused(url: str, out: pathlib.Path, said: str, limits: Limits = LIMITS) -> None:
    """Fetching fails with this reason, and leaves nothing."""
    with pytest.raises(ListError, match=said) as caught:
        await got(url, out, limits=limits)
    assert str(caught.value).startswith(shown(url))
    assert not left(out)


def test_a_bomb_is_refused_while_it_unpacks(tmp_path: pathlib.Path) -> None:
    bomb = gzip.compress(bytes(30_000_000))
    assert len(bomb) < LIMITS.size

    async def main() -> None:
        async with serving(list=page(bomb, Content_Encoding="gzip")) as site:
            await refused(f"{site.url}/list", tmp_path / "out", r"it is larger than 0\.0953674 MiB")

    asyncio.run(main())


@pytest.mark.parametrize("chunked", [True, False])
def test_more_than_the_cap_is_refused(tmp_path: pathlib.Path, chunked: bool) -> None:
    async def main() -> None:
        head = b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"Content-Length: 100001\r\n\r\n"
        body = b"4000\r\n" + bytes(0x4000) + b"\r\n" if chunked else b""
        parts = (b"HTTP/1.1 200 OK\r\n" + head, body) if chunked else (b"HTTP/1.1 200 OK\r\n" + head,)
        async with saying(*parts, forever=chunked) as url:
            await refused(url, tmp_path / "out", "it is larger than")

    asyncio.run(main())


def test_an_endless_drip_ends_with_the_total_time(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with saying(b"HTTP/1.1 200 OK\r\n\r\n", b"#", every=0.05, forever=True) as url:
            before = time.monotonic()
            await refused(url, tmp_path / "out", r"it took longer than 0\.5 seconds", SHORT)
            assert time.monotonic() - before < 1.5

    asyncio.run(main())


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n\r\nads"])
def test_silence_ends_with_the_idle_time(tmp_path: pathlib.Path, said: bytes) -> None:
    async def main() -> None:
        async with saying(said, every=5.0) as url:
            await refused(url, tmp_path / "out", r"nothing came for 0\.2 seconds", SHORT)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n||ads.example^\n", "ended before all of it had come"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nads.e\r\n", "ended before all of it had come"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(LIST.encode() * 9)[:-6],
            "its end is missing",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nplain", "its packed data is damaged"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx", 'packed as "br", which was not asked for'),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", "the answer is not readable as HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", "the answer is not readable as HTTP"),
        (b"", "the server closed the connection"),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", "the server answered 304 Not Modified"),
        (b"HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n\r\nads", "the server answered 206 Partial Content"),
        (b"HTTP/1.1 299 Odd\r\nContent-Length: 0\r\n\r\n", "the server answered 299"),
    ],
)
def test_answers_that_are_no_version(tmp_path: pathlib.Path, said: bytes, reason: str) -> None:
    async def main() -> None:
        async with saying(said) as url:
            await refused(url, tmp_path / "out", reason)

    asyncio.run(main())


@pytest.mark.parametrize(("status", "said"), [(404, "404 Not Found"), (500, "500 Internal Server Error")])
def test_errors_of_the_server(tmp_path: pathlib.Path, status: int, said: str) -> None:
    async def main() -> None:
        async with serving(list=page(LIST, status=status)) as site:
            await refused(f"{site.url}/list", tmp_path / "out", f"/list: the server answered {said}$")

    asyncio.run(main())


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("/list", "it redirects more than 3 times"),
        ("file:///etc/passwd", "it leads to an address that is not http:// or https://"),
        ("ftp://a.example/x", "it leads to an address that is not http:// or https://"),
        ("http://[::1", "it leads to an address that is not valid"),
    ],
)
def test_redirects_that_lead_nowhere(tmp_path: pathlib.Path, to: str, said: str) -> None:
    async def main() -> None:
        async with serving(list=redirect(to)) as site:
            await refused(f"{site.url}/list", tmp_path / "out", said)

    asyncio.run(main())


def test_nobody_listens(tmp_path: pathlib.Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}/list"
        asyncio.run(refused(url, tmp_path / "out", "no connection: "))


def test_a_name_that_does_not_exist(tmp_path: pathlib.Path) -> None:
    asyncio.run(refused("http://lists.invalid/list", tmp_path / "out", "its name cannot be looked up"))


@pytest.mark.parametrize("url", ["ftp://a.example/x", "file:///etc/passwd", "http://", "http://a.example:99999/"])
def test_urls_that_are_not_for_downloads(tmp_path: pathlib.Path, url: str) -> None:
    with pytest.raises(ListError, match=r"it leads to an address that is|the request failed"):
        asyncio.run(got(url, tmp_path / "out"))


def test_a_full_disk(tmp_path: pathlib.Path) -> None:
    (tmp_path / "out").symlink_to("/dev/full")

    async def main() -> None:
        async with serving(list=page(LIST)) as site:
            await refused(f"{site.url}/list", tmp_path / "out", "the disk is full")

    asyncio.run(main())
    assert pathlib.Path("/dev/full").exists()
