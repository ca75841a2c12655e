"""The forms of /account that are for admins: users and tokens."""

from __future__ import annotations

from typing import get_args

from aiohttp import web

from resolver.admin.accountbodies import NewToken, NewUser, Role, Scope, UserChange
from resolver.admin.handling import form, service, who
from resolver.admin.pages.account import PAGE, shown
from resolver.admin.pages.inside import do, refusal
from resolver.admin.principal import TOKEN_SCOPES, principal
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.errors import ApiError

Fields = dict[str, str]


async def add(request: web.Request) -> web.Response:
    """Add a user."""
    return await do(request, _add, PAGE)


async def change(request: web.Request) -> web.Response:
    """Change what a user may do."""
    return await do(request, _change, PAGE)


async def password(request: web.Request) -> web.Response:
    """Give a user another password."""
    return await do(request, _password, PAGE)


async def codes(request: web.Request) -> web.Response:
    """Ask a user for no codes any more."""
    return await do(request, _codes, PAGE)


async def delete(request: web.Request) -> web.Response:
    """Delete a user."""
    return await do(request, _delete, PAGE)


async def make(request: web.Request) -> web.Response:
    """Make a token, which is shown this once."""
    fields = await form(request)
    scopes: list[Scope] = [scope for scope in TOKEN_SCOPES if fields.get(f"may-{scope}")]
    new = NewToken(fields.get("name", ""), scopes, fields.get("for", "").strip() or None)
    try:
        made = await service(request).entrance.tokens.make(new, principal(request), who(request))
    except ApiError as error:
        return await shown(request, refusal(error), status=error.status)
    return await shown(request, secret=made.token)


async def revoke(request: web.Request) -> web.Response:
    """Have a token be good for nothing from now on."""
    return await do(request, _revoke, PAGE)


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


async def _revoke(asked: Service, fields: Fields, by: str) -> str:
    id = fields.get("id", "")
    if not id.isascii() or not id.isdecimal() or len(id) > 18:
        raise ApiError(400, "invalid", "the id of a token is a number", "id")
    await asked.entrance.tokens.revoke(int(id), by)
    return "The token is revoked."


def _role(fields: Fields) -> Role:
    roles: tuple[Role, ...] = get_args(Role)
    return next((role for role in roles if role == fields.get("role")), "member")


ROUTES = (
    Route("POST", f"{PAGE}/users/add", add, "admin", page=True),
    Route("POST", f"{PAGE}/users/change", change, "admin", page=True),
    Route("POST", f"{PAGE}/users/password", password, "admin", page=True),
    Route("POST", f"{PAGE}/users/codes", codes, "admin", page=True),
    Route("POST", f"{PAGE}/users/delete", delete, "admin", page=True),
    Route("POST", f"{PAGE}/tokens/make", make, "admin", content="text/html", page=True),
    Route("POST", f"{PAGE}/tokens/revoke", revoke, "admin", page=True),
)
