"""Threads of the database's own. Whoever asks them for something waits for as long as it likes and no longer, whatever
becomes of the thread that does it: one that hangs in a file system, or on a server that says nothing, keeps nobody.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from resolver.store.trouble import Kind, Trouble, UnusableError

T = TypeVar("T")

HUNG = 10.0  # seconds without a sign of life
PATIENCE = 10.0  # seconds to wait for one's turn
READERS = 4
_LOOK = 0.25  # seconds between two looks at a thread that is waited for
_BACK = 0.5  # seconds that a thread gets to come back once it was given up


class GivenUpError(Exception):
    """Nobody waits for this work any more: it is to be taken back."""


class Pulse:
    """The signs of life of one piece of work. It is hung when none came for `allowance` seconds."""

    def __init__(self, allowance: float = HUNG) -> None:
        self.given_up = False
        self.allowance = allowance
        self._lock = threading.Lock()
        self._held: list[tuple[Callable[[], None], Callable[[], None]]] = []
        self._seen = self._until = 0.0
        self.beat()

    def beat(self, seconds: float | None = None) -> None:
        """A sign of life; the next one comes within `seconds`, as usual if not given. Raises GivenUpError."""
        if self.given_up:
            raise GivenUpError
        self._seen = time.monotonic()
        self._until = self._seen + (self.allowance if seconds is None else seconds)

    def goes_on(self) -> bool:
        """The same for where nothing may be raised: whether anybody still waits."""
        with contextlib.suppress(GivenUpError):
            self.beat()
        return not self.given_up

    def silent(self) -> float:
        """For how many seconds it has been hung, counted from its last sign of life; 0.0 if it is not."""
        now = time.monotonic()
        return now - self._seen if now > self._until else 0.0

    def hold(self, cut: Callable[[], None], let_go: Callable[[], None] = lambda: None) -> None:
        """Until the work ends, `cut` is one of the things that make its thread come back: another thread calls it.
        `let_go` is called at the end."""
        with self._lock:
            self._held.append((cut, let_go))

    def give_up(self) -> None:
        """By whoever waited."""
        self.given_up = True
        self.cut()

    def cut(self) -> None:
        """Make the thread come back."""
        with self._lock:
            for cut, _ in self._held:
                with contextlib.suppress(Exception):  # of a connection that was closed meanwhile
                    cut()

    def end(self) -> None:
        """By the thread that did the work."""
        with self._lock:
            held, self._held = self._held, []
        for _, let_go in held:
            let_go()


class _Job(Generic[T]):
    """One piece of work, and what came of it."""

    def __init__(self, work: Callable[[], T], pulse: Pulse) -> None:
        self.pulse = pulse
        self.ended = threading.Event()
        self._work = work
        self._result: list[T] = []
        self.error: BaseException | None = None

    def do(self) -> None:
        try:
            self._result.append(self._work())
        except BaseException as error:  # noqa: BLE001 - raised again by `outcome`, for whoever asked
            self.error = error
        self.pulse.end()

    def outcome(self) -> T:
        if self.error is not None:
            raise self.error
        return self._result[0]


class Hands:
    """One thread that writes at a time, and a few that read. `whose` answers: "the disk", "the server"; `allowance` is
    within how many seconds they show signs of life."""

    def __init__(self, whose: str, allowance: float = HUNG) -> None:
        self.found: Callable[[Trouble], object] = lambda _: None
        """Called when somebody has waited for a thread that hangs."""
        self._whose = whose
        self._allowance = allowance
        self._told: tuple[float, Trouble] | None = None
        self._stopped = False
        self._writing = threading.Semaphore(1)
        self._reading = threading.Semaphore(READERS)
        self._running: set[Pulse] = set()
        self._own = threading.local()

    def write(self, work: Callable[[], T], seconds: float) -> T:
        """What `work` returns or raises. Raises UnusableError when it is hung, or when it takes longer than `seconds`,
        waiting for its turn included; `work` is then given up, see `Pulse.beat`."""
        busy = Trouble(Kind.LOCKED, "the database is busy with other writing")
        return self._done(self._writing, work, seconds, busy)

    def read(self, work: Callable[[], T], seconds: float) -> T:
        """The same, beside what is being written."""
        return self._done(
            self._reading, work, seconds, Trouble(Kind.SLOW, "too many reads of the database at once: try again")
        )

    @property
    def pulse(self) -> Pulse:
        """That of the work which the calling thread does; of any other thread, one that nobody feels."""
        pulse: Pulse | None = getattr(self._own, "pulse", None)
        return pulse or Pulse()

    def beat(self, seconds: float | None = None) -> None:
        """See `Pulse.beat`."""
        self.pulse.beat(seconds)

    def hold(self, cut: Callable[[], None], let_go: Callable[[], None] = lambda: None) -> None:
        """See `Pulse.hold`. Whoever is no thread of these holds nothing."""
        self.pulse.hold(cut, let_go)
        if not hasattr(self._own, "pulse"):
            let_go()

    def tell(self, trouble: Trouble | None, seconds: float = 0.0) -> None:
        """For so long, refuse everybody at once with this trouble."""
        self._told = None if trouble is None else (time.monotonic() + seconds, trouble)

    def cut(self) -> None:
        """Make every thread come back, and go on from there."""
        for pulse in tuple(self._running):
            pulse.cut()

    def stop(self) -> None:
        """Nobody is to wait for anything any more."""
        self._stopped = True

    def heed(self) -> None:
        """Raise UnusableError while somebody is to be told something."""
        if (told := self._told) and time.monotonic() < told[0]:
            raise UnusableError(told[1])

    def _refuse(self) -> None:
        """The same, and while a thread hangs: any other would soon hang beside it."""
        self.heed()
        if silent := max((pulse.silent() for pulse in tuple(self._running)), default=0.0):
            raise self._hung(silent)

    def _done(self, turn: threading.Semaphore, work: Callable[[], T], seconds: float, busy: Trouble) -> T:
        began = time.monotonic()
        deadline = began + seconds
        self._refuse()
        while not turn.acquire(timeout=_LOOK):
            self._refuse()
            if time.monotonic() > min(deadline, began + PATIENCE):
                raise UnusableError(busy)
        job = self._begun(turn, work)
        while not job.ended.wait(_LOOK):
            silent = job.pulse.silent()
            if silent or time.monotonic() > deadline or self._stopped:
                return self._given_up(job, silent, seconds)
        return job.outcome()

    def _begun(self, turn: threading.Semaphore, work: Callable[[], T]) -> _Job[T]:
        job = _Job(work, Pulse(self._allowance))
        self._running.add(job.pulse)
        try:
            threading.Thread(target=self._do, args=(job, turn), name="store", daemon=True).start()
        except RuntimeError as error:  # no more threads, or no memory for one
            self._running.discard(job.pulse)
            turn.release()
            raise UnusableError(Trouble(Kind.FAILED, str(error))) from error
        return job

    def _do(self, job: _Job[T], turn: threading.Semaphore) -> None:
        self._own.pulse = job.pulse
        try:
            job.do()
        finally:
            self._running.discard(job.pulse)
            turn.release()
            job.ended.set()

    def _given_up(self, job: _Job[T], silent: float, seconds: float) -> T:
        job.pulse.give_up()
        if job.ended.wait(_BACK) and job.error is None:
            return job.outcome()  # it came through at the last moment
        if silent:
            error = self._hung(job.pulse.silent())
            self.found(error.trouble)
            raise error from job.error
        if self._stopped:
            raise UnusableError(Trouble(Kind.FAILED, "the database is closed")) from job.error
        raise UnusableError(
            Trouble(Kind.SLOW, f"the database was too slow: not done in {seconds:g} seconds")
        ) from job.error

    def _hung(self, silent: float) -> UnusableError:
        return UnusableError(Trouble(Kind.HUNG, f"{self._whose} does not answer", silent))
