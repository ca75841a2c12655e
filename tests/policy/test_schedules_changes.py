"""Schedules that somebody changed for once: for all who have them, for a group, for one device."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.model import Allow, Block, Client, NullAddress, Pass, RuleRef, Tier, Type, Verdict
from resolver.policy.bundle import Bundle
from resolver.policy.decide import decide
from resolver.policy.document import Change, GroupEntry, OwnRule, ScheduleEntry
from resolver.policy.overlay import Scope
from resolver.policy.why import Edge, Matched, explain
from resolver.wire.name import from_text
from tests.support import bundle

HOUR = 3600.0
BEDTIME = ScheduleEntry("bedtime", tuple(range(7)), 21 * 60, 390, "UTC", only=("school.example",))
NIGHT = dt.datetime(2026, 1, 5, 21, tzinfo=dt.UTC).timestamp()
MORNING = NIGHT + 9.5 * HOUR

TV = Client("192.0.2.20", "kids", device="tv")
PAD = Client("192.0.2.21", "kids", device="pad")
TEEN = Client("192.0.2.30", "teens")
ME = Client("192.0.2.10", "default")


def made(*changes: Change, **fields: Any) -> Bundle:
    groups = (
        GroupEntry("default", (), ("ads",)),
        GroupEntry("kids", (), ("ads",), schedules=("bedtime",)),
        GroupEntry("teens", (), ("ads",), schedules=("bedtime",)),
    )
    return bundle({"ads": "||ads.example^"}, groups=groups, schedules=(BEDTIME,), changes=changes, **fields)


def verdict(policy: Bundle, now: float, client: Client = TV, name: str = "www.example") -> Verdict:
    found = decide(from_text(name), name, Type.A, client, policy, now)
    assert explain(name, Type.A, client, policy, now).verdict == found
    return found


def rule(text: str) -> RuleRef:
    return RuleRef(Tier.SCHEDULE, "schedules", text)


def off(begins: float, until: float, client: str = "", group: str = "", why: str = "30 more minutes") -> Change:
    return Change("bedtime", on=False, begins=begins, until=until, client=client, group=group, why=why)


def on(begins: float, until: float, client: str = "", group: str = "") -> Change:
    return Change("bedtime", on=True, begins=begins, until=until, client=client, group=group, why="started now")


def blocked(policy: Bundle, now: float, *clients: Client) -> list[bool]:
    return [isinstance(verdict(policy, now, client), Block) for client in clients]


def test_both_edges_of_a_change_are_edges() -> None:
    policy = made(off(NIGHT + HOUR, NIGHT + 1.5 * HOUR))
    assert verdict(policy, NIGHT) == Block(rule("bedtime until 22:00"), NullAddress(), 10, NIGHT + HOUR)
    assert verdict(policy, NIGHT + HOUR) == Pass(NIGHT + 1.5 * HOUR)
    assert verdict(policy, NIGHT + 1.5 * HOUR) == Block(rule("bedtime until 06:30"), NullAddress(), 10, MORNING)


def test_started_now() -> None:
    policy = made(on(NIGHT - HOUR, NIGHT - HOUR / 2))
    assert verdict(policy, NIGHT - 2 * HOUR) == Pass(NIGHT - HOUR)
    started = rule("bedtime until 20:30 (started now)")
    assert verdict(policy, NIGHT - HOUR) == Block(started, NullAddress(), 10, NIGHT - HOUR / 2)
    assert verdict(policy, NIGHT - HOUR, name="school.example") == Allow(started, NIGHT - HOUR / 2)
    assert verdict(policy, NIGHT - HOUR, ME) == Pass()
    assert verdict(policy, NIGHT - HOUR / 2) == Pass(NIGHT)


@pytest.mark.parametrize(
    ("client", "group", "expected"),
    [
        ("", "", [False, False, False]),
        ("", "kids", [False, False, True]),
        ("tv", "", [False, True, True]),
        ("192.0.2.20", "", [False, True, True]),
        ("somebody", "", [True, True, True]),
    ],
)
def test_for_whom(client: str, group: str, expected: list[bool]) -> None:
    policy = made(off(NIGHT, NIGHT + HOUR, client, group))
    assert blocked(policy, NIGHT, TV, PAD, TEEN) == expected
    assert blocked(policy, NIGHT + HOUR, TV, PAD, TEEN) == [True, True, True]
    assert policy.personal == ({client} if client else set())


def test_the_newest_decides_whatever_its_scope() -> None:
    policy = made(off(NIGHT, NIGHT + HOUR, "tv"), on(NIGHT, NIGHT + HOUR))
    assert blocked(policy, NIGHT, TV, PAD) == [True, True]
    policy = made(on(NIGHT, NIGHT + HOUR), off(NIGHT, NIGHT + HOUR, "tv"))
    assert blocked(policy, NIGHT, TV, PAD) == [False, True]


def test_a_device_has_its_timetable_at_all_its_addresses() -> None:
    policy = made(off(NIGHT, NIGHT + HOUR, "tv"))
    other = Client("2001:db8::1", "kids", device="tv")
    assert blocked(policy, NIGHT, TV, other, TV, PAD) == [False, False, False, True]
    group = policy.groups["kids"]
    assert policy.timetable(TV, group) is policy.timetable(other, group)
    assert policy.timetable(TV, group) is not policy.timetable(PAD, group)
    assert policy.timetable(ME, policy.groups["default"]) is None


def test_a_change_of_what_a_group_does_not_have_is_nothing() -> None:
    policy = made(Change("gone", on=True, begins=0.0, until=2 * NIGHT), on(NIGHT - HOUR, NIGHT, "", "default"))
    assert blocked(policy, NIGHT - HOUR, TV, ME) == [False, False]


def test_what_is_off_is_told_among_what_did_not_win() -> None:
    policy = made(off(NIGHT, NIGHT + HOUR), rules=(OwnRule("deny", "ads.example"),))
    found = explain("ads.example", Type.A, TV, policy, NIGHT)
    lifted = rule("bedtime is off until 22:00 (30 more minutes)")
    assert found.matched == (
        Matched(RuleRef(Tier.RULES, "rules", "deny ads.example"), Scope.EVERYONE),
        Matched(lifted, Scope.GROUP, "it is off for once"),
        Matched(
            RuleRef(Tier.LISTS, "ads", "||ads.example^"),
            Scope.EVERYONE,
            "a rule of your own comes first (tier 3 before 6)",
        ),
    )
    passed = explain("www.example", Type.A, TV, policy, NIGHT)
    assert (passed.verdict, [one.rule for one in passed.matched]) == (Pass(NIGHT + HOUR), [lifted])
    games = ScheduleEntry("games", tuple(range(7)), 0, 0, "UTC", block=("games.example",))
    groups = (GroupEntry("default"), GroupEntry("kids", schedules=("games",)))
    policy = bundle(groups=groups, schedules=(games,), changes=(Change("games", False, NIGHT, NIGHT + HOUR),))
    assert explain("www.example", Type.A, TV, policy, NIGHT).matched == ()


def test_the_edges_of_every_schedule_are_told() -> None:
    policy = made(off(NIGHT, NIGHT + HOUR, "tv"))
    assert explain("a.example", Type.A, TV, policy, NIGHT).edges == (
        Edge("bedtime", on=False, until=NIGHT + HOUR, why="30 more minutes"),
    )
    assert explain("a.example", Type.A, PAD, policy, NIGHT).edges == (Edge("bedtime", on=True, until=MORNING),)
    assert explain("a.example", Type.A, PAD, policy, NIGHT - 1).edges == (Edge("bedtime", on=False, until=NIGHT),)
    assert explain("a.example", Type.A, ME, policy, NIGHT).edges == ()


MINUTES = st.integers(-1440, 3 * 1440)
CHANGES = st.lists(
    st.builds(
        lambda on, begins, length, client: Change(
            "bedtime", on, NIGHT + 60 * begins, NIGHT + 60 * (begins + length), client
        ),
        st.booleans(),
        MINUTES,
        st.integers(1, 2000),
        st.sampled_from(["", "tv", "192.0.2.20"]),
    ),
    max_size=4,
)


@settings(max_examples=100, deadline=None)
@given(CHANGES, MINUTES, st.lists(st.floats(0, 0.999), max_size=3))
def test_a_verdict_holds_until_it_says(changes: list[Change], minute: int, parts: list[float]) -> None:
    now = NIGHT + 60 * minute
    policy = made(*changes, rules=(OwnRule("deny", "b.example", until=NIGHT + HOUR),))
    for client in (TV, PAD):
        for name in ("www.example", "school.example", "b.example"):
            first = verdict(policy, now, client, name)
            assert first.until > now
            for part in parts:
                fresh = policy.over(policy.document)  # which remembers nothing
                assert verdict(fresh, now + part * (first.until - now), client, name) == first
