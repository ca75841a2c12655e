"""Hours with the changes that people made for once: "not today", "30 more minutes", "start now". Pure.

While several changes of a schedule hold, the newest decides. Their beginnings and ends are edges as those of hours are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from resolver.policy.document import Change, ScheduleEntry
from resolver.policy.hours import Hours

_DAY = 86_400.0
_AFTER = 9 * _DAY  # seconds that are looked ahead for an edge after the last change: hours come every week
_LONGEST = 400 * _DAY  # seconds that are looked ahead for the end of a change; none that people make is longer


class State(msgspec.Struct, frozen=True):
    """Whether a schedule is in force, and until when (Unix time) that is known to be so for the same reason. `change`
    is the one that makes it differ from its hours, if one does. `flips` is when it is in force no more, or again;
    math.inf: never."""

    on: bool
    until: float
    flips: float
    change: Change | None = None


class Overridden:
    """The hours of one schedule for one group or client."""

    def __init__(self, hours: Hours, changes: Iterable[Change] = ()) -> None:
        """`changes` are those of this schedule, the newest last."""
        self.hours = hours
        self._changes = tuple(changes)

    def at(self, now: float) -> State:
        """How it stands at `now` (Unix time), until its next edge, or for a week or so when there is none before."""
        changes = [change for change in self._changes if change.until > now]
        on, until = self.hours.at(now)
        if not changes:
            return State(on, until, math.inf if self.hours.always else until)
        first = _state(on, changes, now)
        until = edge = _next(until, changes, now)
        same = True
        horizon = min(max(change.until for change in changes), now + _LONGEST) + _AFTER
        while now < edge < horizon:
            regular, following = self.hours.at(edge)
            state = _state(regular, changes, edge)
            same = same and state == first
            if state[0] != first[0]:
                return State(first[0], until, edge, first[1])
            following = _next(following, changes, edge)
            if following <= edge:  # beyond the calendar
                break
            edge = following
            until = edge if same else until
        return State(first[0], until, math.inf, first[1])

    def said(self, state: State) -> str:
        """How people say until when it is in force, or is not although its hours say so: "until 06:30", "always",
        "until 21:00 (started now)"."""
        change = state.change
        if change is None:
            return self.hours.end(state.flips)
        until = min(state.flips, math.inf if state.on else change.until)
        why = change.why or ("started now" if state.on else "not today")
        day = change.until - change.begins >= _DAY
        return f"until {self.hours.clock(change.until if until == math.inf else until, day=day)} ({why})"


def _state(regular: bool, changes: Iterable[Change], moment: float) -> tuple[bool, Change | None]:
    newest = None
    for change in changes:
        if change.begins <= moment < change.until:
            newest = change
    if newest is None or newest.on is regular:
        return regular, None
    return newest.on, newest


def _next(edge: float, changes: Iterable[Change], moment: float) -> float:
    """The first of an edge of the hours and those of changes after a moment."""
    others = (at for change in changes for at in (change.begins, change.until) if at > moment)
    return min([edge, *others])


def occurrence(entry: ScheduleEntry, now: float) -> tuple[float, float] | None:
    """The hours that run at `now` (those that begin then or before), or else the next: from when until when, in Unix
    times. Raises ValueError for a zone that this machine does not know."""
    return Hours(entry).occurrence(now)


def ends_next(entry: ScheduleEntry, now: float) -> float:
    """The next moment (Unix time) at which clocks show the end of a schedule. Raises ValueError as `occurrence`."""
    return Hours(entry).ends_next(now)
