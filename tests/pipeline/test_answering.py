"""From bytes to bytes: an answer from the packet cache is the answer that would have been made, and all are counted."""

from __future__ import annotations

import asyncio
import logging
import struct
from collections import Counter
from collections.abc import Callable
from typing import Any

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.journal.frames import Batch
from resolver.model import EdeCode, Query, RRset, Transport, Type
from resolver.pipeline import ORDER, Pipeline
from resolver.pipeline.answering import Answering
from resolver.pipeline.stage import Parts, Responder
from resolver.policy.document import GroupEntry, OwnRule
from tests.pipeline.house import ME, SOA, House, at_home, made
from tests.scenarios.virtual import START, VirtualLoop
from tests.support import ID, MemoryUpstream, errors, name_wire, query, read, run_virtual, texts, wire

LONG = "big.example. 60 TXT " + " ".join(["x" * 100] * 12)
MIDDLE = "mid.example. 60 TXT " + " ".join(["x" * 100] * 6)  # fits where 1232 bytes do, and not where 512 do
ZONE = f"""
www.example. 60 A 192.0.2.1
www.example. 60 A 192.0.2.2
www.example. 90 AAAA 2001:db8::1
www.example. 90 HTTPS 1 . alpn=h2
www.example. 90 TYPE97 \\# 2 C00C
shop.example. 300 CNAME t.adtech.example.
t.adtech.example. 60 A 203.0.113.9
{LONG}
{MIDDLE}
{SOA}
"""
LISTS = {"ads": "||adtech.example^", "kids": "||www.example^"}
GROUPS = (GroupEntry("default", (), ("ads",)), GroupEntry("kids", ("192.0.2.20",), ("ads", "kids")))
RECORDS = (RRset(wire("nas.home.arpa"), Type.A, 300, (bytes((192, 0, 2, 9)),)),)
RULES = (OwnRule("allow", "www.example", client="192.0.2.30", until=START + 100_000),)


def policy() -> dict[str, Any]:
    return {"groups": GROUPS, "records": RECORDS, "rules": RULES}


class Sent:
    """A query as a client sends it."""

    def __init__(self, data: bytes, client: str, transport: Transport) -> None:
        self.data = data
        self.client = client
        self.transport = transport

    def __repr__(self) -> str:
        return f"{self.client} {self.transport} {self.data.hex(' ')}"


def _spelled(name: str, letters: list[bool]) -> bytes:
    """The name on the wire, upper case where `letters` says so."""
    plain = wire(name)
    return bytes(
        ord(chr(byte).upper()) if letters[n % len(letters)] and 97 <= byte <= 122 else byte
        for n, byte in enumerate(plain)
    )


def _sent(
    *,
    name: str,
    letters: list[bool],
    type: int,
    bits: int,
    payload: int | None,
    do: bool,
    options: bytes,
    who: tuple[str, Transport],
) -> Sent:
    head = struct.pack("!HBB4H", ID, 1, bits, 1, 0, 0, int(payload is not None))
    opt = b"" if payload is None else struct.pack("!BHHLH", 0, 41, payload, do << 15, len(options)) + options
    return Sent(head + _spelled(name, letters) + struct.pack("!HH", type, 1) + opt, *who)


COOKIE = struct.pack("!HH8s", 10, 8, b"01234567")
NAMES = ["www.example", "shop.example", "t.adtech.example", "big.example", "mid.example", "no.example"]
PARTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "name": st.sampled_from([*NAMES, "nas.home.arpa", "localhost"]),
        "letters": st.sampled_from([[False], [False], [True], [True, False], [False, False, True]]),
        "type": st.sampled_from([1, 1, 28, 65, 97, 16, 16, 255]),
        "bits": st.sampled_from([0, 0, 0x10, 0x20, 0x30, 0x40]),
        "payload": st.sampled_from([None, 0, 512, 1232, 1232, 4096]),
        "do": st.booleans(),
        "options": st.sampled_from([b"", b"", COOKIE, struct.pack("!HH", 65001, 0)]),
        "who": st.tuples(
            st.sampled_from([ME, ME, "192.0.2.11", "192.0.2.20", "192.0.2.30", "8.8.8.8"]),
            st.sampled_from([Transport.UDP, Transport.UDP, Transport.TCP]),
        ),
    }
)
QUERIES = PARTS.map(lambda parts: _sent(**parts))


