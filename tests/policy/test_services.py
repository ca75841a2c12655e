"""Tiers 5 and 7: services, safe search and allow-only groups, against their neighbours."""

from __future__ import annotations

from typing import Any

import pytest

from resolver.model import (
    Allow,
    Block,
    Client,
    NullAddress,
    Nxdomain,
    Pass,
    Records,
    Rewrite,
    RRset,
    RuleRef,
    Tier,
    Type,
    Verdict,
)
from resolver.policy.bundle import Bundle
from resolver.policy.decide import decide
from resolver.policy.document import GroupEntry, OwnRule, Pause, SafeEntry, ServiceEntry
from resolver.policy.overlay import Scope
from resolver.policy.why import Matched, explain
from tests.support import bundle, wire

NOW = 1000.0
KID = Client("192.0.2.20", "kids")
OTHER = Client("192.0.2.1", "default")
SERVICES = (
    ServiceEntry("video", "Video", ("video.example",)),
    ServiceEntry("music", "Music", ("music.video.example",)),
)
SAFE = (
    SafeEntry("mild", "Mild", ("find.example",), "mild.find.example"),
    SafeEntry("strict", "Strict", ("find.example",), "strict.find.example"),
)
DENIED = RuleRef(Tier.DEFAULT, "group", "kids answers only what is allowed")


def made(lists: dict[str, str] | None = None, rules: tuple[OwnRule, ...] = (), **kids: Any) -> Bundle:
    used = tuple(lists or ())
    groups = (GroupEntry("default", (), used), GroupEntry("kids", (), used, **kids))
    return bundle(lists, groups=groups, services=SERVICES, safe_search=SAFE, rules=rules)


def verdict(made: Bundle, name: str, client: Client = KID, type: int = Type.A) -> Verdict:
    """The decision, once the explanation has been seen to say the same."""
    found = decide(wire(name), name, type, client, made, NOW)
    explained = explain(name, type, client, made, NOW)
    assert explained.verdict == found
    if not isinstance(found, Pass):
        assert explained.matched[0].rule == found.rule
    return found


def service(title: str) -> RuleRef:
    return RuleRef(Tier.SERVICES, "services", title)


def alias(target: str, ttl: int = 10) -> Records:
    return Records((RRset(wire("find.example"), Type.CNAME, ttl, (wire(target),)),))


def test_a_service_is_blocked_for_the_groups_that_say_so() -> None:
    policy = made(services=("video",))
    assert verdict(policy, "www.video.example") == Block(service("Video"), NullAddress(), 10)
    assert verdict(policy, "music.video.example") == Block(service("Video"), NullAddress(), 10)
    assert verdict(policy, "video.example", OTHER) == Pass()
    assert verdict(policy, "example") == Pass()


def test_the_service_with_the_longest_name_is_told_and_others_pass() -> None:
    both = made(services=("video", "music"))
    assert verdict(both, "music.video.example") == Block(service("Music"), NullAddress(), 10)
    matched = explain("music.video.example", Type.A, KID, both, NOW).matched
    assert [one.rule for one in matched] == [service("Music"), service("Video")]
    assert matched[1].lost == "another of its kind comes first"
    assert verdict(made(services=("music",)), "video.example") == Pass()


def test_own_rules_beat_services_and_services_beat_lists() -> None:
    lists = {"ads": "@@||video.example^$important\n||music.video.example^"}
    assert verdict(made(lists, services=("video",)), "video.example").rule == service("Video")  # type: ignore[union-attr]
    allowed = made(lists, (OwnRule("allow", "video.example"),), services=("video",))
    assert verdict(allowed, "video.example") == Allow(RuleRef(Tier.RULES, "rules", "allow video.example"))
    timed = made(lists, (OwnRule("allow", "video.example", until=NOW + 5),), services=("video",))
    assert verdict(timed, "video.example") == Allow(RuleRef(Tier.TEMPORARY, "rules", "allow video.example"), NOW + 5)


def test_every_tier_is_explained_with_its_scope() -> None:
    policy = made({"ads": "||video.example^"}, (OwnRule("allow", "video.example"),), services=("video",), deny=True)
    found = explain("video.example", Type.A, KID, policy, NOW)
    own, listed = RuleRef(Tier.RULES, "rules", "allow video.example"), RuleRef(Tier.LISTS, "ads", "||video.example^")
    assert found.matched == (
        Matched(own, Scope.EVERYONE),
        Matched(service("Video"), Scope.GROUP, "a rule of your own comes first (tier 3 before 5)"),
        Matched(listed, Scope.EVERYONE, "a rule of your own comes first (tier 3 before 6)"),
        Matched(DENIED, Scope.GROUP, "a rule of your own comes first (tier 3 before 7)"),
    )


@pytest.mark.parametrize("type", [Type.A, Type.AAAA, Type.HTTPS, Type.SVCB, Type.CNAME, Type.ANY])
def test_safe_search_is_an_alias_for_what_leads_to_an_address(type: Type) -> None:
    policy = made(safe_search=("strict",))
    rule = RuleRef(Tier.SERVICES, "safe-search", "Strict")
    assert verdict(policy, "find.example", type=type) == Rewrite(rule, alias("strict.find.example"))
    assert verdict(policy, "find.example", OTHER, type) == Pass()
    assert verdict(policy, "www.find.example", type=type) == Pass()


@pytest.mark.parametrize("type", [Type.MX, Type.TXT, Type.NS, Type.SOA, 257])
def test_safe_search_leaves_mail_and_zones_alone(type: int) -> None:
    assert verdict(made(safe_search=("strict",)), "find.example", type=type) == Pass()


def test_of_two_degrees_the_group_has_its_own() -> None:
    policy = made(safe_search=("mild",), ttl=3)
    rule = RuleRef(Tier.SERVICES, "safe-search", "Mild")
    assert verdict(policy, "find.example") == Rewrite(rule, alias("mild.find.example", 3))


def test_safe_search_beats_lists_and_the_default() -> None:
    policy = made({"ads": "||find.example^"}, safe_search=("strict",), deny=True)
    assert isinstance(verdict(policy, "find.example"), Rewrite)


def test_an_allow_only_group_blocks_what_nothing_allows() -> None:
    lists = {"ads": "||ads.example^", "good": "@@||good.example^"}
    policy = made(lists, (OwnRule("allow", "own.example"),), deny=True, answer=Nxdomain(), ttl=30)
    assert verdict(policy, "www.example") == Block(DENIED, Nxdomain(), 30)
    assert verdict(policy, "ads.example") == Block(RuleRef(Tier.LISTS, "ads", "||ads.example^"), Nxdomain(), 30)
    assert verdict(policy, "www.good.example") == Allow(RuleRef(Tier.LISTS, "good", "@@||good.example^"))
    assert verdict(policy, "own.example") == Allow(RuleRef(Tier.RULES, "rules", "allow own.example"))
    assert verdict(policy, "www.example", OTHER) == Pass()
    assert verdict(policy, "ipv4only.arpa") == Pass()


def test_a_pause_lifts_the_default_too() -> None:
    groups = (GroupEntry("default"), GroupEntry("kids", deny=True))
    policy = bundle(groups=groups, pauses=(Pause(NOW + 5, group="kids"),))
    found = verdict(policy, "www.example")
    assert isinstance(found, Allow)
    assert found.until == NOW + 5


def test_a_group_that_is_gone_has_the_rules_of_the_default() -> None:
    policy = made(services=("video",), deny=True)
    assert verdict(policy, "video.example", Client("192.0.2.9", "gone")) == Pass()
