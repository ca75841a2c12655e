"""dnsmasq's settings, as dnsmasq 2.90 answered when it was asked."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.rules import dnsmasq
from resolver.rules.rule import Action, Datum, Form, Options, Outcome, Pattern, Reason, Rule, Skip, show

A = Datum(1, bytes((192, 0, 2, 1)))


def blocked(*names: str) -> Outcome:
    return tuple(Rule(name, Action.BLOCK, Form.SUBTREE) for name in names)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("address=/a.example/", blocked("a.example")),
        ("address=/a.example/#", blocked("a.example")),
        ("address=/a.example/0.0.0.0", blocked("a.example")),
        ("address=/a.example/::", blocked("a.example")),
        ("address=/a.example/127.0.0.53", blocked("a.example")),
        ("address=/a.example/0:0::1", blocked("a.example")),
        ("server=/a.example/", blocked("a.example")),
        ("local=/a.example/", blocked("a.example")),
        ("address=/A.Example./", blocked("a.example")),
        ("address=/.a.example/", blocked("a.example")),
        ("address=/bücher.example/", blocked("xn--bcher-kva.example")),
        ("address=/a.example/b.example/c/#", blocked("a.example", "b.example", "c")),
        ("local=/a.example/b.example/", blocked("a.example", "b.example")),
        ("address = /a.example/ # x", blocked("a.example")),
        ("server=/a.example/\t#", blocked("a.example")),
        ("address=/localhost/127.0.0.1", ()),
        ("address=/localhost/a.example/", blocked("a.example")),
        ("", ()),
        ("# address=/a.example/", ()),
        (" # x", ()),
    ],
)
def test_names_are_blocked_with_their_subdomains(line: str, outcome: Outcome) -> None:
    assert dnsmasq.parse(line) == outcome


@pytest.mark.parametrize(
    ("line", "says", "frame"),
    [
        ("address=/a.example/192.0.2.1", A, ("address=/", "/192.0.2.1")),
        ("address=/a.example/2001:db8::1", Datum(28, b" \1\r\xb8" + bytes(11) + b"\1"), ("address=/", "/2001:db8::1")),
    ],
)
def test_another_address_is_a_record(line: str, says: Datum, frame: tuple[str, str]) -> None:
    (found,) = dnsmasq.parse(line)
    assert found == Rule("a.example", Action.BLOCK, Form.SUBTREE, Options(says=says, frame=frame))
    assert show(found.name, found.action, found.form, found.options) == line


@pytest.mark.parametrize("key", ["server", "local"])
def test_the_usual_servers_exempt(key: str) -> None:
    options = Options(frame=(f"{key}=/", "/#"))
    assert dnsmasq.parse(f"{key}=/a.example/#") == (Rule("a.example", Action.EXEMPT, Form.SUBTREE, options),)


def test_a_star_and_a_dot_are_the_subdomains_alone() -> None:
    assert dnsmasq.parse("address=/*.a.example/") == (Rule("a.example", Action.BLOCK, Form.SUBDOMAINS),)
    options = Options(says=A, frame=("address=/*.", "/192.0.2.1"))
    assert dnsmasq.parse("address=/*.a.example/192.0.2.1") == (
        Rule("a.example", Action.BLOCK, Form.SUBDOMAINS, options),
    )


@pytest.mark.parametrize(
    ("line", "matches", "others"),
    [
        (
            "address=/*end.example/",
            ["end.example", "a.end.example", "weekend.example"],
            ["end.example.org", "endxexample"],
        ),
        ("address=//", ["printer", "x"], ["a.example"]),
        ("server=/*-ads.example/", ["my-ads.example", "a.my-ads.example"], ["ads.example"]),
    ],
)
def test_other_names_are_patterns(line: str, matches: list[str], others: list[str]) -> None:
    (found,) = dnsmasq.parse(line + " # x")
    assert isinstance(found, Pattern)
    assert (found.action, found.text, found.options, found.everything) == (Action.BLOCK, line, None, False)
    assert all(re.search(found.regex, name) for name in matches)
    assert not any(re.search(found.regex, name) for name in others)


@pytest.mark.parametrize(
    ("line", "action", "options"),
    [
        ("address=/#/", Action.BLOCK, None),
        ("address=/*/#", Action.BLOCK, None),
        ("address=/#/192.0.2.1", Action.BLOCK, Options(says=A)),
        ("server=/#/#", Action.EXEMPT, None),
    ],
)
def test_everything(line: str, action: Action, options: Options | None) -> None:
    assert dnsmasq.parse(line) == (Pattern("", action, line, options, everything=True),)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("server=/a.example/192.0.2.1", Reason.UPSTREAM),
        ("server=/a.example/192.0.2.1#5353@eth0", Reason.UPSTREAM),
        ("local=/a.example/192.0.2.1", Reason.UPSTREAM),
        ("server=/#/192.0.2.1", Reason.UPSTREAM),
        ("server=192.0.2.1", Reason.DNSMASQ),
        ("server=/a.example", Reason.DNSMASQ),
        ("address=a.example/", Reason.DNSMASQ),
        ("address=", Reason.DNSMASQ),
        ("domain-needed", Reason.DNSMASQ),
        ("bogus-nxdomain=192.0.2.1", Reason.DNSMASQ),
        ("cname=a.example,b.example", Reason.DNSMASQ),
        ("ipset=/a.example/vpn", Reason.DNSMASQ),
        ("conf-file=/etc/more.conf", Reason.DNSMASQ),
        ("a.example", Reason.DNSMASQ),
        ("address=/a.example/b", Reason.NO_ADDRESS),
        ("address=/a.example/fe80::1%eth0", Reason.NO_ADDRESS),
        ("address=/a..example/", Reason.NOT_A_NAME),
        ("address=/a.*.example/", Reason.NOT_A_NAME),
        ("address=/*.*.example/", Reason.NOT_A_NAME),
        ("address=/*./", Reason.NOT_A_NAME),
        ("address=/a\0.example/", Reason.NOT_A_NAME),
        ("address=/" + "x" * 300 + "/", Reason.NOT_A_NAME),
        ("address=/192.0.2.1/", Reason.ADDRESS),
    ],
)
def test_the_rest_is_skipped_with_a_reason(line: str, reason: Reason) -> None:
    assert dnsmasq.parse(line) == (Skip(reason),)


def test_a_bad_name_does_not_spoil_its_neighbours() -> None:
    assert dnsmasq.parse("address=/a.example/?/*b/") == (
        *blocked("a.example"),
        Skip(Reason.NOT_A_NAME),
        Pattern("b$", Action.BLOCK, "address=/a.example/?/*b/"),
    )


KEYS = st.sampled_from(["address=/", "server=/", "local =/", "ipset=/"])


@given(st.one_of(st.text(), st.tuples(KEYS, st.one_of(st.text(), st.text("a.*#/ 1:%é\0"))).map("".join)))
def test_no_line_makes_it_raise(line: str) -> None:
    for found in dnsmasq.parse(line):
        assert isinstance(found, Rule | Pattern | Skip)
        if isinstance(found, Pattern):
            re.compile(found.regex)
