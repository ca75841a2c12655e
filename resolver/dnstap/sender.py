"""Tells what is logged as dnstap, on a thread of its own: whoever does not listen, or not fast enough, costs messages,
which are counted, and nothing else."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections import deque

import msgspec

from resolver import __version__
from resolver.dnstap.messages import Messages
from resolver.dnstap.outlets import Outlet, open_outlet
from resolver.dnstap.streams import data_frame
from resolver.errors import LullError
from resolver.journal.frames import Batch, Row
from resolver.paths import PRODUCT

log = logging.getLogger(__name__)

MOST_ROWS = 50_000
"""Rows that wait; of more, the oldest batches go."""

_AT_ONCE = 200  # rows written together
_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)  # seconds before the next try to open an outlet, as tries go on
_LAST = 1.0  # seconds for what waits when it ends


class Told(msgspec.Struct, frozen=True):
    """How it goes: to where ("": nowhere), how many answers were told of and how many were not since control started,
    how many rows wait, and why nobody takes them ("" when somebody does)."""

    place: str = ""
    answers: int = 0
    dropped: int = 0
    waiting: int = 0
    trouble: str = ""


class Sender:
    """`move`, `take`, `told` and `close` return at once, but for `close`, which waits a second at most."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._tally = _Tally()
        self._run: _Run | None = None

    def move(self, place: str) -> None:
        """Tell it there from now on, as the config has a place; to nobody, if it is empty."""
        if place != self.told().place:
            self._end()
            self._run = _Run(place, self._messages, self._tally) if place else None

    def take(self, batch: Batch) -> None:
        """What a worker told, as far as privacy lets it be known."""
        if self._run is not None and batch.rows:
            self._run.take(batch)

    def told(self) -> Told:
        run, tally = self._run, self._tally
        if run is None:
            return Told(answers=tally.answers, dropped=tally.dropped)
        return Told(run.place, tally.answers, tally.dropped, run.rows, run.trouble)

    def close(self) -> None:
        run = self._end()
        if run is not None:
            run.join(_LAST)

    def _end(self) -> _Run | None:
        run, self._run = self._run, None
        if run is not None:
            run.end()
        return run


def sender() -> Sender:
    """One that tells as this machine."""
    return Sender(Messages(socket.gethostname(), f"{PRODUCT} {__version__}"))


class _Tally:
    """Of all runs; one that has ended may still have something to add."""

    def __init__(self) -> None:
        self.answers = self.dropped = 0
        self._lock = threading.Lock()

    def add(self, *, answers: int = 0, dropped: int = 0) -> None:
        with self._lock:
            self.answers += answers
            self.dropped += dropped


class _Run:
    """The thread that tells it to one place, until it is ended."""

    def __init__(self, place: str, messages: Messages, tally: _Tally) -> None:
        self.place = place
        self.rows = 0
        self.trouble = ""
        self._messages = messages
        self._tally = tally
        self._waiting: deque[Batch] = deque()
        self._deadline = 0.0  # of the monotonic clock; 0 while it goes on
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="dnstap", daemon=True)
        self._thread.start()

    def take(self, batch: Batch) -> None:
        with self._news:
            self._waiting.append(batch)
            self.rows += len(batch.rows)
            while self.rows > MOST_ROWS and len(self._waiting) > 1:
                self._drop()
            self._news.notify()

    def end(self) -> None:
        with self._news:
            self._deadline = time.monotonic() + _LAST
            self._news.notify()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _work(self) -> None:
        tries = 0
        while not self._deadline:
            before = self._tally.answers
            try:
                self._tell_there()
            except Exception as error:  # noqa: BLE001 - nothing that goes wrong here may harm anything else
                self._complain(error)
                tries = 0 if self._tally.answers > before else tries + 1
                self._pause(_PAUSES[min(tries, len(_PAUSES) - 1)])
        with self._news:
            while self._waiting:
                self._drop()

    def _tell_there(self) -> None:
        outlet = open_outlet(self.place)
        try:
            self._tell(outlet)
        finally:
            outlet.close()

    def _complain(self, error: Exception) -> None:
        known = isinstance(error, OSError | LullError)
        why = (getattr(error, "strerror", None) or str(error)) if known else type(error).__name__
        said = f"dnstap cannot be told to {self.place}: {why}"
        if said != self.trouble:
            log.warning("%s; tried again and again", said)
        self.trouble = said

    def _relax(self) -> None:
        if self.trouble:
            log.info("dnstap is told to %s again", self.place)
        self.trouble = ""

    def _tell(self, outlet: Outlet) -> None:
        """Tell what comes until it is ended and nothing waits, or time is over."""
        while (batch := self._next()) is not None:
            done = 0
            try:
                while done < len(batch.rows):
                    part = batch.rows[done : done + _AT_ONCE]
                    outlet.write(self._frames(part, batch.second))
                    self._tally.add(answers=_queries(part))
                    done += len(part)
                    self._relax()
            finally:
                self._tally.add(dropped=_queries(batch.rows[done:]))

    def _frames(self, rows: list[Row], second: int) -> bytes:
        return b"".join(data_frame(one) for row in rows for one in self._messages.of(row, second))

    def _next(self) -> Batch | None:
        with self._news:
            while not self._waiting and not self._deadline:
                self._news.wait()
            if not self._waiting or (self._deadline and time.monotonic() > self._deadline):
                return None
            batch = self._waiting.popleft()
            self.rows -= len(batch.rows)
            return batch

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        with self._news:
            while not self._deadline and (left := end - time.monotonic()) > 0:
                self._news.wait(left)

    def _drop(self) -> None:
        """Give up the oldest batch."""
        batch = self._waiting.popleft()
        self.rows -= len(batch.rows)
        self._tally.add(dropped=_queries(batch.rows))


def _queries(rows: list[Row]) -> int:
    return sum(row.count for row in rows)
