"""The pages /account/users and /account/user, for admins: who may sign in, and what each of them may do."""

from __future__ import annotations

from typing import get_args

import msgspec
from aiohttp import web

from resolver.admin.accountbodies import NewUser, Role, UserChange, UserInfo
from resolver.admin.handling import service
from resolver.admin.pages.account import PAGE as ACCOUNT
from resolver.admin.pages.account import without_secrets
from resolver.admin.pages.inside import NOTHING, Typed, do, inside, show
from resolver.admin.passwords import SHORTEST
from resolver.admin.principal import principal
from resolver.admin.routing import Route
from resolver.admin.service import Service

PAGE = f"{ACCOUNT}/users"
ONE = f"{ACCOUNT}/user"
SIZE = 50

_OFFERED = 100  # devices; of more no browser makes a good list

Fields = dict[str, str]


class Users(msgspec.Struct, frozen=True):
    """All that the page shows: users by name, `after` the one that was last on the page before; `next` is the last of
    this page, if there are more."""

    users: list[UserInfo]
    after: str
    next: str
    devices: list[str]
    shortest: int = SHORTEST


class User(msgspec.Struct, frozen=True):
    """All that the page of one user shows; `own`: it is that of whoever looks at it."""

    user: UserInfo
    own: bool
    devices: list[str]
    shortest: int = SHORTEST


async def page(request: web.Request) -> web.Response:
    """Who may sign in"""
    return await _every(request)


async def one(request: web.Request) -> web.Response:
    """What a user may do"""
    return await _one(request)


async def add(request: web.Request) -> web.Response:
    """Add a user."""
    return await do(request, _add, PAGE, form_name="add", again=_every)


async def change(request: web.Request) -> web.Response:
    """Change what a user may do."""
    return await do(request, _change, PAGE, form_name="change", again=_one)


async def password(request: web.Request) -> web.Response:
    """Give a user another password."""
    return await do(request, _password, PAGE, form_name="password", again=_one)


async def codes(request: web.Request) -> web.Response:
    """Ask a user for no codes any more."""
    return await do(request, _codes, PAGE)


async def delete(request: web.Request) -> web.Response:
    """Delete a user."""
    return await do(request, _delete, PAGE)


async def _every(request: web.Request, typed: Typed = NOTHING) -> web.Response:
    after = request.query.get("after", "")
    every = [user for user in await service(request).entrance.users.every() if user.name > after]
    users = every[:SIZE]
    shown = Users(users, after, users[-1].name if len(every) > SIZE else "", _devices(request))
    return show(request, "users.html", shown, inside(request, typed=_harmless(typed)))


async def _one(request: web.Request, typed: Typed = NOTHING) -> web.Response:
    name = typed.fields.get("name", "") if typed.form else request.query.get("name", "")
    user, found = await service(request).entrance.users.one(name), principal(request)
    shown = User(user, found.kind == "user" and found.name == user.name, _devices(request))
    return show(request, "user.html", shown, inside(request, typed=_harmless(typed)))


def _harmless(typed: Typed) -> Typed:
    """Without passwords, and with what the form calls a device."""
    where = "device" if typed.where == "client" else typed.where
    return msgspec.structs.replace(typed, fields=without_secrets(typed.fields), where=where)


def _devices(request: web.Request) -> list[str]:
    """Devices to choose from, as long as they are not too many."""
    found = service(request).entrance.devices()
    return found if len(found) <= _OFFERED else []


async def _add(asked: Service, fields: Fields, by: str) -> str:
    role, device = _role(fields), fields.get("device", "")
    new = NewUser(fields.get("name", ""), fields.get("password", ""), role, device, bool(fields.get("grants")))
    made = await asked.entrance.users.add(new, by)
    return f"{made.name} can sign in now, with that password."


async def _change(asked: Service, fields: Fields, by: str) -> str:
    role = _role(fields)
    device = fields.get("device", "") if role == "member" else ""
    change = UserChange(role, device, bool(fields.get("grants")))
    now = await asked.entrance.users.put(fields.get("name", ""), change, by)
    return f"{now.name} is {'an admin' if now.role == 'admin' else f'a member with the device {now.device}'}."


async def _password(asked: Service, fields: Fields, by: str) -> str:
    user = await asked.entrance.users.set_password(fields.get("name", ""), fields.get("password", ""), by)
    return f"{user.name} has another password. Their sessions have ended."


async def _codes(asked: Service, fields: Fields, by: str) -> str:
    user = await asked.entrance.users.codes_off(fields.get("name", ""), by)
    return f"{user.name} signs in without codes now."


async def _delete(asked: Service, fields: Fields, by: str) -> str:
    name = fields.get("name", "")
    await asked.entrance.users.delete(name, by)
    return f"{name} is deleted, with the tokens that they made."


def _role(fields: Fields) -> Role:
    roles: tuple[Role, ...] = get_args(Role)
    return next((role for role in roles if role == fields.get("role")), "member")


ROUTES = (
    Route("GET", PAGE, page, "admin", content="text/html", page=True),
    Route("GET", ONE, one, "admin", content="text/html", page=True),
    Route("POST", f"{PAGE}/add", add, "admin", page=True),
    Route("POST", f"{PAGE}/change", change, "admin", page=True),
    Route("POST", f"{PAGE}/password", password, "admin", page=True),
    Route("POST", f"{PAGE}/codes", codes, "admin", page=True),
    Route("POST", f"{PAGE}/delete", delete, "admin", page=True),
)
