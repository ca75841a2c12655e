"""Users, as admins handle them, and the link that makes the first one."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.accountbodies import NewPassword, NewUser, UserChange, UserInfo, Welcome
from resolver.admin.entrance import Entrance
from resolver.admin.handling import answer, body, service, who
from resolver.admin.routing import API, Route


async def every(request: web.Request) -> web.Response:
    """Every user, by name."""
    return answer(await _entrance(request).users.every())


async def add(request: web.Request) -> web.Response:
    """Add a user."""
    return answer(await _entrance(request).users.add(await body(request, NewUser), who(request)), 201)


async def one(request: web.Request) -> web.Response:
    """A user."""
    return answer(await _entrance(request).users.one(request.match_info["name"]))


async def put(request: web.Request) -> web.Response:
    """Change what a user may do. Their sessions end."""
    change = await body(request, UserChange)
    return answer(await _entrance(request).users.put(request.match_info["name"], change, who(request)))


async def delete(request: web.Request) -> web.Response:
    """Delete a user, with their sessions and the tokens that they made."""
    await _entrance(request).users.delete(request.match_info["name"], who(request))
    return web.Response(status=204)


async def password(request: web.Request) -> web.Response:
    """Give a user another password. Their sessions end."""
    new, users = await body(request, NewPassword), _entrance(request).users
    return answer(await users.set_password(request.match_info["name"], new.password, who(request)))


async def codes_off(request: web.Request) -> web.Response:
    """Ask a user for no codes any more, who has lost what makes them. Their sessions end."""
    return answer(await _entrance(request).users.codes_off(request.match_info["name"], who(request)))


async def welcome(request: web.Request) -> web.Response:
    """The link by which the first admin is made; there is none once there is an admin."""
    entrance = _entrance(request)
    await entrance.accounts.picture()
    return answer(Welcome(entrance.welcome.link()))


def _entrance(request: web.Request) -> Entrance:
    return service(request).entrance


_ONE = API + "/users/{name}"

ROUTES = (
    Route("GET", f"{API}/users", every, "admin", returns=list[UserInfo]),
    Route("POST", f"{API}/users", add, "admin", body=NewUser, returns=UserInfo, also=(201,), errors=(404, 409)),
    Route("GET", _ONE, one, "admin", returns=UserInfo),
    Route("PUT", _ONE, put, "admin", body=UserChange, returns=UserInfo, errors=(409,)),
    Route("DELETE", _ONE, delete, "admin", also=(204,), errors=(409,)),
    Route("PUT", f"{_ONE}/password", password, "admin", body=NewPassword, returns=UserInfo),
    Route("DELETE", f"{_ONE}/codes", codes_off, "admin", returns=UserInfo),
    Route("GET", f"{API}/welcome", welcome, "admin", returns=Welcome),
)
