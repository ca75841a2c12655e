"""When a device was on a site, by the seconds in which it asked for the site's names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

BEFORE, AFTER = 1, 10
"""Seconds around the site's names in which what else a page needs is asked for."""

STAYS = 300
"""Seconds for which a device may remember the site's own answers, and ask only for the rest when it loads the page
again: they are neither of a load nor of its other time."""

STEP = 10
"""The device's other time is looked at in steps of so many seconds."""

MOST = 12
"""So many loads, the newest, are looked at: a site that is broken is loaded again and again."""

_PAUSE = 15  # seconds without the site's names after which they are another load's
_LONGEST = 60


class Load(NamedTuple):
    """The seconds, first and last, in which what a load of the page asked for is found."""

    begins: int
    ends: int


def loads_of(anchors: Iterable[int]) -> list[Load]:
    """The loads of a site whose names were asked for in these seconds, oldest first."""
    found: list[list[int]] = []
    for at in sorted(anchors):
        if found and at - found[-1][-1] <= _PAUSE and at - found[-1][0] <= _LONGEST:
            found[-1].append(at)
        else:
            found.append([at])
    return [Load(one[0] - BEFORE, one[-1] + AFTER) for one in found]


def elsewhere(steps: Iterable[int], loads: Iterable[Load]) -> set[int]:
    """Of these steps (Unix time by STEP) those in which the device was not on the site, nor still might be."""
    near = {step for load in loads for step in range((load.begins - STEP) // STEP, (load.ends + STAYS) // STEP + 1)}
    return set(steps) - near
