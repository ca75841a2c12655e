"""Wrong tries: counted for each address and each account, and each one more makes the next wait longer."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Literal

import msgspec

from resolver.errors import ApiError
from resolver.model import Clock

Kind = Literal["address", "account", "token", "welcome"]
"""What is counted: by address, wrong passwords and codes, wrong tokens, wrong keys of the first visit; and by the name
of the account."""

FREE = 5
"""Wrong tries after which the waiting begins: a second after these, and twice as long after each one more."""

LONGEST: dict[Kind, float] = {"address": 300.0, "account": 60.0, "token": 60.0, "welcome": 300.0}
"""Seconds at most. An account's is short: strangers could keep its owner out."""

WINDOW = 3600.0
"""Seconds without a wrong try after which all are forgotten."""

_MOST = 2000
_MARKS = 16


class Wait(ApiError):
    """Somebody is to try again, in so many seconds."""

    def __init__(self, seconds: float, what: str) -> None:
        self.seconds = math.ceil(seconds)
        super().__init__(429, "wait", f"too many {what}: try again in {_words(self.seconds)}")


class _Counted(msgspec.Struct, frozen=True):
    count: int
    last: float  # monotonic
    marks: tuple[str, ...]


class Tries:
    """Whoever is counted is a text; an address is best given as `policy.clients.place` makes it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: OrderedDict[tuple[Kind, str], _Counted] = OrderedDict()  # longest without a try first

    def wait(self, kind: Kind, whom: str) -> float:
        """For how many seconds they may not try; 0.0 when they may."""
        found = self._find(kind, whom)
        if found is None or found.count < FREE:
            return 0.0
        delay = min(2.0 ** min(found.count - FREE, 30), LONGEST[kind])
        return max(0.0, found.last + delay - self._clock.monotonic())

    def wrong(self, kind: Kind, whom: str, mark: str = "") -> None:
        """Count a wrong try. The same `mark` over and over counts once: a program that was not told of a new token is
        not guessing."""
        found = self._find(kind, whom) or _Counted(0, 0.0, ())
        if mark and mark in found.marks:
            return
        marks = (*found.marks, mark)[-_MARKS:] if mark else ()
        self._wrong[kind, whom] = _Counted(found.count + 1, self._clock.monotonic(), marks)
        self._wrong.move_to_end((kind, whom))
        if len(self._wrong) > _MOST:
            self._wrong.popitem(last=False)

    def right(self, kind: Kind, whom: str) -> None:
        """Take back one that was counted and was not wrong."""
        found = self._find(kind, whom)
        if found is not None:
            self._wrong[kind, whom] = msgspec.structs.replace(found, count=found.count - 1)
            if found.count <= 1:
                del self._wrong[kind, whom]

    def forget(self, kind: Kind, whom: str) -> None:
        """Take back all."""
        self._wrong.pop((kind, whom), None)

    def _find(self, kind: Kind, whom: str) -> _Counted | None:
        found = self._wrong.get((kind, whom))
        if found is not None and found.last + WINDOW <= self._clock.monotonic():
            del self._wrong[kind, whom]
            return None
        return found


def _words(seconds: int) -> str:
    count, unit = (seconds, "second") if seconds < 100 else (math.ceil(seconds / 60), "minute")
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
