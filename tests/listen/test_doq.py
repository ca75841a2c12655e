"""DNS over QUIC on real sockets: Lull's own client of it, and one by aioquic that breaks the rules."""

from __future__ import annotations

import asyncio
import contextlib

import dns.message
import pytest
from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, QuicEvent, StreamDataReceived
from aioquic.quic.rangeset import RangeSet
from aioquic.tls import Epoch

from resolver.listen import crowd
from resolver.policy.document import DeviceEntry, GroupEntry, OwnRule
from tests.listen.encrypted import encrypted
from tests.listen.service import BIG
from tests.support import bundle, errors, query, read, until
from tests.upstream.authority import NAME, Authority, Issued


class Talk(QuicConnectionProtocol):
    """Keeps what came on each stream, and how it ended."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # aioquic makes it
        self.whole: dict[int, asyncio.Future[bytes]] = {}
        self.parts: dict[int, bytes] = {}
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, StreamDataReceived):
            self.parts[event.stream_id] = self.parts.get(event.stream_id, b"") + event.data
            if event.end_stream:
                self.whole[event.stream_id].set_result(self.parts[event.stream_id])
        elif isinstance(event, ConnectionTerminated) and not self.ended.done():
            self.ended.set_result(event.error_code)

    def ask(self, message: bytes, *, end: bool = True) -> asyncio.Future[bytes]:
        stream = self._quic.get_next_available_stream_id()
        self.whole[stream] = asyncio.get_running_loop().create_future()
        self._quic.send_stream_data(stream, message, end_stream=end)
        self.transmit()
        return self.whole[stream]


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


def trusting(authority: Authority, name: str = NAME, alpn: tuple[str, ...] = ("doq",)) -> QuicConfiguration:
    configuration = QuicConfiguration(is_client=True, alpn_protocols=list(alpn), server_name=name)
    configuration.load_verify_locations(str(authority.path))
    return configuration


def test_every_stream_is_a_query(authority: Authority, issued: Issued) -> None:
    async def main() -> None:
        async with encrypted(issued, "quic") as service:
            service.upstream.load("".join(f"n{n}.example. 60 A 192.0.2.{n}\n" for n in range(60)))
            service.upstream.delay = 0.02
            async with connect(
                "127.0.0.1", service.ports["quic"], configuration=trusting(authority), create_protocol=Talk
            ) as client:
                assert isinstance(client, Talk)
                asked = [client.ask(framed(query(f"n{n}.example", id=0))) for n in range(60)]
                for n, answer in enumerate(asked):
                    data = await asyncio.wait_for(answer, 3)
                    assert int.from_bytes(data[:2], "big") == len(data) - 2 == 468
                    reply = dns.message.from_wire(data[2:])
                    assert [str(rdata) for rdata in reply.answer[0]] == [f"192.0.2.{n}"]

    asyncio.run(main())


@pytest.mark.parametrize(
    "broken",
    [
        framed(query("www.example", id=7)),
        framed(query("www.example", id=0))[:-3],
        framed(query("www.example", id=0)) * 2,
        b"\0\5hello",
        b"",
    ],
)
def test_what_breaks_the_rules_ends_the_connection(authority: Authority, issued: Issued, broken: bytes) -> None:
    async def main() -> None:
        async with encrypted(issued, "quic") as service:
            async with connect(
                "127.0.0.1", service.ports["quic"], configuration=trusting(authority), create_protocol=Talk
            ) as client:
                assert isinstance(client, Talk)
                client.ask(broken)
                assert await asyncio.wait_for(client.ended, 3) == 2
            async with connect(
                "127.0.0.1", service.ports["quic"], configuration=trusting(authority), create_protocol=Talk
            ) as client:
                assert isinstance(client, Talk)
                assert await asyncio.wait_for(client.ask(framed(query("www.example", id=0))), 3)

    asyncio.run(main())


def test_one_too_many_is_sent_away(
    authority: Authority, issued: Issued, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also when all the others are busy."""
    monkeypatch.setattr(crowd, "MAX_PER_CLIENT", 1)

    async def main() -> None:
        async with encrypted(issued, "quic") as service:
            service.upstream.delay = 1.0
            port, trust = service.ports["quic"], trusting(authority)
            async with connect("127.0.0.1", port, configuration=trust, create_protocol=Talk) as busy:
                assert isinstance(busy, Talk)
                answer = busy.ask(framed(query("slow.example", id=0)))
                await until(lambda: service.upstream.asked)
                with contextlib.suppress(ConnectionError):
                    async with connect(
                        "127.0.0.1", port, configuration=trusting(authority), create_protocol=Talk
                    ) as more:
                        assert isinstance(more, Talk)
                        assert await asyncio.wait_for(more.ended, 3) in {0, 12}  # 12: before the handshake was over
                assert len(service.doors._doors["quic"].means.crowd) == 1
                assert await asyncio.wait_for(answer, 3)

    asyncio.run(main())
    assert "Exception in callback" not in caplog.text


