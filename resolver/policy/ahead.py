"""Until when a verdict really goes on: an edge after which the same rule says the same again ends nothing. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable

from resolver.model import Pass, RuleRef, Tier, Verdict
from resolver.policy.schedules import schedule_of

WEEK = 7 * 86_400.0
"""Seconds for which edges are looked beyond: schedules come every week."""

_STEPS = 100  # a trial is known for ten seconds at a time, and lasts ten minutes


def changes(decide: Callable[[float], Verdict], now: float) -> float:
    """The first moment (Unix time) at which the verdict is of another kind, or another rule's; math.inf: none is known,
    and none comes within a week. `decide` tells the verdict at a moment."""
    verdict = decide(now)
    what, until = _what(verdict), verdict.until
    for _ in range(_STEPS):
        if until == math.inf:
            break
        verdict = decide(until)
        if _what(verdict) != what:
            return until
        if until > now + WEEK or verdict.until <= until:
            break
        until = verdict.until
    return math.inf


def _what(verdict: Verdict) -> tuple[type[Verdict], RuleRef | str | None]:
    """Kind and rule of a verdict; of a schedule its name, as the text tells when it ends."""
    if isinstance(verdict, Pass):
        return type(verdict), None
    rule = verdict.rule
    return type(verdict), schedule_of(rule) if rule.tier == Tier.SCHEDULE else rule
