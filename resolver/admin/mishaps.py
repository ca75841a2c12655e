"""Who tried to come in and could not: on the trail and in the log. The first time at once, then summed up, so that
whoever tries all day fills neither."""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from resolver.config.leaves import plain
from resolver.model import Clock

log = logging.getLogger(__name__)

SPAN = 600.0
"""Seconds for which what follows is summed up."""

_MOST = 50  # addresses that are told apart at a time
_MANY = "many addresses"


class _Sum(msgspec.Struct):
    began: float  # monotonic
    more: int = 0


class Mishaps:
    """`note` puts an entry on the trail: who, and what."""

    def __init__(self, note: Callable[[str, str], None], clock: Clock) -> None:
        self._note = note
        self._clock = clock
        self._sums: dict[tuple[str, str], _Sum] = {}

    def add(self, what: str, address: str) -> None:
        """Somebody at an address could not do that. `what` has nothing in it that they sent."""
        key = (what, address)
        if key not in self._sums and len(self._sums) >= _MOST:
            key = (what, _MANY)
        found = self._sums.get(key)
        if found is not None:
            found.more += 1
            return
        self._sums[key] = _Sum(self._clock.monotonic())
        self._say(key, what)

    def tell(self) -> None:
        """Tell the sums whose time is over."""
        now = self._clock.monotonic()
        for key, one in list(self._sums.items()):
            if one.began + SPAN <= now:
                del self._sums[key]
                if one.more:
                    times = "once more" if one.more == 1 else f"{one.more:,} times more"
                    self._say(key, f"{key[0]}, {times} within {SPAN / 60:g} minutes")

    def _say(self, key: tuple[str, str], what: str) -> None:
        who = f"somebody ({plain(key[1])})"
        log.warning("%s: %s", who, what)
        self._note(who, what)
