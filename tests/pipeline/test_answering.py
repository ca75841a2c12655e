"""From bytes to bytes: an answer from the packet cache is the answer that would have been made, and all are counted."""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import pytest

from resolver.model import EdeCode, Privacy, Query, Transport
from resolver.pipeline import ORDER, Pipeline
from resolver.pipeline.answering import Answering
from resolver.pipeline.proving import Proving
from resolver.pipeline.stage import Parts, Responder
from tests.pipeline.house import ME, House, at_home, made
from tests.pipeline.many import ZONE
from tests.support import errors, name_wire, query, read, texts


@pytest.mark.parametrize("payloads", [[1232, 512, None, 700], [None, 512, 4096, 800], [512, 0, 1232]])
def test_each_payload_size_has_its_own_answers(payloads: list[int | None]) -> None:
    async def main(house: House) -> None:
        for payload in payloads * 2:
            data = query("mid.example", "TXT", payload=payload)
            reply = await house.send(data)
            assert reply is not None
            fits = (payload or 0) >= 700
            assert bool(read(reply).flags & dns.flags.TC) is not fits
            assert (len(reply) > 512) is fits

    at_home(main, ZONE)


@pytest.mark.parametrize("types", [["HTTPS", "TYPE97"], ["TYPE97", "HTTPS"], ["TYPE16640", "TYPE24832"]])
def test_types_that_differ_by_the_bit_of_a_letters_case_have_their_own_answers(types: list[str]) -> None:
    async def main(house: House) -> None:
        for type in types * 2:
            reply = await house.ask("www.example", type)
            assert {rrset.rdtype for rrset in reply.answer} <= {dns.rdatatype.from_text(type)}
            assert reply.question[0].rdtype == dns.rdatatype.from_text(type)
        assert len(house.udp.asked) == 2

    at_home(main, ZONE)


@pytest.mark.parametrize("spelled", ["www.example", "WWW.example", "wWw.ExAmPlE"])
def test_the_spelling_and_the_id_are_echoed(spelled: str) -> None:
    async def main(house: House) -> None:
        for id in (1, 2, 65535):
            reply = await house.wire(spelled, id=id)
            assert int.from_bytes(reply[:2], "big") == id
            assert reply[12 : 12 + len(spelled) + 2] == name_wire(dns.name.from_text(spelled))
        assert len(house.udp.asked) == 1
        assert {row.exchange.name for row in await house.rows()} == {"www.example"}

    at_home(main, ZONE)


def test_a_plain_query_is_found_by_its_bytes_alone() -> None:
    """What the UDP listener does without decoding: data[2:] is the key, whatever the payload size was."""

    async def main(house: House) -> None:
        for data in (query("www.example"), query("www.example", payload=4096), query("www.example", payload=None)):
            reply = await house.send(data)
            assert reply is not None
            packet = house.forwarder.peers[ME].packets.get(data[2:])
            assert packet is not None
            assert data[:2] + packet.body == reply

    at_home(main, ZONE)


def test_what_will_not_come_again_takes_no_room() -> None:
    async def main(house: House) -> None:
        await house.ask("www.example")
        packets = house.forwarder.peers[ME].packets
        before = len(packets)
        for n in range(20):
            cookie = dns.edns.GenericOption(dns.edns.OptionType.COOKIE, n.to_bytes(8, "big"))
            await house.ask("www.example", options=[cookie])
            await house.ask("wWw.example")
        assert len(packets) == before

    at_home(main, ZONE)


@pytest.mark.parametrize(("payload", "limit"), [(None, 512), (512, 512), (1232, 1232), (4096, 1232)])
def test_truncation_and_then_tcp(payload: int | None, limit: int) -> None:
    async def main(house: House) -> None:
        data = query("big.example", "TXT", payload=payload)
        for _ in range(2):
            reply = await house.send(data)
            assert reply is not None
            assert len(reply) <= limit
            message = read(reply)
            assert message.flags & dns.flags.TC
            assert message.answer == []
            assert (message.edns == 0) is (payload is not None)
            whole = await house.send(data, transport=Transport.TCP)
            assert whole is not None
            assert not read(whole).flags & dns.flags.TC
            assert len(read(whole).answer) == 1
        assert len(house.udp.asked) == 1

    at_home(main, ZONE)


