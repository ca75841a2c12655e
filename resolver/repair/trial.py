"""A repair as it goes on: what is on trial, what was answered, and what is allowed now. Pure; kept as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, assert_never

import msgspec
from msgspec.structs import replace

from resolver.repair.bisect import Answer, Contradiction, Elsewhere, Found, Try, candidates, step

Stage = Literal["trying", "found", "elsewhere", "contradiction", "kept"]


class Unit(msgspec.Struct, frozen=True):
    """What is allowed or not as a whole: the names of a domain; and in what proportion it is likely to be what the site
    needs."""

    domain: str
    names: tuple[str, ...]
    odds: float = 1.0


class Kept(msgspec.Struct, frozen=True):
    """What was kept: the names that a site rule of this scope has now, and had not before."""

    names: tuple[str, ...]
    client: str = ""
    group: str = ""


class Trial(msgspec.Struct, frozen=True):
    """`now` are the domains that are allowed, by the rules with these ids, until a Unix time. `answers` are about
    domains too."""

    units: tuple[Unit, ...]
    now: tuple[str, ...]
    stage: Stage = "trying"
    answers: tuple[Answer, ...] = ()
    rules: tuple[int, ...] = ()
    until: float = 0.0
    kept: Kept | None = None

    @property
    def names(self) -> list[str]:
        """The names that are allowed now."""
        return [name for unit in self.units if unit.domain in self.now for name in unit.names]

    @property
    def left(self) -> int:
        """How many domains could still be what the site needs."""
        return len(candidates(self._odds, self.answers))

    @property
    def _odds(self) -> dict[str, float]:
        return {unit.domain: unit.odds for unit in self.units}

    def answered(self, *, works: bool) -> Trial:
        """The same after it was seen whether the site works with what is allowed now."""
        answers = (*self.answers, Answer(frozenset(self.now), works))
        match step(self._odds, answers):
            case Try(names):
                return replace(self, now=names, answers=answers, stage="trying")
            case Found(names):
                return replace(self, now=names, answers=answers, stage="found")
            case Elsewhere():
                return replace(self, now=(), answers=answers, stage="elsewhere")
            case Contradiction():
                return replace(self, now=(), answers=answers, stage="contradiction")
            case other:
                assert_never(other)

    def widened(self, more: Sequence[Unit]) -> Trial:
        """The same with more on trial, as it was not enough."""
        units = (*self.units, *more)
        return replace(self, units=units, now=_domains(units), stage="trying")


def begun(units: Iterable[Unit]) -> Trial:
    """A trial of all of these at once, the likeliest first."""
    units = tuple(units)
    return Trial(units, _domains(units))


def state_of(trial: Trial) -> str:
    """A trial as it is kept."""
    return msgspec.json.encode(trial).decode()


def remembered(state: str) -> Trial | None:
    """A trial that was kept; None for one of another version of Lull, which cannot be gone on with."""
    try:
        return msgspec.json.decode(state, type=Trial)
    except msgspec.MsgspecError:
        return None


def _domains(units: Iterable[Unit]) -> tuple[str, ...]:
    return tuple(unit.domain for unit in units)
