"""People's own rules and pauses: scope, then length, then allow; and their ends."""

from __future__ import annotations

import math
import pathlib
from collections.abc import Iterable
from typing import Literal

import pytest

from resolver.model import Client, Tier, Type
from resolver.policy.document import OwnRule, Pause
from resolver.policy.overlay import Match, Overlay, Scope, lines_of
from tests.support import own_lines

NOW = 1000.0
ME = Client("192.0.2.1", "kids")


def allow(name: str, client: str = "", group: str = "", until: float | None = None) -> OwnRule:
    return OwnRule("allow", name, client, group, until)


def deny(name: str, client: str = "", group: str = "", until: float | None = None) -> OwnRule:
    return OwnRule("deny", name, client, group, until)


def matches(name: str, *items: OwnRule | Pause, client: Client = ME, now: float = NOW) -> list[Match]:
    rules = tuple(item for item in items if isinstance(item, OwnRule))
    pauses = tuple(item for item in items if isinstance(item, Pause))
    return Overlay(rules, pauses).matches(name, Type.A, client, now)


def winner(name: str, *items: OwnRule | Pause, client: Client = ME, now: float = NOW) -> str:
    """The text of the rule that wins, "" when none matches."""
    found = matches(name, *items, client=client, now=now)
    return found[0].rule.text if found else ""


@pytest.mark.parametrize(
    ("name", "rule", "matched"),
    [
        ("a.example", "a.example", True),
        ("x.a.example", "a.example", True),
        ("y.x.a.example", "a.example", True),
        ("a.example", "example", True),
        ("xa.example", "a.example", False),
        ("example", "a.example", False),
        ("a.example.com", "a.example", False),
        (".", "a.example", False),
        (r"x\046a.example", "a.example", False),  # an escaped dot parts no labels
    ],
)
def test_a_rule_is_for_a_name_and_all_below_it(name: str, rule: str, matched: bool) -> None:
    assert bool(matches(name, deny(rule))) is matched


def test_in_a_scope_the_longest_name_wins() -> None:
    assert winner("x.a.example", deny("example"), allow("a.example")) == "allow a.example"
    assert winner("x.a.example", allow("example"), deny("a.example")) == "deny a.example"
    assert winner("b.example", allow("example"), deny("a.example")) == "allow example"


def test_at_equal_length_allow_wins() -> None:
    assert winner("a.example", deny("a.example"), allow("a.example")) == "allow a.example"


def test_the_more_specific_scope_wins_whatever_the_length() -> None:
    everyone, group, client = deny("x.a.example"), allow("a.example", group="kids"), deny("example", client=ME.address)
    assert winner("x.a.example", everyone, group, client) == "deny example"
    assert winner("x.a.example", everyone, group) == "allow a.example"
    assert winner("x.a.example", everyone) == "deny x.a.example"


def test_others_scopes_do_not_count() -> None:
    assert winner("a.example", deny("a.example", client="192.0.2.2"), deny("a.example", group="parents")) == ""
    other = Client("192.0.2.2", "default")
    assert winner("a.example", deny("a.example", client="192.0.2.2"), client=other) == "deny a.example"


def test_what_has_an_end_comes_before_what_has_none() -> None:
    timed, own = allow("example", until=NOW + 1), deny("x.a.example", client=ME.address)
    found = matches("x.a.example", timed, own)
    assert [match.rule.tier for match in found] == [Tier.TEMPORARY, Tier.RULES]
    assert [match.until for match in found] == [NOW + 1, math.inf]
    assert winner("x.a.example", timed, own) == "allow example"


def test_an_end_ends() -> None:
    timed = allow("a.example", until=NOW)
    assert winner("a.example", timed, now=NOW - 0.001) == "allow a.example"
    assert winner("a.example", timed, now=NOW) == ""
    assert winner("a.example", allow("a.example", until=0.0)) == ""


def test_a_pause_allows_everything_in_its_scope() -> None:
    assert winner("a.example", Pause(NOW + 60), deny("a.example")).startswith("until ")
    assert winner("a.example", Pause(NOW + 60, group="kids"), deny("a.example")).startswith("until ")
    assert winner("a.example", Pause(NOW + 60, client="192.0.2.2"), deny("a.example")) == "deny a.example"
    assert winner("a.example", Pause(NOW), deny("a.example")) == "deny a.example"
    (match,) = matches("a.example", Pause(NOW + 60))
    assert (match.rule.source, match.rule.tier, match.until, match.allow) == ("pause", Tier.TEMPORARY, NOW + 60, True)


def test_a_timed_rule_is_more_than_a_pause_of_its_scope_and_less_than_one_of_a_closer() -> None:
    timed = deny("a.example", until=NOW + 60)
    assert winner("a.example", Pause(NOW + 60), timed) == "deny a.example"
    assert winner("a.example", Pause(NOW + 60, client=ME.address), timed).startswith("until ")


@pytest.mark.parametrize("until", [1e11, 1e18, 1e300, math.inf])
def test_a_pause_beyond_the_calendar(until: float) -> None:
    assert winner("a.example", Pause(until), deny("a.example"))


