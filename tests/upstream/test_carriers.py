"""Which transports a URL has."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
from types import ModuleType

import pytest

from resolver.upstream.carriers import NO_QUIC
from resolver.upstream.endpoint import read
from tests.upstream.asked import Delivered, asked
from tests.upstream.servers import serving
from tests.upstream.streamed import carrying, sent


@pytest.mark.parametrize(
    ("url", "kinds", "undated"),
    [
        ("udp://192.0.2.1", ["_UdpTo", "Lines"], 0),
        ("udp://dns.example", ["Named", "Lines"], 0),
        ("tcp://192.0.2.1", ["Lines"], 0),
        ("tls://192.0.2.1", ["Lines"], 1),
        ("https://192.0.2.1", ["Lines"], 1),
        ("h3://192.0.2.1", ["Lines"], 1),
        ("quic://192.0.2.1", ["Lines"], 1),
    ],
)
def test_transports(url: str, kinds: list[str], undated: int) -> None:
    async def main() -> None:
        async with carrying() as carriers:
            assert [type(one).__name__ for one in carriers.to(read(url))] == kinds
            assert len(carriers.to(read(url), dated=False)) == undated

    asyncio.run(main())


def test_without_aioquic_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    load = importlib.import_module

    def missing(name: str) -> ModuleType:
        if name in {"resolver.upstream.doq", "resolver.upstream.doh3"}:
            raise ImportError
        return load(name)

    monkeypatch.setattr(importlib, "import_module", missing)

    async def main() -> None:
        async with carrying() as carriers:
            for scheme in ("quic", "h3"):
                said = f"UpstreamUnreachable: {NO_QUIC.format(scheme)}"
                assert await sent(carriers, f"{scheme}://192.0.2.1").failure() == said
            closed = Delivered()
            carriers.to(read("quic://192.0.2.1"))[0].send(asked(), closed).close()
            await asyncio.sleep(0.01)
            assert closed.results == []

    asyncio.run(main())


def test_a_house_that_asks_over_udp_loads_neither_http_nor_quic() -> None:
    code = "import sys, resolver.worker; print([name for name in ('h2', 'aioquic', 'OpenSSL') if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout == "[]\n"


def test_udp_and_what_comes_after_it_are_at_one_place() -> None:
    async def main() -> None:
        async with serving() as (server, address), carrying() as carriers:
            for transport in carriers.to(read(address.url("udp"))):
                delivered = Delivered()
                transport.send(asked(), delivered)
                await delivered.reply()
            assert server.over_tcp == 1

    asyncio.run(main())
