"""One download: a conditional request, received into a file within limits of time, size and reach."""

from __future__ import annotations

import asyncio
import contextlib
import http
import pathlib
import re
import ssl
from collections.abc import AsyncIterator, Collection, Iterator, Sequence

import aiohttp
import msgspec
import yarl
from aiohttp.abc import AbstractResolver

from resolver import __version__
from resolver.errors import ListError
from resolver.lists.reach import Gate, Network, check, reach_of
from resolver.lists.reasons import named, why
from resolver.lists.sink import Sink, too_large
from resolver.lists.sources import Meta, Stamp
from resolver.lists.unpack import ACCEPTED, Unpacker
from resolver.paths import PRODUCT

USER_AGENT = f"{PRODUCT}/{__version__}"

_SCHEMES = ("http", "https")
_REDIRECTS = (301, 302, 303, 307, 308)
_VALIDATOR = re.compile(r"[\x20-\x7e]{1,1024}")


class Limits(msgspec.Struct, frozen=True):
    """Seconds for a whole download (`total`) and for silence (`idle`), unpacked bytes, and redirects."""

    total: float = 120.0
    idle: float = 20.0
    size: int = 64 << 20
    redirects: int = 5


LIMITS = Limits()


class NotModified(msgspec.Struct, frozen=True):
    """The version that is kept is the one at `url`."""

    url: str


class Fetched(msgspec.Struct, frozen=True):
    """A whole version, unpacked and brought to disk at `path`; `sha256` and `bytes` are the file's.

    `seen` is the stamp of the file that it is a copy of; `url` is then that file's path.
    """

    path: pathlib.Path
    url: str
    sha256: str
    bytes: int
    etag: str = ""
    last_modified: str = ""
    seen: Stamp | None = None


