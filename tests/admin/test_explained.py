"""Explanations as people read them: the verdict, the tier, for whom each rule is, and what workers know."""

from __future__ import annotations

import pytest

from resolver.admin import explained
from resolver.admin.whybodies import Cached, SourceLine
from resolver.journal.frames import Known, Told
from resolver.model import (
    Address,
    Allow,
    Block,
    Client,
    Drop,
    Nodata,
    NullAddress,
    Nxdomain,
    Pass,
    Records,
    Refused,
    Rewrite,
    RRset,
    RuleRef,
    Tier,
    Type,
    Verdict,
)
from resolver.policy.document import DeviceEntry, GroupEntry, OwnRule, ScheduleEntry, ServiceEntry
from resolver.policy.why import explain
from resolver.wire.name import from_text
from tests.support import bundle


def records(type: int, *rdatas: bytes) -> Records:
    return Records((RRset(from_text("x.example"), type, 10, rdatas),))


TABLET = Client("192.0.2.20", "the kids", device="tablet")


def test_every_rule_is_told_with_its_tier_for_whom_it_is_and_why_it_lost() -> None:
    policy = bundle(
        {"ads": "||video.example^"},
        groups=(GroupEntry("default"), GroupEntry("the kids", lists=("ads",), services=("video",))),
        services=(ServiceEntry("video", "Video", ("video.example",)),),
        rules=(
            OwnRule("allow", "video.example", client="tablet", key="rule:7"),
            OwnRule("deny", "video.example", origin="config", key="config::deny video.example"),
        ),
    )
    found = explain("x.video.example", Type.A, TABLET, policy, 0.0)
    lines = {"ads: ||video.example^": SourceLine("ads: ||video.example^", "ads", 12, "||video.example^$all")}
    first, *others = explained.matched(found, lines)
    assert explained.word(found.verdict) == "allow"
    assert (first.rule, first.tier, first.word, first.scope) == (
        "rules: allow video.example",
        3,
        "own rules",
        "tablet",
    )
    assert (first.id, first.lost) == (7, "")
    assert [(one.tier, one.scope, one.id) for one in others] == [
        (3, "everyone", None),
        (5, "group the kids", None),
        (6, "everyone", None),
    ]
    assert all(one.lost for one in others)
    assert (others[-1].list, others[-1].line, others[-1].line_text) == ("ads", 12, "||video.example^$all")
    assert [str(rule) for rule in explained.rules(found)] == [first.rule, *(one.rule for one in others)]


def test_the_edges_of_schedules() -> None:
    bedtime = ScheduleEntry("bedtime", (3,), 0, 60, "UTC", only=("school.example",))
    policy = bundle(
        groups=(GroupEntry("default"), GroupEntry("the kids", schedules=("bedtime",))), schedules=(bedtime,)
    )
    found = explain("games.example", Type.A, TABLET, policy, 0.0)
    (edge,) = explained.edges(found, [Pass()])
    assert (edge.schedule, edge.on, edge.until, edge.why, edge.bears) == ("bedtime", True, 3600.0, "", False)
    (edge,) = explained.edges(found, [Pass(), found.verdict])
    assert edge.bears
    assert explained.edges(explain("games.example", Type.A, Client("", "default"), policy, 0.0), []) == []


RULE = RuleRef(Tier.LISTS, "ads", "||x.example^")


@pytest.mark.parametrize(
    ("verdict", "type", "said"),
    [
        (Pass(), Type.A, ""),
        (Allow(RULE), Type.A, ""),
        (Block(RULE, NullAddress(), 10), Type.A, "0.0.0.0"),
        (Block(RULE, NullAddress(), 10), Type.AAAA, "::"),
        (Block(RULE, NullAddress(), 10), Type.TXT, "NODATA"),
        (Block(RULE, Nxdomain(), 10), Type.A, "NXDOMAIN"),
        (Block(RULE, Refused(), 10), Type.A, "REFUSED"),
        (Block(RULE, Drop(), 10), Type.A, "none at all"),
        (Block(RULE, Address((bytes(4), bytes(3) + b"\1")), 10), Type.A, "0.0.0.0, 0.0.0.1"),
        (Rewrite(RULE, Nodata()), Type.A, "NODATA"),
        (Rewrite(RULE, records(Type.CNAME, from_text("safe.example"))), Type.A, "safe.example"),
        (Rewrite(RULE, records(Type.CNAME, b"\0")), Type.A, "."),
        (Rewrite(RULE, records(Type.TXT, b"\3a\x1bb")), Type.TXT, '"a\\027b"'),
        (
            Rewrite(RULE, records(Type.A, *(bytes((192, 0, 2, n)) for n in range(7)))),
            Type.A,
            "192.0.2.0, 192.0.2.1, 192.0.2.2, 192.0.2.3 and 3 more",
        ),
    ],
)
def test_what_is_said_instead_of_the_truth(verdict: Verdict, type: int, said: str) -> None:
    assert explained.answer("x.example", type, verdict, bundle()) == said


def test_a_wildcard_is_named() -> None:
    here = bundle(
        records=(
            RRset(from_text("*.lab.home.arpa"), Type.A, 60, (bytes((192, 0, 2, 9)),)),
            RRset(from_text("tv.lab.home.arpa"), Type.A, 60, (bytes((192, 0, 2, 8)),)),
        )
    )

    def said(name: str) -> str:
        return explained.answer(name, Type.A, explain(name, Type.A, TABLET, here, 0.0).verdict, here)

    assert said("x.lab.home.arpa") == "192.0.2.9 (wildcard *.lab.home.arpa)"
    assert said("tv.lab.home.arpa") == "192.0.2.8"
    assert said("lab.home.arpa") == "NODATA"
    assert said("other.home.arpa") == "NXDOMAIN"


def test_a_device_is_called_as_somebody_wrote_its_name() -> None:
    policy = bundle(
        devices=(DeviceEntry("Living Room TV", ("192.0.2.9",)),), rules=(OwnRule("deny", "x", "living room tv"),)
    )
    found = explain("x", Type.A, policy.identify("192.0.2.9"), policy, 0.0)
    assert found.called == "Living Room TV"
    assert [one.scope for one in explained.matched(found, {})] == ["Living Room TV"]
    assert explain("x", Type.A, policy.identify("192.0.2.8"), policy, 0.0).called == "192.0.2.8"


def test_what_workers_know_is_the_freshest_truth() -> None:
    old, fresh = Known(0, 90.0, -30.0, ["old.example"]), Known(3, 5.0, 55.0, ["new.example"])
    told = [Told(1, old), Told(2), Told(3, fresh)]
    assert explained.cached(told) == Cached("NXDOMAIN", 5.0, 55.0)
    assert explained.chain(told) == ["new.example"]
    assert (explained.cached([Told(1)]), explained.chain([])) == (None, [])
