"""Downloads through a proxy of the environment, which is on the loopback here."""

import asyncio
import base64
import contextlib
import pathlib
from collections.abc import AsyncIterator

import pytest

from resolver.errors import ListError
from resolver.lists.fetch import Fetched, fetch, open_session
from resolver.lists.sources import Meta
from tests.lists import hostile_server
from tests.lists.hostile_server import Names
from tests.lists.site import LIMITS

LIST = "||ads.example^\n"
OK = b"HTTP/1.1 200 OK\r\n"
NOTHING = Meta()


class Proxy:
    """A proxy that answers every request itself: `answers` are by target. CONNECT leads to the port `tunnel`."""

    def __init__(self) -> None:
        self.port = 0
        self.heads: list[str] = []
        self.answers: dict[str, bytes] = {}
        self.tunnel: int | None = None

    def targets(self) -> list[str]:
        return [head.split()[1] for head in self.heads]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError), contextlib.closing(writer):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            method, target, _ = head.split(" ", 2)
            if method == "CONNECT" and self.tunnel is not None:
                writer.write(OK + b"\r\n")
                await self._join(reader, writer, self.tunnel)
            else:
                plain = OK + b"Content-Length: 15\r\n\r\n" + LIST.encode()
                writer.write(self.answers.get(target, plain))
                await writer.drain()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        there, to_there = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.closing(to_there):
            await asyncio.gather(_pour(reader, to_there), _pour(there, writer))


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def proxying() -> AsyncIterator[Proxy]:
    proxy = Proxy()
    server = await asyncio.start_server(proxy.talk, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def no_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_a_proxy_on_the_loopback_with_a_password(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The target's name is the proxy's business: it is not looked up here."""
    names = Names({})

    async def main() -> None:
        async with proxying() as proxy:
            monkeypatch.setenv("http_proxy", f"http://me:secret@127.0.0.1:{proxy.port}")
            async with open_session(resolver=names) as session:
                found = await fetch(session, "http://lists.example/a?b", NOTHING, LIMITS, tmp_path / "out")
            assert isinstance(found, Fetched)
            assert found.path.read_text() == LIST
            assert proxy.targets() == ["http://lists.example/a?b"]
            token = base64.b64encode(b"me:secret").decode()
            assert f"Proxy-Authorization: Basic {token}" in proxy.heads[0]
            assert names.asked == []

    asyncio.run(main())


def test_a_proxy_by_a_name_that_is_on_the_loopback(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names({"proxy.example": "127.0.0.1", "lists.example": "127.0.0.1"})

    async def main() -> None:
        async with proxying() as proxy:
            for host in ("proxy.example", "localhost"):
                monkeypatch.setenv("http_proxy", f"http://{host}:{proxy.port}")
                async with open_session(resolver=names) as session:
                    url = f"http://lists.example:{proxy.port}/a"
                    assert isinstance(await fetch(session, url, NOTHING, LIMITS, tmp_path / "out"), Fetched)
            assert names.asked == ["proxy.example"]
            monkeypatch.setenv("no_proxy", "lists.example")
            async with open_session(resolver=names) as session:
                with pytest.raises(ListError, match=r"the name lists\.example leads to 127\.0\.0\.1, a loopback"):
                    await fetch(session, url, NOTHING, LIMITS, tmp_path / "no")
            assert len(proxy.heads) == 2

    asyncio.run(main())


def test_tls_through_a_tunnel(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with proxying() as proxy, hostile_server.serving({}, LIST) as server:
            proxy.tunnel = server.ports["tls"]
            monkeypatch.setenv("https_proxy", f"http://me:secret@127.0.0.1:{proxy.port}")
            async with open_session(resolver=Names({}), tls=hostile_server.trusting()) as session:
                found = await fetch(session, "https://lists.example/a", NOTHING, LIMITS, tmp_path / "out")
                assert isinstance(found, Fetched)
                assert proxy.heads[0].startswith("CONNECT lists.example:443 ")
                assert "Proxy-Authorization: Basic " in proxy.heads[0]
                proxy.tunnel = None
                proxy.answers["other.example:443"] = b"HTTP/1.1 407 Who are you?\r\nContent-Length: 0\r\n\r\n"
                with pytest.raises(ListError, match="/a: the proxy answered 407 Proxy Authentication Required"):
                    await fetch(session, "https://other.example/a", NOTHING, LIMITS, tmp_path / "no")

    asyncio.run(main())


@pytest.mark.parametrize("to", ["http://169.254.169.254/", "http://127.1/", "http://localhost/", "http://[fe80::1]/"])
def test_a_proxy_is_not_asked_for_what_must_not_be_reached(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    """It may be on this machine, or on the cloud's."""

    async def main() -> None:
        async with proxying() as proxy:
            proxy.answers["http://lists.example/a"] = f"HTTP/1.1 302 Found\r\nLocation: {to}\r\n\r\n".encode()
            monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
            async with open_session(resolver=Names({})) as session:
                with pytest.raises(ListError, match="/a: it leads to "):
                    await fetch(session, "http://lists.example/a", NOTHING, LIMITS, tmp_path / "no")
                with pytest.raises(ListError, match=": it leads to "):
                    await fetch(session, to, NOTHING, LIMITS, tmp_path / "no")
            assert proxy.targets() == ["http://lists.example/a"]

    asyncio.run(main())


def test_a_proxy_that_is_not_there(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with proxying() as proxy:
            pass
        monkeypatch.setenv("http_proxy", f"http://me:secret@127.0.0.1:{proxy.port}")
        async with open_session(resolver=Names({})) as session:
            with pytest.raises(ListError, match="/a: no connection to the proxy: ") as caught:
                await fetch(session, "http://lists.example/a", NOTHING, LIMITS, tmp_path / "no")
        assert "secret" not in str(caught.value)

    asyncio.run(main())
