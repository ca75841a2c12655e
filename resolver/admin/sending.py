"""A backup on its way to whoever asked for it."""

from __future__ import annotations

import contextlib
import logging
from datetime import UTC, datetime

from aiohttp import web

from resolver.admin.handling import service
from resolver.errors import LullError
from resolver.paths import PRODUCT

log = logging.getLogger(__name__)

GZIP = "application/gzip"


async def sent(request: web.Request, *, log_too: bool) -> web.StreamResponse:
    """A backup of this moment, as an answer that comes in pieces. Raises ApiError for what is wrong from the
    beginning; what comes between ends it without an end."""
    backing = service(request).backing
    name = datetime.fromtimestamp(service(request).clock.time(), UTC).strftime(f"{PRODUCT}-backup-%Y%m%d-%H%M%S.tar.gz")
    async with contextlib.aclosing(await backing.begin(log=log_too)) as pieces:
        disposition = f'attachment; filename="{name}"'
        response = web.StreamResponse(headers={"Content-Type": GZIP, "Content-Disposition": disposition})
        await response.prepare(request)
        try:
            async for data in pieces:
                await response.write(data)
        except (LullError, OSError) as error:  # too late to say so
            log.warning("a backup was not finished: %s", error)
            if request.transport is not None:
                request.transport.abort()
            return response
        await response.write_eof()
    return response
