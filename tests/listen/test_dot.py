"""DNS over TLS on real sockets, asked by dnspython."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import shutil
import ssl

import dns.asyncquery
import dns.edns
import dns.message
import dns.rcode
import pytest

from resolver.listen import accepting
from resolver.listen.crowd import IDLE
from resolver.policy.document import DeviceEntry, GroupEntry, OwnRule
from resolver.policy.document import Doors as Said
from tests.listen.encrypted import encrypted, trusting
from tests.support import StillClock, bundle, errors, query, read, until
from tests.upstream.authority import NAME, Authority, Issued


def test_answers_are_padded_when_the_query_has_edns(authority: Authority, issued: Issued) -> None:
    async def main() -> None:
        async with encrypted(issued, "tls") as service:
            for edns, length in ((0, 468), (-1, None)):
                asked = dns.message.make_query("www.example", "A", use_edns=edns)
                reader, writer = await asyncio.open_connection(
                    "127.0.0.1", service.ports["tls"], ssl=trusting(authority, "dot"), server_hostname=NAME
                )
                wire = asked.to_wire()
                writer.write(len(wire).to_bytes(2, "big") + wire)
                data = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
                writer.close()
                await writer.wait_closed()
                reply = dns.message.from_wire(data)
                assert [str(rdata) for rdata in reply.answer[0]] == ["192.0.2.1"]
                assert len(data) == length if length else len(data) < 100
                assert (dns.edns.OptionType.PADDING in [option.otype for option in reply.options]) is bool(length)

    asyncio.run(main())


def test_an_independent_client_is_answered_and_knows_whom_it_talks_to(authority: Authority, issued: Issued) -> None:
    async def main() -> None:
        async with encrypted(issued, "tls") as service:
            asked = dns.message.make_query("www.example", "A")
            reply = await dns.asyncquery.tls(
                asked,
                "127.0.0.1",
                port=service.ports["tls"],
                server_hostname=NAME,
                ssl_context=trusting(authority, "dot"),
                timeout=3,
            )
            assert reply.rcode() == dns.rcode.NOERROR
            with pytest.raises(ssl.SSLCertVerificationError):
                await dns.asyncquery.tls(
                    asked,
                    "127.0.0.1",
                    port=service.ports["tls"],
                    server_hostname="other.example",
                    ssl_context=trusting(authority, "dot"),
                    timeout=3,
                )

    asyncio.run(main())


def test_a_device_is_known_by_the_name_it_asks_for(authority: Authority) -> None:
    """Also from an address that may not ask."""
    issued = authority.issue(NAME, f"*.{NAME}")
    policy = bundle(
        upstreams=("udp://192.0.2.53",),
        devices=(DeviceEntry("phone", id="k7-phone", group="kids"),),
        groups=(GroupEntry("default"), GroupEntry("kids")),
        rules=(OwnRule("deny", "www.example", client="phone"),),
        allow=("192.0.2.0/24",),
    )

    async def main() -> None:
        async with encrypted(issued, "tls", policy=policy) as service:
            codes = {}
            for name in (f"k7-phone.{NAME}", f"stranger.{NAME}", NAME):
                reply = await dns.asyncquery.tls(
                    dns.message.make_query("www.example", "A", use_edns=0),
                    "127.0.0.1",
                    port=service.ports["tls"],
                    server_hostname=name,
                    ssl_context=trusting(authority, "dot"),
                    timeout=3,
                )
                codes[name.split(".")[0]] = (reply.rcode(), [code for code, _ in errors(reply)])
            assert codes == {"k7-phone": (0, [17]), "stranger": (5, [18]), "dns": (5, [18])}

    asyncio.run(main())


def test_another_certificate_is_taken_from_the_next_connection_on(
    authority: Authority, issued: Issued, tmp_path: pathlib.Path
) -> None:
    newer = authority.issue("newer.example", file="newer")
    bad = tmp_path / "bad.pem"
    bad.write_text("not a certificate")

    async def main() -> None:
        async with encrypted(issued, "tls") as service:

            async def names() -> object:
                _, writer = await asyncio.open_connection(
                    "127.0.0.1", service.ports["tls"], ssl=unchecked(authority), server_hostname="any.example"
                )
                found = writer.get_extra_info("ssl_object").getpeercert()["subjectAltName"][0][1]
                writer.close()
                await writer.wait_closed()
                return found

            assert await names() == NAME
            for source, expected in ((bad, NAME), (newer.path, "newer.example")):
                part = issued.path.with_suffix(".part")
                shutil.copy(source, part)
                part.replace(issued.path)
                service.doors.tend()
                assert await names() == expected
                assert ("cannot be used" in service.doors.trouble) is (source is bad)

    asyncio.run(main())


def unchecked(authority: Authority) -> ssl.SSLContext:
    context = trusting(authority)
    context.check_hostname = False
    return context


def test_a_client_that_says_nothing_is_closed(issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "HANDSHAKE", 0.1)

    async def main() -> None:
        async with encrypted(issued, "tls") as service:
            reader, writer = await asyncio.open_connection("127.0.0.1", service.ports["tls"])
            crowd = service.doors._doors["tls"].means.lobby
            await until(lambda: len(crowd) == 1)
            assert await asyncio.wait_for(reader.read(), 2) == b""
            await until(lambda: len(crowd) == 0)
            writer.close()

    asyncio.run(main())


def test_garbage_in_place_of_a_handshake_ends_that_connection_alone(authority: Authority, issued: Issued) -> None:
    async def main() -> None:
        async with encrypted(issued, "tls") as service:
            reader, writer = await asyncio.open_connection("127.0.0.1", service.ports["tls"])
            writer.write(b"GET / HTTP/1.0\r\n\r\n")
            assert len(await asyncio.wait_for(reader.read(), 2)) < 20
            writer.close()
            reply = await dns.asyncquery.tls(
                dns.message.make_query("www.example", "A"),
                "127.0.0.1",
                port=service.ports["tls"],
                server_hostname=NAME,
                ssl_context=trusting(authority, "dot"),
                timeout=3,
            )
            assert reply.answer

    asyncio.run(main())


def test_idle_connections_end(authority: Authority, issued: Issued) -> None:
    async def main() -> None:
        clock = StillClock()
        async with encrypted(issued, "tls", clock=clock) as service:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", service.ports["tls"], ssl=trusting(authority), server_hostname=NAME
            )
            clock.advance(IDLE + 1)
            service.doors.tend()
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError, ssl.SSLError)):
                assert await asyncio.wait_for(reader.readexactly(1), 2)
            writer.transport.abort()

    asyncio.run(main())


HEADER = b"\r\n\r\n\0\r\nQUIT\n"


@pytest.mark.parametrize("kind", ["tcp", "tls"])
@pytest.mark.parametrize(
    ("header", "client"),
    [
        (HEADER + b"\x21\x11\0\x0c" + bytes((203, 0, 113, 7, 127, 0, 0, 1, 0, 9, 0, 53)), "203.0.113.7"),
        (HEADER + b"\x21\x21\0\x24" + bytes.fromhex("20010db8" + "00" * 11 + "09") + bytes(20), "2001:db8::9"),
        (HEADER + b"\x21\x11\0\x10" + bytes((203, 0, 113, 8, 127, 0, 0, 1, 0, 9, 0, 53, 4, 0, 1, 0)), "203.0.113.8"),
        (HEADER + b"\x20\0\0\0", "127.0.0.1"),
    ],
)
def test_a_proxy_says_whom_it_speaks_for(
    authority: Authority, issued: Issued, kind: str, header: bytes, client: str
) -> None:
    files = str(issued.path)
    said = Said(files, files, (NAME,), proxies=("127.0.0.0/8",))
    policy = bundle(upstreams=("udp://192.0.2.53",), allow=("any",))

    async def main() -> None:
        async with encrypted(issued, kind, policy=policy, said=said) as service:
            reader, writer = await asyncio.open_connection("127.0.0.1", service.ports[kind])
            writer.write(header)
            if kind == "tls":
                await writer.start_tls(trusting(authority, "dot"), server_hostname=NAME)
            asked = query("www.example")
            writer.write(len(asked).to_bytes(2, "big") + asked)
            data = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
            assert read(data).answer
            writer.close()
            assert list(service.forwarder.peers) == [client]

    asyncio.run(main())


@pytest.mark.parametrize(
    "header",
    [
        b"\0\x1d" + query("www.example"),
        HEADER + b"\x21\x11\xff\xff",
        HEADER + b"\x21\x12\0\x0c" + bytes(12),
        HEADER[:5],
    ],
)
def test_a_proxy_that_does_not_say_it_is_not_served(
    issued: Issued, header: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "HANDSHAKE", 0.2)
    said = Said(proxies=("127.0.0.0/8",))

    async def main() -> None:
        async with encrypted(issued, "tcp", said=said) as service:
            reader, writer = await asyncio.open_connection("127.0.0.1", service.ports["tcp"])
            writer.write(header)
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), 2) == b""
            writer.close()

    asyncio.run(main())
