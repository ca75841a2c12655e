"""/healthz, for whatever watches the process. Needs no token."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.bodies import Health
from resolver.admin.handling import answer, service
from resolver.admin.routing import Route


async def healthz(request: web.Request) -> web.Response:
    """Whether this process works.

    503 only when control cannot do its work: starting it again does not help a dead upstream.
    """
    health = service(request).health()
    return answer(health, 200 if health.ok else 503)


ROUTES = (Route("GET", "/healthz", healthz, "open", returns=Health),)
