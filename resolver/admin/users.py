"""The users as admins handle them. Whoever loses something by a change has to sign in again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from resolver.admin import passwords
from resolver.admin.accountbodies import NewUser, UserChange, UserInfo
from resolver.admin.accounts import Accounts
from resolver.admin.passwords import Passwords
from resolver.config import called
from resolver.config.leaves import shown
from resolver.errors import ApiError, ConflictError
from resolver.store.accountrows import User
from resolver.store.tables import requests, sessions, tokens, users

_MOST = 200

ADMIN, MEMBER = "admin", "member"


class Users:
    """Raises ApiError for what cannot be done, with a reason. `scope` is how rules call a device that is given."""

    def __init__(self, accounts: Accounts, hashing: Passwords, scope: Callable[[str], str]) -> None:
        self._accounts = accounts
        self._hashing = hashing
        self._scope = scope

    async def every(self) -> list[UserInfo]:
        """All users, by name."""
        picture = await self._accounts.picture()
        return sorted(map(self._info, picture.users.values()), key=lambda one: one.name)

    async def one(self, name: str) -> UserInfo:
        return self._info(await self._accounts.user(name))

    async def add(self, new: NewUser, who: str, *, first: bool = False) -> UserInfo:
        """Add a user; as the `first` admin only where there is none yet."""
        name = _name(new.name)
        device = self._device(new.role, new.device)
        passwords.check(new.password, name)
        values = {"name": name, "role": new.role, "device": device, "grants": new.grants and new.role == MEMBER}
        values |= {"password": await self._hashing.hash(new.password), "totp": "", "step": 0}
        values |= {"created": self._accounts.clock.time(), "seen": None}

        def work(connection: Connection) -> None:
            names = [row.name for row in connection.execute(select(users.c.name))]
            if name in names:
                raise ConflictError(f"there is a user {name} already")
            if len(names) >= _MOST:
                raise ConflictError(f"there are {_MOST} users, and no more than that")
            if first and _admins(connection):
                raise ConflictError("there is an admin already: sign in, or ask whoever that is")
            connection.execute(insert(users).values(**values))

        await self._accounts.change(who, f"add user {name}, {_told(values)}", work)
        return await self.one(name)

    async def put(self, name: str, change: UserChange, who: str) -> UserInfo:
        """Change what a user may do. Their sessions end if anything is another then."""
        user = await self._accounts.user(name)
        role = user.role if change.role is None else change.role
        device = user.device if change.device is None else change.device
        grants = user.grants if change.grants is None else change.grants
        if role == ADMIN and change.device is None:
            device = ""
        device = device if (device == user.device and role == user.role) else self._device(role, device)
        values = {"role": role, "device": device, "grants": grants and role == MEMBER}
        if all(getattr(user, column) == value for column, value in values.items()):
            return self._info(user)

        def work(connection: Connection) -> None:
            connection.execute(update(users).where(users.c.id == user.id).values(**values))
            _revoke(connection, user, made=role != ADMIN)
            _keep_an_admin(connection, user)

        await self._accounts.change(who, f"user {user.name} is now {_told(values)}", work)
        self._sign_out(user)
        return await self.one(user.name)

    async def set_password(self, name: str, password: str, who: str) -> UserInfo:
        """Give a user another password. Their sessions end."""
        user = await self._accounts.user(name)
        passwords.check(password, user.name)
        hash = await self._hashing.hash(password)

        def work(connection: Connection) -> None:
            connection.execute(update(users).where(users.c.id == user.id).values(password=hash))
            _revoke(connection, user, made=False)

        await self._accounts.change(who, f"new password for {user.name}", work)
        self._sign_out(user)
        return await self.one(user.name)

    async def codes_off(self, name: str, who: str) -> UserInfo:
        """Ask a user for no codes any more, who has lost what makes them. Their sessions end."""
        user = await self._accounts.user(name)
        if user.totp:

            def work(connection: Connection) -> None:
                connection.execute(update(users).where(users.c.id == user.id).values(totp="", step=0))
                _revoke(connection, user, made=False)

            await self._accounts.change(who, f"no more codes for {user.name}", work)
            self._sign_out(user)
        return await self.one(user.name)

    async def delete(self, name: str, who: str) -> None:
        """Delete a user, with their sessions, the tokens that they made, and what they asked for."""
        user = await self._accounts.user(name)

        def work(connection: Connection) -> None:
            _revoke(connection, user, made=True)
            connection.execute(delete(requests).where(requests.c.user == user.id))
            connection.execute(delete(users).where(users.c.id == user.id))
            _keep_an_admin(connection, user)

        await self._accounts.change(who, f"delete user {user.name}", work)
        self._sign_out(user)

    def _sign_out(self, user: User) -> None:
        self._accounts.store.sessions.end(lambda one: one.user == user.id)

    def _device(self, role: str, device: str) -> str:
        if role == ADMIN:
            if device.strip():
                raise ApiError(400, "invalid", "an admin looks after all devices: leave the device out", "device")
            return ""
        if not device.strip():
            raise ApiError(400, "invalid", "a member has a device: give its name or address", "device")
        return self._scope(device)

    def _info(self, user: User) -> UserInfo:
        sessions = self._accounts.store.sessions.all(self._accounts.clock.time())
        return UserInfo(
            user.name,
            "admin" if user.role == ADMIN else "member",
            user.device,
            user.grants,
            bool(user.totp),
            user.created,
            user.seen,
            sum(one.user == user.id for one in sessions),
        )


def _name(text: str) -> str:
    """The name as it is kept: in small letters, so that it can be typed either way."""
    found = called.name(text.strip())
    if not found:
        raise ApiError(
            400, "invalid", f"{shown(text)} is no name: letters, digits, spaces and ' _ - & ( ), 64 at most", "name"
        )
    return called.key(found)


def _told(values: dict[str, Any]) -> str:
    if values["role"] == ADMIN:
        return ADMIN
    may = ", who may allow themselves exceptions" if values["grants"] else ""
    return f"{MEMBER} with the device {values['device']}{may}"


def _revoke(connection: Connection, user: User, *, made: bool) -> None:
    """End the sessions of a user; and the tokens that they `made`."""
    connection.execute(delete(sessions).where(sessions.c.user == user.id))
    if made:
        connection.execute(delete(tokens).where(tokens.c.who == user.name))


def _admins(connection: Connection) -> int:
    return len(connection.execute(select(users.c.id).where(users.c.role == ADMIN)).all())


def _keep_an_admin(connection: Connection, changed: User) -> None:
    if changed.role == ADMIN and not _admins(connection):
        raise ConflictError("that is the last admin: make another one first")
