"""How the database is, and what happened to it: told once to the log, and kept to be shown."""

from __future__ import annotations

import logging
from collections import deque

import msgspec

from resolver.model import Clock
from resolver.store.trouble import Kind, Trouble

INCIDENTS = 50

_STATES = {
    Kind.LOCKED: "locked",
    Kind.SLOW: "locked",  # writing was too slow, most likely beside somebody else's
    Kind.FULL: "full",
    Kind.READONLY: "readonly",
    Kind.CORRUPT: "corrupt",
    Kind.HUNG: "hung",
}

_logger = logging.getLogger(__name__)


class StoreState(msgspec.Struct, frozen=True):
    """`state` is "ok", "locked", "full", "readonly", "corrupt", "hung" or "failed"; why, for a person; since when
    (Unix)."""

    state: str
    detail: str
    since: float


class Incident(msgspec.Struct, frozen=True):
    """Something that happened to the database: when (Unix), what, and the file that was kept, if one was."""

    at: float
    what: str
    file: str = ""


class Health:
    """The state now, and the latest incidents, oldest first."""

    def __init__(self, place: str, clock: Clock) -> None:
        self.state = StoreState("failed", "not opened", clock.time())
        self.incidents: deque[Incident] = deque(maxlen=INCIDENTS)
        self._place = place
        self._clock = clock

    def well(self) -> None:
        """Something was written."""
        if self.state.state != "ok":
            self.state = StoreState("ok", "", self._clock.time())
            _logger.info("%s: in use", self._place)

    def ill(self, trouble: Trouble) -> None:
        """Something could not be written. Logged when that is news."""
        state = _STATES.get(trouble.kind, "failed")
        if (state, trouble.detail) == (self.state.state, self.state.detail):
            return
        since = self.state.since if state == self.state.state else self._clock.time() - trouble.silent
        self.state = StoreState(state, trouble.detail, since)
        _logger.warning("%s: %s: %s", self._place, state, trouble.detail)

    def happened(self, what: str, file: str = "") -> None:
        """Note an incident."""
        self.incidents.append(Incident(self._clock.time(), what, file))
        _logger.warning("%s: %s%s", self._place, what, f" ({file})" if file else "")
