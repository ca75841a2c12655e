"""The connections of one kind: how many there may be, and which have to go."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from resolver.model import Clock
from resolver.policy.clients import place

MAX_CONNECTIONS = 1000
MAX_PER_CLIENT = 100
MAX_OPENING = 250
MAX_OPENING_PER_CLIENT = 25
IDLE = 10.0  # seconds (RFC 7766 section 6.2.3)


class Member(Protocol):
    """A connection, or one that is about to be. `peer` is the address whose place it counts for, `active` when it last
    did something whole."""

    peer: str
    in_flight: int
    active: float

    def close(self) -> None:
        """Close once what is written has gone out."""
        ...

    def abort(self) -> None:
        """Close now, and leave the crowd."""
        ...


class Crowd:
    """Bounded in all and for each client (`policy.clients.place`)."""

    def __init__(self, clock: Clock, most: int, each: int) -> None:
        self._clock = clock
        self._most = most
        self._each = each
        self._counts: Counter[str] = Counter()
        self.members: dict[Member, str] = {}  # with the place that each counts for

    def __len__(self) -> int:
        return len(self.members)

    def join(self, member: Member) -> None:
        """Make room for a new one by closing the one that has been idle for longest, of this client first."""
        home = self.members[member] = place(member.peer)
        self._counts[home] += 1
        if self._counts[home] > self._each:
            self._shed(member, home)
        if len(self.members) > self._most and member in self.members:
            self._shed(member)

    def shed(self) -> bool:
        """Close the one that has been idle for longest, if any is idle; whether one was."""
        return self._shed(None)

    def _shed(self, newest: Member | None, home: str = "") -> bool:
        idle = (
            one
            for one, other in self.members.items()
            if not one.in_flight and one is not newest and (not home or home == other)
        )
        found = min(idle, key=lambda one: one.active, default=newest)
        if found is None:
            return False
        found.abort()
        return True

    def leave(self, member: Member) -> None:
        home = self.members.pop(member, None)
        if home is not None:
            self._counts[home] -= 1
            if not self._counts[home]:
                del self._counts[home]

    def sweep(self) -> None:
        """Close those that have been idle for too long; to be called every second or so."""
        limit = self._clock.monotonic() - IDLE
        for member in [one for one in self.members if not one.in_flight and one.active < limit]:
            member.abort()

    def close(self) -> None:
        for member in list(self.members):
            member.close()
