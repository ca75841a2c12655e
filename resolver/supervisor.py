"""Keeping processes running: what dies is started again, and so is what lives but does nothing.

It can be PID 1. It holds the sockets for as long as it lives, so that what arrives while a worker is being restarted
waits in the kernel and is answered by the next one.

python -m resolver.supervisor serve --plan FD

`lull serve` turns into this program once it has bound the sockets (`Plan.follow`). It is there for as long as the
daemon is, and so would be what was loaded to read the config: this imports next to nothing.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import signal
import sys
import time
from collections.abc import Iterable, Sequence

from resolver.notifying import Notifier
from resolver.plan import SIGNALS, Plan
from resolver.process import configure_logging

log = logging.getLogger(__name__)

_NOT_YET = (signal.SIGINT, signal.SIGHUP)  # the terminal's Ctrl-C is ours to act on; control waits for SIGHUP itself
_QUICK = 10.0  # seconds: a child that lived for less is restarted with a pause that doubles
_MAX_PAUSE = 5.0
_WORKERS_STOP = 3.0  # seconds until a worker that does not stop is killed
_CONTROL_STOP = 1.5
_LOOK = 1.0  # seconds between two looks at who is alive
_AWAY = 5.0  # seconds between two looks after which we were stopped ourselves, and the others most likely too


class Child:
    """One process that is kept running, with no descriptors but those in `inherits`. `pid` is 0 while it is not.

    It writes a byte into the descriptor of its option --beat every second. After `patience` seconds without one, or
    `birth` seconds without the first one, it is taken for hung, and killed.
    """

    def __init__(
        self, name: str, command: Sequence[str], inherits: Iterable[int], patience: float, birth: float
    ) -> None:
        self.name = name
        self.pid = 0
        self.due = 0.0
        self.alive = False  # whether it has given a sign of life
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        # A descriptor duplicated onto itself loses its close-on-exec flag in the child alone (posix_spawn(3)).
        shared = [*inherits, self._write]
        self._inherits = [(os.POSIX_SPAWN_DUP2, descriptor, descriptor) for descriptor in shared]
        self._command = [*command, "--beat", str(self._write)]
        self._patience = patience
        self._birth = birth
        self._started = 0.0
        self._heard = 0.0
        self._pause = 0.0

    def start(self, now: float) -> None:
        """Start it, with every signal as it is by default."""
        self._started = self._heard = now
        self._hear()  # what the one before said last
        self.alive = False
        try:
            self.pid = os.posix_spawn(
                sys.executable,
                self._command,
                os.environ,
                file_actions=self._inherits,
                setsigmask=_NOT_YET,  # until a child can act on them
                setsigdef=tuple(SIGNALS - {signal.SIGCHLD}),
            )
        except OSError as error:  # out of processes or memory, or being upgraded: the others must not suffer
            self._pause = min(max(self._pause * 2, 0.1), _MAX_PAUSE)
            self.due = now + self._pause
            log.error("%s cannot be started: %s; trying again in %.1f s", self.name, error, self._pause)

    def ended(self, status: int, now: float) -> None:
        """Plan the restart: at once the first time, then after 0.1, 0.2 … 5 s for as long as it keeps dying young."""
        lived = now - self._started
        self._pause = min(max(self._pause * 2, 0.1), _MAX_PAUSE) if lived < _QUICK else 0.0
        self.due = now + self._pause
        self.pid = 0
        self.alive = False
        code = os.waitstatus_to_exitcode(status)
        how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        log.warning("%s ended after %.1f s (%s); restarting in %.1f s", self.name, lived, how, self._pause)

    def listen(self, now: float) -> None:
        """Hear its signs of life; kill it when there were none for too long."""
        if self._hear() and self.pid:
            self._heard = now
            self.alive = True
        silent = now - self._heard
        if self.pid and silent > (self._patience if self.alive else self._birth):
            log.error("%s has given no sign of life for %.0f s and is killed", self.name, silent)
            self._heard = now  # once is enough
            os.kill(self.pid, signal.SIGKILL)

    def _hear(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            return bool(os.read(self._read, 4096))
        return False

    def excuse(self, now: float) -> None:
        """Its silence until now says nothing: nobody was there to hear."""
        self._heard = now

    def signal(self, number: int) -> None:
        if self.pid:
            os.kill(self.pid, number)


class Supervisor:
    """Keeps `workers` and `control` running until SIGTERM or SIGINT."""

    def __init__(self, workers: Sequence[Child], control: Child, notifier: Notifier) -> None:
        self._workers = workers
        self._control = control
        self._notifier = notifier
        self._looked = math.inf

    @property
    def _children(self) -> list[Child]:
        return [*self._workers, self._control]

    def run(self) -> None:
        """Returns when everything has stopped. SIGHUP goes to control, which reads the config again."""
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        for child in self._children:
            child.start(time.monotonic())
        while True:
            arrived = self._wait(self._next_due())
            self._reap(time.monotonic())
            if arrived in {signal.SIGTERM, signal.SIGINT}:
                break
            if arrived == signal.SIGHUP:
                self._control.signal(signal.SIGHUP)
            self._start_due(time.monotonic())
            self._listen(time.monotonic())
        self._notifier.say("STOPPING=1")
        self._stop(self._workers, _WORKERS_STOP)
        self._stop([self._control], _CONTROL_STOP)

    def _listen(self, now: float) -> None:
        """Who answers queries decides whether the service is well: systemd is told so, or nothing."""
        for child in self._children:
            if now - self._looked > _AWAY:
                child.excuse(now)
            child.listen(now)
        self._looked = now
        answering = sum(child.alive for child in self._workers)
        if answering:
            self._notifier.well(f"{answering} of {len(self._workers)} workers are answering")

    def _next_due(self) -> float:
        """Seconds until a child is to be started again, or looked at."""
        due = [child.due - time.monotonic() for child in self._children if not child.pid]
        return max(min([*due, _LOOK]), 0.0)

    def _wait(self, seconds: float) -> int:
        arrived = signal.sigtimedwait(SIGNALS, seconds)
        return arrived.si_signo if arrived is not None else 0

    def _reap(self, now: float) -> None:
        """Collect every child that ended, also those that are not ours when we are PID 1."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            for child in self._children:
                if child.pid == pid:
                    child.ended(status, now)

    def _start_due(self, now: float) -> None:
        for child in self._children:
            if not child.pid and child.due <= now:
                child.start(now)

    def _stop(self, children: Sequence[Child], seconds: float) -> None:
        """Ask nicely, wait so long, then kill."""
        deadline = time.monotonic() + seconds
        for child in children:
            child.signal(signal.SIGTERM)
        while any(child.pid for child in children) and (left := deadline - time.monotonic()) > 0:
            self._wait(left)
            self._collect(children)
        for child in children:
            child.signal(signal.SIGKILL)
            if child.pid:
                log.warning("%s did not stop in %.1f s and was killed", child.name, seconds)
                os.waitpid(child.pid, 0)

    def _collect(self, children: Sequence[Child]) -> None:
        for child in children:
            if child.pid and os.waitpid(child.pid, os.WNOHANG)[0]:
                child.pid = 0


def main() -> None:
    plan = Plan.taken(int(sys.argv[sys.argv.index("--plan") + 1]))
    configure_logging("serve")
    Supervisor([Child(*one) for one in plan.workers], Child(*plan.control), Notifier()).run()
    log.info("stopped")


if __name__ == "__main__":
    main()
