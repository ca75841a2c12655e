"""What wins when rules of many kinds and lists match."""

import ipaddress

import pytest

from resolver.model import Drop, Nxdomain
from resolver.rules.rule import Action, Cancel, Datum, Form, Network, Options, Pattern, Rule
from resolver.rules.ruleset import Winner
from tests.rules.sets import AAAA, ALL, CNAME, NOBODY, A, Listed, asked, every, rule_set, rules, text

ONE, TWO = Datum(A, b"\xc0\0\2\1"), Datum(A, b"\xc0\0\2\2")


def test_a_pattern_counts_like_the_shortest_name() -> None:
    tested = rule_set(
        [*rules("/^ads/"), *rules("||example^", index=1), *rules("/ads[0-9]/", index=2, action=Action.ALLOW)]
    )
    assert asked(tested, "ads.example") == Winner(Action.BLOCK, "one", 1, "example", "||example^")
    assert asked(tested, "ads.example", 0b001) == Winner(Action.BLOCK, "zero", 0, "", "/^ads/")
    assert asked(tested, "ads1.example") == Winner(Action.ALLOW, "two", 2, "", "/ads[0-9]/")
    assert text(tested, "ads1.example", 0b011) == "||example^"
    assert [one.text for one in every(tested, "ads1.example")] == [
        "/ads[0-9]/",
        "||example^",
        "/^ads/",
    ]


@pytest.mark.parametrize("action", [Action.EXEMPT, Action.ALLOW, Action.ALLOW_IMPORTANT, Action.REWRITE])
def test_a_stronger_pattern_is_found_where_a_name_blocks(action: Action) -> None:
    tested = rule_set([*rules("||example^"), *rules("/^a/", index=1, action=action, options=Options(says=ONE))])
    found = asked(tested, "a.example")
    assert found is not None
    assert found.action is action
    assert text(tested, "a.example", 0b01) == "||example^"


def test_a_rewrite_says_all_that_apply() -> None:
    rewrites = [
        *rules("||a.example^", index=1, action=Action.REWRITE, options=Options(says=TWO)),
        *rules("||example^", action=Action.REWRITE, options=Options(says=ONE)),
        *rules("/y/", action=Action.REWRITE, options=Options(says=Datum(CNAME, b"\1z\0"))),
    ]
    tested = rule_set(rewrites)
    assert asked(tested, "a.example") == Winner(Action.REWRITE, "one", 1, "a.example", "||a.example^", (TWO, ONE))
    found = asked(tested, "y.a.example")
    assert found is not None
    assert found.says == (TWO, ONE, Datum(CNAME, b"\1z\0"))
    assert [one.says for one in every(tested, "a.example", 0)] == [(TWO,), (ONE,)]


@pytest.mark.parametrize("action", [Action.REWRITE, Action.BLOCK])
def test_an_alias_of_itself_is_no_rule_and_leaves_the_others(action: Action) -> None:
    alias = Options(says=Datum(CNAME, b"\3www\7example\0"))
    tested = rule_set([*rules("||example^", action=action, options=alias), *rules("/ww/", index=1)])
    assert text(tested, "www.example") == "/ww/"
    assert text(tested, "www.example", 0b01) is None
    assert [one.text for one in every(tested, "www.example")] == ["/ww/"]
    found = asked(tested, "example")
    assert found is not None
    assert found.says == (alias.says,)


def test_an_exception_is_never_the_winner() -> None:
    tested = rule_set(
        [
            *rules("||example^", action=Action.REWRITE, options=Options(says=ONE)),
            *rules("||a.example^", index=1, action=Action.EXCEPT, options=Options(says=ONE)),
            *rules("||b.a.example^", index=2),
        ]
    )
    assert text(tested, "a.example", 0b001) == "||example^"
    assert asked(tested, "a.example") is None
    assert text(tested, "b.a.example") == "||b.a.example^"
    assert [(one.action, one.void) for one in every(tested, "b.a.example")] == [
        (Action.BLOCK, False),
        (Action.REWRITE, True),
        (Action.EXCEPT, True),
    ]
    assert [one.void for one in every(tested, "b.a.example", 0b101)] == [False, False, True]


def test_of_an_rpz_zone_the_most_specific_counts() -> None:
    zone = [
        *rules("||example^", action=Action.EXEMPT),
        *rules("||ads.example^", options=Options(says=Nxdomain())),
        *rules("ok.ads.example", action=Action.EXEMPT),
    ]
    tested = rule_set([*zone, *rules("||ok.ads.example^", index=1)])
    assert text(tested, "x.example") == "||example^"
    assert asked(tested, "x.ads.example") == Winner(
        Action.BLOCK, "zero", 0, "ads.example", "||ads.example^", (Nxdomain(),)
    )
    assert asked(tested, "ok.ads.example") == Winner(Action.EXEMPT, "zero", 0, "ok.ads.example", "ok.ads.example")
    assert text(tested, "ok.ads.example", 0b10) == "||ok.ads.example^"


