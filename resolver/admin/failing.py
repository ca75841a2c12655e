"""Every refusal and failure in one form: JSON, or a page for whoever reads pages."""

from __future__ import annotations

import contextlib
import http
import logging
from urllib.parse import urlsplit, urlunsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from msgspec.structs import replace

from resolver.admin import handling
from resolver.admin.jobbodies import ErrorBody, Failure
from resolver.admin.pages.inside import BACK, inside, ours
from resolver.admin.pages.render import PAGES
from resolver.admin.tries import Wait
from resolver.errors import ApiError, StoreError
from resolver.paths import PRODUCT

log = logging.getLogger(__name__)

_CODES = {404: "not-found", 405: "method-not-allowed", 415: "media-type"}
_TITLES = {
    400: "That cannot be done",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "There is no page here",
    408: "It took too long",
    409: "That does not fit",
    413: "Too much at once",
    421: "Not the name of this machine",
    429: "Too many tries",
    500: "Something went wrong",
    503: "Not possible now",
}
"""What pages say in a few words, by the status."""

_NOT_THERE = "there is nothing at this address"


@web.middleware
async def failing(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer whatever is raised further in."""
    try:
        return await handler(request)
    except ApiError as error:
        response = _say(request, error.status, Failure(error.code, str(error), error.path))
        if isinstance(error, Wait):
            response.headers["Retry-After"] = str(error.seconds)
        return response
    except StoreError as error:
        return _say(request, 503, Failure("store", f"the database cannot be used now: {error}"))
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _refused(request, error)
    except ConnectionResetError:
        raise  # whoever asked has gone: nothing is wrong here
    except Exception:
        log.exception("%s %s failed", request.method, ascii(request.path[:200]))
        return _say(request, 500, Failure("internal", "something went wrong here: the log of the daemon says what"))


def _refused(request: web.Request, error: web.HTTPException) -> web.Response:
    code = _CODES.get(error.status, "refused")
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        response = _say(request, 405, Failure(code, f"this address takes {allowed} and not {error.method!a}"))
        response.headers["Allow"] = allowed
        return response
    return _say(request, error.status, Failure(code, _NOT_THERE if error.status == 404 else error.reason))


def _say(request: web.Request, status: int, failure: Failure) -> web.Response:
    if "text/html" in request.headers.get("Accept", "") and not request.path.startswith("/api"):
        response = _page(request, status, failure)
    else:
        response = handling.answer(ErrorBody(failure), status)
    if status == 401:
        response.headers["WWW-Authenticate"] = f'Bearer realm="{PRODUCT}"'
    return response


def _page(request: web.Request, status: int, failure: Failure) -> web.Response:
    """The page that says it, with the way back to where somebody came from. A notice stays for the page it is for."""
    title = _TITLES.get(status) or http.HTTPStatus(status).phrase
    top = replace(inside(request), notice=None, here=_back(request))
    return request.app[PAGES].response("error.html", status, title=title, failure=failure, inside=top)


def _back(request: web.Request) -> str:
    """The page of ours from which a form or a link led here, as the form or the browser says; the first page of all
    otherwise."""
    form, path = request.get(handling.FIELDS, {}).get(BACK, ""), ""
    with contextlib.suppress(ValueError):  # it may be no URL at all
        came = urlsplit(request.headers.get("Referer", ""))
        path = urlunsplit(("", "", came.path, came.query, "")) if came.netloc == request.host else ""
    here = request.path_qs if request.method == "GET" else ""
    return next((one for one in (ours(form), ours(path)) if one and one != here), "/")
