"""People's own rules that are lines of lists, and site rules, between their neighbours."""

from __future__ import annotations

import math
from typing import Any, Literal

import pytest

from resolver.model import (
    Allow,
    Block,
    Client,
    Nodata,
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
from resolver.policy.decide import Moment, decide, judge, judge_address
from resolver.policy.document import GroupEntry, OwnRule, Pause, ScheduleEntry, ServiceEntry, SiteEntry
from resolver.policy.sites import NOBODY, Visits
from resolver.policy.why import explain
from resolver.wire.name import from_text
from tests.support import bundle, wire

NOW = 1000.0
ME = Client("192.0.2.1", "default", device="tv")
ADS = {"ads": "||a.example^\n203.0.113.0/24"}


def line(action: Literal["allow", "deny"], text: str, client: str = "", until: float | None = None) -> OwnRule:
    return OwnRule(action, "", client, until=until, text=text, key=f"rule:{text}")


def verdict(made: Bundle, name: str, type: int = Type.A, client: Client = ME, visits: Visits = NOBODY) -> Verdict:
    """The decision, once the explanation has been seen to say the same."""
    found = decide(from_text(name), name, type, client, made, NOW, visits)
    explained = explain(name, type, client, made, NOW, visits)
    assert explained.verdict == found
    if not isinstance(found, Pass):
        assert (explained.matched[0].rule, explained.matched[0].lost) == (found.rule, "")
    return found


def own(rule: OwnRule, tier: Tier = Tier.RULES) -> RuleRef:
    return RuleRef(tier, "rules", str(rule), rule.key)


def test_a_line_blocks_and_allows_above_lists() -> None:
    deny, allow = line("deny", "/^b\\./"), line("allow", "||a.example^$dnstype=A")
    made = bundle(ADS, rules=(deny, allow), ttl=5)
    assert verdict(made, "b.example") == Block(own(deny), NullAddress(), 5)
    assert verdict(made, "x.a.example") == Allow(own(allow))
    assert isinstance(verdict(made, "x.a.example", Type.AAAA), Block)
    assert verdict(made, "x.a.example", Type.AAAA).rule.tier == Tier.LISTS  # type: ignore[union-attr]


def test_a_line_that_answers_does_so_in_its_tier() -> None:
    rule = line("deny", "||a.example^$dnsrewrite=192.0.2.9", until=NOW + 60)
    made = bundle(ADS, rules=(rule, OwnRule("allow", "a.example")), ttl=7)
    data = Records((RRset(wire("x.a.example"), Type.A, 7, (bytes((192, 0, 2, 9)),)),))
    assert verdict(made, "x.a.example") == Rewrite(own(rule, Tier.TEMPORARY), data, NOW + 60, 7)
    assert verdict(made, "x.a.example", Type.MX) == Rewrite(own(rule, Tier.TEMPORARY), Nodata(), NOW + 60, 7)
    refused = line("deny", "||a.example^$dnsrewrite=NXDOMAIN", "tv")
    found = verdict(bundle(ADS, rules=(refused, OwnRule("allow", "a.example"))), "a.example")
    assert found == Rewrite(own(refused), Nxdomain(), ttl=10)


def test_equal_lines_add_their_records_and_others_do_not() -> None:
    one, two = (line("deny", f"||a.example^$dnsrewrite=192.0.2.{number}") for number in (1, 2))
    wide = line("deny", "||example^$dnsrewrite=192.0.2.3")
    theirs = line("deny", "||a.example^$dnsrewrite=192.0.2.4", "somebody")
    found = verdict(bundle(rules=(wide, one, theirs, two)), "a.example")
    assert isinstance(found, Rewrite)
    assert isinstance(found.target, Records)
    assert set(found.target.rrsets[0].rdatas) == {bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2))}


def test_records_said_together_end_with_the_first_of_them() -> None:
    rules = [line("deny", f"||a.example^$dnsrewrite=192.0.2.{n}", until=NOW + end) for n, end in ((1, 60), (2, 30))]
    assert verdict(bundle(rules=tuple(rules)), "a.example").until == NOW + 30
    assert verdict(bundle(rules=(rules[1], rules[0])), "a.example").until == NOW + 30


def test_inside_an_answer_the_type_is_that_of_the_record() -> None:
    rule = line("deny", "||a.example^$dnstype=CNAME")
    moment = Moment(ME, bundle(rules=(rule,)), NOW)
    assert isinstance(judge(wire("a.example"), "a.example", Type.CNAME, moment, Type.A), Block)
    assert judge(wire("a.example"), "a.example", Type.HTTPS, moment, Type.A) == Pass()
    alias = line("deny", "||a.example^$dnsrewrite=b.example")
    moment = Moment(ME, bundle(rules=(alias,)), NOW)
    found = judge(wire("a.example"), "a.example", Type.CNAME, moment, Type.A)
    assert isinstance(found, Rewrite)
    assert found.rule == own(alias)


def address(made: Bundle, last: int, client: Client = ME) -> Verdict:
    return judge_address(bytes((203, 0, 113, last)), wire("www.example"), Type.A, Moment(client, made, NOW))


