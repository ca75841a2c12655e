"""What users do with their own account: the password, codes, sessions."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, update

from resolver.admin import codes, passwords
from resolver.admin.accountbodies import Account, CodesBegun, Ended, OwnPassword, OwnProof, Role, SessionInfo
from resolver.admin.accounts import Accounts
from resolver.admin.passwords import Passwords
from resolver.admin.principal import ADMIN, Principal
from resolver.admin.signing import Browser, Signing
from resolver.errors import ApiError
from resolver.store.accountrows import Session, User
from resolver.store.tables import sessions, users

_ENROLMENT = 600.0  # seconds in which a code has to come back
_MOST = 50
_ID = 16  # characters of a digest


class _Begun(msgspec.Struct, frozen=True):
    secret: str
    until: float  # monotonic
    session: str  # in which the password was given for it


class Own:
    """Raises ApiError for what cannot be done, with a reason. What changes how one signs in ends every session of
    one's, and returns the secret of a new one for the browser in which it was done."""

    def __init__(self, accounts: Accounts, hashing: Passwords, signing: Signing) -> None:
        self._accounts = accounts
        self._hashing = hashing
        self._signing = signing
        self._begun: OrderedDict[int, _Begun] = OrderedDict()

    async def account(self, principal: Principal) -> Account:
        """Who somebody is, and what they may do."""
        if principal.kind == "nobody":
            raise ApiError(401, "unauthorized", "sign in first")
        scopes = sorted(principal.scopes)
        if principal.kind != "user":
            return Account(principal.kind, principal.name, scopes)
        user = await self._user(principal)
        role: Role = "admin" if user.role == ADMIN else "member"
        return Account("user", user.name, scopes, role, user.device, user.grants, bool(user.totp))

    async def change_password(self, principal: Principal, new: OwnPassword, who: str, browser: Browser) -> str:
        """Take another password. ApiError 403 if the old one is wrong."""
        user = await self._user(principal)
        passwords.check(new.new, user.name, "new")
        await self._signing.prove(user, new.old, None, browser.address)
        hash = await self._hashing.hash(new.new)
        return await self._change(user, {"password": hash}, "new password", who, browser)

    async def begin_codes(self, principal: Principal, proof: OwnProof, browser: Browser) -> CodesBegun:
        """A secret for an app. It counts from when a code of it comes back."""
        user = await self._user(principal)
        if user.totp:
            raise ApiError(409, "conflict", "codes are on already: turn them off first")
        await self._signing.prove(user, proof.password, None, browser.address)
        secret = codes.new_secret()
        until = self._accounts.clock.monotonic() + _ENROLMENT
        self._begun[user.id] = _Begun(secret, until, principal.session)
        self._begun.move_to_end(user.id)
        if len(self._begun) > _MOST:
            self._begun.popitem(last=False)
        return CodesBegun(secret, codes.url(secret, user.name))

    async def codes_begun(self, principal: Principal) -> CodesBegun | None:
        """The secret that was begun with in this session, as long as a code of it may come back. Not for others:
        there nobody gave the password for it."""
        if principal.kind != "user" or not principal.session:
            return None
        user = await self._user(principal)
        begun = self._begun.get(user.id)
        if begun is None or begun.session != principal.session or begun.until <= self._accounts.clock.monotonic():
            return None
        return CodesBegun(begun.secret, codes.url(begun.secret, user.name))

    async def codes_on(self, principal: Principal, code: str, who: str, browser: Browser) -> str:
        """Ask for codes from now on: `code` shows that there is something that makes them."""
        user = await self._user(principal)
        begun = self._begun.get(user.id)
        if begun is None or begun.until <= self._accounts.clock.monotonic():
            raise ApiError(409, "conflict", "that was too long ago: begin again, for a new secret")
        step = codes.step_of(begun.secret, code, self._accounts.clock.time())
        if step is None:
            raise ApiError(
                403, "wrong", "that is not the code of now: type the one that the app shows, and look at the clocks"
            )
        del self._begun[user.id]
        return await self._change(user, {"totp": begun.secret, "step": step}, "codes on", who, browser)

    async def codes_off(self, principal: Principal, proof: OwnProof, who: str, browser: Browser) -> str:
        """Ask for no codes any more."""
        user = await self._user(principal)
        if not user.totp:
            raise ApiError(409, "conflict", "codes are off already")
        await self._signing.prove(user, proof.password, proof.code, browser.address)
        return await self._change(user, {"totp": "", "step": 0}, "codes off", who, browser)

    # Sessions

    async def sessions(self, principal: Principal, *, everybodys: bool = False) -> list[SessionInfo]:
        """One's own, or everybody's, the last used first."""
        picture = await self._accounts.picture()
        names = {user.id: user.name for user in picture.users.values()}
        there = self._accounts.store.sessions.all(self._accounts.clock.time())
        return [
            SessionInfo(
                one.digest[:_ID],
                names[one.user],
                one.address,
                one.agent,
                one.created,
                one.seen,
                one.ends,
                one.digest == principal.session,
            )
            for one in there
            if one.user in names and (everybodys or names[one.user] == _own(principal))
        ]

    async def end(self, principal: Principal, id: str, who: str) -> Ended:
        """End a session by its id: one's own, or, for an admin, anybody's."""
        picture = await self._accounts.picture()

        def is_meant(one: Session) -> bool:
            user = picture.users.get(one.user)
            mine = user is not None and user.name == _own(principal)
            return one.digest[:_ID] == id and (mine or principal.may(ADMIN))

        ended = self._accounts.store.sessions.end(is_meant)
        if not ended:
            raise ApiError(404, "not-found", "there is no such session: it may have ended by itself", "id")
        owner = picture.users.get(ended[0].user)
        self._accounts.store.note(who, f"end a session of {owner.name}" if owner else "end a session")
        return Ended(len(ended))

    async def end_others(self, principal: Principal, who: str) -> Ended:
        """End all sessions of one's own but the one in which that is asked for."""
        user = await self._user(principal)
        ended = self._accounts.store.sessions.end(lambda one: one.user == user.id and one.digest != principal.session)
        if ended:
            self._accounts.store.note(who, f"end all other sessions of {user.name} ({len(ended)})")
        return Ended(len(ended))

    async def _user(self, principal: Principal) -> User:
        if principal.kind != "user":
            raise ApiError(409, "no-account", "this is for users, who sign in with a name: a token is none")
        return await self._accounts.user(principal.name)

    async def _change(self, user: User, values: dict[str, Any], what: str, who: str, browser: Browser) -> str:
        def work(connection: Connection) -> None:
            connection.execute(update(users).where(users.c.id == user.id).values(**values))
            connection.execute(delete(sessions).where(sessions.c.user == user.id))

        await self._accounts.change(who, f"{what} for {user.name}", work)
        self._accounts.store.sessions.end(lambda one: one.user == user.id)
        return self._signing.begin(user, browser)


def _own(principal: Principal) -> str:
    return principal.name if principal.kind == "user" else ""
