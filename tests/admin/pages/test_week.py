"""The drawing of a week: where blocks are, by the clocks of a zone, and what it says."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from resolver.admin.pages.week import GAP, HEIGHT, HOUR, ROW, WIDTH, Block, week
from resolver.admin.planbodies import Stretch
from resolver.admin.weeks import bounds, stretches
from resolver.policy.document import Change, ScheduleEntry
from resolver.policy.hours import Hours
from resolver.policy.overriding import Overridden

BERLIN = "Europe/Berlin"
EVERY = (0, 1, 2, 3, 4, 5, 6)


def at(text: str, zone: str = BERLIN) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def nights(
    days: tuple[int, ...] = EVERY, changes: tuple[Change, ...] = (), now: str = "2026-01-01T12:00"
) -> list[Stretch]:
    entry = ScheduleEntry("bedtime", days, 21 * 60, 6 * 60 + 30, BERLIN)
    return stretches(Overridden(Hours(entry), changes).at, *bounds(BERLIN, at(now)))


def y(row: int) -> float:
    return row * (ROW + GAP)


def test_a_night_is_two_blocks_and_one_sentence() -> None:
    (one,) = [each for each in nights((3,)) if each.begins > at("2026-01-01T12:00")]
    drawn = week(BERLIN, [one], at("2026-01-01T12:00"))
    assert drawn.blocks == (
        Block("force", 21 * HOUR, y(0), 3 * HOUR),
        Block("force", 0.0, y(1), 6.5 * HOUR),
    )
    assert drawn.sentences == ("In force from Thursday 21:00 until Friday 06:30.",)
    assert [mark.text for mark in drawn.days] == ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    assert drawn.now == 12 * HOUR


def test_what_began_yesterday_begins_at_the_left() -> None:
    drawn = week(BERLIN, nights(), at("2026-01-01T12:00"))
    assert drawn.blocks[0] == Block("force", 0.0, y(0), 6.5 * HOUR)
    assert len(drawn.blocks) == 14
    assert max(block.x + block.width for block in drawn.blocks) <= WIDTH
    assert max(block.y for block in drawn.blocks) + ROW == HEIGHT
    assert drawn.sentences[-1] == "In force from Wednesday 21:00 until Thursday 00:00.", "as far as it is drawn"


def test_what_meets_at_midnight_is_one_stretch() -> None:
    entry = ScheduleEntry("always", EVERY, 0, 0, BERLIN)
    now = at("2026-01-01T12:00")
    found = stretches(Overridden(Hours(entry)).at, *bounds(BERLIN, now))
    assert found == [Stretch(True, *bounds(BERLIN, now))]
    drawn = week(BERLIN, found, now)
    assert drawn.blocks == tuple(Block("force", 0.0, y(row), WIDTH) for row in range(7))


def test_changes_for_once_are_told_apart() -> None:
    nine, ten, one = at("2026-01-01T21:00"), at("2026-01-01T22:00"), at("2026-01-01T13:00")
    changes = (
        Change("bedtime", False, nine, ten, why="1 more hour"),
        Change("bedtime", True, at("2026-01-01T12:00"), one, why="started now"),
    )
    found = nights(changes=changes)
    assert found[1:4] == [
        Stretch(True, at("2026-01-01T12:00"), one, "started now"),
        Stretch(False, nine, ten, "1 more hour"),
        Stretch(True, ten, at("2026-01-02T06:30")),
    ]
    drawn = week(BERLIN, found, at("2026-01-01T12:00"))
    assert [block.kind for block in drawn.blocks][:5] == ["force", "once", "out", "force", "force"]
    assert drawn.kinds == ("force", "once", "out")
    assert "In force for once from Thursday 12:00 until Thursday 13:00: started now." in drawn.sentences
    assert "Off for once from Thursday 21:00 until Thursday 22:00: 1 more hour." in drawn.sentences


@pytest.mark.parametrize(
    ("now", "row", "hours"),
    [("2026-03-25T12:00", 4, 8.5), ("2026-10-21T12:00", 4, 10.5)],
    ids=["clocks are put forward", "clocks are put back"],
)
def test_clocks_that_are_changed_keep_their_edges(now: str, row: int, hours: float) -> None:
    """The night before the Sunday on which clocks change is shorter or longer, and ends at 06:30 all the same."""
    found = nights(now=now)
    night = next(one for one in found if one.until == at(now[:8] + f"{int(now[8:10]) + 4:02}T06:30"))
    assert (night.until - night.begins) / 3600 == hours
    drawn = week(BERLIN, found, at(now))
    assert Block("force", 0.0, y(row), 6.5 * HOUR) in drawn.blocks
    since, until = bounds(BERLIN, at(now))
    assert (until - since) / 3600 in {7 * 24 - 1, 7 * 24 + 1}


def test_the_days_are_those_of_the_zone() -> None:
    now = at("2026-01-01T23:30", "UTC")
    drawn = week("Asia/Tokyo", [], now)
    assert drawn.days[0].text == "Fri"
    assert drawn.now == 8.5 * HOUR
    assert drawn.sentences == ("It is not in force in the next seven days.",)


def test_what_takes_a_moment_is_seen() -> None:
    begins = at("2026-01-01T12:00")
    drawn = week(BERLIN, [Stretch(True, begins, begins + 60, "started now")], begins)
    assert drawn.blocks == (Block("once", 12 * HOUR, 0.0, 3.8),)
    late = at("2026-01-01T23:59")
    drawn = week(BERLIN, [Stretch(True, late, late + 30, "started now")], begins)
    assert drawn.blocks[0].x + drawn.blocks[0].width <= WIDTH
