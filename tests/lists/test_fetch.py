import asyncio
import gzip
import ipaddress
import pathlib
from collections.abc import Sequence

import brotli
import msgspec
import pytest
import yarl
import zstandard
from aiohttp import web

from resolver.errors import ListError
from resolver.lists.fetch import USER_AGENT, Fetched, Limits, NotModified, fetch, fetch_first, open_session, shown
from resolver.lists.sources import Meta
from tests.lists import hostile_server
from tests.lists.hostile_server import Case
from tests.lists.site import LIMITS, page, redirect, serving, sha256

LIST = "||ads.example^\n"
NOTHING = Meta()


async def got(
    urls: str | Sequence[str], out: pathlib.Path, meta: Meta = NOTHING, limits: Limits = LIMITS
) -> Fetched | NotModified:
    async with open_session() as session:
        return await fetch_first(session, [urls] if isinstance(urls, str) else urls, meta, limits, out, loopback=True)


def left(out: pathlib.Path) -> bool:
    return out.exists()


async def refused(url: str, out: pathlib.Path, said: str, limits: Limits = LIMITS) -> None:
    """Fetching fails with this reason, and leaves nothing."""
    with pytest.raises(ListError, match=said) as caught:
        await got(url, out, limits=limits)
    assert str(caught.value).startswith(shown(url))
    assert not left(out)


def test_a_version_and_then_not_modified(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving(list=page(LIST, etag='"v1"', Last_Modified="Sat, 01 Nov 2025 00:00:00 GMT")) as site:
            url = f"{site.url}/list"
            found = await got(url, tmp_path / "out")
            assert isinstance(found, Fetched)
            assert found.path.read_text() == LIST
            assert (found.url, found.etag, found.sha256, found.bytes) == (url, '"v1"', sha256(LIST), len(LIST))
            first = site.asked[0][1]
            assert first["User-Agent"] == USER_AGENT == "lull/0.1.0"
            assert "If-None-Match" not in first
            meta = Meta(url=url, etag=found.etag, last_modified=found.last_modified, sha256=found.sha256)
            assert await got(url, tmp_path / "out", meta) == NotModified(url)
            asked = site.asked[1][1]
            assert asked["If-None-Match"] == '"v1"'
            assert asked["If-Modified-Since"] == "Sat, 01 Nov 2025 00:00:00 GMT"

    asyncio.run(main())


@pytest.mark.parametrize(
    "changes",
    [{"url": "http://mirror.example"}, {"sha256": ""}, {"etag": 'x"\r\nX: y'}, {"etag": "é"}, {"etag": "x" * 2000}],
)
def test_validators_that_do_not_hold_are_not_sent(tmp_path: pathlib.Path, changes: dict[str, str]) -> None:
    async def main() -> None:
        async with serving(list=page(LIST, etag='"v1"')) as site:
            meta = msgspec.structs.replace(Meta(url=f"{site.url}/list", etag='"v1"', sha256="x"), **changes)
            assert isinstance(await got(f"{site.url}/list", tmp_path / "out", meta), Fetched)
            assert "If-None-Match" not in site.asked[0][1]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(LIST.encode(), mtime=0)),
        ("br", brotli.compress(LIST.encode())),
        ("zstd", zstandard.compress(LIST.encode())),
        ("gzip, br", brotli.compress(gzip.compress(LIST.encode(), mtime=0))),
        ("", gzip.compress(LIST.encode(), mtime=0)),  # list.txt.gz, as it is
    ],
)
def test_packed_bodies_are_unpacked(tmp_path: pathlib.Path, coding: str, packed: bytes) -> None:
    async def main() -> None:
        async with serving(list=page(packed, Content_Encoding=coding)) as site:
            found = await got(f"{site.url}/list", tmp_path / "out")
            assert isinstance(found, Fetched)
            assert (found.path.read_text(), found.bytes) == (LIST, len(LIST))
            assert site.asked[0][1]["Accept-Encoding"] == "zstd, br, gzip, deflate"

    asyncio.run(main())


