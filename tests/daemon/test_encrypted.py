"""The real daemon over encrypted upstreams, with an authority of the tests' own; and with a clock that seems wrong."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.daemon.harness import Daemon, running
from tests.upstream.authority import NAME, Authority, Issued
from tests.upstream.quic import quic_serving
from tests.upstream.streamed import streaming
from tests.upstream.web import web_serving
from tests.upstream.web3 import web3_serving


@contextlib.asynccontextmanager
async def _servers(issued: Issued, old: Issued) -> AsyncIterator[dict[str, str]]:
    async with (
        streaming(tls=issued.server("dot")) as tls,
        web_serving(issued.server("h2")) as https,
        quic_serving(issued) as quic,
        web3_serving(issued) as h3,
        streaming(tls=old.server("dot")) as expired,
    ):
        yield {
            "tls": f"{tls.address.url('tls')}#{NAME}",
            "https": https.url,
            "quic": quic.url,
            "h3": h3.url,
            "expired": f"{expired.address.url('tls')}#{NAME}",
        }


@contextlib.contextmanager
def serving(issued: Issued, old: Issued) -> Iterator[dict[str, str]]:
    """Encrypted upstreams in a thread: their URLs; `expired` has the certificate `old`."""
    urls: dict[str, str] = {}
    ready, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def main() -> None:
        async with _servers(issued, old) as found:
            urls.update(found)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    try:
        assert ready.wait(10)
        yield urls
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


def use(daemon: Daemon, *urls: str) -> None:
    """Put other upstreams in force."""
    daemon.upstreams = list(urls)
    daemon.write_config("")
    daemon.hang_up()
    daemon.wait(lambda: [one["url"] for one in daemon.api("GET", "status")["upstreams"]] == list(urls), 10)


def answered(daemon: Daemon, name: str) -> bool:
    answer = daemon.ask(name, timeout=6)
    return answer is not None and [str(rr.rdata) for rr in answer.rr] == ["192.0.2.1"]


def test_encrypted_upstreams(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    right = authority.issue(NAME, "127.0.0.1", file="right")
    old = authority.issue(NAME, ends=-1, file="old")
    home = tmp_path / "home"
    home.mkdir()
    with serving(right, old) as urls, running(home) as daemon:
        daemon.wait(lambda: daemon.api("GET", "status")["upstreams"], 10)
        for kind in ("tls", "https", "quic", "h3"):
            use(daemon, urls[kind])
            assert answered(daemon, f"{kind}.example.org")
            assert daemon.api("GET", "status")["upstreams"][0]["up"]
        use(daemon, urls["expired"])
        assert not answered(daemon, "www.example.org")
        daemon.wait(lambda: answered(daemon, "pool.ntp.org"), 10)
        assert not answered(daemon, "www.example.net")
        daemon.wait(lambda: "clock" in str(daemon.api("GET", "status")["troubles"]), 5)
        assert "expired" in daemon.api("GET", "status")["upstreams"][0]["reason"]
