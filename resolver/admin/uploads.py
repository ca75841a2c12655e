"""Forms with a file (multipart/form-data, RFC 7578): their fields, which come before it, and the file in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from resolver.errors import ApiError

MULTIPART = "multipart/form-data"
UPLOAD = web.RequestKey("upload", BodyPartReader)
"""Under which the file of a form is left, to be read once."""

_MOST = 20  # fields
_LONGEST = 4096  # bytes of a field
_PIECE = 256 << 10
_TIME = 10.0  # seconds in which the fields must be here

_WRONG = (ValueError, AssertionError, LookupError, RuntimeError, HttpProcessingError)
"""What aiohttp raises for parts that are none."""


async def fields(request: web.Request) -> dict[str, str]:
    """The fields that come before the file, which is left in the request. Raises ApiError."""
    try:
        async with asyncio.timeout(_TIME):
            return await _fields(request)
    except TimeoutError as error:
        raise ApiError(408, "timeout", f"the form did not come within {_TIME:g} seconds") from error
    except _WRONG as error:
        raise ApiError(400, "malformed", "the form cannot be read") from error


async def _fields(request: web.Request) -> dict[str, str]:
    found: dict[str, str] = {}
    reader, count = await request.multipart(), 0
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            raise ApiError(400, "malformed", "a form in a form cannot be read")
        if part.filename is not None:
            request[UPLOAD] = part
            break
        found[part.name or ""] = await _text(part)
        count += 1  # of one name there may be any number
        if count > _MOST:
            raise ApiError(413, "too-large", f"there are at most {_MOST} fields before the file")
    return found


async def _text(part: BodyPartReader) -> str:
    """A field, in however many pieces the network brings it."""
    data = b""
    while not part.at_eof():
        data += await part.read_chunk(_LONGEST)
        if len(data) > _LONGEST:
            raise ApiError(413, "too-large", f"a field before the file has at most {_LONGEST} bytes")
    return data.decode("utf-8", "replace")


async def file(request: web.Request) -> AsyncIterator[bytes]:
    """The file of the form whose fields were read; nothing if there is none. Raises ApiError."""
    part = request.get(UPLOAD)
    try:
        while part is not None and (data := await part.read_chunk(_PIECE)):
            yield data
    except _WRONG as error:
        raise ApiError(400, "malformed", "the file did not come whole") from error
