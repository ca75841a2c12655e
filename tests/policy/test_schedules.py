"""Tier 2 between its neighbours: schedules lose to what is temporary and win over everything else."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.model import Allow, Block, Client, NullAddress, Pass, Rewrite, RRset, RuleRef, Tier, Type, Verdict
from resolver.policy.bundle import Bundle
from resolver.policy.decide import Moment, decide, judge
from resolver.policy.document import GroupEntry, OwnRule, Pause, ScheduleEntry, ServiceEntry
from resolver.policy.why import explain
from resolver.wire.name import from_text, to_text
from tests.support import bundle

KID = Client("192.0.2.20", "kids")
ME = Client("192.0.2.10", "default")
EVERY_DAY = tuple(range(7))
BEDTIME = ScheduleEntry("bedtime", EVERY_DAY, 21 * 60, 6 * 60 + 30, "UTC", only=("school.example",))
NOON, NIGHT, MORNING = (
    dt.datetime(2026, 1, 5, hour, minute, tzinfo=dt.UTC).timestamp() for hour, minute in ((12, 0), (21, 0), (6, 30))
)
MORNING += 86400


def made(*schedules: ScheduleEntry, lists: dict[str, str] | None = None, **fields: Any) -> Bundle:
    """A bundle whose kids are under these schedules, and use the list "ads"."""
    groups = (
        GroupEntry("default", (), ("ads",)),
        GroupEntry("kids", (), ("ads",), schedules=tuple(schedule.name for schedule in schedules)),
    )
    return bundle(lists or {"ads": "||ads.example^"}, **{"groups": groups, "schedules": schedules} | fields)


def verdict(made: Bundle, name: str, now: float, client: Client = KID, type: int = Type.A) -> Verdict:
    """The decision, once the explanation has been seen to say the same."""
    wire = from_text(name)
    found = decide(wire, to_text(wire), type, client, made, now)
    explained = explain(name, type, client, made, now)
    assert explained.verdict == found
    if not isinstance(found, Pass):
        assert explained.matched[0].rule == found.rule
    assert len({one.rule for one in explained.matched}) == len(explained.matched)
    return found


def said(text: str) -> RuleRef:
    return RuleRef(Tier.SCHEDULE, "schedules", text)


UNTIL_MORNING = said("bedtime until 06:30")


def test_only_these_names_answer_from_edge_to_edge() -> None:
    found = made(BEDTIME)
    assert verdict(found, "www.example", NOON) == Pass(NIGHT)
    assert verdict(found, "www.example", NIGHT - 1e-3) == Pass(NIGHT)
    assert verdict(found, "www.example", NIGHT) == Block(UNTIL_MORNING, NullAddress(), 10, MORNING)
    assert verdict(found, "school.example", NIGHT) == Allow(UNTIL_MORNING, MORNING)
    assert verdict(found, "a.b.school.example", MORNING - 1) == Allow(UNTIL_MORNING, MORNING)
    assert isinstance(verdict(found, "noschool.example", NIGHT), Block)
    assert verdict(found, "www.example", MORNING) == Pass(NIGHT + 86400)
    assert verdict(found, "www.example", NIGHT, ME) == Pass()


def test_time_may_go_back() -> None:
    found = made(BEDTIME)
    for _ in range(2):
        assert isinstance(verdict(found, "www.example", NIGHT), Block)
        assert verdict(found, "www.example", NOON) == Pass(NIGHT)
        assert verdict(found, "www.example", NIGHT - 86400) == Block(UNTIL_MORNING, NullAddress(), 10, MORNING - 86400)


def test_the_basics_pass_only_but_not_what_comes_after() -> None:
    rules = (OwnRule("deny", "denied.example"),)
    found = made(BEDTIME, basics=("time.example", "ads.example", "denied.example", "games.example"), rules=rules)
    assert verdict(found, "a.time.example", NIGHT) == Pass(MORNING)
    assert verdict(found, "ads.example", NIGHT) == Block(
        RuleRef(Tier.LISTS, "ads", "||ads.example^"), NullAddress(), 10, MORNING
    )
    assert verdict(found, "denied.example", NIGHT) == Block(
        RuleRef(Tier.RULES, "rules", "deny denied.example"), NullAddress(), 10, MORNING
    )
    late = ScheduleEntry("late", EVERY_DAY, 20 * 60, 22 * 60, "UTC", only=(), block=("games.example",))
    found = made(late, basics=("games.example",))
    assert isinstance(verdict(found, "games.example", NIGHT), Block)


def test_what_is_inside_an_answer_need_not_be_among_only() -> None:
    late = ScheduleEntry("late", EVERY_DAY, 20 * 60, 22 * 60, "UTC", only=(), block=("games.example",))
    found = made(late)
    for name, kind in (("cdn.example", Pass), ("x.games.example", Block)):
        inside = judge(from_text(name), name, Type.CNAME, Moment(KID, found, NIGHT), Type.A)
        assert isinstance(inside, kind)
        assert inside.until == NIGHT + 3600


HOMEWORK = ScheduleEntry(
    "homework",
    (0,),
    11 * 60,
    17 * 60,
    "UTC",
    block=("games.example", "b.allowed.example"),
    allow=("allowed.example", "help.games.example"),
    services=("chat",),
    lists=("social", "tried"),
)
CHAT = ServiceEntry("chat", "Chat", ("chat.example",))
HOMEWORK_END = said("homework until 17:00")
FIVE = NOON + 5 * 3600


@pytest.mark.parametrize(
    ("name", "blocked"),
    [
        ("games.example", True),
        ("www.games.example", True),
        ("help.games.example", False),
        ("allowed.example", False),
        ("a.allowed.example", False),
        ("a.b.allowed.example", True),
        ("cdn.chat.example", True),
        ("friends.example", True),
        ("friends.allowed.example", False),
    ],
)
def test_names_services_and_lists(name: str, blocked: bool) -> None:
    lists = {"ads": "||allowed.example^", "social": "||friends.example^\n||friends.allowed.example^"}
    found = made(HOMEWORK, lists=lists, services=(CHAT,))
    expected = Block(HOMEWORK_END, NullAddress(), 10, FIVE) if blocked else Allow(HOMEWORK_END, FIVE)
    assert verdict(found, name, NOON) == expected
    after = verdict(found, name, FIVE)
    assert after.until == NOON + 7 * 86400 - 3600
    assert isinstance(after, Pass) is ("allowed" not in name)


def test_a_list_blocks_what_it_blocks_and_no_more() -> None:
    lists = {"ads": "", "social": "||a.example^\n@@||b.a.example^", "tried": "||c.example^"}
    found = bundle(
        lists,
        shadow=["tried"],
        groups=(GroupEntry("default"), GroupEntry("kids", schedules=("homework",))),
        schedules=(HOMEWORK,),
    )
    assert verdict(found, "a.example", NOON) == Block(HOMEWORK_END, NullAddress(), 10, FIVE)
    assert verdict(found, "b.a.example", NOON) == Pass(FIVE)
    assert verdict(found, "c.example", NOON) == Pass(FIVE)


@pytest.mark.parametrize("action", ["allow", "deny"])
def test_what_is_temporary_beats_schedules_and_keeps_its_own_end(action: str) -> None:
    for end in (NIGHT + 60, MORNING + 60):
        rules = (OwnRule("allow" if action == "allow" else "deny", "example", until=end),)
        found = made(BEDTIME, rules=rules)
        for name in ("www.example", "school.example"):
            now = verdict(found, name, NIGHT)
            assert isinstance(now, Allow if action == "allow" else Block)
            assert (now.rule.tier, now.until) == (Tier.TEMPORARY, end)
    found = made(BEDTIME, pauses=(Pause(NIGHT + 60),))
    assert verdict(found, "www.example", NIGHT).until == NIGHT + 60


@pytest.mark.parametrize("client", ["", KID.address])
def test_schedules_beat_lasting_rules_whatever_their_scope(client: str) -> None:
    rules = (OwnRule("allow", "www.example", client), OwnRule("deny", "school.example", client))
    found = made(BEDTIME, rules=rules)
    assert isinstance(verdict(found, "www.example", NIGHT), Block)
    assert isinstance(verdict(found, "school.example", NIGHT), Allow)
    assert [(one.rule, one.lost) for one in explain("www.example", Type.A, KID, found, NIGHT).matched] == [
        (UNTIL_MORNING, ""),
        (RuleRef(Tier.RULES, "rules", "allow www.example"), "the schedule comes first (tier 2 before 3)"),
    ]
    now = verdict(found, "www.example", NOON)
    assert now == Allow(RuleRef(Tier.RULES, "rules", "allow www.example"), NIGHT)


def test_names_of_the_house_answer_at_any_hour() -> None:
    record = RRset(from_text("nas.example"), Type.A, 60, (bytes(4),))
    found = verdict(made(BEDTIME, records=(record,)), "nas.example", NIGHT)
    assert isinstance(found, Rewrite)
    assert found.until == math.inf
    assert verdict(made(BEDTIME), "ipv4only.arpa", NIGHT) == Pass()


def test_several_at_once_count_together() -> None:
    reading = ScheduleEntry("reading", EVERY_DAY, 20 * 60, 22 * 60, "UTC", only=("books.example",))
    evening = ScheduleEntry("evening", EVERY_DAY, 20 * 60, 23 * 60, "UTC", block=("games.example", "school.example"))
    found = made(BEDTIME, reading, evening)
    ten = NIGHT + 3600
    assert verdict(found, "books.example", NIGHT) == Allow(said("reading until 22:00"), ten)
    assert verdict(found, "school.example", NIGHT) == Allow(UNTIL_MORNING, ten)
    assert verdict(found, "games.example", NIGHT) == Block(said("evening until 23:00"), NullAddress(), 10, ten)
    assert [(one.rule, one.lost) for one in explain("games.example", Type.A, KID, found, NIGHT).matched] == [
        (said("evening until 23:00"), ""),
        (UNTIL_MORNING, "another schedule comes first"),
        (said("reading until 22:00"), "another schedule comes first"),
    ]
    assert isinstance(verdict(found, "books.example", ten), Block)


def test_an_explanation_says_what_is_out_of_force_by_its_silence() -> None:
    assert explain("games.example", Type.A, KID, made(BEDTIME), NOON).matched == ()


def test_a_schedule_that_does_not_exist_is_refused() -> None:
    groups = (GroupEntry("default", schedules=("gone",)),)
    with pytest.raises(ValueError, match="group default has schedules that do not exist: gone"):
        bundle(groups=groups)


NAMES = st.lists(st.sampled_from(["a", "b", "ads"]), min_size=1, max_size=3).map(".".join)
SOME = st.lists(NAMES, max_size=2).map(tuple)
SCHEDULES = st.lists(
    st.builds(
        lambda days, begins, ends, only, block, allow: ScheduleEntry(
            "", tuple(sorted(days)), begins, ends, "Europe/Berlin", only, block, allow, (), ("more",)
        ),
        st.sets(st.integers(0, 6), min_size=1),
        st.integers(0, 1439),
        st.integers(0, 1439),
        st.none() | SOME,
        SOME,
        SOME,
    ),
    max_size=3,
).map(lambda found: tuple(ScheduleEntry(str(n), *_fields(one)[1:]) for n, one in enumerate(found)))


def _fields(entry: ScheduleEntry) -> list[Any]:
    return [getattr(entry, field) for field in entry.__struct_fields__]


@settings(max_examples=80, deadline=None)
@given(SCHEDULES, SOME, st.integers(0, 14 * 1440), st.lists(NAMES, min_size=1, max_size=3), st.data())
def test_a_verdict_holds_until_it_says(
    schedules: tuple[ScheduleEntry, ...], basics: tuple[str, ...], minute: int, names: list[str], data: st.DataObject
) -> None:
    begin = dt.datetime(2026, 10, 19, tzinfo=dt.UTC).timestamp()  # clocks are put back in this fortnight
    rules = (OwnRule("allow", "a.b"), OwnRule("deny", "b", until=begin + 5 * 86400))
    found = made(*schedules, lists={"ads": "||ads^", "more": "||b.a^\n@@||a.b.a^"}, basics=basics, rules=rules)
    for name in names:
        now = begin + 60 * minute
        first = verdict(found, name, now)
        assert first.until > now
        last = min(first.until, now + 9 * 86400)
        for part in data.draw(st.lists(st.floats(0, 1, exclude_max=True), max_size=4)):
            later = min(now + part * (last - now), math.nextafter(last, 0))
            assert verdict(found, name, later) == first
