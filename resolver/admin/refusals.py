"""Which refusals a route of the API can answer with, besides what it does."""

from __future__ import annotations

from collections.abc import Mapping

from resolver.admin.routing import Route

REFUSALS: Mapping[int, str] = {
    400: "The request is not understood, or says what cannot be; `path` is the parameter or field.",
    401: "This needs a token or a session.",
    403: "The token, or whoever is signed in, may not do this.",
    404: "What is named is not there.",
    405: "This address does not take the method; `Allow` has those that it takes.",
    408: "The body did not come in time.",
    409: "It does not fit what stands there by now.",
    413: "The body is too large.",
    415: "The body is no JSON by its Content-Type.",
    421: "The admin is not meant by this Host.",
    422: "It was understood, and cannot be done.",
    429: "Too much at once: too many wrong tries (`Retry-After` says for how many seconds to wait) or jobs under way.",
    431: "The address, a header or their number is too large.",
    503: "It cannot be done now: the database, the policy or something else is not ready.",
    507: "There is too little room on the disk.",
}
"""What each means, for people."""

_EVERY = frozenset({400, 405, 408, 413, 415, 421, 431, 503})
_CLOSED = frozenset({401, 403, 429})


def refusals(route: Route) -> frozenset[int]:
    """The statuses of refusals that a route may answer with."""
    found = _EVERY | frozenset(route.errors)
    if route.needs != "open":
        found |= _CLOSED
    if "{" in route.path:
        found |= {404}
    return found
