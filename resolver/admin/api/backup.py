"""Everything that is worth keeping, out and in again."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from aiohttp import web

from resolver.admin.backupbodies import BackupQuery, Restored, RestoreQuery, Restoring
from resolver.admin.handling import answer, begun, query, service
from resolver.admin.jobbodies import Job
from resolver.admin.routing import API, Route
from resolver.errors import ApiError, LullError
from resolver.paths import PRODUCT

log = logging.getLogger(__name__)

_GZIP = "application/gzip"
_PIECE = 256 << 10


async def backup(request: web.Request) -> web.StreamResponse:
    """A backup: one file, with the config, what people made, users and tokens, and the lists.

    A tar archive packed by gzip, as of this moment. With `log` also the log of queries. It is whole only if it has
    come to its end: its manifest is the last that is in it. It has what is secret: passwords and tokens (as hashes),
    what the config says, who looked up what.
    """
    asked = query(request, BackupQuery)
    backing = service(request).backing
    name = datetime.fromtimestamp(service(request).clock.time(), UTC).strftime(f"{PRODUCT}-backup-%Y%m%d-%H%M%S.tar.gz")
    async with contextlib.aclosing(await backing.begin(log=asked.log)) as pieces:
        disposition = f'attachment; filename="{name}"'
        response = web.StreamResponse(headers={"Content-Type": _GZIP, "Content-Disposition": disposition})
        await response.prepare(request)
        try:
            async for data in pieces:
                await response.write(data)
        except (LullError, OSError) as error:  # too late to say so: it ends without an end
            log.warning("a backup was not finished: %s", error)
            if request.transport is not None:
                request.transport.abort()
            return response
        await response.write_eof()
    return response


async def restore(request: web.Request) -> web.Response:
    """Restore a backup: all of it, or nothing.

    The body is the file. It is checked and made ready beside what is in use; then control starts again to take it,
    while names go on being answered. Everything that was changed since the backup is lost, and who is signed in must
    sign in again. `config=false` leaves the config as it is.
    """
    asked = query(request, RestoreQuery)
    if request.content_type != _GZIP:
        raise ApiError(415, "media-type", f"a backup is sent with Content-Type: {_GZIP}")
    return begun(await service(request).backing.restore(_body(request), config=asked.config))


async def restored(request: web.Request) -> web.Response:
    """What came of the last restore."""
    return answer(service(request).backing.last())


async def _body(request: web.Request) -> AsyncIterator[bytes]:
    async for data in request.content.iter_chunked(_PIECE):
        yield data


_RESTORE = f"{API}/restore"

ROUTES = (
    Route("GET", f"{API}/backup", backup, "admin", query=BackupQuery, content=_GZIP, streamed=True),
    Route(
        "POST",
        _RESTORE,
        restore,
        "admin",
        query=RestoreQuery,
        takes=_GZIP,
        returns=Job[Restoring],
        also=(202,),
        errors=(409, 422, 507),
    ),
    Route("GET", _RESTORE, restored, "admin", returns=Restored, errors=(404,)),
)
