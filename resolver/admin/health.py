"""/healthz, for whatever watches the process. Needs no token."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.handling import answer, service


async def healthz(request: web.Request) -> web.Response:
    """503 only when control cannot do its work: starting it again does not help a dead upstream."""
    health = service(request).health()
    return answer(health, 200 if health.ok else 503)


ROUTES = (web.get("/healthz", healthz),)
