"""People's own rules and pauses: scope, then length, then allow; and their ends."""

from __future__ import annotations

import math

import pytest

from resolver.model import Client, Tier
from resolver.policy.document import OwnRule, Pause
from resolver.policy.overlay import Match, Overlay

NOW = 1000.0
ME = Client("192.0.2.1", "kids")


def allow(name: str, client: str = "", group: str = "", until: float | None = None) -> OwnRule:
    return OwnRule("allow", name, client, group, until)


def deny(name: str, client: str = "", group: str = "", until: float | None = None) -> OwnRule:
    return OwnRule("deny", name, client, group, until)


def matches(name: str, *items: OwnRule | Pause, client: Client = ME, now: float = NOW) -> list[Match]:
    rules = tuple(item for item in items if isinstance(item, OwnRule))
    pauses = tuple(item for item in items if isinstance(item, Pause))
    return Overlay(rules, pauses).matches(name, client, now)


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
    overlay = Overlay((deny("a", client="192.0.2.1"), deny("b", group="kids")), (Pause(1.0, client="192.0.2.3"),))
    assert overlay.personal == {"192.0.2.1", "192.0.2.3"}
