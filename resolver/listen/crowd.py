"""The connections of one kind: how many there may be, and which have to go."""

from __future__ import annotations

from typing import Protocol

from resolver.model import Clock

MAX_CONNECTIONS = 1000
MAX_PER_CLIENT = 100
IDLE = 10.0  # seconds (RFC 7766 section 6.2.3)


class Member(Protocol):
    """A connection, or one that is about to be. `peer` is the address that it counts for, `active` when it last did
    something whole."""

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
    """Bounded in all and for each client."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.members: set[Member] = set()

    def __len__(self) -> int:
        return len(self.members)

    def join(self, member: Member) -> None:
        """Make room for a new one by closing the one that has been idle for longest, of this client first."""
        self.members.add(member)
        mates = [other for other in self.members if other.peer == member.peer]
        for crowd, most in ((mates, MAX_PER_CLIENT), (self.members, MAX_CONNECTIONS)):
            if len(crowd) > most and member in self.members:
                idle = [other for other in crowd if not other.in_flight and other is not member]
                min(idle, key=lambda other: other.active, default=member).abort()

    def leave(self, member: Member) -> None:
        self.members.discard(member)

    def sweep(self) -> None:
        """Close those that have been idle for too long; to be called every second or so."""
        limit = self._clock.monotonic() - IDLE
        for member in [one for one in self.members if not one.in_flight and one.active < limit]:
            member.abort()

    def close(self) -> None:
        for member in list(self.members):
            member.close()
