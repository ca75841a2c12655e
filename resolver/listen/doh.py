"""DNS over HTTPS: what a request asks, and how its answer is told (RFC 8484), whatever version of HTTP it came over."""

from __future__ import annotations

import base64
import binascii
import re
import urllib.parse
from collections.abc import Mapping

import msgspec

from resolver.errors import TextError
from resolver.listen import dnsjson
from resolver.wire.padding import padded, smallest_ttl

PATH = "/dns-query"
MESSAGE = "application/dns-message"
JSON = "application/dns-json"
LARGEST = 65_535  # bytes of a message

_FIELDS = 20
_ID = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class Request(msgspec.Struct, frozen=True):
    """Header names in small letters. `target` is the path and the query of the URL."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


class Reply(msgspec.Struct, frozen=True):
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class Asked(msgspec.Struct, frozen=True):
    """A DNS query in wire form, who asks it ("" for nobody in particular), and whether the answer is to be JSON."""

    query: bytes
    id: str = ""
    json: bool = False


def read(request: Request) -> Asked | Reply:
    """What is asked, or the refusal."""
    path, _, query = request.target.partition("?")
    base, _, id = path.partition(PATH)
    if base or (id and not id.startswith("/")):
        return _refusal(404, f"queries are taken at {PATH}")
    id = urllib.parse.unquote(id.strip("/")).lower()
    if id and not _ID.fullmatch(id):
        return _refusal(404, "this is no client id")
    match request.method:
        case "POST":
            return _posted(request, id)
        case "GET" | "HEAD":
            return _got(query, id)
    return _refusal(405, "queries are asked with GET or POST", ("allow", "GET, HEAD, POST"))


def _posted(request: Request, id: str) -> Asked | Reply:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MESSAGE:
        return _refusal(415, f"a query is posted as {MESSAGE}")
    if len(request.body) > LARGEST:
        return too_large()
    return Asked(request.body, id)


def _got(query: str, id: str) -> Asked | Reply:
    try:
        fields = dict(urllib.parse.parse_qsl(query, keep_blank_values=True, max_num_fields=_FIELDS))
    except ValueError:
        return _refusal(400, f"a query has at most {_FIELDS} parameters")
    if "dns" in fields:
        text = fields["dns"].rstrip("=")
        try:
            message = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return _refusal(400, "dns is a query in base64url")
        return too_large() if len(message) > LARGEST else Asked(message, id)
    if "name" in fields:
        try:
            return Asked(dnsjson.query(fields), id, json=True)
        except TextError as error:
            return _refusal(400, str(error))
    return _refusal(400, "a query is in the parameter dns, or in name and type")


def told(asked: Asked, answer: bytes | None) -> Reply:
    """The reply to what was asked; None for a query that gets no answer."""
    if answer is None:
        return _refusal(400, "this is no DNS query")
    ttl = smallest_ttl(answer)
    cached = ("cache-control", "no-store" if ttl is None else f"max-age={ttl}")
    if asked.json:
        return Reply(200, dnsjson.text(asked.query, answer), (("content-type", JSON), cached))
    return Reply(200, padded(answer), (("content-type", MESSAGE), cached))


def too_large() -> Reply:
    return _refusal(413, f"a query has at most {LARGEST} bytes")


def _refusal(status: int, text: str, *headers: tuple[str, str]) -> Reply:
    plain = ("content-type", "text/plain; charset=utf-8")
    return Reply(status, text.encode() + b"\n", (plain, ("cache-control", "no-store"), *headers))
