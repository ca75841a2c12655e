"""Is it the DNS or the site? A diagnosis of one name, at once or as a job."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from resolver.admin.diagnosebodies import Diagnosing
from resolver.admin.diagnosing import LONGEST_WAIT
from resolver.admin.handling import API, answer, body, query, service


class DiagnoseQuery(msgspec.Struct, frozen=True):
    """A name, and who asks for it: an address, a MAC address or a device's name; left out: somebody of the default
    group. Nobody is asked who is not configured."""

    name: str
    client: str = ""


class WaitQuery(msgspec.Struct, frozen=True):
    """For how many seconds to wait until there is something new."""

    seconds: Annotated[float, Meta(ge=0, le=LONGEST_WAIT)] = 0.0


async def whole(request: web.Request) -> web.Response:
    """Answers when the diagnosis is finished, some 12 seconds later at most."""
    asked = query(request, DiagnoseQuery)
    return answer(await service(request).diagnoses.whole(Diagnosing(asked.name, asked.client)))


async def begin(request: web.Request) -> web.Response:
    """Begin one, to be looked at by its id."""
    return answer(await service(request).diagnoses.begin(await body(request, Diagnosing)), 202)


async def one(request: web.Request) -> web.Response:
    asked = query(request, WaitQuery)
    return answer(await service(request).diagnoses.of(request.match_info["id"], asked.seconds))


ROUTES = (
    web.get(f"{API}/diagnose", whole),
    web.post(f"{API}/diagnose", begin),
    web.get(API + "/diagnose/{id}", one),
)
