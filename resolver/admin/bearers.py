"""Whose a bearer token is (RFC 6750): the command's, or one that was made for a program."""

from __future__ import annotations

from collections import OrderedDict

from aiohttp import web

from resolver.admin.accounts import Accounts
from resolver.admin.auth import Access
from resolver.admin.principal import ROOT, Principal, scopes_of_token
from resolver.admin.signed import digest
from resolver.admin.tries import Tries, Wait
from resolver.errors import ApiError
from resolver.policy.clients import place

NEEDED = "this needs the header Authorization: Bearer TOKEN"
_WRONG = "the token of the header Authorization is none that is good here"
_KNOWN = 1000


class Bearers:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, accounts: Accounts, access: Access, tries: Tries) -> None:
        self._accounts = accounts
        self._access = access
        self._tries = tries
        self._good: OrderedDict[tuple[str, str], None] = OrderedDict()  # addresses, and digests of tokens

    async def whose(self, header: str, address: str) -> Principal:
        """Whose the token in a value of Authorization is. ApiError 401 for nobody's, 429 for an address that tried too
        many; those that were right there before are not kept out by it."""
        scheme, _, given = header.partition(" ")
        given = given.strip()
        if scheme.lower() != "bearer" or not given:
            raise ApiError(401, "unauthorized", NEEDED)
        where, key = place(address), digest(given)
        wait = self._tries.wait("token", where)
        if wait and (where, key) not in self._good:
            raise Wait(wait, "wrong tokens")
        if self._access.is_token(given):
            self._remember(where, key)
            return ROOT
        found = (await self._accounts.picture()).tokens.get(key)
        if found is None:
            self._tries.wrong("token", where, key)
            self._accounts.mishaps.add("used a wrong token", address)
            raise ApiError(401, "unauthorized", _WRONG)
        if found.expires is not None and found.expires <= self._accounts.clock.time():
            raise ApiError(401, "unauthorized", f"the token {found.name} has expired: make another one")
        self._remember(where, key)
        self._accounts.store.use_token(found)
        return Principal(found.name, "token", scopes_of_token(frozenset(found.scopes.split())))

    def is_ours(self, text: str) -> bool:
        """Whether a text is the command's token."""
        return self._access.is_token(text)

    def _remember(self, where: str, key: str) -> None:
        self._good[where, key] = None
        self._good.move_to_end((where, key))
        if len(self._good) > _KNOWN:
            self._good.popitem(last=False)


BEARERS = web.AppKey("bearers", Bearers)
