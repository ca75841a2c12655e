"""Whether somebody whose request goes on and on may still be there."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.handling import service
from resolver.admin.principal import principal, scopes_of_role, scopes_of_token
from resolver.admin.routing import route_of
from resolver.admin.signed import digest
from resolver.store.accountrows import Picture
from resolver.store.sessions import Sessions


async def still_in(request: web.Request) -> bool:
    """Whether the gate would let the request in even now: the session is not over, the token not deleted, and nobody's
    role is another. To be asked does not count as a use of either."""
    found, route = principal(request), route_of(request)
    if found.kind == "root" or route is None:
        return route is not None
    accounts = service(request).entrance.accounts
    picture, now = await accounts.picture(), accounts.clock.time()
    if found.kind == "token":
        return route.needs in _scopes_of_token(picture, request.headers.get("Authorization", ""), now)
    return route.needs in _scopes_of_session(picture, accounts.store.sessions, found.session, now)


def _scopes_of_token(picture: Picture, header: str, now: float) -> frozenset[str]:
    token = picture.tokens.get(digest(header.partition(" ")[2].strip()))
    if token is None or (token.expires is not None and token.expires <= now):
        return frozenset()
    return scopes_of_token(frozenset(token.scopes.split()))


def _scopes_of_session(picture: Picture, sessions: Sessions, key: str, now: float) -> frozenset[str]:
    session = next((one for one in sessions.all(now) if one.digest == key), None)
    user = None if session is None else picture.users.get(session.user)
    return frozenset() if user is None else scopes_of_role(user.role)
