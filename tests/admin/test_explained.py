"""Explanations as people read them: what decided, for whom, and the one command that would change it."""

from __future__ import annotations

import pytest

from resolver.admin.explained import why
from resolver.model import Client, Type
from resolver.policy.decide import explain
from resolver.policy.document import GroupEntry, SafeEntry, ScheduleEntry, ServiceEntry
from tests.support import bundle

POLICY = bundle(
    groups=(
        GroupEntry("default"),
        GroupEntry("the kids", services=("video",), safe_search=("find",)),
        GroupEntry("small", deny=True),
    ),
    services=(ServiceEntry("video", "Video", ("video.example",)),),
    safe_search=(SafeEntry("find", "Find", ("find.example",), "safe.find.example"),),
)


PASSES = (
    "to block it: lull deny www.example; names and addresses in its answers are judged too: lull log --name www.example"
)


@pytest.mark.parametrize(
    ("name", "group", "verdict", "by", "tier", "advice"),
    [
        (
            "x.video.example",
            "the kids",
            "block",
            "services: Video (for group the kids)",
            5,
            "to allow it: lull allow x.video.example --group 'the kids'",
        ),
        (
            "find.example",
            "the kids",
            "rewrite",
            "safe-search: Find (for group the kids)",
            5,
            "to have the true answer: lull allow find.example --group 'the kids'",
        ),
        (
            "www.example",
            "small",
            "block",
            "group: small answers only what is allowed (for group small)",
            7,
            "to allow it: lull allow www.example --group small",
        ),
        (
            "www.example",
            "default",
            "pass",
            "",
            7,
            PASSES,
        ),
    ],
)
def test_what_a_group_says(name: str, group: str, verdict: str, by: str, tier: int, advice: str) -> None:
    found = why(explain(name, Type.A, Client("192.0.2.20", group), POLICY, 0.0), name, Type.A, [])
    assert (found.verdict, found.decided_by, found.tier, found.advice) == (verdict, by, tier, advice)


@pytest.mark.parametrize(
    ("name", "verdict", "advice"),
    [
        (
            "games.example",
            "block",
            "to allow it for a while: lull allow games.example --for 30m --group 'the kids'",
        ),
        (
            "school.example",
            "allow",
            "to block it for a while: lull deny school.example --for 30m --group 'the kids'",
        ),
    ],
)
def test_what_a_schedule_says_only_something_temporary_can_change(name: str, verdict: str, advice: str) -> None:
    bedtime = ScheduleEntry("bedtime", (3,), 0, 60, "UTC", only=("school.example",))
    policy = bundle(
        groups=(GroupEntry("default"), GroupEntry("the kids", schedules=("bedtime",))), schedules=(bedtime,)
    )
    found = why(explain(name, Type.A, Client("192.0.2.20", "the kids"), policy, 0.0), name, Type.A, [])
    assert (found.verdict, found.tier, found.until, found.advice) == (verdict, 2, 3600.0, advice)
    assert found.decided_by == "schedules: bedtime until 01:00 (for group the kids)"
