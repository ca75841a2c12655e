"""Is it the DNS or the site? A diagnosis of one name."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin.diagnosebodies import Diagnosing, Diagnosis
from resolver.admin.handling import answer, begun, body, query, service
from resolver.admin.jobbodies import Job
from resolver.admin.routing import API, Route


class DiagnoseQuery(msgspec.Struct, frozen=True):
    """A name, and who asks for it: an address, a MAC address or a device's name; left out: somebody of the default
    group. Nobody is asked who is not configured."""

    name: str
    client: str = ""


async def whole(request: web.Request) -> web.Response:
    """Diagnose a name, and answer when that is finished, some 12 seconds later at most."""
    asked = query(request, DiagnoseQuery)
    return answer(await service(request).diagnoses.whole(Diagnosing(asked.name, asked.client)))


async def begin(request: web.Request) -> web.Response:
    """Begin a diagnosis of a name, which takes 12 seconds at most.

    409 "consent": a resolver that is not configured here would learn the name; say that this is `agreed`.
    """
    return begun(await service(request).diagnoses.begin(await body(request, Diagnosing)))


ROUTES = (
    Route("GET", f"{API}/diagnose", whole, "read", query=DiagnoseQuery, returns=Diagnosis, errors=(404, 429)),
    Route(
        "POST",
        f"{API}/diagnose",
        begin,
        "read",
        body=Diagnosing,
        returns=Job[Diagnosis],
        also=(202,),
        errors=(404, 409),
    ),
)
