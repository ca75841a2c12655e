"""People's own rules."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.bodies import Done
from resolver.admin.handling import answer, body, service, who
from resolver.admin.routing import API, Route
from resolver.admin.rulebodies import BULK_BYTES, BulkResult, NewRule, NewRules, RuleInfo, RuleResult, Suggestion


async def listed(request: web.Request) -> web.Response:
    """Every rule of people's own, those of the config first."""
    return answer(await service(request).ruling.every())


async def add(request: web.Request) -> web.Response:
    """Add a rule.

    201 for a rule that is new, 200 for one that held already.
    """
    result = await service(request).ruling.add(await body(request, NewRule), who(request))
    return answer(result, 201 if result.created else 200)


async def add_many(request: web.Request) -> web.Response:
    """Add the rules of a text; lines that are none do not keep the others out."""
    new = await body(request, NewRules)
    return answer(await service(request).ruling.add_many(new, who(request)))


async def suggestions(request: web.Request) -> web.Response:
    """The rules that could be deleted."""
    return answer(await service(request).ruling.suggestions())


async def delete(request: web.Request) -> web.Response:
    """Delete a rule."""
    return answer(await service(request).ruling.delete(int(request.match_info["id"]), who(request)))


ROUTES = (
    Route("GET", f"{API}/rules", listed, "read", returns=list[RuleInfo]),
    Route("POST", f"{API}/rules", add, "write", body=NewRule, returns=RuleResult, also=(200, 201), errors=(404, 409)),
    Route(
        "POST",
        f"{API}/rules/bulk",
        add_many,
        "write",
        body=NewRules,
        largest=BULK_BYTES,
        returns=BulkResult,
        errors=(404, 409),
    ),
    Route("GET", f"{API}/rules/suggestions", suggestions, "read", returns=list[Suggestion]),
    Route("DELETE", API + "/rules/{id:[0-9]{1,18}}", delete, "write", returns=Done, errors=(409,)),
)
