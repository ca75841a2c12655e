"""The salts that clients' names of a day are made with. Only control makes them, and only until their day is over are
they anywhere: in memory, and in one private file, for a control that is started again on the same day."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import pathlib
import secrets
from collections.abc import Callable, Mapping

import msgspec

from resolver.journal.redaction import DAY
from resolver.model import Clock

log = logging.getLogger(__name__)

BYTES = 16
"""Of one salt."""

_EARLY = 60.0  # seconds before midnight (UTC) at which the next day's is made: workers have it when the day begins
_LOOK = 10.0  # seconds between two looks at the clock, which somebody may set

_Days = dict[str, str]  # in the file: day → hex


class Salts:
    """`tell` gets those in force, by the day, whenever they change. A file that cannot be read or written costs no more
    than other names on the rest of a day."""

    def __init__(self, path: pathlib.Path, clock: Clock, tell: Callable[[Mapping[int, bytes]], None]) -> None:
        self._path = path
        self._clock = clock
        self._tell = tell
        self._trouble = ""
        self.known: Mapping[int, bytes] = {}

    async def keep(self) -> None:
        """Make them and destroy them until cancelled."""
        self.known = await asyncio.to_thread(self._read)
        self._tell(self.known)
        while True:
            await self.look()
            await asyncio.sleep(_LOOK)

    async def look(self) -> None:
        """Have those for now and for what is about to begin, and no others."""
        now = self._clock.time()
        days = {int(now // DAY), int((now + _EARLY) // DAY)}
        if days == self.known.keys():
            return
        self.known = {day: self.known.get(day) or secrets.token_bytes(BYTES) for day in days}
        self._tell(self.known)
        await asyncio.to_thread(self._write, self.known)

    def _read(self) -> Mapping[int, bytes]:
        """Those of the file; none from one that is damaged, or that others could read."""
        with contextlib.suppress(OSError, ValueError, msgspec.MsgspecError):
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                if os.fstat(descriptor).st_mode & 0o077:
                    return {}
                found = msgspec.json.decode(file.read(4096), type=_Days)
            salts = {int(day): bytes.fromhex(text) for day, text in found.items()}
            return {day: salt for day, salt in salts.items() if len(salt) == BYTES}
        return {}

    def _write(self, salts: Mapping[int, bytes]) -> None:
        """Put these in the place of those of before, which are written over first: what the disk itself may still have
        of them is beyond a program's reach."""
        body = msgspec.json.encode({str(day): salt.hex() for day, salt in salts.items()})
        fresh = self._path.with_name(f"{self._path.name}.new")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh.unlink(missing_ok=True)
            _private(fresh, body, os.O_CREAT | os.O_EXCL)
            if self._path.is_file() and not self._path.is_symlink():
                _private(self._path, bytes(self._path.stat().st_size), 0)
            fresh.replace(self._path)
        except OSError as error:
            self._complain(str(error))
        else:
            self._trouble = ""

    def _complain(self, trouble: str) -> None:
        if trouble != self._trouble:
            log.warning("the salt of the log cannot be kept: %s; after a restart clients have other names", trouble)
        self._trouble = trouble


def _private(path: pathlib.Path, body: bytes, flags: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(descriptor)
