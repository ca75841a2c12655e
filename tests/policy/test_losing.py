"""Every rule that did not win is told why, in every tier."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from resolver.model import Client, RRset, Tier, Type
from resolver.policy.document import GroupEntry, OwnRule, Pause, SafeEntry, ScheduleEntry, ServiceEntry, SiteEntry
from resolver.policy.why import Explanation, explain
from tests.support import bundle, wire

NOW = 1000.0
ME = Client("192.0.2.1", "default", device="tv")
NAME = "www.a.example"


def why(lists: dict[str, str] | None = None, **fields: Any) -> Explanation:
    return explain(NAME, Type.A, ME, bundle(lists, **fields), NOW)


def lost(found: Explanation) -> list[tuple[str, str]]:
    """Each rule that matched, in order, and why it did not win."""
    return [(one.rule.text, one.lost) for one in found.matched]


def test_among_rules_of_people() -> None:
    rules = (
        OwnRule("deny", "a.example", group="default"),
        OwnRule("allow", "a.example", "tv"),
        OwnRule("deny", NAME, "192.0.2.1"),
        OwnRule("deny", NAME),
        OwnRule("allow", NAME, "tv"),
        OwnRule("allow", "example", until=NOW),
    )
    assert lost(why(rules=rules)) == [
        (f"allow {NAME}", ""),
        ("allow example", "it has ended"),
        (f"deny {NAME}", "allow wins over deny of the same name"),
        ("allow a.example", "a rule for a longer name comes first"),
        ("deny a.example", "a rule for this device comes first"),
        (f"deny {NAME}", "a rule for this device comes first"),
    ]


def test_equal_rules() -> None:
    rules = (OwnRule("deny", NAME, key="rule:1"), OwnRule("deny", NAME, key="rule:2"))
    assert [(one.rule.own, one.lost) for one in why(rules=rules).matched] == [
        ("rule:1", ""),
        ("rule:2", "an equal rule comes first"),
    ]


def test_the_same_rule_once_more_after_its_end() -> None:
    rules = (OwnRule("deny", NAME, until=NOW), OwnRule("deny", NAME, until=NOW + 5))
    assert lost(why(rules=rules)) == [(f"deny {NAME}", ""), (f"deny {NAME}", "it has ended")]


def test_among_lists() -> None:
    lists = {
        "ads": f"||a.example^\n||{NAME}^\n||a.example^$important",
        "more": f"||{NAME}^",
        "good": "@@||a.example^",
        "tried": f"||{NAME}^",
        "off": "||example^",
    }
    groups = (GroupEntry("default", (), ("ads", "more", "good", "tried")),)
    found = why(lists, groups=groups, shadow=["tried"])
    assert [(one.rule.source, one.rule.text, one.lost) for one in found.matched] == [
        ("ads", "||a.example^$important", ""),
        ("good", "@@||a.example^", "an $important rule comes first"),
        ("ads", f"||{NAME}^", "an $important rule comes first"),
        ("more", f"||{NAME}^", "an $important rule comes first"),
        ("ads", "||a.example^", "an $important rule comes first"),
    ]
    assert [(one.rule.source, one.lost) for one in found.unused] == [("off", "the group does not use this list")]
    assert [(one.rule.source, one.lost) for one in found.shadow] == [("tried", "the list is in shadow mode")]


def test_lists_that_say_the_same() -> None:
    lists = {"ads": f"||a.example^\n||{NAME}^\n{NAME}", "more": f"||{NAME}^"}
    assert [(one.rule.source, one.lost) for one in why(lists).matched] == [
        ("ads", ""),
        ("ads", "another rule of the same list comes first"),
        ("more", "a list before it says so too"),
        ("ads", "a rule for a longer name comes first"),
    ]


def test_what_lists_take_away() -> None:
    lists = {"ads": f"||{NAME}^$dnsrewrite=192.0.2.9\n@@||a.example^$dnsrewrite\n||a.example^"}
    assert lost(why(lists)) == [
        ("||a.example^", ""),
        (f"||{NAME}^$dnsrewrite=192.0.2.9", "an exception takes it away"),
        ("@@||a.example^$dnsrewrite", "it only takes rewrites away"),
    ]
    lists = {"zone": f"*.a.example CNAME .\n{NAME} CNAME rpz-passthru.\n"}
    found = dict(lost(why(lists)))
    assert [text for text in found.values() if text] == ["an exception of the same list takes it away"]


def test_a_name_that_is_never_blocked() -> None:
    found = explain("ipv4only.arpa", Type.A, ME, bundle({"ads": "||arpa^"}), NOW)
    assert lost(found) == [("||arpa^", "this name is never blocked")]


TIERS: dict[Tier, dict[str, Any]] = {
    Tier.LOCAL: {"records": (RRset(wire(NAME), Type.A, 60, (bytes(4),)),)},
    Tier.TEMPORARY: {"pauses": (Pause(NOW + 60),)},
    Tier.SCHEDULE: {"schedules": (ScheduleEntry("bedtime", tuple(range(7)), 0, 60, "UTC", only=()),)},
    Tier.RULES: {"rules": (OwnRule("deny", "a.example"),)},
    Tier.SITES: {"sites": (SiteEntry("news.example", ("a.example",), window=None),)},
    Tier.SERVICES: {"safe_search": (SafeEntry("find", "Find", (NAME,), "safe.example"),)},
    Tier.LISTS: {},
    Tier.DEFAULT: {},
}


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(TIERS, 2)))
def test_each_tier_beats_every_later_one_and_that_is_said(first: Tier, second: Tier) -> None:
    fields = TIERS[first] | TIERS[second]
    group = GroupEntry(
        "default",
        (),
        ("ads",),
        safe_search=("find",),
        schedules=("bedtime",) if "schedules" in fields else (),
        deny=second == Tier.DEFAULT,
    )
    lists = {"ads": "||a.example^"} if Tier.LISTS in {first, second} else {"ads": ""}
    winner, loser = why(lists, groups=(group,), **fields).matched
    assert (winner.rule.tier, loser.rule.tier, winner.lost) == (first, second, "")
    assert loser.lost.endswith(f" comes first (tier {int(first)} before {int(second)})")


def test_of_services() -> None:
    services = (ServiceEntry("a", "A", ("a.example",)), ServiceEntry("b", "B", ("example",)))
    groups = (GroupEntry("default", services=("a", "b")),)
    assert lost(why(services=services, groups=groups)) == [("A", ""), ("B", "another of its kind comes first")]
