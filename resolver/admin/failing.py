"""Every refusal and failure in one form: JSON, or a page for whoever reads pages."""

from __future__ import annotations

import http
import logging

from aiohttp import web
from aiohttp.typedefs import Handler

from resolver.admin import handling
from resolver.admin.jobbodies import ErrorBody, Failure
from resolver.admin.pages.render import PAGES
from resolver.admin.tries import Wait
from resolver.errors import ApiError, StoreError
from resolver.paths import PRODUCT

log = logging.getLogger(__name__)

_CODES = {404: "not-found", 405: "method-not-allowed", 415: "media-type"}
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
        title = http.HTTPStatus(status).phrase
        response = request.app[PAGES].response("error.html", status, title=title, failure=failure)
    else:
        response = handling.answer(ErrorBody(failure), status)
    if status == 401:
        response.headers["WWW-Authenticate"] = f'Bearer realm="{PRODUCT}"'
    return response
