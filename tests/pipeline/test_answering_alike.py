"""Whatever came before: the same answers, and every one of them counted."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.journal.frames import Batch
from tests.pipeline.house import ME, House, at_home, made
from tests.pipeline.many import LISTS, QUERIES, ZONE, Sent, families, policy
from tests.scenarios.virtual import VirtualLoop
from tests.support import MemoryUpstream, query, read, run_virtual


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