@pytest.mark.parametrize("packets", [1, 2])
def test_a_device_is_known_by_the_name_it_asks_for(authority: Authority, packets: int) -> None:
    """As over TLS; also when what it says first takes more than one packet."""
    policy = bundle(
        upstreams=("udp://192.0.2.53",),
        devices=(DeviceEntry("phone", id="k7-phone", group="kids"),),
        groups=(GroupEntry("default"), GroupEntry("kids")),
        rules=(OwnRule("deny", "www.example", client="phone"),),
        allow=("192.0.2.0/24",),
    )
    alpn = ("doq", *(f"something-else-{number:0>200}" for number in range(6 * (packets - 1))))

    async def main() -> None:
        async with encrypted(authority.issue(NAME, f"*.{NAME}"), "quic", policy=policy) as service:
            codes = {}
            for name in (f"K7-phone.{NAME}", f"stranger.{NAME}", NAME):
                async with connect(
                    "127.0.0.1",
                    service.ports["quic"],
                    configuration=trusting(authority, name, alpn),
                    create_protocol=Talk,
                ) as client:
                    assert isinstance(client, Talk)
                    data = await asyncio.wait_for(client.ask(framed(query("www.example", id=0, payload=1232))), 3)
                    codes[name.split(".")[0]] = read(data[2:]).rcode(), [code for code, _ in errors(read(data[2:]))]
            assert codes == {"K7-phone": (0, [17]), "stranger": (5, [18]), "dns": (5, [18])}

    asyncio.run(main())


def test_what_is_answered_and_taken_is_held_no_more(authority: Authority, issued: Issued) -> None:
    async def main() -> None:
        async with encrypted(issued, "quic") as service:
            service.upstream.load(BIG)
            held = service.doors._doors["quic"].means.shared.held
            async with connect(
                "127.0.0.1", service.ports["quic"], configuration=trusting(authority), create_protocol=Talk
            ) as client:
                assert isinstance(client, Talk)
                asked = [client.ask(framed(query("big.example", "TXT", id=0))) for _ in range(20)]
                for answer in asked:
                    assert len(await asyncio.wait_for(answer, 3)) > 30_000
                await until(lambda: not held.total)

    asyncio.run(main())


@pytest.mark.parametrize("streams", ["one", "many"])
def test_a_byte_far_behind_is_not_worth_a_gigabyte(authority: Authority, issued: Issued, streams: str) -> None:
    """Each time that aioquic lets a client send more, it takes all of it; and the same with streams."""

    async def main() -> None:
        async with encrypted(issued, "quic") as service:
            crowd = service.doors._doors["quic"].means.crowd
            async with connect(
                "127.0.0.1", service.ports["quic"], configuration=trusting(authority), create_protocol=Talk
            ) as client:
                assert isinstance(client, Talk)
                await until(lambda: len(crowd) == 1)
                (talk,) = crowd.members
                far, stream = 60_000, -1
                for _ in range(2000):
                    if not crowd.members:
                        break
                    if stream < 0 or streams == "many":
                        stream = client._quic.get_next_available_stream_id()
                        client._quic.send_stream_data(stream, b"")
                    sender = client._quic._streams[stream].sender
                    sender._pending = RangeSet()
                    sender._buffer_start = sender._buffer_stop = sender._buffer_fin or far
                    client._quic.send_stream_data(stream, b"x")
                    client.transmit()
                    await asyncio.sleep(0.002)
                    far = client._quic._streams[stream].max_stream_data_remote - 1
                    kept = sum(len(one.receiver._buffer) for one in talk._quic._streams.values())  # type: ignore[attr-defined, misc] # it is one of ours
                    assert kept <= 16 << 20
                assert not crowd.members

    asyncio.run(main())


def test_a_handshake_with_holes_in_it_is_counted(authority: Authority, issued: Issued) -> None:
    async def main() -> None:
        async with encrypted(issued, "quic") as service:
            held = service.doors._doors["quic"].means.shared.held
            async with connect(
                "127.0.0.1", service.ports["quic"], configuration=trusting(authority), create_protocol=Talk
            ) as client:
                sender = client._quic._crypto_streams[Epoch.ONE_RTT].sender
                sender._buffer_start = sender._buffer_stop = 500_000
                sender.write(b"x")
                client.transmit()
                await until(lambda: held.total > 500_000)
            await until(lambda: not held.total)

    asyncio.run(main())