def test_whose_answers_are_their_own() -> None:
    overlay = Overlay((deny("a", client="tv"), deny("b", group="kids")), (Pause(1.0, client="192.0.2.3"),))
    assert overlay.personal == {"tv", "192.0.2.3"}


TV = Client("192.0.2.1", "kids", device="tv")


def test_a_device_is_meant_by_its_name_whatever_its_address_and_by_its_address() -> None:
    by_name, by_address = deny("a.example", client="tv"), deny("b.example", client="192.0.2.1")
    for client in (TV, Client("2001:db8::1", "kids", device="tv")):
        assert winner("a.example", by_name, client=client) == "deny a.example"
    assert winner("b.example", by_address, client=TV) == "deny b.example"
    assert winner("b.example", by_address, client=Client("2001:db8::1", "kids", device="tv")) == ""
    assert winner("a.example", by_name, client=ME) == ""
    assert winner("a.example", Pause(NOW + 60, client="tv"), client=TV)
    assert winner("a.example", Pause(NOW + 60, client="tv"), client=ME) == ""


def test_who_has_neither_address_nor_name_meets_each_rule_once() -> None:
    found = matches("a.example", deny("a.example"), deny("a.example", group="kids"), client=Client("", "kids"))
    assert [match.strength[0] for match in found] == [Scope.GROUP, Scope.EVERYONE]


def test_an_exact_rule_is_for_its_name_alone() -> None:
    exact = OwnRule("deny", "a.example", exact=True)
    assert winner("a.example", exact) == "deny exact a.example"
    assert winner("x.a.example", exact) == ""
    assert winner("a.example", exact, allow("example")) == "deny exact a.example"


def test_rules_bring_their_keys() -> None:
    rules = (OwnRule("deny", "a.example", key="rule:7"), OwnRule("allow", "example", until=NOW + 1, key="rule:8"))
    assert [match.rule.own for match in matches("a.example", *rules)] == ["rule:8", "rule:7"]


def test_what_has_ended_is_still_known_of() -> None:
    overlay = Overlay((allow("a.example", until=NOW), deny("example")), (Pause(NOW - 5),))
    assert len(list(overlay.every("a.example", Type.A, ME))) == 3
    assert len(overlay.matches("a.example", Type.A, ME, NOW)) == 1


def line(action: Literal["allow", "deny"], text: str, client: str = "", until: float | None = None) -> OwnRule:
    return OwnRule(action, "", client, until=until, text=text)


def overlay(directory: pathlib.Path, *rules: OwnRule) -> Overlay:
    return Overlay(rules, (), own_lines(directory / "own", rules))


def told(found: Iterable[Match]) -> list[str]:
    return [match.rule.text for match in found]


def test_lines_stand_among_the_others_by_scope_then_length(tmp_path: pathlib.Path) -> None:
    rules = (
        line("allow", "||a.example^$dnstype=A"),
        line("deny", "/^x/"),
        line("deny", "/example$/", client="tv"),
        deny("example"),
    )
    made = overlay(tmp_path, *rules)
    found = made.matches("x.a.example", Type.A, TV, NOW)
    assert told(found) == ["deny /example$/", "allow ||a.example^$dnstype=A", "deny example", "deny /^x/"]
    assert [match.strength[1] for match in found] == [0, 9, 7, 0]
    assert told(made.matches("x.a.example", Type.MX, ME, NOW)) == ["deny example", "deny /^x/"]


def test_one_line_for_many_is_compiled_once(tmp_path: pathlib.Path) -> None:
    rules = (
        *(line("deny", "/^x/", client=f"192.0.2.{number}") for number in range(1, 200)),
        line("allow", "/^x/", until=NOW + 9),
    )
    assert lines_of(rules) == (("deny", "/^x/"), ("allow", "/^x/"))
    made = overlay(tmp_path, *rules)
    found = made.matches("x.example", Type.A, ME, NOW)
    assert [(match.rule.text, match.rule.tier) for match in found] == [
        ("allow /^x/", Tier.TEMPORARY),
        ("deny /^x/", Tier.RULES),
    ]
    assert told(made.matches("x.example", Type.A, Client("198.51.100.1", "kids"), NOW)) == ["allow /^x/"]


def test_lines_about_addresses(tmp_path: pathlib.Path) -> None:
    rules = (line("deny", "203.0.113.0/24"), line("allow", "203.0.113.9"), line("deny", "203.0.113.9", client="tv"))
    made = overlay(tmp_path, *rules, line("allow", "203.0.113.0/25", until=NOW))
    assert made.has_networks
    packed = bytes((203, 0, 113, 9))
    assert told(made.around(packed, Type.A, ME, NOW)) == ["allow 203.0.113.9", "deny 203.0.113.0/24"]
    assert told(made.around(packed, Type.A, TV, NOW))[0] == "deny 203.0.113.9"
    assert told(made.around(packed, Type.A, ME, NOW - 1))[0] == "allow 203.0.113.0/25"
    assert Overlay((), ()).around(packed, Type.A, ME, NOW) == []
