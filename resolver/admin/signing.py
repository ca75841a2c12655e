"""Signing in with a name, a password and perhaps a code, and the sessions that begin with it."""

from __future__ import annotations

import secrets

import msgspec

from resolver.admin import codes
from resolver.admin.accounts import Accounts
from resolver.admin.passwords import Passwords
from resolver.admin.principal import Principal, scopes_of_role
from resolver.admin.signed import digest
from resolver.admin.tries import Kind, Tries, Wait
from resolver.config import called
from resolver.config.leaves import plain
from resolver.errors import ApiError
from resolver.policy.clients import place
from resolver.store.accountrows import Picture, Session, User
from resolver.store.sessions import LIFE

WRONG = "Name, password or code is wrong."
WRONG_PASSWORD = "That is not the password."  # noqa: S105 - what is said of a wrong one
_NOBODYS = codes.new_secret()
_LONGEST_NAME = 64
_LONGEST_AGENT = 200


class Browser(msgspec.Struct, frozen=True):
    """Where somebody signs in from: the address, and what their browser calls itself."""

    address: str
    agent: str


class Signing:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, accounts: Accounts, passwords: Passwords, tries: Tries) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._tries = tries

    async def sign_in(self, name: str, password: str, code: str, browser: Browser) -> str:
        """The secret of a new session. ApiError 403 in the same words, after the same time, whatever is wrong; 429 for
        somebody who was wrong too often."""
        user = await self._prove(
            name, (await self._accounts.picture()).named(_key(name)), password, code, browser.address
        )
        return self.welcome(user, browser)

    async def prove(self, user: User, password: str, code: str | None, address: str) -> None:
        """That it is the user who asks, by the password and (unless that is None) by what else signing in takes.
        Raises ApiError as that does."""
        await self._prove(user.name, user, password, code, address)

    def welcome(self, user: User, browser: Browser) -> str:
        """The secret of a first session, noted as a sign-in."""
        self._accounts.store.signed_in(user.id)
        self._accounts.store.note(_who(user, browser), "sign in")
        return self.begin(user, browser)

    def begin(self, user: User, browser: Browser) -> str:
        """The secret of a new session of a user who has proved to be that."""
        secret, now = secrets.token_urlsafe(32), self._accounts.clock.time()
        agent = "".join(one for one in browser.agent[:_LONGEST_AGENT] if one.isprintable())
        session = Session(digest(secret), user.id, now, now, now + LIFE, browser.address, agent)
        self._accounts.store.sessions.begin(session)
        return secret

    def sign_out(self, session: str) -> None:
        """End a session, by its digest."""
        self._accounts.store.sessions.end(lambda one: one.digest == session)

    async def whose(self, secret: str) -> Principal | None:
        """Whose session has this secret; None for none, or one that is over."""
        if not secret:
            return None
        store, key = self._accounts.store, digest(secret)
        picture = await self._accounts.picture()
        session = store.sessions.find(key, self._accounts.clock.time())
        user = None if session is None else picture.users.get(session.user)
        if user is None:
            return None
        return Principal(user.name, "user", scopes_of_role(user.role), user.device, user.grants, key)

    async def _prove(self, name: str, user: User | None, password: str, code: str | None, address: str) -> User:
        counted: list[tuple[Kind, str]] = [("address", place(address)), ("account", _key(name))]
        known = user is not None and self._is_known(user, address)
        wait = max(self._tries.wait(*one) for one in counted if not (known and one[0] == "account"))
        if wait:
            raise Wait(wait, "wrong tries")
        for one in counted:
            self._tries.wrong(*one)  # until it proves right: many at once are not to be checked before one is counted
        right = await self._passwords.is_right(password, user.password if user else None)
        step = codes.step_of((user and user.totp) or _NOBODYS, code or "", self._accounts.clock.time())
        picture = await self._accounts.picture()
        trouble = self._trouble(user, right, picture) or (code is not None and self._wrong_code(user, step))
        if trouble or user is None:
            self._accounts.mishaps.add(trouble or "", address)
            raise ApiError(403, "wrong", WRONG if code is not None else WRONG_PASSWORD)
        self._tries.right(*counted[0])  # others of that address are counted on: else guesses could hide among these
        self._tries.forget(*counted[1])
        return user

    def _trouble(self, user: User | None, right: bool, picture: Picture) -> str:
        """What was wrong, for those who may know; "" for nothing."""
        if user is None:
            return "tried to sign in under a name that there is not"
        now = picture.users.get(user.id)
        if not right or now is None or now.password != user.password:
            return f"tried to sign in as {user.name} with a wrong password"
        return ""

    def _wrong_code(self, user: User | None, step: int | None) -> str:
        """The same of the code."""
        if user is None or not user.totp:
            return ""
        if step is None:
            return f"tried to sign in as {user.name} with the right password and a wrong code"
        if not self._accounts.store.use_step(user, step):
            return f"tried to sign in as {user.name} with a code that was used already"
        return ""

    def _is_known(self, user: User, address: str) -> bool:
        """Whether a user has a session from there: strangers who guess elsewhere do not keep them out."""
        sessions = self._accounts.store.sessions.all(self._accounts.clock.time())
        return any(one.user == user.id and place(one.address) == place(address) for one in sessions)


def _key(name: str) -> str:
    return called.key(name.strip()[:_LONGEST_NAME])


def _who(user: User, browser: Browser) -> str:
    return f"{user.name} ({plain(browser.address)})"
