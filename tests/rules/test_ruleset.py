"""Look-ups, one by one. What is generated is in `test_ruleset_properties`."""

import pytest

from resolver.model import Client, Nodata, NullAddress
from resolver.rules.fact import Fact
from resolver.rules.rule import Action, Datum, Form, Network, Options, Rule
from resolver.rules.ruleset import Winner
from tests.rules.sets import AAAA, ALL, NOBODY, A, Listed, asked, every, rule_set, rules, text

ONE, TWO = Datum(A, b"\xc0\0\2\1"), Datum(A, b"\xc0\0\2\2")


@pytest.mark.parametrize(
    ("rule", "yes", "no"),
    [
        ("a.example", ["a.example"], ["x.a.example", "xa.example", "example", "a.example.x", "a.exampl", ""]),
        (
            "||a.example^",
            ["a.example", "x.a.example", "y.x.a.example"],
            ["xa.example", "a.example.evil", "example", "."],
        ),
        ("*.a.example", ["a.example", "x.a.example"], ["xa.example", "example"]),
        ("*.a.example^", ["x.a.example", "y.x.a.example"], ["a.example", "xa.example"]),
        ("||zip^", ["zip", "x.zip"], ["gzip", "zip.x"]),
        ("||foo_bar.example^", ["foo_bar.example", "_x.foo_bar.example"], ["bar.example"]),
    ],
)
def test_forms(rule: str, yes: list[str], no: list[str]) -> None:
    tested = rule_set(rules(rule))
    for name in yes:
        found = asked(tested, name)
        assert found is not None, name
        assert (found.text, found.owner) == (rule, rule.strip("|*^").removeprefix(".")), name
    assert [name for name in no if asked(tested, name)] == []


def test_a_stronger_action_wins_over_a_longer_name() -> None:
    tested = rule_set(
        [
            *rules("||x.a.example^"),
            *rules("||a.example^", index=1, action=Action.ALLOW),
            *rules("||example^", index=2, action=Action.TRUST),
        ]
    )
    assert asked(tested, "x.a.example", 0b111) == Winner(Action.TRUST, "two", 2, "example", "||example^")
    assert asked(tested, "x.a.example", 0b011) == Winner(Action.ALLOW, "one", 1, "a.example", "@@||a.example^")
    assert asked(tested, "x.a.example", 0b001) == Winner(Action.BLOCK, "zero", 0, "x.a.example", "||x.a.example^")
    assert asked(tested, "x.a.example", 0b000) is None
    assert asked(tested, "x.a.example", 0b1000) is None
    assert [found.list for found in every(tested, "x.a.example")] == ["two", "one", "zero"]


def test_in_one_action_the_longest_name_wins_then_the_first_list() -> None:
    tested = rule_set([*rules("||example^"), *rules("||a.example^", index=1), *rules("||a.example^", index=2)])
    assert [asked(tested, "x.a.example", mask) for mask in (0b111, 0b101, 0b001)] == [
        Winner(Action.BLOCK, "one", 1, "a.example", "||a.example^"),
        Winner(Action.BLOCK, "two", 2, "a.example", "||a.example^"),
        Winner(Action.BLOCK, "zero", 0, "example", "||example^"),
    ]


def test_a_list_that_says_it_twice_shows_the_plainer_rule() -> None:
    tested = rule_set(rules("||a.example^", "a.example", "*.a.example"))
    assert [found.text for found in every(tested, "a.example")] == [
        "a.example",
        "||a.example^",
        "*.a.example",
    ]
    found = asked(tested, "x.a.example", ALL)
    assert found is not None
    assert found.text == "||a.example^"


def test_many_lists_fit_a_mask() -> None:
    tested = rule_set(
        (Listed(index, Rule("a.example", Action.BLOCK, Form.EXACT)) for index in range(200)), map(str, range(200))
    )
    found = asked(tested, "a.example", 1 << 199 | 1 << 130)
    assert found is not None
    assert found.list == "130"


def test_after_closing_nothing_is_found() -> None:
    tested = rule_set([*rules("||example^", "/a/"), Listed(0, Network("0.0.0.0/0", Action.BLOCK, "0.0.0.0/0"))])
    assert asked(tested, "a.example") is not None
    assert tested.address(bytes(4), ALL, A, NOBODY) is not None
    tested.close()
    assert asked(tested, "a.example") is None
    assert every(tested, "a.example") == []
    assert tested.address(bytes(4), ALL, A, NOBODY) is None
    assert (len(tested), list(tested.items()), tested.counts(), tested.has_networks) == (0, [], {}, False)
    tested.close()


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        (r"x\.ads.example", "example"),
        (r"ads\.example", None),
        (r"ads\046example", None),
        (r"x\\.ads.example", "ads.example"),
        (r"\\\.ads.example", "example"),
        (r"ads\032.example", "example"),
        (r"a\100s.example", "example"),
        ("x\0.ads.example", "ads.example"),
        ("\0ads.example", "example"),
        ("é.ads.example", "ads.example"),
        ("ad\u017f.example", "example"),
        ("\ud800.ads.example", "ads.example"),
        (r"\000" * 240 + ".ads.example", "ads.example"),
        ("ads.example\\", None),
        ("ads.example.", None),
        (".ads.example", "ads.example"),
    ],
)
def test_hostile_names_match_nothing_wrongly(name: str, owner: str | None) -> None:
    tested = rule_set(rules("||ads.example^", "*.example^"))
    found = asked(tested, name)
    assert (found and found.owner) == owner
    assert [match.owner for match in every(tested, name)][:1] == ([owner] if owner else [])