def test_addresses_in_answers() -> None:
    allow, deny = line("allow", "203.0.113.9", until=NOW + 5), line("deny", "203.0.113.10", "tv")
    made = bundle(ADS, rules=(allow, deny))
    assert made.has_networks
    assert address(made, 9) == Allow(own(allow, Tier.TEMPORARY), NOW + 5)
    assert address(made, 10) == Block(own(deny), NullAddress(), 10)
    theirs = address(made, 10, Client("192.0.2.2", "default"))
    assert isinstance(theirs, Block)
    assert theirs.rule.tier == Tier.LISTS
    without = bundle(rules=(deny,))
    assert without.has_networks
    assert isinstance(address(without, 10), Block)
    assert address(without, 9) == Pass()
    assert not bundle().has_networks


class Open:
    """Windows that are open until a time, by client and rule."""

    def __init__(self, **windows: float) -> None:
        self._windows = windows

    def until(self, client_key: str, rule_key: str, /) -> float:
        return self._windows.get(f"{client_key}_{rule_key}", 0.0)


PLAYER = SiteEntry("news.example", ("a.example",), key="one")
SITE = RuleRef(Tier.SITES, "sites", "on news.example allow a.example", "one")


def sited(*sites: SiteEntry, **fields: Any) -> Bundle:
    return bundle(ADS, sites=sites, **fields)


def test_a_site_rule_allows_while_its_window_is_open() -> None:
    made = sited(PLAYER)
    assert verdict(made, "x.a.example", visits=Open(tv_one=NOW + 60)) == Allow(SITE, NOW + 60)
    assert isinstance(verdict(made, "x.a.example"), Block)
    assert isinstance(verdict(made, "x.a.example", visits=Open(tv_one=NOW)), Block)
    assert isinstance(verdict(made, "x.a.example", visits=Open(phone_one=NOW + 60)), Block)
    closed = explain("a.example", Type.A, ME, made, NOW).matched
    assert [(one.rule, one.lost) for one in closed[1:]] == [(SITE, "its window is not open")]
    moment = Moment(ME, made, NOW, Open(tv_one=NOW + 60))
    assert judge(wire("a.example"), "a.example", Type.CNAME, moment, Type.A) == Allow(SITE, NOW + 60)
    always = SiteEntry("news.example", ("a.example",), window=None)
    assert verdict(sited(always), "a.example") == Allow(RuleRef(Tier.SITES, "sites", str(always)))


@pytest.mark.parametrize(
    ("fields", "tier"),
    [
        ({"rules": (OwnRule("deny", "example"),)}, Tier.RULES),
        ({"rules": (line("deny", "/example/"),)}, Tier.RULES),
        ({"rules": (OwnRule("deny", "example", until=NOW + 5),)}, Tier.TEMPORARY),
        ({"pauses": (Pause(NOW + 5),)}, Tier.TEMPORARY),
        ({"services": (ServiceEntry("s", "S", ("a.example",)),)}, Tier.SITES),
        ({}, Tier.SITES),
    ],
)
def test_sites_stand_between_rules_of_people_and_services(fields: dict[str, Any], tier: Tier) -> None:
    groups = (GroupEntry("default", (), ("ads",), services=("s",), deny=True),)
    made = sited(PLAYER, groups=groups, **fields)
    found = verdict(made, "a.example", visits=Open(tv_one=NOW + 60))
    assert not isinstance(found, Pass)
    assert found.rule.tier == tier


def test_schedules_come_before_sites_and_end_their_verdicts() -> None:
    zone, day = "UTC", tuple(range(7))
    closed = ScheduleEntry("closed", day, 0, 60, zone, only=())
    groups = (GroupEntry("default", (), ("ads",), schedules=("closed",)),)
    made = sited(PLAYER, groups=groups, schedules=(closed,))
    assert isinstance(verdict(made, "a.example", visits=Open(tv_one=NOW + 60)), Block)
    later = ScheduleEntry("closed", day, 17, 60, zone, only=())
    made = sited(PLAYER, groups=groups, schedules=(later,))
    assert verdict(made, "a.example", visits=Open(tv_one=NOW + 600)) == Allow(SITE, 17 * 60.0)


def test_what_neither_people_nor_sites_speak_of_passes_for_ever() -> None:
    made = sited(PLAYER, rules=(line("deny", "/^b\\./"), OwnRule("deny", "c.example", until=NOW)))
    assert verdict(made, "c.example") == Pass(math.inf)


def test_a_line_that_says_nothing_adds_nothing_to_one_that_says_records() -> None:
    rewrite, deny = line("deny", "||b.example^$dnsrewrite=192.0.2.5"), line("deny", "||b.example^$dnstype=A|AAAA")
    made = bundle({}, rules=(rewrite, deny), ttl=5)
    records = Records((RRset(wire("b.example"), Type.A, 5, (bytes((192, 0, 2, 5)),)),))
    assert verdict(made, "b.example") == Rewrite(own(rewrite), records, ttl=5)
