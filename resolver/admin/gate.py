"""The one point that decides who may do what. Whatever is not named here is closed."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from resolver.admin import handling
from resolver.admin.auth import ACCESS, COOKIE
from resolver.errors import ApiError

OPEN = frozenset({"/healthz", "/login", "/static/{file}"})
"""The routes that anybody may use."""

FORM_TOKEN = "form"  # noqa: S105 - the name of a field
"""The field of every form that proves that it is ours."""

_SAFE = frozenset({"GET", "HEAD"})
_NEEDED = "this needs the header Authorization: Bearer TOKEN"


@web.middleware
async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Open routes are open; the API and the metrics need the token; a page needs a session, or the token to be looked
    at; a form needs a session, to come from a page of ours, and the session's form token."""
    resource = request.match_info.route.resource
    place = "" if resource is None else resource.canonical
    access = request.app[ACCESS]
    safe = request.method in _SAFE
    if place in OPEN:
        if not safe:
            _refuse_other_origins(request)
        return await handler(request)
    bearer = access.is_bearer(request.headers.get("Authorization", ""))
    if _is_for_programs(place or request.path):
        if not bearer:
            raise ApiError(401, "unauthorized", _NEEDED)
        return await handler(request)
    session = request.cookies.get(COOKIE, "")
    if not access.is_session(session):
        if bearer and (safe or not place):
            return await handler(request)
        if safe or place:
            raise web.HTTPSeeOther("/login")
        raise ApiError(401, "unauthorized", _NEEDED)
    if not safe:
        _refuse_other_origins(request)
        fields = await handling.form(request)
        if not access.is_form_token(session, fields.get(FORM_TOKEN, "")):
            raise ApiError(403, "forbidden", "the form is not of this session: go back, load the page again, try again")
    return await handler(request)


def _is_for_programs(path: str) -> bool:
    return path.startswith("/api/") or path in {"/api", "/metrics"}


def _refuse_other_origins(request: web.Request) -> None:
    """Raise ApiError for a form that a page of another site sends.

    Browsers say where a form comes from: by Sec-Fetch-Site over HTTPS and on this machine, by Origin otherwise. What
    sends neither is no browser and holds no cookie that a stranger could use.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        ours = site in {"same-origin", "none"}
    else:
        ours = origin is None or origin.partition("://")[2] == request.host
    if not ours:
        raise ApiError(
            403, "forbidden", "forms are taken from pages of this address alone: open it and try again there"
        )
