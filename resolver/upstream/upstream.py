"""One upstream resolver: where it is, how it is reached, and how it has been doing.

An answer that is missing may be the name's fault, or that of one lost datagram. It only raises a doubt: from then on
`breaker` asks something that every resolver knows, until an answer comes or it is clear that there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from resolver.errors import UpstreamError, UpstreamTimeout, UpstreamUntimely
from resolver.model import Clock, UpstreamHealth
from resolver.upstream.latency import Latency
from resolver.upstream.transport import Transport

GIVE_UP = 1.7  # seconds in which nothing came, after which a doubtful upstream is down
_DOWN_AFTER = 2  # failures in a row that the network, or the upstream itself, told of
_LAME_AFTER = 5  # questions in a row that it refused and others answered


class State(IntEnum):
    """The less the better."""

    WELL = 0
    DOUBTFUL = 1
    DOWN = 2


class Upstream:
    """One upstream and how it has been doing. `undated` are transports that accept a certificate that is right but for
    its dates; there are some if it is encrypted. It is `untimely` while it fails for nothing but the dates. `wanted` is
    when somebody last wanted to ask it (monotonic time)."""

    def __init__(
        self, url: str, transports: Sequence[Transport], clock: Clock, undated: Sequence[Transport] = ()
    ) -> None:
        self.url = url
        self.transports = transports
        self.undated = undated
        self.untimely = False
        self.asked = self.failed = 0
        self.latency = Latency()
        self.state = State.WELL
        self.wanted = 0.0
        self.lame = False
        self._clock = clock
        self._failures = self._useless = 0
        self._failed = self._heard = 0.0  # when: the last failure that counted, and the last reply
        self._silent = 0.0  # since when what was asked has had no answer; 0: it has
        self._since = clock.time()
        self._reason = ""

    @property
    def up(self) -> bool:
        return self.state != State.DOWN

    def succeeded(self, seconds: float, *, measured: bool = True) -> None:
        """A usable reply came after `seconds`, `measured` if that tells how quick the usual transport is."""
        self._useless = 0
        self.lame = False
        if measured:
            self.latency.came(seconds)
        self._heard = self._clock.monotonic()
        if self.state or self._failures or self.untimely:
            self._recovered()

    def heard(self) -> None:
        """A reply came, be it useless: it is there, though it may be no help (`useless`)."""
        self._heard = self._clock.monotonic()
        if not self.lame:
            self._recovered()

    def _recovered(self) -> None:
        if self.state == State.DOWN:
            self._since = self._clock.time()
        self.state = State.WELL
        self._failures = 0
        self._silent = 0.0
        self._reason = ""
        self.untimely = False

    def silent(self, began: float) -> None:
        """What was asked then (monotonic time) has had no answer, and it should have had one."""
        self.failed += 1
        self.latency.lost()
        if began > self._heard:
            self._silent = min(self._silent, began) if self._silent else began
            self._doubt(UpstreamTimeout("no answer in time"))

    def failing(self, error: UpstreamError, began: float) -> None:
        """What was asked then failed. Many that fail for one reason, such as a connection that was lost, are one."""
        self.failed += 1
        self.untimely = isinstance(error, UpstreamUntimely)
        self.latency.lost()
        self._doubt(error)
        self._silent = self._silent or self._clock.monotonic()  # a doubt does not last, though nobody asks any more
        if began >= self._failed:
            self._failures += 1
            self._failed = self._clock.monotonic()
            if self._failures >= _DOWN_AFTER:
                self._go_down()

    def useless(self, why: str) -> None:
        """What it said was of no use, and another had an answer."""
        self._useless += 1
        if self._useless >= _LAME_AFTER:
            self.lame = True
            self._doubt(UpstreamError(why))
            self._go_down()

    def judge(self) -> None:
        """Look whether a doubt has lasted too long."""
        if self.state == State.DOUBTFUL and self._silent and self._clock.monotonic() - self._silent >= GIVE_UP:
            self._go_down()

    def _doubt(self, error: UpstreamError) -> None:
        self.state = max(self.state, State.DOUBTFUL)
        self._reason = str(error)

    def _go_down(self) -> None:
        if self.state != State.DOWN:
            self.state = State.DOWN
            self._since = self._clock.time()

    def health(self) -> UpstreamHealth:
        latency = self.latency
        return UpstreamHealth(
            self.url,
            self.up,
            self._since,
            round(latency.mean * 1000, 1),
            self.asked,
            self.failed,
            self._reason,
            round(latency.p95 * 1000, 1),
            round(latency.loss, 3),
            p50_ms=round(latency.p50 * 1000, 1),
            answers=latency.answers,
            spent=round(latency.spent, 6),
            doubtful=self.state == State.DOUBTFUL,
        )
