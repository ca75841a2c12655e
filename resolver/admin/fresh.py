"""What has not changed is not sent again: a strong ETag over the bytes of every JSON that is read (RFC 9110 sections
8.8.3 and 13.1.2). Nobody but the program that asks may keep an answer, so the ETag is for that program."""

from __future__ import annotations

import hashlib

from aiohttp import web
from aiohttp.typedefs import Handler

_SAFE = frozenset({"GET", "HEAD"})


@web.middleware
async def fresh(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give an answer its ETag, and leave its body out for whoever has it."""
    response = await handler(request)
    if request.method not in _SAFE or not isinstance(response, web.Response) or response.status != 200:
        return response
    if response.content_type != "application/json" or not isinstance(response.body, bytes):
        return response
    etag = hashlib.blake2b(response.body, digest_size=16).hexdigest()
    response.etag = etag
    known = request.if_none_match or ()
    if not any(one.value in {etag, "*"} for one in known):
        return response
    unchanged = web.Response(status=304)
    unchanged.etag = etag
    return unchanged
