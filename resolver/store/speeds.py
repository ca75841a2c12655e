"""How long an answer took, in thirteen steps: fine enough for percentiles, few enough to be counted by the hour."""

from __future__ import annotations

from bisect import bisect_left

LIMITS_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
"""The longest that each step lasts, in milliseconds."""

SLOWER = len(LIMITS_MS)
"""The step of all that took longer."""

_LIMITS_US = tuple(limit * 1000 for limit in LIMITS_MS)


def speed(took_us: int) -> int:
    """The step of something that took so many microseconds: the first whose limit it keeps."""
    return bisect_left(_LIMITS_US, took_us)
