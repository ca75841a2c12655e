"""The first visit: while there is no admin, a link that this machine alone tells leads to a page that makes one."""

from __future__ import annotations

import contextlib
import hmac
import logging
import os
import pathlib
import secrets
import tempfile
from collections import OrderedDict
from collections.abc import Callable

from resolver.admin.accounts import Accounts
from resolver.admin.signed import digest
from resolver.admin.tries import Tries, Wait
from resolver.errors import ApiError
from resolver.paths import PRODUCT
from resolver.policy.clients import place

log = logging.getLogger(__name__)

VISIT = 3600.0
"""Seconds that somebody who came by the link has for the page."""

_MOST = 20  # visits at a time


class Welcome:
    """Raises ApiError for what cannot be done, with a reason. `admin` is where browsers find the admin: HOST:PORT."""

    def __init__(self, accounts: Accounts, tries: Tries, file: pathlib.Path, admin: Callable[[], str]) -> None:
        """`file` has the digest of the key for as long as that is good."""
        self._accounts = accounts
        self._tries = tries
        self._file = file
        self._admin = admin
        self._key = ""
        self._kept = False
        self._visits: OrderedDict[str, float] = OrderedDict()  # digests, and until when (monotonic)

    def look(self) -> None:
        """Make the key where it is needed, and forget it where it is not."""
        picture = self._accounts.store.picture
        if picture is None:
            return
        if picture.admins:
            self._forget()
        elif not self._key:
            self._make()

    def link(self) -> str:
        """The link; "" once there is an admin."""
        self.look()
        return f"http://{self._admin()}/welcome?key={self._key}" if self._is_open() else ""

    async def begin(self, key: str, address: str) -> str:
        """The secret of a visit, for whoever has the key."""
        await self._accounts.picture()
        self.look()
        where = place(address)
        if wait := self._tries.wait("welcome", where):
            raise Wait(wait, "wrong links")
        if not self._is_open() or not hmac.compare_digest(digest(key), digest(self._key)):
            self._tries.wrong("welcome", where)
            self._accounts.mishaps.add("came by a link that makes no admin", address)
            raise ApiError(403, "forbidden", f"this link is not good any more: `{PRODUCT} token` shows the one that is")
        secret = secrets.token_urlsafe(32)
        self._visits[digest(secret)] = self._accounts.clock.monotonic() + VISIT
        if len(self._visits) > _MOST:
            self._visits.popitem(last=False)
        return secret

    async def is_visit(self, secret: str) -> bool:
        """Whether somebody came by the link, and may make the admin."""
        await self._accounts.picture()
        self.look()
        return self._is_open() and self._visits.get(digest(secret), 0.0) > self._accounts.clock.monotonic()

    def _is_open(self) -> bool:
        """Whether the key is good: it is not once somebody took its file away."""
        return bool(self._key) and (not self._kept or self._is_there())

    def _is_there(self) -> bool:
        with contextlib.suppress(OSError):  # a state directory may be gone, or be another's
            return self._file.exists()
        return False

    def _make(self) -> None:
        self._key = secrets.token_urlsafe(32)
        try:
            self._write(digest(self._key))
            self._kept = True
        except OSError as error:
            log.warning("%s cannot be written: %s; the link is good all the same", self._file, error.strerror or error)
        link = f"http://{self._admin()}/welcome?key={self._key}"
        log.warning("nobody can sign in yet: open %s in a browser to choose a name and a password", link)

    def _write(self, text: str) -> None:
        descriptor, name = tempfile.mkstemp(prefix="welcome-", dir=self._file.parent)  # mode 0600
        new = pathlib.Path(name)
        try:
            with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123 - the descriptor is what mkstemp gives
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._file)
        except OSError:
            new.unlink(missing_ok=True)
            raise

    def _forget(self) -> None:
        if self._key or self._is_there():
            self._key, self._kept = "", False
            self._visits.clear()
            with contextlib.suppress(OSError):
                self._file.unlink(missing_ok=True)
