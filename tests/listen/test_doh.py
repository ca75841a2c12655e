"""DNS over HTTPS on real sockets, over both versions of HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import time

import dns.message
import dns.rcode
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
import pytest

from resolver.policy.document import DeviceEntry, GroupEntry, OwnRule
from tests.listen.encrypted import Encrypted, encrypted, trusting
from tests.listen.service import BIG, URL
from tests.listen.webclient import Got, Http1Client, Http2Client
from tests.support import bundle, query
from tests.upstream.authority import NAME, Authority, Issued

POST = (("content-type", "application/dns-message"),)
ASKED = query("www.example", id=0)
GET = "/dns-query?dns=" + base64.urlsafe_b64encode(ASKED).decode().rstrip("=")


async def ask(service: Encrypted, context: ssl.SSLContext, version: str, *request: object) -> Got:
    """One request on a connection of its own."""
    port = service.ports["https"]
    if version == "h2":
        async with Http2Client(port, context, NAME) as two:
            return await two.got(two.send(*request))  # type: ignore[arg-type] # as they are written below
    async with Http1Client(port, context, NAME) as one:
        one.send(*request)  # type: ignore[arg-type] # as they are written below
        return await one.got(str(request[0]))


def run(authority: Authority, issued: Issued, version: str, *requests: tuple[object, ...]) -> list[Got]:
    async def main() -> list[Got]:
        async with encrypted(issued, "https") as service:
            context = trusting(authority, version)
            return [await ask(service, context, version, *request) for request in requests]

    return asyncio.run(main())


@pytest.mark.parametrize("version", ["h2", "http/1.1"])
def test_queries_are_asked_by_post_and_get(authority: Authority, issued: Issued, version: str) -> None:
    found = run(authority, issued, version, ("POST", "/dns-query", ASKED, POST), ("GET", GET), ("HEAD", GET))
    for got in found[:2]:
        assert got.status == 200
        assert got.headers["content-type"] == "application/dns-message"
        assert got.headers["cache-control"] in {"max-age=300", "max-age=299", "max-age=298"}
        assert int(got.headers["content-length"]) == len(got.body) == 468
        reply = dns.message.from_wire(got.body)
        assert (reply.id, [str(rdata) for rdata in reply.answer[0]]) == (0, ["192.0.2.1"])
    assert (found[2].status, found[2].body, found[2].headers["content-length"]) == (200, b"", "468")


@pytest.mark.parametrize("version", ["h2", "http/1.1"])
def test_dns_errors_are_answers_and_bad_requests_are_not(authority: Authority, issued: Issued, version: str) -> None:
    wrong = b"\0\0\x09\0" + ASKED[4:]  # an opcode that nobody serves
    requests: dict[tuple[object, ...], int] = {
        ("POST", "/dns-query", wrong, POST): 200,
        ("POST", "/dns-query", b"\0" * 5, POST): 400,
        ("POST", "/dns-query", b"\0\0\x81\x80" + ASKED[4:], POST): 400,
        ("POST", "/dns-query", ASKED, (("content-type", "text/plain"),)): 415,
        ("POST", "/dns-query", ASKED): 415,
        ("POST", "/dns-query", b"\0" * 65_536, POST): 413,
        ("GET", "/dns-query"): 400,
        ("GET", "/dns-query?dns=***"): 400,
        ("GET", "/dns-query?dns=AAAA"): 400,
        ("GET", "/dns-query?name=a..b"): 400,
        ("GET", "/dns-query?name=a.example&type=NONE"): 400,
        ("GET", "/dns-query?name=a.example&what=1"): 400,
        ("PUT", "/dns-query", ASKED, POST): 405,
        ("GET", "/"): 404,
        ("GET", "/dns-query2" + GET[10:]): 404,
        ("GET", "/dns-query/../x" + GET[10:]): 404,
    }
    found = run(authority, issued, version, *requests)
    assert {request: got.status for request, got in zip(requests, found, strict=True)} == requests
    assert dns.message.from_wire(found[0].body).rcode() == dns.rcode.NOTIMP
    assert all(got.headers["cache-control"] == "no-store" for got in found)
    assert found[12].headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("version", ["h2", "http/1.1"])
def test_answers_are_told_as_json(authority: Authority, issued: Issued, version: str) -> None:
    (got, blocked) = run(
        authority, issued, version, ("GET", "/dns-query?name=WWW.example"), ("GET", "/dns-query?name=localhost&type=28")
    )
    assert got.headers["content-type"] == "application/dns-json"
    said = json.loads(got.body)
    assert said["Question"] == [{"name": "www.example.", "type": 1}]
    assert said["Answer"] == [{"name": "www.example.", "type": 1, "TTL": 300, "data": "192.0.2.1"}]
    assert (said["Status"], said["TC"], said["RD"], said["RA"]) == (0, False, True, True)
    assert [one["data"] for one in json.loads(blocked.body)["Answer"]] == ["::1"]


def test_a_device_is_known_by_the_path(authority: Authority, issued: Issued) -> None:
    policy = bundle(
        upstreams=(URL,),
        devices=(DeviceEntry("phone", id="k7-phone"),),
        groups=(GroupEntry("default"),),
        rules=(OwnRule("deny", "www.example", client="phone"),),
    )

    async def main() -> None:
        async with encrypted(issued, "https", policy=policy) as service:
            context = trusting(authority, "h2")
            found = {}
            for id in ("/k7-phone", "/K7-phone/", "/other", ""):
                got = await ask(service, context, "h2", "POST", f"/dns-query{id}", ASKED, POST)
                found[id] = dns.message.from_wire(got.body).answer[0].to_rdataset()[0].to_text()
            null = "0.0.0.0"
            assert found == {"/k7-phone": null, "/K7-phone/": null, "/other": "192.0.2.1", "": "192.0.2.1"}

    asyncio.run(main())


def test_many_streams_at_once_are_answered_each_its_own(authority: Authority, issued: Issued) -> None:
    async def main() -> None:
        async with encrypted(issued, "https") as service:
            service.upstream.load("".join(f"n{n}.example. 60 A 192.0.2.{n}\n" for n in range(90)))
            service.upstream.delay = 0.05
            async with Http2Client(service.ports["https"], trusting(authority, "h2"), NAME) as client:
                sent = {client.send("POST", "/dns-query", query(f"n{n}.example", id=0), POST): n for n in range(90)}
                for stream, n in sent.items():
                    reply = dns.message.from_wire((await client.got(stream)).body)
                    assert [str(rdata) for rdata in reply.answer[0]] == [f"192.0.2.{n}"]

    asyncio.run(main())


def test_a_large_answer_waits_for_the_clients_window(authority: Authority, issued: Issued) -> None:
    async def main() -> None:
        async with encrypted(issued, "https") as service:
            service.upstream.load(BIG)
            async with Http2Client(service.ports["https"], trusting(authority, "h2"), NAME) as client:
                client.h2.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1000})
                stream = client.send("POST", "/dns-query", query("big.example", "TXT", id=0), POST)
                received = 0
                while True:
                    await client.events()
                    new = [one for one in client.seen if isinstance(one, h2.events.DataReceived)]
                    client.seen = [one for one in client.seen if not isinstance(one, h2.events.DataReceived)]
                    for event in new:
                        assert len(event.data) <= 1000
                        received += len(event.data)
                        client.h2.acknowledge_received_data(event.flow_controlled_length, stream)
                    client.flush()
                    if any(isinstance(one, h2.events.StreamEnded) for one in client.seen):
                        break
                assert received > 30_000

    asyncio.run(main())


def test_a_client_that_takes_everything_back_is_sent_away(authority: Authority, issued: Issued) -> None:
    async def main() -> None:
        async with encrypted(issued, "https") as service:
            service.upstream.delay = 1.0
            async with Http2Client(service.ports["https"], trusting(authority, "h2"), NAME) as client:
                with pytest.raises((EOFError, ConnectionError, h2.exceptions.ProtocolError)):
                    for n in range(2000):
                        stream = client.send("POST", "/dns-query", query(f"n{n}.example", id=0), POST)
                        client.h2.reset_stream(stream)
                        client.flush()
                        if n % 20 == 0:
                            await asyncio.sleep(0.001)
                        if any(isinstance(one, h2.events.ConnectionTerminated) for one in client.seen):
                            raise EOFError
                        if n > 250:
                            await client.events()
                ended = [one for one in client.seen if isinstance(one, h2.events.ConnectionTerminated)]
                assert not ended or ended[0].error_code == h2.errors.ErrorCodes.ENHANCE_YOUR_CALM
            assert len(service.upstream.asked) < 400

    asyncio.run(main())


def test_requests_of_http_1_follow_each_other_on_one_connection(authority: Authority, issued: Issued) -> None:
    async def main() -> None:
        async with (
            encrypted(issued, "https") as service,
            Http1Client(service.ports["https"], trusting(authority, "http/1.1"), NAME) as client,
        ):
            for _ in range(3):
                client.send("GET", GET)  # pipelined
            for _ in range(3):
                assert (await client.got()).status == 200
            client.send("GET", "/nothing")
            assert (await client.got()).status == 404
            client.send("POST", "/dns-query", ASKED, (*POST, ("expect", "100-continue"), ("connection", "close")))
            assert (await client.got()).status == 100
            assert (await client.got()).status == 200
            assert await client.reader.read() == b""

    asyncio.run(main())


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff" * 100 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /dns-query HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 20_000,
        b"POST /dns-query HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n",
    ],
)
@pytest.mark.parametrize("version", ["h2", "http/1.1"])
def test_garbage_ends_the_connection(authority: Authority, issued: Issued, garbage: bytes, version: str) -> None:
    async def main() -> None:
        async with encrypted(issued, "https") as service:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", service.ports["https"], ssl=trusting(authority, version), server_hostname=NAME
            )
            writer.write(garbage)
            got = await asyncio.wait_for(reader.read(), 3)
            writer.transport.abort()
            assert (b"HTTP/1.1 4" in got) is (version == "http/1.1")
            again = await ask(service, trusting(authority, version), version, "GET", GET)
            assert again.status == 200

    asyncio.run(main())


def test_many_requests_of_http_1_in_one_piece_are_all_answered(authority: Authority, issued: Issued) -> None:
    """However long each of them takes."""

    async def main() -> None:
        async with encrypted(issued, "https") as service:
            answer = service.forwarder.answering.answer

            def slowly(*given: object) -> object:
                time.sleep(0.002)
                return answer(*given)  # type: ignore[arg-type] # as they came

            service.forwarder.answering.answer = slowly  # type: ignore[method-assign,assignment] # slowed down
            async with Http1Client(service.ports["https"], trusting(authority, "http/1.1"), NAME) as client:
                for _ in range(60):
                    client.send("GET", "/dns-query?name=localhost")
                for _ in range(60):
                    assert (await asyncio.wait_for(client.got(), 3)).status == 200

    asyncio.run(main())
