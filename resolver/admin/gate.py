"""The one point that decides who may do what: by what each route needs. What no route speaks for is closed."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler

from resolver.admin import handling
from resolver.admin.addressed import check_address
from resolver.admin.bearers import BEARERS, NEEDED
from resolver.admin.hosts import is_household
from resolver.admin.pages import cookies
from resolver.admin.principal import NOBODY, PRINCIPAL, Principal
from resolver.admin.routing import API, Route, route_of
from resolver.admin.signed import is_form_token
from resolver.errors import ApiError

FORM_TOKEN = "form"  # noqa: S105 - the name of a field
"""The field of every form that proves that it is ours."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@web.middleware
async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let through whoever may use the route: open ones anybody, the others those whose scopes have what it needs. The
    API takes a token, or the session of a page of ours; a page takes a session, or a token to be looked at; a form
    takes a session and its form token."""
    check_address(request, handling.service(request).config)
    route = route_of(request)
    safe = request.method in _SAFE
    page = route.page if route is not None else not _is_for_programs(request.path)
    if route is not None and route.needs == "open":
        if not safe:
            _refuse_other_origins(request)
        if page and safe:
            request[PRINCIPAL] = await _whose(request, page=True)  # who is signed in finds the way back from there
        return await handler(request)
    found = await _whose(request, page=page)
    if found.kind == "nobody":
        return _turn_away(request, route, page=page)
    request[PRINCIPAL] = found
    if route is None:
        return await handler(request)  # to be told that there is no such address or method
    if not found.may(route.needs):
        return _forbid(request, route, found)
    if not safe:
        await _check_write(request, found, page=page)
    return await handler(request)


async def _whose(request: web.Request, *, page: bool) -> Principal:
    """Who makes a request; NOBODY for somebody unknown. On a page a wrong token counts for none; for the API, what is
    wrong about it is said."""
    header = request.headers.get("Authorization", "")
    if header and not page:
        return await request.app[BEARERS].whose(header, request.remote or "")
    signing = handling.service(request).entrance.signing
    secret = cookies.session_of(request)
    found = await signing.whose(secret) if secret else None
    if found is not None or not header or request.method not in _SAFE:
        return found or NOBODY
    try:
        return await request.app[BEARERS].whose(header, request.remote or "")
    except ApiError as error:
        if error.status != 401:
            raise
        return NOBODY


def _turn_away(request: web.Request, route: Route | None, *, page: bool) -> web.Response:
    """Nothing is told of what there is. Who looks for a page is led to where they can sign in, and back from there."""
    safe = request.method in _SAFE
    if not page or (route is None and not safe):
        raise ApiError(401, "unauthorized", NEEDED)
    visitors = handling.service(request).entrance.visitors
    if safe and request.path == "/" and is_household(request.host) and visitors.welcome:
        raise web.HTTPSeeOther("/me")
    known = route is not None and safe and request.path_qs != "/"
    raise web.HTTPSeeOther(f"/login?next={quote(request.path_qs)}" if known else "/login")


def _forbid(request: web.Request, route: Route, found: Principal) -> web.Response:
    if request.method in _SAFE and request.path == "/" and found.may("self"):
        raise web.HTTPSeeOther("/me")
    has = ", ".join(sorted(found.scopes)) or "nothing"
    raise ApiError(403, "forbidden", f"this needs what is called {route.needs}, and you may do: {has}")


async def _check_write(request: web.Request, found: Principal, *, page: bool) -> None:
    """Raise ApiError for what a page of another site may have had a browser send."""
    if not found.session:
        return
    if page:
        _refuse_other_origins(request)
        fields = await handling.form(request)
        if not is_form_token(cookies.session_of(request), fields.get(FORM_TOKEN, "")):
            raise ApiError(403, "forbidden", "the form is not of this session: go back, load the page again, try again")
        return
    if not _is_same_origin(request):
        raise ApiError(403, "forbidden", "with a session, the API is for pages of this address: use a token")
    if request.content_type != "application/json":
        raise ApiError(415, "media-type", "with a session, send Content-Type: application/json, body or not")


def _is_for_programs(path: str) -> bool:
    return path.startswith("/api/") or path in {"/api", "/metrics", API}


def _refuse_other_origins(request: web.Request) -> None:
    """Raise ApiError for a form that a page of another site sends.

    Browsers say where a form comes from: by Sec-Fetch-Site over HTTPS and on this machine, by Origin otherwise. What
    sends neither is no browser and holds no cookie that a stranger could use.
    """
    said = "Sec-Fetch-Site" in request.headers or "Origin" in request.headers
    if said and not _is_same_origin(request) and request.headers.get("Sec-Fetch-Site") != "none":
        raise ApiError(
            403, "forbidden", "forms are taken from pages of this address alone: open it and try again there"
        )


def _is_same_origin(request: web.Request) -> bool:
    """Whether a browser says that a page of this address sends this."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin", "").partition("://")[2] == request.host
