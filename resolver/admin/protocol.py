"""HTTP as the admin speaks it: what is no HTTP is answered as every other refusal, and who asks for nothing is let
go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from resolver.admin.jobbodies import ErrorBody, Failure
from resolver.policy.clients import place

log = logging.getLogger(__name__)

LINE = 8190
"""Bytes that the first line of a request may have, and each of its headers."""

HEADERS = 100
"""Headers of a request."""

MAX_EACH = 50
"""Connections of one client at a time: there is room for others, whatever it does."""

_IDLE = 30.0  # seconds that a connection between two requests is kept
_FIRST = 10.0  # seconds in which the first request must have come
_LINGER = 1.0  # seconds that the rest of a body is waited for that nobody reads
_MALFORMED = "this is no HTTP request that is understood here"
_TOO_LONG = f"an address and a header have at most {LINE} bytes each, and a request {HEADERS} headers"


class Protocol(web.RequestHandler):
    """One connection. `headers` are those that every answer carries."""

    def __init__(self, server: web.Server, headers: Mapping[str, str]) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(
            server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # which is how aiohttp itself says that there is none
            keepalive_timeout=_IDLE,
            lingering_time=_LINGER,
            max_line_size=LINE,
            max_field_size=LINE,
            max_headers=HEADERS,
        )
        self._server = server
        self._headers = headers
        self._first = loop.call_later(_FIRST, self.force_close)
        self.place = ""  # whose it is

    def heard(self) -> None:
        """A request has come: from now on the silence between two of them counts."""
        self._first.cancel()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self.place = place(str(peer[0])) if peer else ""
        theirs = [one for one in self._server.connections if isinstance(one, Protocol) and one.place == self.place]
        if len(theirs) > MAX_EACH:
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._first.cancel()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is no request, or what no handler could answer. Strangers must not fill the log."""
        self.heard()
        if status >= 500:
            log.error("a request failed", exc_info=exc)
            failure = Failure("internal", "something went wrong here: the log of the daemon says what")
        else:
            log.debug("no HTTP: %s", message)
            status, failure = _refusal(message or "")
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun already")
        response = web.Response(
            body=msgspec.json.encode(ErrorBody(failure)),
            status=status,
            content_type="application/json",
            headers=self._headers,
        )
        response.force_close()
        return response


def _refusal(message: str) -> tuple[int, Failure]:
    if "Got more than" in message or "Too many" in message:
        return 431, Failure("too-large", _TOO_LONG)
    return 400, Failure("malformed", _MALFORMED)


@web.middleware
async def hearing(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tell the connection that a request has come."""
    if isinstance(request.protocol, Protocol):
        request.protocol.heard()
    return await handler(request)