def test_a_block_says_how_it_is_answered() -> None:
    tested = rule_set(
        [
            *rules("a.example", options=Options(says=ONE)),
            *rules("||a.example^", options=Options(says=TWO)),
            *rules("a.example", index=1, options=Options(says=Drop())),
            *rules("a.example", index=2),
        ]
    )
    says = [found and found.says for found in (asked(tested, "a.example", mask) for mask in (0b111, 0b110, 0b100))]
    assert says == [(ONE, TWO), (Drop(),), ()]


def test_what_is_cancelled_is_cancelled_for_those_who_use_the_list() -> None:
    rule = Rule("a.example", Action.BLOCK, Form.SUBTREE, Options(types=(A, AAAA), frame=("||", "^$dnstype=A|AAAA")))
    same = Rule("a.example", Action.BLOCK, Form.SUBTREE, Options(types=(AAAA, A)))
    tested = rule_set([Listed(0, rule), Listed(1, Cancel(same)), *rules("||a.example^", index=2)])
    assert text(tested, "a.example", 0b001) == "||a.example^$dnstype=A|AAAA"
    assert asked(tested, "a.example", 0b011) is None
    assert text(tested, "a.example", 0b111) == "||a.example^"
    assert len(every(tested, "a.example", 0b001)) == 2
    assert len(every(tested, "a.example", 0b010)) == 1


def test_an_allow_list_trusts_and_is_cancelled_by_allow_lists_alone() -> None:
    rule = Rule("a.example", Action.EXCEPT, Form.EXACT, Options(says=ONE))
    allowing = [Listed(0, rule, trust=True), Listed(0, Pattern("^b", Action.BLOCK, "/^b/"), trust=True)]
    tested = rule_set(
        [*allowing, Listed(1, Cancel(rule)), Listed(2, Cancel(rule), trust=True), *rules("/^b/", index=3)]
    )
    assert asked(tested, "a.example", 0b0011) == Winner(Action.TRUST, "zero", 0, "a.example", "a.example")
    assert asked(tested, "a.example", 0b0101) is None
    assert asked(tested, "b.example") == Winner(Action.TRUST, "zero", 0, "", "/^b/")


def network(network: str, index: int = 0, action: Action = Action.BLOCK, options: Options | None = None) -> Listed:
    return Listed(index, Network(network, action, f"||{network}^", options))


def test_addresses() -> None:
    tested = rule_set(
        [
            network("192.0.2.0/24"),
            network("192.0.2.0/28", 1, options=Options(says=Nxdomain(), types=(A,))),
            network("192.0.2.1/32", 2, Action.ALLOW),
            network("2001:db8::/32", 3),
            *rules("||example^"),
        ]
    )

    def found(address: str, mask: int = ALL, type: int = A) -> Winner | None:
        return tested.address(ipaddress.ip_address(address).packed, mask, type, NOBODY)

    assert tested.has_networks
    assert len(tested) == 1
    assert found("192.0.2.200") == Winner(Action.BLOCK, "zero", 0, "192.0.2.0/24", "||192.0.2.0/24^")
    assert found("192.0.2.2") == Winner(Action.BLOCK, "one", 1, "192.0.2.0/28", "||192.0.2.0/28^", (Nxdomain(),))
    assert found("192.0.2.2", type=AAAA) == found("192.0.2.200")
    assert found("192.0.2.1") == Winner(Action.ALLOW, "two", 2, "192.0.2.1/32", "||192.0.2.1/32^")
    assert found("192.0.2.1", 0b0001) == found("192.0.2.200")
    assert found("2001:db8::1") == Winner(Action.BLOCK, "three", 3, "2001:db8::/32", "||2001:db8::/32^")
    assert [found(address) for address in ("192.0.3.1", "2001:db9::1", "::")] == [None, None, None]
    assert found("192.0.2.2", 0) is None
    assert tested.address(b"\xc0\0\2", ALL, A, NOBODY) is None
    assert tested.address(b"", ALL, A, NOBODY) is None


def test_a_name_wins_over_an_equally_strong_pattern() -> None:
    patterns = [*rules("/^a/", action=Action.ALLOW), *rules("/never/", action=Action.ALLOW_IMPORTANT)]
    tested = rule_set([*patterns, *rules("||a.example^", index=1, action=Action.ALLOW)])
    assert text(tested, "a.example") == "@@||a.example^"


def test_a_network_is_cancelled_however_it_is_written() -> None:
    for written in ("||192.0.2.1^", "32.1.2.0.192.rpz-ip CNAME .", "::ffff:192.0.2.1"):
        cancel = Cancel(Network("192.0.2.1/32", Action.BLOCK, written))
        tested = rule_set([network("192.0.2.1/32"), Listed(1, cancel)])
        address = ipaddress.ip_address("192.0.2.1").packed
        assert tested.address(address, 0b01, A, NOBODY) is not None
        assert tested.address(address, 0b11, A, NOBODY) is None