@st.composite
def families(draw: st.DrawFn) -> list[Sent]:
    """Queries that are alike but for a thing or two, so that they have every occasion to be mistaken for each other."""
    base = draw(PARTS)
    found = [_sent(**base)]
    for _ in range(draw(st.integers(1, 12))):
        changed = draw(st.sets(st.sampled_from(sorted(base)), max_size=2))
        other = draw(PARTS)
        found.append(_sent(**{part: (other if part in changed else base)[part] for part in base}))
    return found


@settings(max_examples=200)
@given(families() | st.lists(QUERIES, min_size=1, max_size=25))
def test_whatever_came_before_every_answer_is_as_if_it_were_the_first(queries: list[Sent]) -> None:
    """Byte for byte: sizes, flags, options, spellings, transports, groups and types of one case bit never mix."""

    async def main(loop: VirtualLoop) -> None:
        upstream = MemoryUpstream(ZONE)
        house, fresh = House(loop, made(LISTS, **policy()), upstream), House(loop, made(LISTS, **policy()), upstream)
        for sent in queries:
            fresh.forwarder.flush()
            expected = await fresh.send(sent.data, sent.client, sent.transport)
            assert await house.send(sent.data, sent.client, sent.transport) == expected, sent

    run_virtual(main)


@given(QUERIES, st.lists(st.floats(0, 40), max_size=5))
def test_given_again_only_the_ttls_are_others(sent: Sent, steps: list[float]) -> None:
    async def main(house: House) -> None:
        first = await house.send(sent.data, sent.client, sent.transport)
        assert first is not None
        before = read(first)
        passed = 0.0
        for step in steps:
            await asyncio.sleep(step)
            passed += step
            again = await house.send(b"\xab\xcd" + sent.data[2:], sent.client, sent.transport)
            assert again is not None
            after = read(again)
            assert again[:2] == b"\xab\xcd"
            assert len(again) == len(first)
            assert again[2:12] == first[2:12]
            for old, new in zip(before.answer + before.authority, after.answer + after.authority, strict=True):
                assert (new.name, new.rdtype) == (old.name, old.rdtype)
                assert len(new) == len(old)
                assert new.ttl <= old.ttl
                if house.udp.asked[1:] == [] and new.ttl != old.ttl:
                    assert old.ttl - new.ttl <= int(passed) + 1

    at_home(main, ZONE, made(LISTS, **policy()))


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
            packet = house.forwarder.peers[ME].packets[data[2:]]
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
    async def respond(_: Query) -> None:
        raise RuntimeError("a bug")

    return respond


def _unencodable(_: Parts) -> Responder:
    async def respond(_: Query) -> object:
        return struct  # not a Response at all

    return respond  # type: ignore[return-value] # that is the point


@pytest.mark.parametrize("stage", [_broken, _unencodable])
def test_a_bug_in_a_stage_is_servfail_and_recorded(
    stage: Callable[[Parts], Responder], caplog: pytest.LogCaptureFixture
) -> None:
    async def main(house: House) -> None:
        forwarder = house.forwarder
        parts = Parts(lambda: forwarder.bundle, forwarder.rrsets, lambda: forwarder.pool, house.clock)
        order = ORDER._replace(responders=(stage,), revisers=())
        answering = Answering(Pipeline(parts, order), forwarder.journal, house.clock, lambda: forwarder.peers)
        for _ in range(2):
            with caplog.at_level(logging.CRITICAL):
                coroutine = answering.answer(query("www.example"), ME, Transport.UDP)
                assert coroutine is not None
                assert not isinstance(coroutine, bytes)
                reply = read(await coroutine)
            assert reply.rcode() == dns.rcode.SERVFAIL
            assert errors(reply) == [(EdeCode.OTHER, "internal error")]
        (row,) = await house.rows()
        assert (row.count, row.exchange.rcode, row.exchange.name) == (2, 2, "www.example")

    at_home(main, ZONE)


