"""Who may use the admin, as rows and as values: users, their sessions, tokens, and what members ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, select

from resolver.store.tables import requests, sessions, tokens, users

WAITING, GRANTED, REFUSED = "waiting", "granted", "refused"


class User(msgspec.Struct, frozen=True):
    """`role` is admin or member, `password` as argon2id writes it, `totp` a secret (base32; "": no codes are asked
    for), `step` that of the last code that was used (RFC 6238), `device` a member's as rules name it, `seen` when they
    last signed in (Unix time; None: never)."""

    id: int
    name: str
    role: str
    password: str
    totp: str
    step: int
    device: str
    grants: bool
    created: float
    seen: float | None


class Session(msgspec.Struct, frozen=True):
    """`digest` is the SHA-256 of what the browser keeps, `user` an id; it is over at `ends`, whatever happens."""

    digest: str
    user: int
    created: float
    seen: float
    ends: float
    address: str
    agent: str


class Token(msgspec.Struct, frozen=True):
    """`digest` is the SHA-256 of the token, `scopes` have blanks between them, `who` made it."""

    id: int
    name: str
    digest: str
    scopes: str
    who: str
    created: float
    expires: float | None
    seen: float | None


class Asked(msgspec.Struct, frozen=True):
    """What a member (`user`, an id) asks for: that a name be allowed for the device `client`, or ("") more time before
    a schedule; for so many seconds from when it is granted. `state` is waiting, granted or refused, `who` decided."""

    id: int
    at: float
    user: int
    client: str
    name: str
    seconds: int
    state: str
    decided: float | None
    who: str


class Picture(msgspec.Struct, frozen=True):
    """All users by id, all tokens by digest, and what was asked for, oldest first."""

    users: Mapping[int, User]
    tokens: Mapping[str, Token]
    asked: tuple[Asked, ...]

    def named(self, name: str) -> User | None:
        """The user of that name (in small letters)."""
        return next((user for user in self.users.values() if user.name == name), None)

    def token(self, id: int) -> Token | None:
        return next((token for token in self.tokens.values() if token.id == id), None)

    @property
    def admins(self) -> list[User]:
        return [user for user in self.users.values() if user.role == "admin"]


def read(connection: Connection) -> Picture:
    """Everything but the sessions."""
    return Picture(
        {row["id"]: User(**row) for row in _rows(connection, users)},
        {row["digest"]: Token(**row) for row in _rows(connection, tokens)},
        tuple(Asked(**row) for row in _rows(connection, requests)),
    )


def read_sessions(connection: Connection) -> list[Session]:
    """Longest unseen first."""
    statement = select(sessions).order_by(sessions.c.seen)
    return [Session(**row) for row in connection.execute(statement).mappings()]


def newest(picture: Picture, before: Picture | None) -> Picture:
    """A picture with what is remembered since, and not written yet, of when users and tokens were last seen and which
    codes were used."""
    if before is None:
        return picture
    return Picture(
        {id: _newer_user(user, before.users.get(id)) for id, user in picture.users.items()},
        {digest: _newer_token(token, before.tokens.get(digest)) for digest, token in picture.tokens.items()},
        picture.asked,
    )


def _newer_user(user: User, before: User | None) -> User:
    if before is None or before.created != user.created:
        return user
    # A secret that was set anew counts its steps from the beginning, and no code of the old one is good for it.
    step = max(user.step, before.step) if before.totp == user.totp else user.step
    return msgspec.structs.replace(user, step=step, seen=_later(user.seen, before.seen))


def _newer_token(token: Token, before: Token | None) -> Token:
    return token if before is None else msgspec.structs.replace(token, seen=_later(token.seen, before.seen))


def _later(one: float | None, other: float | None) -> float | None:
    return max(filter(None, (one, other)), default=None)


def _rows(connection: Connection, table: Table) -> Iterable[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table).order_by(table.c.id)).mappings()]
