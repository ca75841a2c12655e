"""The log as it comes: server-sent events (HTML Living Standard, section 9.2)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta
from msgspec.structs import replace

from resolver.admin import checks
from resolver.admin.handling import query, service
from resolver.admin.logquery import Conditions, filter_of, is_device
from resolver.admin.routing import API, Route
from resolver.admin.service import Service
from resolver.admin.staying import still_in
from resolver.admin.tail import Item, Missed, Reader
from resolver.errors import ApiError
from resolver.store.filters import LogFilter

BEAT = 15.0
"""Seconds after which something is said, were it only that nothing came."""

_LOOK = 1.0  # seconds between two looks at whether anybody is there still
_ALLOWED = 3.0  # seconds between two looks at whether they still may
_PATIENCE = 30.0  # seconds for somebody to take what is sent
_AGAIN = 2000  # milliseconds after which a browser connects again


class StreamQuery(Conditions, frozen=True):
    """What entries to tell as they come: see the conditions of the log. It begins with what came since `since` (Unix
    time, or a duration such as 10s), as far as that is still in memory."""

    since: Annotated[str, Meta(max_length=40)] = ""


class _Ended(msgspec.Struct, frozen=True):
    reason: str


async def stream(request: web.Request) -> web.StreamResponse:
    """The log as it comes, as server-sent events.

    Each message is an entry of the log as JSON; its `id` is 0, for it is not in the database yet. The event `missed`
    tells in `rows` how many rows were gone before they could be looked at, null if nobody knows; `ended` that the
    session is over. A comment comes every 15 seconds. A connection that was lost goes on with the header Last-Event-ID.
    """
    asked = query(request, StreamQuery)
    serving = service(request)
    wanted = await filter_of(serving, asked)
    since = checks.since(asked.since, serving.clock.time()) if asked.since else None
    after = request.headers.get("Last-Event-ID", "")[:64]
    with serving.logged.tail.subscribe(_followed(serving, asked, wanted), since=since, after=after) as reader:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            await _tell(request, response, reader)
    return response


def _followed(serving: Service, asked: Conditions, wanted: LogFilter) -> Callable[[], LogFilter]:
    """The filter as it is by now: a device may have moved to another address."""

    def now() -> LogFilter:
        with contextlib.suppress(ApiError):  # one that was forgotten meanwhile stays what it was
            return replace(wanted, clients=serving.logged.where(asked.client))
        return wanted

    return now if is_device(asked.client) else lambda: wanted


async def _tell(request: web.Request, response: web.StreamResponse, reader: Reader) -> None:
    """Until whoever asked is gone, or may not look any more."""
    loop = asyncio.get_running_loop()
    await _send(request, response, f"retry: {_AGAIN}\n\n".encode())
    said = allowed = loop.time()
    while request.transport is not None and not request.transport.is_closing():
        found = await reader.read(_LOOK)
        now = loop.time()
        if now - allowed >= _ALLOWED:
            if not await still_in(request):
                await _send(request, response, _event("ended", _Ended("the session is over")))
                return
            allowed = now
        if found or now - said >= BEAT:
            await _send(request, response, _events(found) or b":\n\n")
            said = now


async def _send(request: web.Request, response: web.StreamResponse, body: bytes) -> None:
    """Give up whoever takes nothing for long."""
    try:
        async with asyncio.timeout(_PATIENCE):
            await response.write(body)
    except TimeoutError as error:
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionError from error


def _events(found: Iterable[Item | Missed]) -> bytes:
    return b"".join(
        _event("missed", one)
        if isinstance(one, Missed)
        else b"id: %b\ndata: %b\n\n" % (one.mark.encode(), msgspec.json.encode(one.entry))
        for one in found
    )


def _event(word: str, value: msgspec.Struct) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (word.encode(), msgspec.json.encode(value))


ROUTES = (
    Route(
        "GET",
        f"{API}/log/stream",
        stream,
        "log",
        query=StreamQuery,
        content="text/event-stream",
        errors=(404,),
        streamed=True,
    ),
)