STEPS = st.one_of(
    st.tuples(st.just("ask"), QUERIES),
    st.tuples(st.just("ask"), QUERIES),
    st.tuples(st.just("ask"), QUERIES),
    st.tuples(st.just("fault"), st.sampled_from([b"\0\1\1\0" + bytes(8), query("a.example", rd=False)])),
    st.tuples(st.just("drop"), st.sampled_from([b"", b"\x00" * 5, b"\0\1\x81\0" + bytes(8)])),
    st.tuples(st.just("sleep"), st.sampled_from([0.5, 1.0, 70.0, 400.0])),
    st.tuples(st.just("take"), st.none()),
    st.tuples(st.just("flush"), st.none()),
    st.tuples(st.just("dead"), st.none()),
    st.tuples(st.just("alive"), st.none()),
    st.tuples(st.just("roll"), st.none()),
)


@settings(max_examples=60)
@given(st.lists(STEPS, max_size=40))
def test_every_answer_is_counted_once_with_what_it_was(steps: list[tuple[str, object]]) -> None:
    async def main(house: House) -> None:
        rcodes: Counter[tuple[str, int]] = Counter()
        batches: list[Batch] = []
        for step, what in steps:
            if isinstance(what, Sent):
                reply = await house.send(what.data, what.client, what.transport)
                assert reply is not None
                rcodes[what.client, read(reply).rcode()] += 1
            elif isinstance(what, bytes):
                reply = await house.send(what)
                assert (reply is None) is (step == "drop")
                if reply is not None:
                    rcodes[ME, read(reply).rcode()] += 1
            elif isinstance(what, float):
                await asyncio.sleep(what)
            else:
                await _do(house, step, batches)
        await _do(house, "roll", batches)
        totals: Counter[str] = Counter()
        rows: Counter[tuple[str, int]] = Counter()
        for batch in batches:
            totals.update(batch.totals)
            for row in batch.rows:
                rows[row.client, row.exchange.rcode] += row.count
                assert row.count > 0
                assert bool(row.exchange.upstream) <= (row.exchange.origin == "upstream")
                assert bool(row.exchange.rule) is (row.exchange.verdict in {"block", "allow", "rewrite"})
        assert rows == rcodes
        assert sum(totals.values()) == rcodes.total() == house.forwarder.journal.answered

    at_home(main, ZONE, made(LISTS, **policy()))


async def _do(house: House, step: str, batches: list[Batch]) -> None:
    match step:
        case "take":
            house.forwarder.take(made(LISTS, **policy()))
        case "flush":
            house.forwarder.flush()
        case "dead":
            house.udp.result = lambda _: None
        case "alive":
            house.udp.result = house.udp.reply
        case "roll":
            batch = await house.batch()
            if batch is not None:
                batches.append(batch)


def test_an_exchange_knows_everything_the_log_shows() -> None:
    async def main(house: House) -> None:
        await house.ask("shop.example")
        await house.ask("www.example", client="192.0.2.20")
        await house.ask("www.example", client="192.0.2.30")
        await house.ask("nas.home.arpa")
        shown = {
            (row.client, row.group, row.exchange.name, row.exchange.verdict, row.exchange.source, row.exchange.rule)
            for row in await house.rows()
        }
        assert shown == {
            (ME, "default", "shop.example", "block", "ads", "||adtech.example^"),
            ("192.0.2.20", "kids", "www.example", "block", "kids", "||www.example^"),
            ("192.0.2.30", "default", "www.example", "allow", "rules", "allow www.example"),
            (ME, "default", "nas.home.arpa", "rewrite", "records", "a local record"),
        }

    at_home(main, ZONE, made(LISTS, **policy()))
