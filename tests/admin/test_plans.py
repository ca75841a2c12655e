"""What "not today", "start now" and "30 more minutes" mean, hour by hour."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.admin.plans import MORE, PLANS, Planned, idle, lasts, more, off, on
from resolver.errors import ApiError
from resolver.policy.document import ScheduleEntry
from resolver.policy.hours import Hours
from resolver.store.overrides import NewOverride

BERLIN = ZoneInfo("Europe/Berlin")
MON, TUE, WED, THU, FRI, SAT, SUN = (0, 1, 2, 3, 4, 5, 6)
BEDTIME = ScheduleEntry("bedtime", (MON, TUE, WED, THU, SUN), 21 * 60, 6 * 60 + 30, "Europe/Berlin", only=())
WEEKEND = ScheduleEntry("weekend", (SAT, SUN), 0, 0, "Europe/Berlin", only=())
HALF_HOUR, HOUR = 1800.0, 3600.0


def at(text: str, day: int = 5) -> float:
    """That time of a day of January 2026, whose 5th is a Monday, by the clocks of Berlin."""
    hour, minute = map(int, text.split(":"))
    return dt.datetime(2026, 1, day, hour, minute, tzinfo=BERLIN).timestamp()


def change(plan: Planned) -> NewOverride:
    return NewOverride("bedtime", plan.on, plan.begins, plan.until, why=plan.why)


# off


def test_off_before_it_begins_today_lasts_until_its_end_tomorrow() -> None:
    assert off(BEDTIME, at("13:00"), None, None) == Planned(False, at("13:00"), at("06:30", 6), "not today")


def test_off_while_it_runs_lasts_until_its_end() -> None:
    assert off(BEDTIME, at("22:00"), None, None).until == at("06:30", 6)
    assert off(BEDTIME, at("05:00", 6), None, None).until == at("06:30", 6), "what began yesterday runs today"


def test_off_after_its_end_in_the_morning_is_about_the_evening() -> None:
    assert off(BEDTIME, at("06:30", 6), None, None).until == at("06:30", 7)


@pytest.mark.parametrize("now", [at("13:00", 9), at("06:30", 9), at("23:59", 10)])
def test_off_on_a_day_without_it_says_when_it_is(now: float) -> None:
    with pytest.raises(ApiError, match=r"^bedtime does not begin today; the next time is sun 21:00$") as caught:
        off(BEDTIME, now, None, None)
    assert caught.value.status == 409


def test_the_day_is_that_of_the_schedules_clocks() -> None:
    tokyo = ScheduleEntry("early", (TUE,), 60, 120, "Asia/Tokyo", only=())
    evening = dt.datetime(2026, 1, 5, 15, 30, tzinfo=dt.UTC).timestamp()  # 00:30 on Tuesday in Tokyo
    assert off(tokyo, evening, None, None).until == evening + 1.5 * HOUR
    with pytest.raises(ApiError, match="does not begin today"):
        off(tokyo, evening - HOUR, None, None)


def test_off_for_a_time_is_just_that() -> None:
    assert off(BEDTIME, at("13:00", 9), HOUR, None) == Planned(False, at("13:00", 9), at("14:00", 9), "for 1h")


def test_off_takes_back_what_was_started() -> None:
    started = change(on(BEDTIME, at("13:00", 9), None, None))
    assert off(BEDTIME, at("14:00", 9), None, started).until == started.until == at("06:30", 10)


def test_off_in_whole_days_is_for_today() -> None:
    assert off(WEEKEND, at("10:00", 10), None, None).until == at("00:00", 11)


# on


def test_on_lasts_until_its_end_comes_on_the_clock() -> None:
    assert on(BEDTIME, at("19:00"), None, None) == Planned(True, at("19:00"), at("06:30", 6), "started now")
    assert on(BEDTIME, at("19:00", 9), None, None).until == at("06:30", 10), "on a day without it too"
    assert on(BEDTIME, at("03:00", 10), None, None).until == at("06:30", 10)


def test_on_for_a_time_is_just_that() -> None:
    assert on(BEDTIME, at("19:00"), HALF_HOUR, None).until == at("19:30")
    assert on(BEDTIME, at("23:00"), 10 * HOUR, None).until == at("09:00", 6), "it can go on for longer than usual"


def test_on_when_it_runs_already() -> None:
    with pytest.raises(ApiError, match=r"^bedtime is in force already, until 06:30$"):
        on(BEDTIME, at("22:00"), None, None)
    lifted = change(more(BEDTIME, at("22:00"), None, None))
    assert on(BEDTIME, at("22:10"), None, lifted).until == at("06:30", 6)


# more


def test_more_while_it_runs_is_from_now_on() -> None:
    assert more(BEDTIME, at("21:10"), None, None) == Planned(False, at("21:10"), at("21:40"), "30 more minutes")


def test_more_before_it_begins_is_from_then_on() -> None:
    assert more(BEDTIME, at("18:00"), HOUR, None) == Planned(False, at("21:00"), at("22:00"), "1 more hour")


def test_more_a_day_ahead_is_refused() -> None:
    assert more(BEDTIME, at("21:00", 10), None, None).begins == at("21:00", 11)
    with pytest.raises(ApiError, match=r"does not begin within a day; the next time is sun 21:00$"):
        more(BEDTIME, at("20:59", 10), None, None)
    with pytest.raises(ApiError, match="more than a day") as caught:
        more(BEDTIME, at("21:00"), 86_401, None)
    assert (caught.value.status, caught.value.path) == (400, "for")


def test_more_adds_to_what_was_given() -> None:
    first = change(more(BEDTIME, at("20:00"), None, None))
    second = change(more(BEDTIME, at("20:30"), None, first))
    assert (second.begins, second.until, second.why) == (at("21:00"), at("22:00"), "1 more hour")
    third = more(BEDTIME, at("21:59"), 60, second)
    assert (third.begins, third.until, third.why) == (at("21:00"), at("22:01"), "61 more minutes")


def test_more_of_an_evening_that_is_off_is_refused() -> None:
    lifted = change(off(BEDTIME, at("20:00"), None, None))
    with pytest.raises(ApiError, match=r"^bedtime is off until 06:30 already \(not today\)$"):
        more(BEDTIME, at("21:30"), None, lifted)


def test_what_was_off_at_another_hour_is_no_beginning() -> None:
    lifted = change(off(BEDTIME, at("13:00"), HOUR, None))
    assert more(BEDTIME, at("13:30"), None, lifted).begins == at("21:00")


def test_more_of_what_was_started_starts_it_later() -> None:
    started = change(on(BEDTIME, at("18:00"), None, None))
    later = change(more(BEDTIME, at("18:10"), None, started))
    assert later == NewOverride("bedtime", True, at("18:40"), at("06:30", 6), why="30 more minutes")
    assert more(BEDTIME, at("18:20"), None, later).begins == at("19:10")


def test_more_of_what_was_started_into_its_usual_hours() -> None:
    started = change(on(BEDTIME, at("20:45"), None, None))
    assert more(BEDTIME, at("20:50"), None, started) == Planned(False, at("20:50"), at("21:20"), "30 more minutes")
    short = change(on(BEDTIME, at("13:00"), HALF_HOUR, None))
    assert more(BEDTIME, at("13:10"), None, short).on is False, "it would be over before it starts again"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (60, "1 more minute"),
        (5400, "90 more minutes"),
        (7200, "2 more hours"),
        (1, "1 more second"),
        (45, "45 more seconds"),
    ],
)
def test_lengths_in_words(seconds: float, words: str) -> None:
    assert more(BEDTIME, at("21:00"), seconds, None).why == words


@given(
    minutes=st.integers(0, 7 * 24 * 60),
    entry=st.builds(
        ScheduleEntry,
        st.just("bedtime"),
        st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
        st.integers(0, 1439),
        st.integers(0, 1439),
        st.sampled_from(["Europe/Berlin", "America/New_York", "UTC", "Asia/Kathmandu"]),
        only=st.just(()),
    ),
    do=st.sampled_from(sorted(PLANS)),
    length=st.none() | st.integers(1, 86_400).map(float),
)
def test_plans_do_what_they_say(minutes: int, entry: ScheduleEntry, do: str, length: float | None) -> None:
    now = at("00:00") + 60.0 * minutes
    try:
        plan = PLANS[do](entry, now, length, None)
    except ApiError as error:
        assert error.status == 409
        return
    running, edge = Hours(entry).at(now)
    assert now <= plan.begins < plan.until
    assert plan.on is (do == "on")
    assert plan.why
    if do != "more":
        assert plan.begins == now
    if do == "more":
        assert plan.until - plan.begins == (MORE if length is None else length)
        assert (plan.begins == now) if running else (plan.begins == edge)
    if do == "off" and length is None and running:
        assert plan.until <= edge


# what truly is


def test_on_for_a_time_in_which_it_runs_anyway_is_refused() -> None:
    with pytest.raises(ApiError, match=r"^bedtime is in force already, until 06:30$") as caught:
        on(BEDTIME, at("22:00"), HOUR, None)
    assert caught.value.status == 409
    assert on(BEDTIME, at("06:00", 6), HOUR, None).until == at("07:00", 6)


def test_on_goes_on_into_the_hours() -> None:
    assert lasts(BEDTIME, on(BEDTIME, at("20:30"), HOUR, None), ()) == at("06:30", 6)
    assert lasts(BEDTIME, on(BEDTIME, at("19:00"), HOUR, None), ()) == at("20:00")
    always = ScheduleEntry("always", tuple(range(7)), 0, 0, "Europe/Berlin", only=())
    lifted = change(off(always, at("12:00"), HOUR, None))
    assert lasts(always, on(always, at("12:10"), HOUR, lifted), ()) is None


def test_on_goes_on_where_others_have_it_on() -> None:
    group = NewOverride("bedtime", on=True, begins=at("12:00"), until=at("15:00"), group="kids")
    assert lasts(BEDTIME, on(BEDTIME, at("13:00"), HOUR, group), [group]) == at("15:00")


def test_off_ends_when_it_says() -> None:
    assert lasts(BEDTIME, off(BEDTIME, at("22:00"), HOUR, None), ()) == at("23:00")


def test_off_while_it_would_be_off_anyway_says_so() -> None:
    early = off(BEDTIME, at("13:00", 9), HOUR, None)  # a Friday
    assert idle(BEDTIME, early, ()) == "it would not be in force before sun 21:00 anyway"
    assert idle(BEDTIME, off(BEDTIME, at("20:30"), HOUR, None), ()) == ""
    assert idle(BEDTIME, off(BEDTIME, at("22:00"), HOUR, None), ()) == ""
    started = change(on(BEDTIME, at("12:00", 9), None, None))
    assert idle(BEDTIME, early, [started]) == ""
    assert idle(BEDTIME, on(BEDTIME, at("13:00"), HOUR, None), ()) == ""
