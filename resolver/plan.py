"""What the supervisor is to keep running, as `lull serve` leaves it to it."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence
from typing import NamedTuple

SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
"""Those that the supervisor waits for."""


class Kept(NamedTuple):
    """A process to be kept running: what it is called, its command, the descriptors that it gets, and for how many
    seconds it may give no sign of life, since the last one and until the first."""

    name: str
    command: Sequence[str]
    inherits: Sequence[int]
    patience: float
    birth: float


class Plan(NamedTuple):
    """What to keep running. The descriptors of `held` are nobody's but the supervisor's."""

    workers: Sequence[Kept]
    control: Kept
    held: Sequence[int]

    def follow(self) -> None:
        """Become the supervisor: this program ends here, and its process goes on as another. Raises OSError."""
        plan = os.memfd_create("plan")
        os.pwrite(plan, json.dumps(self).encode(), 0)
        for descriptor in (plan, *self._descriptors()):
            os.set_inheritable(descriptor, True)  # noqa: FBT003 - its only name
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # what comes meanwhile is heard afterwards
        os.execv(  # noqa: S606 - our own interpreter and module
            sys.executable, [sys.executable, "-P", "-m", "resolver.supervisor", "serve", "--plan", str(plan)]
        )

    @classmethod
    def taken(cls, descriptor: int) -> Plan:
        """That of a process which followed it. Its descriptors go to nobody by chance any more."""
        data = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        os.close(descriptor)
        workers, control, held = json.loads(data)
        plan = cls([Kept(*one) for one in workers], Kept(*control), held)
        for one in plan._descriptors():
            os.set_inheritable(one, False)  # noqa: FBT003 - its only name
        return plan

    def _descriptors(self) -> set[int]:
        return {*self.held, *(one for kept in (*self.workers, self.control) for one in kept.inherits)}