def open_session(
    reach: Collection[Network] = (),
    *,
    resolver: AbstractResolver | None = None,
    tls: ssl.SSLContext | None = None,
) -> aiohttp.ClientSession:
    """A session for downloads: it honours the environment's proxies, keeps no cookies, and goes where lists may come
    from; `reach` are networks that it may go to whatever they are. `resolver` and `tls` are the system's when left out.
    """
    return aiohttp.ClientSession(
        connector=Gate(reach, resolver=resolver, tls=tls),
        trust_env=True,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": USER_AGENT, "Accept": "*/*"},
    )


async def fetch_first(
    session: aiohttp.ClientSession,
    urls: Sequence[str],
    meta: Meta,
    limits: Limits,
    out: pathlib.Path,
    *,
    loopback: bool = False,
) -> Fetched | NotModified:
    """`fetch` from the first of several mirrors that gives it. Raises ListError with the reason of each."""
    reasons = []
    for url in urls:
        try:
            return await fetch(session, url, meta, limits, out, loopback=loopback)
        except ListError as error:
            reasons.append(str(error))
    raise ListError("; ".join(reasons))


async def fetch(
    session: aiohttp.ClientSession,
    url: str,
    meta: Meta,
    limits: Limits,
    out: pathlib.Path,
    *,
    loopback: bool = False,
) -> Fetched | NotModified:
    """What is at `url` now, received into the file `out`, unless it is what `meta` knows to be kept.

    With `loopback` the URL's own host may be a loopback address, written as one: the owner of this machine wrote it.
    Raises ListError with a reason for a person; what had come of it is removed then.
    """
    conditions = _conditions(url, meta)
    try:
        async with asyncio.timeout(limits.total), _asked(session, url, conditions, limits, loopback) as response:
            if not _is_new(response.status, conditional=bool(conditions)):
                return NotModified(url)
            with _gone_on_failure(out):
                return await _receive(response, url, limits, out)
    except (ListError, aiohttp.ClientError, OSError, ValueError) as error:
        raise ListError(f"{shown(url)}: {why(error, total=limits.total, idle=limits.idle)}") from error


@contextlib.asynccontextmanager
async def _asked(
    session: aiohttp.ClientSession, url: str, conditions: dict[str, str], limits: Limits, loopback: bool
) -> AsyncIterator[aiohttp.ClientResponse]:
    """The answer that redirects lead to, each judged before it is followed. Raises what `fetch` catches."""
    hop = _parsed(url)
    for _ in range(limits.redirects + 1):
        check(hop, reach_of(session), loopback=loopback)
        async with session.get(
            hop,
            headers={"Accept-Encoding": ACCEPTED, **conditions},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.idle, sock_read=limits.idle),
            allow_redirects=False,
            auto_decompress=False,  # Unpacker keeps its memory within bounds
        ) as response:
            if response.status not in _REDIRECTS:
                yield response
                return
            after = _target(hop, response.headers.get("Location", ""))
        loopback = loopback and after.origin() == hop.origin()
        hop = after
    raise ListError(f"it redirects more than {limits.redirects} times")


def _target(url: yarl.URL, location: str) -> yarl.URL:
    """Where a redirect leads to (RFC 9110 section 10.2.2). Raises ListError where nobody may follow.

    What was asked for over TLS must not come without it. A password is for the origin that it was given for.
    """
    if not location:
        raise ListError("it redirects, but does not say where to")
    target = _parsed(location, url)
    if (url.scheme, target.scheme) == ("https", "http"):
        raise ListError("it redirects from https to http, where anybody on the way can change it")
    if url.user and target.user is None and target.origin() == url.origin():
        return target.with_user(url.user).with_password(url.password)
    return target


def _parsed(text: str, base: yarl.URL | None = None) -> yarl.URL:
    """A URL that can be asked for, seen from `base`. Raises ListError when it cannot."""
    try:
        url = base.join(yarl.URL(text)) if base else yarl.URL(text)
    except ValueError as error:
        raise ListError("it leads to an address that is not valid") from error
    if url.scheme not in _SCHEMES:
        raise ListError("it leads to an address that is not http:// or https://")
    if not url.raw_host or not (url.raw_host.isascii() and url.raw_host.isprintable()):  # a zone may hold any byte
        raise ListError("it leads to an address that is not valid")
    return url


def shown(url: str) -> str:
    """A URL as it may be shown: without user name, password and query, which may be secrets."""
    try:
        return str(yarl.URL(url).with_user(None).with_query(None).with_fragment(None))
    except ValueError:
        return "the URL"


def _conditions(url: str, meta: Meta) -> dict[str, str]:
    """The headers of a conditional request (RFC 9110 section 13.1); a validator holds for the URL that gave it."""
    if url != meta.url or not meta.sha256:
        return {}
    headers = {"If-None-Match": meta.etag, "If-Modified-Since": meta.last_modified}
    return {name: value for name, value in headers.items() if _VALIDATOR.fullmatch(value)}


def _validator(response: aiohttp.ClientResponse, name: str) -> str:
    """A validator as it may be kept; "" for one of any other bytes, which no JSON holds."""
    value = response.headers.get(name, "")
    return value if _VALIDATOR.fullmatch(value) else ""


def _is_new(status: int, *, conditional: bool) -> bool:
    """Whether a version follows. Raises ListError for an answer that is neither a version nor "not modified"."""
    if status == http.HTTPStatus.OK:
        return True
    if status == http.HTTPStatus.NOT_MODIFIED and conditional:
        return False
    raise ListError(f"the server answered {named(status)}")


@contextlib.contextmanager
def _gone_on_failure(out: pathlib.Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        out.unlink(missing_ok=True)
        raise


async def _receive(response: aiohttp.ClientResponse, url: str, limits: Limits, out: pathlib.Path) -> Fetched:
    unpacker = Unpacker(",".join(response.headers.getall("Content-Encoding", ())), limits.size)
    if (response.content_length or 0) > limits.size:
        raise too_large(limits.size)
    with Sink(out, limits.size) as sink:
        async for chunk in response.content.iter_any():
            for piece in unpacker.feed(chunk):
                sink.write(piece)
                await asyncio.sleep(0)  # unpacking may go on for long, and others wait
        for piece in unpacker.finish():
            sink.write(piece)
        await asyncio.to_thread(sink.finish)
    return Fetched(
        path=out,
        url=url,
        sha256=sink.sha256,
        bytes=sink.bytes,
        etag=_validator(response, "ETag"),
        last_modified=_validator(response, "Last-Modified"),
    )
