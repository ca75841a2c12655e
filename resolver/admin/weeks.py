"""A week of a schedule as it will be: when it is in force, and when it is not although its hours say so. Pure: every
edge is one that the policy itself goes by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from resolver.admin.planbodies import Stretch
from resolver.policy.overriding import State

DAYS = 7
_MOST = 500  # edges of a week


def bounds(zone: str, now: float) -> tuple[float, float]:
    """From when until when (Unix times) today and the six days after it are, by the clocks of a zone."""
    known = ZoneInfo(zone)
    today = dt.datetime.fromtimestamp(now, known).date()
    days = (today, today + dt.timedelta(days=DAYS))
    since, until = (dt.datetime.combine(day, dt.time(), known).timestamp() for day in days)
    return since, until


def stretches(state_at: Callable[[float], State | None], since: float, until: float) -> list[Stretch]:
    """When a schedule, of which is given how it stands at a time, is in force between two Unix times, or was taken out,
    in order. What is so for one reason is one stretch, over midnight too."""
    found: list[Stretch] = []
    at = since
    for _ in range(_MOST):
        state = state_at(at)
        if state is None or at >= until or state.until <= at:  # the last: beyond the calendar
            break
        end, why = min(state.until, until), state.change.why if state.change else ""
        if state.on or state.change is not None:
            last = found[-1] if found else None
            if last is not None and (last.until, last.on, last.why) == (at, state.on, why):
                found[-1] = Stretch(state.on, last.begins, end, why)
            else:
                found.append(Stretch(state.on, at, end, why))
        at = end
    return found
