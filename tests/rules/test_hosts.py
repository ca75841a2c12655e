"""Hosts files, row by row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.rules import hosts
from resolver.rules.rule import Action, Datum, Form, Options, Outcome, Reason, Rule, Skip, show


def blocked(*names: str) -> Outcome:
    return tuple(Rule(name, Action.BLOCK, Form.EXACT) for name in names)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("0.0.0.0 a.example", blocked("a.example")),
        ("0.0.0.0 a.example b.example # x", blocked("a.example", "b.example")),
        ("127.0.0.1\tA.Example.", blocked("a.example")),
        ("127.0.0.53 a.example", blocked("a.example")),
        (":: a.example", blocked("a.example")),
        ("::1    a.example", blocked("a.example")),
        ("0:0:0:0:0:0:0:0 a.example", blocked("a.example")),
        ("0.0.0.0 bücher.example", blocked("xn--bcher-kva.example")),
        ("0.0.0.0 printer", blocked("printer")),
        ("0.0.0.0 localhost a.example", blocked("a.example")),
        ("0.0.0.0 a.example#b c.example", (Skip(Reason.NOT_A_NAME), *blocked("c.example"))),
        ("0.0.0.0 ip6-ads.example", blocked("ip6-ads.example")),
        ("0.0.0.0\u3000a.example", blocked("a.example")),
    ],
)
def test_names_with_a_sink_are_blocked_exactly(line: str, outcome: Outcome) -> None:
    assert hosts.parse(line) == outcome


@pytest.mark.parametrize(
    ("address", "type", "rdata"),
    [
        ("192.0.2.1", 1, b"\xc0\0\2\1"),
        ("126.255.255.255", 1, b"\x7e\xff\xff\xff"),
        ("2001:DB8::1", 28, b" \1\r\xb8" + bytes(11) + b"\1"),
        ("::ffff:127.0.0.1", 28, bytes(10) + b"\xff\xff\x7f\0\0\1"),
    ],
)
def test_any_other_address_is_a_record(address: str, type: int, rdata: bytes) -> None:
    options = Options(says=Datum(type, rdata), frame=(f"{address} ", ""))
    first, second = hosts.parse(f"{address} A.example localhost b.example # x")
    assert first == Rule("a.example", Action.BLOCK, Form.EXACT, options)
    assert second == Rule("b.example", Action.BLOCK, Form.EXACT, options)
    assert show("a.example", Action.BLOCK, Form.EXACT, options) == f"{address} a.example"


@pytest.mark.parametrize(
    "line",
    [
        "",
        " # x",
        "# 0.0.0.0 a.example",
        "! x",
        "127.0.0.1 localhost localhost.localdomain local",
        "255.255.255.255 broadcasthost",
        "::1 ip6-localhost ip6-loopback localhost",
        "fe80::1%lo0 localhost",
        "ff02::1 ip6-allnodes",
        "0.0.0.0 0.0.0.0",
    ],
)
def test_comments_and_the_machine_itself_say_nothing(line: str) -> None:
    assert hosts.parse(line) == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("fe80::1%eth0 a.example", Reason.NO_ADDRESS),
        ("192.0.2.1", Reason.NO_NAME),
        ("192.0.2.1 192.0.2.2", Reason.ADDRESS),
        ("192.0.2.1 a..example", Reason.NOT_A_NAME),
        ("a.example", Reason.NO_ADDRESS),
        ("||a.example^", Reason.NO_ADDRESS),
        ("0 a.example", Reason.NO_ADDRESS),
        ("127.0.0.256 a.example", Reason.NO_ADDRESS),
        ("0.0.0.0", Reason.NO_NAME),
        ("0.0.0.0 # a.example", Reason.NO_NAME),
        ("0.0.0.0 192.0.2.1", Reason.ADDRESS),
        ("0.0.0.0 2001:db8::1", Reason.ADDRESS),
        ("0.0.0.0 a.example#x", Reason.NOT_A_NAME),
        ("0.0.0.0 *.a.example", Reason.NOT_A_NAME),
        ("0.0.0.0 a\0.example", Reason.NOT_A_NAME),
        ("0.0.0.0 💩.example", Reason.NOT_A_NAME),
        ("0.0.0.0 " + "x" * 300, Reason.NOT_A_NAME),
    ],
)
def test_the_rest_is_skipped_with_a_reason(line: str, reason: Reason) -> None:
    assert hosts.parse(line) == (Skip(reason),)


def test_a_bad_name_does_not_spoil_its_neighbours() -> None:
    assert hosts.parse("0.0.0.0 a.example b_.? c.example") == (
        *blocked("a.example"),
        Skip(Reason.NOT_A_NAME),
        *blocked("c.example"),
    )


WORDS = st.one_of(
    st.text(), st.sampled_from(["0.0.0.0", "192.0.2.1", "::", "fe80::1%é", "a.example", "localhost", "#", "\0"])
)


@given(st.lists(WORDS, max_size=5).map(" ".join))
def test_no_line_makes_it_raise(line: str) -> None:
    for found in hosts.parse(line):
        assert isinstance(found, Rule | Skip)
