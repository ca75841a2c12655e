"""The admin as one application, and the server that keeps it there."""

from __future__ import annotations

import asyncio
import functools
import logging
from typing import NoReturn

from aiohttp import web

from resolver.admin import api, health, metrics, pages, routing
from resolver.admin.auth import Access
from resolver.admin.bearers import BEARERS, Bearers
from resolver.admin.failing import failing
from resolver.admin.fresh import fresh
from resolver.admin.gate import gate
from resolver.admin.handling import SERVICE
from resolver.admin.pages.render import PAGES, Pages
from resolver.admin.pages.static import FILES, addresses, read_files
from resolver.admin.protocol import Protocol, hearing
from resolver.admin.routing import MAX_BODY
from resolver.admin.service import Service
from resolver.admin.strict import strict
from resolver.config.values import Endpoint
from resolver.paths import PRODUCT

log = logging.getLogger(__name__)

ROUTES = (*health.ROUTES, *metrics.ROUTES, *api.ROUTES, *pages.ROUTES)

MIDDLEWARES = (
    hearing,  # outermost: whatever comes of it, a request has come
    metrics.counting,  # refusals and failures count too
    failing,  # outside of the others, so that refusals of the gate have the one form too
    gate,  # before any handler, those of unknown addresses included
    strict,  # for whoever may come in: nobody learns from refusals what there is
    fresh,  # innermost: the bytes of an answer as they are
)

FEATURES = ("camera", "display-capture", "geolocation", "microphone", "payment", "publickey-credentials-get", "usb")
"""What no page of ours wants of a browser."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in FEATURES),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": PRODUCT,
}

MAX_CONNECTIONS = 100
"""At once; descriptors are kept free for the workers and the database."""

_RETRY = 2.0  # seconds
_LAST_ANSWERS = 1.0  # seconds that requests under way get when stopping


def make_app(service: Service, token: str) -> web.Application:
    """Every route, behind the gate."""
    app = web.Application(middlewares=MIDDLEWARES, client_max_size=MAX_BODY)
    app[SERVICE] = service
    app[BEARERS] = Bearers(service.entrance.accounts, Access(token), service.entrance.tries)
    app[FILES] = files = read_files()
    app[PAGES] = Pages(addresses(files))
    app.on_response_prepare.append(_add_headers)
    routing.add(app, ROUTES)
    return app


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    kept = response.headers.get("Cache-Control", HEADERS["Cache-Control"])
    response.headers.update(HEADERS)
    response.headers["Cache-Control"] = kept


class AdminServer:
    """Serves the admin at an endpoint. Whatever keeps it from that is said and tried again, and harms nothing else."""

    def __init__(self, service: Service, token: str, endpoint: Endpoint) -> None:
        self._app = make_app(service, token)
        self._endpoint = endpoint
        self._said = ""

    async def keep_running(self) -> NoReturn:
        """Serve until cancelled."""
        runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=_LAST_ANSWERS)
        await runner.setup()
        try:
            await self._listen(runner)
        finally:
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> NoReturn:
        accept = functools.partial(_accept, runner)
        loop = asyncio.get_running_loop()
        while True:
            try:
                server = await loop.create_server(accept, self._endpoint.host, self._endpoint.port)
            except OSError as error:
                self._complain(error)
                await asyncio.sleep(_RETRY)
                continue
            log.info("the admin is at http://%s/", self._endpoint)
            try:
                await loop.create_future()  # not serve_forever, which would wait for idle connections when cancelled
            finally:
                server.close()

    def _complain(self, error: OSError) -> None:
        """Say why it cannot listen, once for each reason in a row."""
        text = f"the admin cannot listen on {self._endpoint}: {error.strerror or error}"
        if text != self._said:
            self._said = text
            log.warning("%s; tried again every %g s", text, _RETRY)


def _accept(runner: web.AppRunner) -> asyncio.Protocol:
    """The protocol for a new connection, while there is room."""
    server = runner.server
    if server is None or len(server.connections) >= MAX_CONNECTIONS:
        return _NoRoom()
    return Protocol(server, HEADERS)


class _NoRoom(asyncio.Protocol):
    """Closes the connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
