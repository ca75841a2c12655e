"""What browsers keep for us: the session, the visit that makes the first admin, and a notice for the page that comes
next."""

from __future__ import annotations

from typing import Literal

import msgspec
from aiohttp import web

from resolver.admin.signed import seal, unseal
from resolver.admin.welcome import VISIT
from resolver.paths import PRODUCT
from resolver.store.sessions import LIFE

SESSION = f"{PRODUCT}_session"
_NOTICE = f"{PRODUCT}_notice"
_VISIT = f"{PRODUCT}_visit"
_HOST = "__Host-"  # such a cookie no other machine of the domain can have set (RFC 6265bis section 4.1.3)
_NOTICE_TIME = 60
_LONGEST = 600


class Notice(msgspec.Struct, frozen=True):
    """One line about what was done, or not; `undo` is the change that takes it back (0: none)."""

    text: str
    good: bool = True
    undo: int = 0


def session_of(request: web.Request) -> str:
    """The secret of the session; empty without one."""
    return _held(request, SESSION)


def begin_session(request: web.Request, response: web.StreamResponse, secret: str) -> None:
    _keep(request, response, SESSION, secret, int(LIFE))


def end_session(request: web.Request, response: web.StreamResponse) -> None:
    _drop(request, response, SESSION)


def visit_of(request: web.Request) -> str:
    """The secret of a visit; empty without one."""
    return _held(request, _VISIT)


def begin_visit(request: web.Request, response: web.StreamResponse, secret: str) -> None:
    """Lax, or it would not be there for somebody who came from a page or mail that showed the link."""
    _keep(request, response, _VISIT, secret, int(VISIT), "Lax")


def end_visit(request: web.Request, response: web.StreamResponse) -> None:
    _drop(request, response, _VISIT)


def leave_notice(request: web.Request, response: web.StreamResponse, notice: Notice, secret: str = "") -> None:
    """Have the next page say this; with the `secret` of a session that has only just begun."""
    cut = msgspec.structs.replace(notice, text=notice.text[:_LONGEST])
    text = msgspec.json.encode(cut).decode()
    _keep(request, response, _NOTICE, seal(secret or session_of(request), text), _NOTICE_TIME)


def notice_for(request: web.Request) -> Notice | None:
    """What was left for this page to say. Only what we left for this very session is said."""
    text = unseal(session_of(request), _held(request, _NOTICE))
    return msgspec.json.decode(text, type=Notice) if text else None


def clear_notice(request: web.Request, response: web.StreamResponse) -> None:
    _drop(request, response, _NOTICE)


def _held(request: web.Request, name: str) -> str:
    cookies = request.cookies
    return cookies.get(_HOST + name) or cookies.get(name, "")


def _keep(
    request: web.Request,
    response: web.StreamResponse,
    name: str,
    value: str,
    seconds: int,
    site: Literal["Strict", "Lax"] = "Strict",
) -> None:
    """No script reads it, no other site sends it, and one that came to be over HTTPS stays there."""
    secure = _is_secure(request)
    response.set_cookie(
        _HOST + name if secure else name,
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite=site,
        secure=secure,
    )


def _drop(request: web.Request, response: web.StreamResponse, name: str) -> None:
    response.del_cookie(name, path="/", httponly=True, samesite="Strict")
    if _HOST + name in request.cookies:
        response.del_cookie(_HOST + name, path="/", secure=True, httponly=True, samesite="Strict")


def _is_secure(request: web.Request) -> bool:
    """Whether the browser speaks HTTPS, be it with what stands before us: it says so with every form (Origin), and its
    cookies of that kind come over nothing else."""
    if request.headers.get("Origin", "").startswith("https://"):
        return True
    return request.secure or any(name.startswith(_HOST) for name in request.cookies)
