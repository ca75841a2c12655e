"""What every handler does alike: finding the service, reading a request strictly, writing an answer."""

from __future__ import annotations

import asyncio
import re
import urllib.parse
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

import msgspec
from aiohttp import web

from resolver.admin import parameters, uploads
from resolver.admin.jobbodies import Job
from resolver.admin.principal import principal
from resolver.admin.routing import API, JSON, MAX_BODY, Route, route_of
from resolver.admin.service import Service
from resolver.admin.uploads import MULTIPART
from resolver.config.leaves import plain
from resolver.errors import ApiError
from resolver.paths import WHO

SERVICE = web.AppKey("service", Service)
FIELDS = web.RequestKey("fields", dict[str, str])
"""Of the form that a request is, once they were read."""

MAX_DEPTH = 32
"""How deep arrays and objects of a body may stand in each other."""

T = TypeVar("T", bound=msgspec.Struct)

_LONGEST_WHO = 64
_BODY_TIME = 10.0  # seconds in which a body must be here
_MAX_FIELDS = 200  # a page of rows to tick has less
_OF_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})
_PLACE = re.compile(r"(?P<message>.*?)(?: - at `\$\.?(?P<path>.*)`)?", re.DOTALL)
_FIELD = re.compile(r"(?:missing required|contains unknown) field `(.*)`", re.DOTALL)
_NESTING = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[{\]}]', re.DOTALL)


def service(request: web.Request) -> Service:
    return request.app[SERVICE]


def who(request: web.Request) -> str:
    """Who makes a request, for the trail of changes: the user, the token, or what the command says of itself; and the
    address it comes from. One line, printable."""
    where, by = plain(request.remote or ""), principal(request)
    if by.kind == "user":
        return f"{plain(by.name)} ({where})"
    if by.kind == "token":
        return f"token {plain(by.name)} ({where})"
    if not request.path.startswith(API):
        return f"page ({where})"
    name = request.headers.get(WHO, "").strip()[:_LONGEST_WHO]
    return f"{plain(name)} (command, {where})" if name else f"api ({where})"


def answer(value: object, status: int = 200) -> web.Response:
    """A value as JSON."""
    return web.Response(body=msgspec.json.encode(value), status=status, content_type=JSON)


def begun(job: Job[msgspec.Raw]) -> web.Response:
    """A job that was begun, and where to look at it."""
    response = answer(job, 202)
    response.headers["Location"] = f"{API}/jobs/{job.id}"
    return response


def query(request: web.Request, kind: type[T]) -> T:
    """The parameters of the URL as `kind`, which is what the route says. Raises ApiError."""
    _declared(request, "query", kind)
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
        return msgspec.convert(parameters.values(given, kind), kind)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error


async def body(request: web.Request, kind: type[T]) -> T:
    """The JSON body as `kind`, which is what the route says; no body is `kind` as its defaults are. Raises ApiError."""
    largest = _declared(request, "body", kind).largest
    raw = await read(request if largest == MAX_BODY else request.clone(client_max_size=largest))
    _check_type(request, raw)
    _check_depth(raw)
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ApiError(400, "malformed", f"the body is not JSON: {error}") from error


async def nothing(request: web.Request) -> None:
    """Refuse a body that has anything to say, where nothing is to be said. Raises ApiError."""
    raw = await read(request)
    _check_type(request, raw)
    if raw.strip() not in {b"", b"{}"}:
        raise ApiError(400, "invalid", "there is nothing to be said here: leave the body out")


async def form(request: web.Request) -> dict[str, str]:
    """The fields of a posted form, as large as its route says, or those before its file where there is one; the gate
    and the handler have the same ones. Raises ApiError."""
    if FIELDS in request:
        return request[FIELDS]
    route = route_of(request)
    if route is not None and route.takes == MULTIPART and request.content_type == MULTIPART:
        request[FIELDS] = await uploads.fields(request)
        return request[FIELDS]
    largest = MAX_BODY if route is None else route.largest
    raw = await read(request if largest == MAX_BODY else request.clone(client_max_size=largest))
    if request.content_type != "application/x-www-form-urlencoded":
        raise ApiError(415, "media-type", "a form is sent as application/x-www-form-urlencoded")
    try:
        found = _fields(raw) if len(raw) <= MAX_BODY else await asyncio.to_thread(_fields, raw)
    except ValueError as error:
        raise ApiError(400, "malformed", f"the form cannot be read: {error}") from error
    request[FIELDS] = found
    return found


def made(values: Mapping[str, object], kind: type[T]) -> T:
    """What was said in a form, as `kind`, with all that this asks for. Raises ApiError."""
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error


async def read(request: web.Request) -> bytes:
    """The body; can be had more than once. Raises ApiError."""
    try:
        async with asyncio.timeout(_BODY_TIME):
            return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise ApiError(413, "too-large", f"a body is at most {request.client_max_size >> 10} KiB") from error
    except TimeoutError as error:
        raise ApiError(408, "timeout", f"the body did not come within {_BODY_TIME:g} seconds") from error


def _fields(raw: bytes) -> dict[str, str]:
    text = raw.decode("utf-8", "replace")
    return dict(urllib.parse.parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS))


def _declared(request: web.Request, part: Literal["query", "body"], kind: type[msgspec.Struct]) -> Route:
    """The route, which says what it takes: the gate, the documents and the tests believe it, so handlers must not take
    anything else."""
    route = route_of(request)
    if route is None or getattr(route, part) is not kind:
        raise TypeError(f"the route of {request.path} does not say that its {part} is {kind.__name__}")
    return route


def _check_type(request: web.Request, raw: bytes) -> None:
    """Refuse what is no JSON, and a body of nothing that a form of another site could send."""
    if request.content_type != JSON and (raw or request.content_type in _OF_FORMS):
        raise ApiError(415, "media-type", f"a body here is JSON: send it with Content-Type: {JSON}")


def _check_depth(raw: bytes) -> None:
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for found in _NESTING.finditer(raw):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(found[0], 0)
        if depth > MAX_DEPTH:
            raise ApiError(400, "malformed", f"the body is nested too deeply: at most {MAX_DEPTH} levels")


def _invalid(error: msgspec.ValidationError) -> ApiError:
    """The refusal of values that are not what they should be, with the path of the first."""
    match: Any = _PLACE.fullmatch(str(error))
    message, path = match["message"], match["path"] or ""
    field = _FIELD.search(message)
    if field is not None:
        path = f"{path}.{field[1]}" if path else field[1]
    return ApiError(400, "invalid", message.replace("`", '"'), path or None)
