"""EDNS Client Subnet: what clients say, and what of it goes on (RFC 7871)."""

from __future__ import annotations

import ipaddress

import dns.edns
import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.model import Question
from resolver.wire import edns, reply, subnet
from tests.support import wire


def value(address: str, source: int, scope: int = 0) -> bytes:
    return dns.edns.ECSOption(address, source, scope).to_wire() or b""


def test_a_client_says_where_it_is() -> None:
    for given_ in (value("203.0.113.0", 24), value("2001:db8::", 56), value("0.0.0.0", 0), value("203.0.113.77", 32)):
        assert subnet.from_options([(10, b"12345678"), (8, given_)]) == given_


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\0\1",
        b"\0\1\x18\0",  # no address
        b"\0\1\x18\0\xcb\0\x71\0",  # too much of one
        b"\0\1\x14\0\xcb\0\x71",  # bits after the prefix
        b"\0\1\x21\0\xcb\0\x71\0\0",  # 33 bits
        b"\0\3\x08\0\xcb",  # no such family
        b"\0\1\x18\x18\xcb\0\x71",  # a scope in a query
    ],
)
def test_what_is_not_as_it_should_be_is_as_if_it_were_not_there(bad: bytes) -> None:
    assert subnet.from_options([(8, bad)]) == b""
    assert subnet.from_options([(8, value("203.0.113.0", 24)), (8, bad)]) == b""


def test_upstreams_are_told_no_more_than_they_need() -> None:
    assert subnet.told(value("203.0.113.77", 32)) == value("203.0.113.0", 24)
    assert subnet.told(value("203.0.113.77", 25)) == value("203.0.113.0", 24)
    assert subnet.told(value("203.0.0.0", 16)) == value("203.0.0.0", 16)
    assert subnet.told(value("0.0.0.0", 0)) == value("0.0.0.0", 0)
    assert subnet.told(value("2001:db8:1:2:3::", 128)) == value("2001:db8:1::", 56)


def test_a_client_is_told_for_whom_an_answer_holds_in_its_own_words() -> None:
    assert subnet.scoped(value("203.0.113.77", 32), 16) == value("203.0.113.77", 32, 16)
    assert subnet.scoped(value("203.0.0.0", 16), 24) == value("203.0.0.0", 16, 16)


def test_what_an_upstream_says_of_it() -> None:
    assert subnet.scope([]) == 0
    assert subnet.scope([(8, value("203.0.113.0", 24, 20))]) == 20
    assert subnet.scope([(8, b"\0\1")]) == 0


@given(
    st.binary(min_size=1, max_size=63),
    st.one_of(
        st.tuples(st.ip_addresses(v=4), st.integers(0, 32)), st.tuples(st.ip_addresses(v=6), st.integers(0, 128))
    ),
    st.booleans(),
)
def test_a_query_with_it_is_one_that_others_read_and_that_we_know_again(
    label: bytes, where: tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int], do: bool
) -> None:
    address, source = where
    network = ipaddress.ip_network((address, source), strict=False)
    told = subnet.told(value(str(network.network_address), source))
    question = Question(bytes((len(label),)) + label.lower() + wire("example"), 1, told)
    query = reply.build(question, 7, do=do, cd=False)
    assert edns.question_end(query) == 12 + len(question.name) + 4
    for sent in (query, edns.padded(query)):
        read = dns.message.from_wire(sent)
        option = read.options[0]
        assert isinstance(option, dns.edns.ECSOption)
        assert (option.srclen, option.scopelen) == (min(source, 24 if address.version == 4 else 56), 0)
        assert reply.matches(dns.message.make_response(read).to_wire(), query)
    assert len(edns.padded(query)) % 128 == 0
    other = dns.message.make_response(dns.message.make_query("other.example", "A", id=7)).to_wire()
    assert not reply.matches(other, query)
