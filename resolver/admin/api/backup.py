"""Everything that is worth keeping, out and in again."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from resolver.admin.backupbodies import BackupQuery, Restored, RestoreQuery, Restoring
from resolver.admin.handling import answer, begun, query, service
from resolver.admin.jobbodies import Job
from resolver.admin.routing import API, Route
from resolver.admin.sending import GZIP, sent
from resolver.errors import ApiError

_PIECE = 256 << 10


async def backup(request: web.Request) -> web.StreamResponse:
    """A backup: one file, with the config, what people made, users and tokens, and the lists.

    A tar archive packed by gzip, as of this moment. With `log` also the log of queries. It is whole only if it has
    come to its end: its manifest is the last that is in it. It has what is secret: passwords and tokens (as hashes),
    what the config says, who looked up what.
    """
    return await sent(request, log_too=query(request, BackupQuery).log)


async def restore(request: web.Request) -> web.Response:
    """Restore a backup: all of it, or nothing.

    The body is the file. It is checked and made ready beside what is in use; then control starts again to take it,
    while names go on being answered. Everything that was changed since the backup is lost, and who is signed in must
    sign in again. `config=false` leaves the config as it is.
    """
    asked = query(request, RestoreQuery)
    if request.content_type != GZIP:
        raise ApiError(415, "media-type", f"a backup is sent with Content-Type: {GZIP}")
    return begun(await service(request).backing.restore(_body(request), config=asked.config))


async def restored(request: web.Request) -> web.Response:
    """What came of the last restore."""
    return answer(service(request).backing.last())


async def _body(request: web.Request) -> AsyncIterator[bytes]:
    async for data in request.content.iter_chunked(_PIECE):
        yield data


_RESTORE = f"{API}/restore"

ROUTES = (
    Route("GET", f"{API}/backup", backup, "admin", query=BackupQuery, content=GZIP, streamed=True),
    Route(
        "POST",
        _RESTORE,
        restore,
        "admin",
        query=RestoreQuery,
        takes=GZIP,
        returns=Job[Restoring],
        also=(202,),
        errors=(409, 422, 507),
    ),
    Route("GET", _RESTORE, restored, "admin", returns=Restored, errors=(404,)),
)
