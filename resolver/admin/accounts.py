"""What all that is about users has in common: the picture of who there is, changing it, what waits to be written."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import NoReturn, TypeVar

from sqlalchemy import Connection

from resolver.admin.mishaps import Mishaps
from resolver.config import called
from resolver.config.leaves import shown
from resolver.errors import ApiError, ConflictError, StoreError
from resolver.model import Clock
from resolver.store.accountrows import Picture, User
from resolver.store.accounts import AccountStore

log = logging.getLogger(__name__)

T = TypeVar("T")

BEAT = 1.0
"""Seconds between two looks at what there is to read and to write."""

_PAUSE = 5.0  # seconds until it is tried again
_LAST = 1.0  # seconds in which what waits may be written when stopping


class Accounts:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, store: AccountStore, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.mishaps = Mishaps(store.note, clock)
        self._trouble = ""
        self._again = 0.0
        self._reading = asyncio.Lock()

    async def picture(self) -> Picture:
        """Who there is; as it is remembered, while the database cannot be read. ApiError 503 if it never could."""
        if self.store.picture is None:
            async with self._reading:
                await self._read()
        if self.store.picture is None:
            raise ApiError(503, "store", f"the database cannot be read, which knows who may come in: {self._trouble}")
        return self.store.picture

    async def user(self, name: str) -> User:
        """The user of that name. ApiError 404 if there is none."""
        found = (await self.picture()).named(called.key(name.strip()))
        if found is None:
            raise ApiError(404, "not-found", f"there is no user {shown(name)}", "name")
        return found

    async def change(self, who: str, what: str, work: Callable[[Connection], T]) -> T:
        """Do `work` on the database, with an entry on the trail. ApiError 503 while that cannot be, 409 for what does
        not fit what is there."""
        try:
            return await asyncio.to_thread(self.store.change, who, what, work)
        except StoreError as error:
            raise ApiError(503, "store", f"the database cannot be used now: {error}") from error
        except ConflictError as error:
            raise ApiError(409, "conflict", str(error)) from error

    async def keep(self, read: Callable[[], None]) -> NoReturn:
        """Follow the database, and write down what waits, until cancelled. `read` is called when there is news."""
        while True:
            if self.store.stale:
                async with self._reading:
                    await self._read()
            read()
            self.mishaps.tell()
            try:
                await asyncio.to_thread(self.store.flush)
            except StoreError as error:
                log.debug("sessions and the trail wait to be written: %s", error)
                await asyncio.sleep(_PAUSE)
            await asyncio.sleep(BEAT)

    async def stop(self) -> None:
        """Write down what waits, if that can be done at once."""
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(_LAST):
                await asyncio.to_thread(self.store.flush)

    async def _read(self) -> None:
        if not self.store.stale or self.clock.monotonic() < self._again:
            return
        try:
            await asyncio.to_thread(self.store.read)
        except StoreError as error:
            self._trouble = str(error)
            self._again = self.clock.monotonic() + BEAT
