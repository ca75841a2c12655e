"""dnstap messages, read by a decoder of the tests' own."""

from __future__ import annotations

import dns.flags
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.dnstap.messages import REPEATED, Messages
from resolver.journal.frames import Row
from resolver.model import Exchange
from resolver.wire.name import to_text
from tests.dnstap.receiver import Seen, seen

AT = 1_767_268_800
MESSAGES = Messages("house", "lull 1.2")
ASKED = Exchange("www.example.com", 28, 3, "cache", "block", "ads", "||example.com^", "cdn.example", "", "trial: x")


def told(client: str = "192.0.2.7", exchange: Exchange = ASKED, count: int = 1, took: int = 90) -> list[Seen]:
    return [seen(one) for one in MESSAGES.of(Row(client, "kids", exchange, count, took), AT)]


def test_what_is_told() -> None:
    (one,) = told(took=1_500_000)
    assert (one.identity, one.version, one.address) == ("house", "lull 1.2", b"\xc0\0\2\7")
    assert (one.asked_at, one.answered_at) == ((AT, 0), (AT + 1, 500_000_000))
    assert one.extra == {
        "verdict": "block",
        "origin": "cache",
        "group": "kids",
        "list": "ads",
        "rule": "||example.com^",
        "via": "cdn.example",
        "shadow": "trial: x",
    }
    assert one.query.flags == dns.flags.RD
    assert one.response.flags == dns.flags.QR | dns.flags.RD | dns.flags.RA | dns.rcode.NXDOMAIN
    assert one.response.rcode() == dns.rcode.NXDOMAIN
    for message in (one.query, one.response):
        assert [str(question) for question in message.question] == ["www.example.com. IN AAAA"]
        assert (message.answer, message.authority, message.additional, message.edns) == ([], [], [], -1)


def test_addresses() -> None:
    assert told("2001:db8::7")[0].address == bytes.fromhex("20010db8000000000000000000000007")
    assert told("198.51.100.0/24")[0].address == bytes((198, 51, 100, 0))
    assert told("198.51.100.0/24")[0].extra["prefix"] == 24
    assert told("2001:db8:1::/48")[0].extra["prefix"] == 48
    assert "prefix" not in told()[0].extra


def test_what_privacy_leaves_out_is_not_told() -> None:
    (hidden,) = told("~0123456789ab")
    assert (hidden.address, hidden.extra["client"]) == (None, "~0123456789ab")
    (nameless,) = told("", Exchange("", 1, 0, "cache", "pass"))
    assert (nameless.address, nameless.query.question, nameless.response.question) == (None, [], [])
    assert nameless.extra == {"verdict": "pass", "origin": "cache", "group": "kids"}


def test_an_rcode_of_more_than_four_bits() -> None:
    (one,) = told(exchange=Exchange("a.example", 1, 16, "local", "refused"))
    assert (one.response.rcode(), one.response.edns) == (dns.rcode.BADVERS, 0)


@pytest.mark.parametrize("count", [1, 2, REPEATED - 1, REPEATED, REPEATED + 1, 20_000])
def test_equal_answers_are_as_many_messages_or_counted(count: int) -> None:
    found = told(count=count)
    assert len(found) == min(count, REPEATED)
    assert sum(one.extra.get("count", 1) for one in found) == count
    assert all("count" not in one.extra for one in found[:-1])


@given(
    st.lists(st.binary(min_size=1, max_size=63), min_size=1, max_size=3),
    st.text(max_size=50),
    st.integers(0, 65535),
    st.integers(0, 4095),
)
def test_hostile_names_and_rules_go_through_unharmed(labels: list[bytes], rule: str, type: int, rcode: int) -> None:
    wire = b"".join(bytes([len(label)]) + label.lower() for label in labels) + b"\0"
    exchange = Exchange(to_text(wire), type, rcode, "cache", "block", rule, rule)
    (one,) = told(exchange=exchange)
    assert one.extra.get("rule", "") == rule
    (question,) = one.query.question
    assert question.name.labels == (*(label.lower() for label in labels), b"")
    assert (question.rdtype, one.response.rcode()) == (type, rcode)


def test_a_name_that_cannot_be_one_is_left_out() -> None:
    (one,) = told(exchange=Exchange("a" * 64 + ".example", 1, 0, "cache", "pass"))
    assert one.query.question == []


def test_a_row_of_another_second_took_longer_than_one() -> None:
    assert told(took=0)[0].answered_at == (AT, 0)
    assert told(took=3_000_001)[0].answered_at == (AT + 3, 1000)
