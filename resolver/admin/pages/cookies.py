"""What browsers keep for us: the session, and a notice for the page that comes next."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin.auth import ACCESS, COOKIE, SESSION
from resolver.paths import PRODUCT

_NOTICE = f"{PRODUCT}_notice"
_NOTICE_TIME = 60
_LONGEST = 600


class Notice(msgspec.Struct, frozen=True):
    """One line about what was done, or not."""

    text: str
    good: bool = True


def session_of(request: web.Request) -> str:
    """The session's cookie; empty without one."""
    return request.cookies.get(COOKIE, "")


def begin_session(request: web.Request, response: web.Response) -> None:
    _keep(request, response, COOKIE, request.app[ACCESS].begin_session(), SESSION)


def end_session(response: web.Response) -> None:
    response.del_cookie(COOKIE, path="/")


def leave_notice(request: web.Request, response: web.Response, notice: Notice) -> None:
    """Have the next page say this."""
    cut = msgspec.structs.replace(notice, text=notice.text[:_LONGEST])
    text = msgspec.json.encode(cut).decode()
    _keep(request, response, _NOTICE, request.app[ACCESS].seal(session_of(request), text), _NOTICE_TIME)


def notice_for(request: web.Request) -> Notice | None:
    """What was left for this page to say. Only what we left for this very session is said."""
    text = request.app[ACCESS].unseal(session_of(request), request.cookies.get(_NOTICE, ""))
    return msgspec.json.decode(text, type=Notice) if text else None


def clear_notice(response: web.Response) -> None:
    response.del_cookie(_NOTICE, path="/")


def _keep(request: web.Request, response: web.Response, name: str, value: str, seconds: int) -> None:
    """No script reads it, no other site sends it, and one that came to be over HTTPS (as Origin says) stays there."""
    secure = request.headers.get("Origin", "").startswith("https://")
    response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="Strict", secure=secure)
