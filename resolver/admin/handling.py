"""What every handler does alike: finding the service, reading a request strictly, writing an answer."""

from __future__ import annotations

import asyncio
import re
import urllib.parse
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from resolver.admin.service import Service
from resolver.config.leaves import plain
from resolver.errors import ApiError
from resolver.paths import WHO

API = "/api/v1"
SERVICE = web.AppKey("service", Service)

MAX_BODY = 64 << 10
"""Bytes of a request's body."""

T = TypeVar("T", bound=msgspec.Struct)

_LONGEST_WHO = 64
_BODY_TIME = 10.0  # seconds in which a body must be here
_MAX_FIELDS = 20
_PLACE = re.compile(r"(?P<message>.*?)(?: - at `\$\.?(?P<path>.*)`)?", re.DOTALL)
_FIELD = re.compile(r"(?:missing required|contains unknown) field `(.*)`", re.DOTALL)


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A query or body that has nothing to say."""


def service(request: web.Request) -> Service:
    return request.app[SERVICE]


def who(request: web.Request) -> str:
    """Who makes a request, for the trail of changes: what the command says of itself, or that it is a page or a program
    of somebody's; and the address it comes from. One line, printable."""
    where = plain(request.remote or "")
    if not request.path.startswith(API):
        return f"page ({where})"
    name = request.headers.get(WHO, "").strip()[:_LONGEST_WHO]
    return f"{plain(name)} (command, {where})" if name else f"api ({where})"


def answer(value: object, status: int = 200) -> web.Response:
    """A value as JSON."""
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")


def query(request: web.Request, kind: type[T]) -> T:
    """The parameters of the URL as `kind`. One that is empty counts as not given. Raises ApiError."""
    given: dict[str, str] = {}
    known = [field.encode_name for field in msgspec.structs.fields(kind)]
    for name, value in request.query.items():
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "there are none here"
            raise ApiError(400, "invalid", f"there is no parameter {name[:40]!a}; {there}", name[:40])
        if name in given:
            raise ApiError(400, "invalid", "given twice", name)
        given[name] = value
    try:
        return msgspec.convert({name: value for name, value in given.items() if value}, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error


async def body(request: web.Request, kind: type[T], largest: int = MAX_BODY) -> T:
    """The JSON body, of at most so many bytes, as `kind`; no body is `kind` as its defaults are. Raises ApiError."""
    raw = await read(request if largest == MAX_BODY else request.clone(client_max_size=largest))
    if raw and request.content_type != "application/json":
        raise ApiError(415, "media-type", "a body here is JSON: send it with Content-Type: application/json")
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ApiError(400, "malformed", f"the body is not JSON: {error}") from error


async def form(request: web.Request) -> dict[str, str]:
    """The fields of a posted form. Raises ApiError."""
    raw = await read(request)
    if request.content_type != "application/x-www-form-urlencoded":
        raise ApiError(415, "media-type", "a form is sent as application/x-www-form-urlencoded")
    try:
        text = raw.decode("utf-8", "replace")
        return dict(urllib.parse.parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS))
    except ValueError as error:
        raise ApiError(400, "malformed", f"the form cannot be read: {error}") from error


async def read(request: web.Request) -> bytes:
    """The body; can be had more than once. Raises ApiError."""
    try:
        async with asyncio.timeout(_BODY_TIME):
            return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise ApiError(413, "too-large", f"a body is at most {request.client_max_size >> 10} KiB") from error
    except TimeoutError as error:
        raise ApiError(408, "timeout", f"the body did not come within {_BODY_TIME:g} seconds") from error


def _invalid(error: msgspec.ValidationError) -> ApiError:
    """The refusal of values that are not what they should be, with the path of the first."""
    match: Any = _PLACE.fullmatch(str(error))
    message, path = match["message"], match["path"] or ""
    field = _FIELD.search(message)
    if field is not None:
        path = f"{path}.{field[1]}" if path else field[1]
    return ApiError(400, "invalid", message.replace("`", '"'), path or None)
