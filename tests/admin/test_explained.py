"""Explanations as people read them: the verdict, the tier, for whom each rule is, and what workers know."""

from __future__ import annotations

from resolver.admin import explained
from resolver.admin.whybodies import Cached, SourceLine
from resolver.journal.frames import Known, Told
from resolver.model import Client, Type
from resolver.policy.document import GroupEntry, OwnRule, ScheduleEntry, ServiceEntry
from resolver.policy.why import explain
from tests.support import bundle

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
    (edge,) = explained.edges(explain("games.example", Type.A, TABLET, policy, 0.0))
    assert (edge.schedule, edge.on, edge.until, edge.why) == ("bedtime", True, 3600.0, "")
    assert explained.edges(explain("games.example", Type.A, Client("", "default"), policy, 0.0)) == []


def test_what_workers_know_is_the_freshest_truth() -> None:
    old, fresh = Known(0, 90.0, -30.0, ["old.example"]), Known(3, 5.0, 55.0, ["new.example"])
    told = [Told(1, old), Told(2), Told(3, fresh)]
    assert explained.cached(told) == Cached("NXDOMAIN", 5.0, 55.0)
    assert explained.chain(told) == ["new.example"]
    assert (explained.cached([Told(1)]), explained.chain([])) == (None, [])