def test_over_tcp_no_text_is_left_out() -> None:
    async def main(house: House) -> None:
        def chatty(asked: dns.message.Message) -> bytes:
            reply = dns.message.from_wire(house.udp.reply(asked))
            options: list[dns.edns.Option] = [dns.edns.EDEOption(dns.edns.EDECode.OTHER, "t" * 255)] * 2
            reply.use_edns(0, 0, 1232, options=options)
            return reply.to_wire()

        house.udp.result = chatty
        data = query("www.example", payload=512)
        for over, text in ((Transport.UDP, ""), (Transport.TCP, "t" * 255), (Transport.UDP, "")):
            house.forwarder.rrsets.clear()  # which keeps no such errors
            reply = await house.send(data, transport=over)
            assert reply is not None
            assert errors(read(reply)) == [(0, text)] * 2
            assert len(texts(read(reply).answer)) == 2

    at_home(main, ZONE)


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 11, query("www.example")[:2] + b"\x81" + query("www.example")[3:], b"\xff" * 300]
)
def test_what_is_dropped_is_not_an_exchange(data: bytes) -> None:
    async def main(house: House) -> None:
        assert await house.send(data) is None
        assert await house.batch() is None

    at_home(main, ZONE)


def test_faults_are_answered_and_recorded() -> None:
    async def main(house: House) -> None:
        reply = await house.ask("www.example", rd=False)
        assert (reply.rcode(), errors(reply)[0][0]) == (dns.rcode.REFUSED, EdeCode.NOT_AUTHORITATIVE)
        data = query("www.example")
        broken = await house.send(data[:-1])
        assert broken is not None
        assert broken[:2] == data[:2]
        rows = await house.rows()
        assert [(row.exchange.name, row.exchange.rcode, row.exchange.verdict, row.client) for row in rows] == [
            ("www.example", 5, "refused", ME),
            ("", 1, "refused", ME),
        ]

    at_home(main, ZONE)


def _broken(_: Parts) -> Responder:
    def respond(_: Query) -> None:
        raise RuntimeError("a bug")

    return respond


def _unencodable(_: Parts) -> Responder:
    def respond(_: Query) -> object:
        return struct  # not a Response at all

    return respond  # type: ignore[return-value] # that is the point


@pytest.mark.parametrize("stage", [_broken, _unencodable])
def test_a_bug_in_a_stage_is_servfail_and_recorded(
    stage: Callable[[Parts], Responder], caplog: pytest.LogCaptureFixture
) -> None:
    async def main(house: House) -> None:
        forwarder = house.forwarder
        parts = Parts(
            lambda: forwarder.bundle,
            forwarder.rrsets,
            forwarder.fetching,
            forwarder.prefetch,
            house.clock,
            forwarder.visits,
        )
        order = ORDER._replace(responders=(stage,), revisers=())
        answering = Answering(
            Pipeline(parts, order),
            forwarder.journal,
            house.clock,
            lambda: forwarder.peers,
            forwarder.rates,
            Proving(b"", house.clock),
        )
        for _ in range(2):
            with caplog.at_level(logging.CRITICAL):
                data = answering.answer(query("www.example"), ME, Transport.UDP)
            assert isinstance(data, bytes)
            reply = read(data)
            assert reply.rcode() == dns.rcode.SERVFAIL
            assert errors(reply) == [(EdeCode.OTHER, "internal error")]
        (row,) = await house.rows()
        assert (row.count, row.exchange.rcode, row.exchange.name) == (2, 2, "www.example")

    at_home(main, ZONE)


def _telling(_: Parts) -> Responder:
    def respond(query: Query) -> None:
        raise KeyError(query.name)

    return respond


@pytest.mark.parametrize("privacy", ["full", "no-client", "no-name", "off"])
def test_what_is_said_of_a_bug_keeps_to_privacy(privacy: Privacy, caplog: pytest.LogCaptureFixture) -> None:
    async def main(house: House) -> None:
        forwarder = house.forwarder
        forwarder.take(made(privacy=privacy))
        stages = (forwarder.rrsets, forwarder.fetching, forwarder.prefetch, house.clock, forwarder.visits)
        order = ORDER._replace(responders=(_telling,), revisers=())
        pipeline = Pipeline(Parts(lambda: forwarder.bundle, *stages), order)
        proving = Proving(b"", house.clock)
        answering = Answering(
            pipeline, forwarder.journal, house.clock, lambda: forwarder.peers, forwarder.rates, proving
        )
        assert isinstance(answering.answer(query("secret.example"), ME, Transport.UDP), bytes)

    at_home(main, ZONE)
    assert "KeyError" in caplog.text
    assert "in respond" in caplog.text
    assert ("secret" in caplog.text) is (privacy in {"full", "no-client"})
    assert ME not in caplog.text
