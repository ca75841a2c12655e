"""The page /settings/backup: everything worth keeping in one file, and back."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
from aiohttp import web

from resolver.admin.backing import CHECK
from resolver.admin.backupbodies import BackupQuery, Restored, Restoring
from resolver.admin.handling import query, service
from resolver.admin.jobbodies import Job
from resolver.admin.pages.inside import NOTHING, Typed, inside, show
from resolver.admin.pages.settings import PAGE as SETTINGS
from resolver.admin.pages.underway import begin, looked_at
from resolver.admin.routing import Route
from resolver.admin.sending import GZIP, sent
from resolver.admin.service import Service
from resolver.admin.uploads import MULTIPART, UPLOAD, file
from resolver.errors import ApiError

PAGE = f"{SETTINGS}/backup"

CALLED: Mapping[str, str] = MappingProxyType(
    {
        "rules": "Rules",
        "pauses": "Pauses",
        "sites": "Site rules",
        "overrides": "Schedules changed for once",
        "devices": "Devices",
        "addresses": "Addresses of devices",
        "users": "Users",
        "tokens": "Tokens of programs",
        "requests": "Requests of members",
        "choices": "Settings chosen here",
        "repairs": "Repairs of sites",
        "hits": "Rules with a count of their uses",
        "changes": "Changes in the audit",
    }
)
"""What people call the tables of a backup."""


class Backup(msgspec.Struct, frozen=True):
    """All that the page shows: the job while it goes on, and what is or would be restored (`found`; `check`: it would
    be); what came of the last restore. `lost`: nobody remembers that job, as after a restore, when control was started
    again."""

    job: Job[msgspec.Raw] | None
    found: Restoring | None
    check: bool
    lost: bool
    last: Restored | None
    called: Mapping[str, str] = CALLED


class Looked(msgspec.Struct, frozen=True):
    """The job that is waited for."""

    job: str = ""


async def page(request: web.Request) -> web.Response:
    """A backup to take, and the form to restore one"""
    query(request, Looked)
    return await _page(request)


async def download(request: web.Request) -> web.StreamResponse:
    """A backup of this moment, as a file."""
    return await sent(request, log_too=query(request, BackupQuery).log)


async def check(request: web.Request) -> web.Response:
    """Begin to find out what restoring a backup would do."""
    return await _begin(request, only_check=True)


async def restore(request: web.Request) -> web.Response:
    """Begin to restore a backup."""
    return await _begin(request, only_check=False)


async def _begin(request: web.Request, *, only_check: bool) -> web.Response:
    async def work(asked: Service, fields: dict[str, str]) -> Job[msgspec.Raw]:
        upload = request.get(UPLOAD)
        if upload is None or not upload.filename:
            raise ApiError(400, "invalid", "choose the file of a backup", "file")
        try:
            return await asked.backing.restore(file(request), config=bool(fields.get("config")), only_check=only_check)
        except ApiError as error:
            raise ApiError(error.status, error.code, str(error), "file") from error

    return await begin(request, work, PAGE, form_name="restore", again=_page)


async def _page(request: web.Request, typed: Typed = NOTHING) -> web.Response:
    asked, job = service(request), await looked_at(request)
    found = msgspec.json.decode(job.result, type=Restoring) if job and job.result else None
    check = job is not None and job.kind == CHECK
    lost = bool(request.query.get("job")) and job is None
    return show(request, "backup.html", Backup(job, found, check, lost, _last(asked)), inside(request, typed=typed))


def _last(asked: Service) -> Restored | None:
    try:
        return asked.backing.last()
    except ApiError:
        return None


ROUTES = (
    Route("GET", PAGE, page, "admin", query=Looked, content="text/html", page=True),
    Route("GET", f"{PAGE}/file", download, "admin", query=BackupQuery, content=GZIP, page=True, streamed=True),
    Route("POST", f"{PAGE}/check", check, "admin", takes=MULTIPART, page=True),
    Route("POST", f"{PAGE}/restore", restore, "admin", takes=MULTIPART, page=True),
)
