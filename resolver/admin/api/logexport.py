"""The log as a file, however long it is."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Literal

from aiohttp import web

from resolver.admin import exported
from resolver.admin.bodies import LogEntry
from resolver.admin.handling import query, service
from resolver.admin.logquery import Spanned, filter_of
from resolver.admin.routing import API, Route
from resolver.errors import ApiError
from resolver.paths import PRODUCT

log = logging.getLogger(__name__)

_PATIENCE = 60.0  # seconds for somebody to take what is sent
_TYPES = {"csv": "text/csv", "jsonl": "application/jsonl"}


class ExportQuery(Spanned, frozen=True):
    """Which entries to write out: see the conditions of the log. `format`: csv (RFC 4180; a ' stands before what a
    spreadsheet could take for a formula) or jsonl (JSON Lines)."""

    format: Literal["csv", "jsonl"] = "csv"


async def export(request: web.Request) -> web.StreamResponse:
    """All entries of the log that are asked for, newest first, as a file.

    It comes in pieces, and its length is not known before. One that was cut short has not the end that HTTP's chunked
    coding has: it is not to be taken for whole.
    """
    asked = query(request, ExportQuery)
    serving = service(request)
    wanted = await filter_of(serving, asked)
    day = datetime.fromtimestamp(serving.clock.time(), UTC).date().isoformat()
    response = web.StreamResponse(
        headers={
            "Content-Type": f"{_TYPES[asked.format]}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{PRODUCT}-log-{day}.{asked.format}"',
        }
    )
    async with contextlib.aclosing(serving.logged.every(wanted)) as slices:
        first: list[LogEntry] = await anext(slices, [])  # what keeps it from beginning is a refusal as any other
        await response.prepare(request)
        try:
            await _write(response, exported.csv_head() if asked.format == "csv" else b"")
            await _write(response, await _text(asked.format, first))
            await _rest(response, asked.format, slices)
        except (ApiError, TimeoutError, ConnectionError) as error:
            if isinstance(error, ApiError):
                log.warning("an export of the log is cut short: %s", error)
            if request.transport is not None:
                request.transport.abort()
    return response


async def _rest(response: web.StreamResponse, format: str, slices: AsyncIterator[list[LogEntry]]) -> None:
    async for entries in slices:
        await _write(response, await _text(format, entries))


async def _text(format: str, entries: list[LogEntry]) -> bytes:
    return await asyncio.to_thread(exported.csv_of if format == "csv" else exported.jsonl_of, entries)


async def _write(response: web.StreamResponse, body: bytes) -> None:
    """Nothing more is read of the database before this was taken."""
    async with asyncio.timeout(_PATIENCE):
        await response.write(body)


ROUTES = (
    Route(
        "GET",
        f"{API}/log/export",
        export,
        "log",
        query=ExportQuery,
        content="text/csv, application/jsonl",
        errors=(404,),
        streamed=True,
    ),
)
