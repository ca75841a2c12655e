"""Whether a machine takes connections with a certificate for the name: every way in which it may not."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import pytest

from resolver.diagnosis.facts import Reached, Trouble
from resolver.probes import sites
from tests.probes.town import site
from tests.upstream.authority import Authority
from tests.upstream.servers import closed_port

NAME = "www.example"


async def tried(name: str = NAME, *, https: int = 0, http: int = 0, address: str = "127.0.0.1") -> tuple[Reached, ...]:
    return await sites.reach([address], name, https or closed_port().port, http or closed_port().port)


def secure(context: ssl.SSLContext | None, name: str = NAME) -> Reached:
    async def run() -> Reached:
        async with site(context) as port:
            return (await tried(name, https=port))[0]

    return asyncio.run(run())


def test_a_site_that_works(authority: Authority) -> None:
    async def run() -> tuple[Reached, ...]:
        async with site(authority.issue(NAME).server()) as https, site(None) as http:
            return await tried(https=https, http=http)

    one, other = asyncio.run(run())
    assert (one.secure, one.trouble, one.reason) == (True, None, "")
    assert (other.secure, other.trouble) == (False, None)
    assert one.ms > 0


@pytest.mark.parametrize(
    ("names", "options", "trouble", "reason"),
    [
        ((NAME,), {"begins": -9, "ends": -1}, Trouble.EXPIRED, "its certificate has expired"),
        ((NAME,), {"begins": 1, "ends": 9}, Trouble.EARLY, "its certificate is not valid yet"),
        (("else.example",), {}, Trouble.OTHER_NAME, "its certificate is not for www.example"),
        (
            (NAME,),
            {"self_signed": True},
            Trouble.UNKNOWN_ISSUER,
            "its certificate is by nobody that this machine knows",
        ),
    ],
)
def test_certificates(
    authority: Authority, names: tuple[str, ...], options: dict[str, Any], trouble: Trouble, reason: str
) -> None:
    found = secure(authority.issue(*names, **options).server())
    assert (found.trouble, found.reason) == (trouble, reason)


def test_no_tls_where_it_should_be() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ready\r\n" * 9)
        writer.close()

    async def run() -> Reached:
        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        found = await tried(https=server.sockets[0].getsockname()[1])
        server.close()
        return found[0]

    found = asyncio.run(run())
    assert found.trouble == Trouble.TLS
    assert found.reason.startswith("TLS failed: ")


def test_nobody_there() -> None:
    one, other = asyncio.run(tried())
    assert one.trouble == other.trouble == Trouble.REFUSED
    assert one.reason == "it refuses connections"


def test_no_way_there() -> None:
    (one, _) = asyncio.run(tried(address="255.255.255.255"))
    assert one.trouble in {Trouble.UNREACHABLE, Trouble.TLS}


def test_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sites, "PATIENCE", 0.2)

    async def run() -> Reached:
        async with site(None) as port:
            return (await tried(https=port))[0]

    found = asyncio.run(run())
    assert (found.trouble, found.reason) == (Trouble.SILENT, "nothing came in 0.2 seconds")


@pytest.mark.parametrize("name", ["." + NAME, "x" * 70 + ".example", "a..example"])
def test_a_name_that_no_certificate_can_be_for(name: str) -> None:
    async def run() -> Reached:
        async with site(None) as port:
            return (await tried(name, https=port))[0]

    found = asyncio.run(run())
    assert (found.trouble, found.reason) == (Trouble.TLS, f"no certificate can be for {name}")


def test_so_many_and_no_more() -> None:
    addresses = [f"127.0.0.{number}" for number in range(1, 30)]
    found = asyncio.run(sites.reach(addresses * 2, NAME, closed_port().port, closed_port().port))
    assert len(found) == 2 * sites.MOST