def test_redirects_are_followed_so_many_times(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving(
            a=redirect("/b"), b=redirect("c?d"), c=redirect("http:/d#e"), d=page(LIST), z=redirect("/a")
        ) as site:
            found = await got(f"{site.url}/a", tmp_path / "out")
            assert isinstance(found, Fetched)
            assert found.url == f"{site.url}/a"
            assert site.paths() == ["/a", "/b", "/c", "/d"]
            await refused(f"{site.url}/z", tmp_path / "no", "it redirects more than 3 times")

    asyncio.run(main())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_all_kinds_of_redirects_to_another_machine(tmp_path: pathlib.Path, status: int) -> None:
    async def main() -> None:
        async with serving(list=page(LIST, etag='"v1"')) as there, serving() as site:
            site.pages["/list"] = page("", status=status, Location=f"{there.url}/list")
            url = site.url.replace("http://", "http://me:secret@") + "/list"
            meta = Meta(url=url, etag='"v1"', sha256="x")
            async with open_session([ipaddress.ip_network("127.0.0.1")]) as session:
                assert await fetch_first(session, [url], meta, LIMITS, tmp_path / "out") == NotModified(url)
            assert "Authorization" in site.asked[0][1]
            assert "Authorization" not in there.asked[0][1]

    asyncio.run(main())


def test_a_password_goes_on_to_the_same_origin(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving(b=redirect("/c"), c=page(LIST)) as site:
            site.pages["/a"] = redirect(f"{site.url}/b")
            await got(site.url.replace("http://", "http://me:secret@") + "/a", tmp_path / "out")
            assert [asked.get("Authorization") for _, asked in site.asked] == ["Basic bWU6c2VjcmV0"] * 3

    asyncio.run(main())


def test_tls_is_not_left_again(tmp_path: pathlib.Path) -> None:
    cases = {
        "down": Case(hostile_server.redirect("http://127.0.0.1:{port}/list"), ""),
        "stay": Case(hostile_server.redirect("https://127.0.0.1:{tls}/list"), ""),
        "up": Case(hostile_server.redirect("https://127.0.0.1:{tls}/stay"), ""),
    }
    reach = [ipaddress.ip_network("127.0.0.1")]

    async def main() -> None:
        async with (
            hostile_server.serving(cases, LIST) as server,
            open_session(reach, tls=hostile_server.trusting()) as session,
        ):
            for url in ("https://127.0.0.1:{tls}/stay", "{site}/up"):
                found = await fetch(session, server.fill(url), NOTHING, LIMITS, tmp_path / "out")
                assert isinstance(found, Fetched)
            with pytest.raises(ListError, match="/down: it redirects from https to http, where anybody on the way"):
                await fetch(session, server.fill("https://127.0.0.1:{tls}/down"), NOTHING, LIMITS, tmp_path / "no")
            assert server.reached == ["stay", "up", "stay", "down"]
            wrong = server.fill("https://localhost:{tls}/list")
            with pytest.raises(ListError, match="its certificate is not valid: Hostname mismatch"):
                await fetch(session, wrong, NOTHING, LIMITS, tmp_path / "no", loopback=True)

    asyncio.run(main())


def test_without_leave_a_loopback_address_is_refused(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving(list=page(LIST)) as site, open_session() as session:
            with pytest.raises(ListError, match=r"/list: it leads to 127\.0\.0\.1, a loopback address"):
                await fetch(session, f"{site.url}/list", NOTHING, LIMITS, tmp_path / "out")
            for host in ("127.0.0.1", "localhost"):
                url = str(yarl.URL(site.url).with_host(host) / "list")
                assert isinstance(await got(url, tmp_path / "out"), Fetched)
            assert len(site.asked) == 2

    asyncio.run(main())


def test_mirrors_are_tried_in_order(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving(one=page("", status=500), two=page(LIST), three=page(LIST)) as site:
            found = await got([f"{site.url}/{name}" for name in ("one", "two", "three")], tmp_path / "out")
            assert isinstance(found, Fetched)
            assert found.url == f"{site.url}/two"
            assert site.paths() == ["/one", "/two"]

    asyncio.run(main())


def test_the_reason_of_every_mirror_is_said(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving(one=page("", status=500)) as site:
            with pytest.raises(ListError, match=r"/one: the server answered 500 .*; .*/two: the server answered 404 "):
                await got([f"{site.url}/one", f"{site.url}/two"], tmp_path / "out")

    asyncio.run(main())


def test_a_download_that_is_cancelled_leaves_nothing(tmp_path: pathlib.Path) -> None:
    started = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"half")
        started.set()
        await asyncio.sleep(30)
        return response

    async def main() -> None:
        async with serving(list=slow) as site, asyncio.TaskGroup() as group:
            task = group.create_task(got(f"{site.url}/list", tmp_path / "out"))
            await started.wait()
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled()

    asyncio.run(main())
    assert list(tmp_path.iterdir()) == []


def test_secrets_of_a_url_are_not_shown() -> None:
    assert shown("https://me:secret@a.example:8443/x?token=secret#y") == "https://a.example:8443/x"
    assert shown("http://[::1") == "the URL"


def test_secrets_are_sent_but_not_said(tmp_path: pathlib.Path) -> None:
    async def main() -> None:
        async with serving() as site:
            url = site.url.replace("http://", "http://me:secret@") + "/list?token=secret"
            with pytest.raises(ListError) as caught:
                await got(url, tmp_path / "out")
            assert "secret" not in str(caught.value)
            assert site.asked[0][1]["Authorization"].startswith("Basic ")

    asyncio.run(main())
