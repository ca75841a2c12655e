"""Tokens of programs: made, shown once, revoked."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, delete, insert

from resolver.admin import checks
from resolver.admin.accountbodies import NewToken, TokenInfo, TokenMade
from resolver.admin.accounts import Accounts
from resolver.admin.principal import TOKEN_SCOPES, Principal
from resolver.admin.signed import digest
from resolver.config import called
from resolver.config.leaves import shown
from resolver.errors import ApiError, ConflictError
from resolver.paths import PRODUCT
from resolver.store.accountrows import Token
from resolver.store.tables import tokens

PREFIX = f"{PRODUCT}_"
"""What every token begins with, so that it is known for one wherever it turns up."""

_MOST = 200


class Tokens:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def every(self) -> list[TokenInfo]:
        """All tokens, the oldest first."""
        return [_info(one) for one in (await self._accounts.picture()).tokens.values()]

    async def make(self, new: NewToken, principal: Principal, who: str) -> TokenMade:
        """Make a token, which is shown this once."""
        name = called.name(new.name.strip())
        if not name:
            raise ApiError(400, "invalid", f"{shown(new.name)} is no name: letters, digits, spaces, _ and -", "name")
        scopes = [scope for scope in TOKEN_SCOPES if scope in new.scopes]
        if not scopes:
            raise ApiError(400, "invalid", "say what the token may do: one thing at least", "scopes")
        now, who_made = self._accounts.clock.time(), await self._maker(principal)
        expires = None if new.duration is None else now + checks.seconds(new.duration)
        token = PREFIX + secrets.token_urlsafe(32)
        values = {"name": name, "digest": digest(token), "scopes": " ".join(scopes), "who": who_made}

        def work(connection: Connection) -> int:
            there = [row.name.lower() for row in connection.execute(tokens.select())]
            if name.lower() in there:
                raise ConflictError(f"there is a token {name} already: choose another name, or revoke that one first")
            if len(there) >= _MOST:
                raise ConflictError(f"there are {_MOST} tokens, and no more than that")
            row = {**values, "created": now, "expires": expires, "seen": None}
            made = connection.execute(insert(tokens).values(**row)).inserted_primary_key
            assert made is not None
            return int(made[0])

        id = await self._accounts.change(who, f"make token {name} ({', '.join(scopes)})", work)
        found = (await self._accounts.picture()).token(id)
        if found is None:
            raise ApiError(409, "conflict", "it was revoked at the same moment")
        return TokenMade(token, _info(found))

    async def _maker(self, principal: Principal) -> str:
        """The user by whose right a token is made, and with whom it goes; "" for the command's."""
        if principal.kind != "token":
            return principal.name
        there = (await self._accounts.picture()).tokens.values()
        return next((one.who for one in there if one.name == principal.name), "")

    async def revoke(self, id: int, who: str) -> None:
        """Have a token be good for nothing from now on."""
        found = (await self._accounts.picture()).token(id)
        if found is None:
            raise ApiError(404, "not-found", f"there is no token {id}", "id")
        await self._accounts.change(who, f"revoke token {found.name}", lambda connection: _delete(connection, id))


def _delete(connection: Connection, id: int) -> None:
    connection.execute(delete(tokens).where(tokens.c.id == id))


def _info(token: Token) -> TokenInfo:
    scopes = [scope for scope in TOKEN_SCOPES if scope in token.scopes.split()]
    return TokenInfo(token.id, token.name, scopes, token.who, token.created, token.expires, token.seen)