def test_a_rule_is_shown_in_its_frame() -> None:
    tested = rule_set(rules("a.example", options=Options(frame=("", " CNAME ."))))
    assert text(tested, "a.example") == "a.example CNAME ."


def test_conditions() -> None:
    tv = Client("192.0.2.7", "default", device="TV", tags=("device_tv",))
    tested = rule_set(
        [
            *rules(
                "||a.example^",
                options=Options(not_types=(AAAA,), denyallow=("ok.a.example",), clients=("192.0.2.0/24",)),
            ),
            *rules("/^p/", options=Options(tags=("device_tv",))),
        ]
    )
    assert text(tested, "x.a.example", client=tv) == "||a.example^"
    for name, type, client in (("x.a.example", AAAA, tv), ("y.ok.a.example", A, tv), ("x.a.example", A, NOBODY)):
        assert asked(tested, name, type=type, client=client) is None
        assert tested.matches(name, ALL, type, client) == []
    assert text(tested, "p.example", client=tv) == "/^p/"
    assert asked(tested, "p.example") is None
    guest = Client("192.0.2.8", "default")
    assert len({tested.signature(client) for client in (tv, NOBODY, guest)}) == 3
    assert tested.signature(Client("192.0.2.9", "default")) == tested.signature(guest)


def test_without_conditions_on_clients_all_are_alike() -> None:
    tested = rule_set(rules("||a.example^", options=Options(types=(A,))))
    assert tested.signature(Client("192.0.2.7", "default", tags=("device_tv",))) == 0


def test_without_networks_no_address_is_known() -> None:
    tested = rule_set(rules("||example^"))
    assert not tested.has_networks
    assert tested.address(bytes(4), ALL, A, NOBODY) is None


def test_a_name_that_looks_like_a_network_is_none() -> None:
    tested = rule_set([Listed(0, Network(text, Action.BLOCK, text)) for text in ("0.0.0.0/0", "::/0")])
    for mark in "⁴⁶":
        assert asked(tested, mark) is None
        assert asked(tested, "0." + mark) is None
    assert every(tested, "0⁴") == []


def test_counts_are_of_names_by_the_lists_that_hold_them() -> None:
    tested = rule_set(
        [
            *rules("a.example", "b.example", "/c/"),
            *rules("||b.example^", "||c.example^", index=1),
            *rules("||c.example^", index=1, action=Action.ALLOW),
            *rules("b.example", index=2),
            Listed(3, Network("192.0.2.0/24", Action.BLOCK, "192.0.2.0/24")),
        ]
    )
    assert tested.counts() == {frozenset({0}): 1, frozenset({0, 1, 2}): 1, frozenset({1}): 1}


def test_items_tell_options_by_the_fact() -> None:
    tested = rule_set([*rules("a.example"), *rules("a.example", index=1, options=Options(types=(A,)))])
    ((name, facts),) = tested.items()
    assert name == "a.example"
    assert facts == (Fact(0, Action.BLOCK, Form.EXACT), Fact(1, Action.BLOCK, Form.EXACT, 1))
    assert [tested.options(fact) for fact in facts] == [None, Options(types=(A,))]


def test_what_is_said_of_a_name_and_those_below_it() -> None:
    tested = rule_set(
        [
            *rules("||a.example^", "deep.x.a.example", "/^x/"),
            *rules("*.x.a.example^", index=1, action=Action.ALLOW),
            *rules("xa.example", "||example^"),
        ]
    )

    def said(name: str) -> list[tuple[int, Action, Form]]:
        return sorted((fact.index, fact.action, fact.form) for fact in tested.under(name))

    block, allow = Action.BLOCK, Action.ALLOW
    assert said("a.example") == [(0, block, Form.EXACT), (0, block, Form.SUBTREE), (1, allow, Form.SUBDOMAINS)]
    assert said("x.a.example") == [(0, block, Form.EXACT), (1, allow, Form.SUBDOMAINS)]
    assert said("deep.x.a.example") == [(0, block, Form.EXACT)]
    assert said("y.deep.x.a.example") == said("b.example") == said("") == []
    assert said(r"a\.b.example") == []
    assert len(said("example")) == 5


def test_no_data_gives_way_to_another_answer_of_the_same_list_in_whichever_order() -> None:
    for says in ((Nodata(), NullAddress()), (NullAddress(), Nodata())):
        tested = rule_set([one for said in says for one in rules("a.example", options=Options(says=said))])
        won = tested.winner("a.example", ALL, A, NOBODY)
        assert won is not None
        assert won.says == (NullAddress(),)
