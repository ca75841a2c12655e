"""What the admin answers to: each address with who may use it, what it takes and what it gives. The gate, the OpenAPI
document and the tests read it, and what is not said there is refused."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Literal, get_args

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

API = "/api/v1"
JSON = "application/json"

MAX_BODY = 64 << 10
"""Bytes of a request's body, unless a route says more."""

Needs = Literal["open", "self", "read", "log", "write", "admin"]
"""Who may use a route: anybody; anybody signed in, about the own device alone; or whoever has that scope. `read` tells
how things are, `log` what people looked up, `write` changes how names are answered, `admin` is for the rest."""

_RISING: tuple[Needs, ...] = get_args(Needs)


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A query or body that has nothing to say."""


class Route(msgspec.Struct, frozen=True):
    """A method of an address. `path` is as aiohttp has it; `handler` has a docstring, whose first paragraph is the
    summary.

    `query` has the parameters of the URL, `body` what the JSON body is (None: there is none) and `largest` its bytes; a
    handler that `takes` something else reads it itself. `returns` is what is answered (None: nothing, or what is no
    JSON) as `content`, more than one with a comma and a blank between, with 200 or, if there are any, with the statuses
    in `also`. `errors` are statuses of refusals besides those that every route of its kind has. `page`: it is for
    browsers, HTML and forms. `streamed`: the answer comes in pieces, which have neither HEAD nor an ETag.
    """

    method: str
    path: str
    handler: Handler
    needs: Needs
    query: type[msgspec.Struct] = Nothing
    body: type[msgspec.Struct] | None = None
    largest: int = MAX_BODY
    returns: object = None
    also: tuple[int, ...] = ()
    content: str = JSON
    takes: str = JSON
    page: bool = False
    errors: tuple[int, ...] = ()
    streamed: bool = False


ROUTES = web.AppKey("routes", dict[web.AbstractRoute, Route])


def add(app: web.Application, routes: Iterable[Route]) -> None:
    """Have the application answer to these, and nothing else."""
    known: dict[web.AbstractRoute, Route] = {}
    by_path = sorted(routes, key=lambda one: (_general(one.path), one.path))
    for path, of_path in groupby(by_path, key=lambda one: one.path):
        resource = app.router.add_resource(path)
        there = list(of_path)
        for route in (*there, *map(_head, filter(_has_head, there)), _options(there)):
            known[resource.add_route(route.method, route.handler)] = route
    app[ROUTES] = known


def route_of(request: web.Request) -> Route | None:
    """The route that a request is for; None for an address or a method that there is not."""
    return request.app[ROUTES].get(request.match_info.route)


def _general(path: str) -> int:
    """Addresses with fewer variable parts come first: /lists/try is not the list of that name."""
    return path.count("{")


def _has_head(route: Route) -> bool:
    return route.method == "GET" and not route.streamed


def _head(route: Route) -> Route:
    return msgspec.structs.replace(route, method="HEAD")


def _options(there: list[Route]) -> Route:
    """What may be done at an address, for whoever may do the least of it."""
    methods = {one.method for one in there} | {"OPTIONS"} | {"HEAD" for one in there if _has_head(one)}
    allowed = ", ".join(sorted(methods))

    async def options(_: web.Request) -> web.Response:
        """Which methods there are."""
        return web.Response(status=204, headers={"Allow": allowed})

    least = min((one.needs for one in there), key=_RISING.index)
    return Route("OPTIONS", there[0].path, options, least, also=(204,), page=there[0].page)
