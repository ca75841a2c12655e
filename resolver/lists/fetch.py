"""One download: a conditional request, received into a file within limits of time and size."""

from __future__ import annotations

import asyncio
import http
import pathlib
import re
from collections.abc import Sequence

import aiohttp
import msgspec
import yarl

from resolver import __version__
from resolver.errors import ListError
from resolver.lists.sink import Sink, too_large
from resolver.lists.sources import Meta, Stamp
from resolver.lists.unpack import ACCEPTED, Unpacker
from resolver.paths import PRODUCT

USER_AGENT = f"{PRODUCT}/{__version__}"

_VALIDATOR = re.compile(r"[\x20-\x7e]{1,1024}")


class Limits(msgspec.Struct, frozen=True):
    """Seconds for a whole download (`total`) and for silence (`idle`), unpacked bytes, and redirects."""

    total: float = 120.0
    idle: float = 20.0
    size: int = 64 << 20
    redirects: int = 5


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


def open_session() -> aiohttp.ClientSession:
    """A session for downloads: it honours the environment's proxies and keeps no cookies."""
    return aiohttp.ClientSession(
        trust_env=True, cookie_jar=aiohttp.DummyCookieJar(), headers={"User-Agent": USER_AGENT, "Accept": "*/*"}
    )


async def fetch_first(
    session: aiohttp.ClientSession, urls: Sequence[str], meta: Meta, limits: Limits, out: pathlib.Path
) -> Fetched | NotModified:
    """`fetch` from the first of several mirrors that gives it. Raises ListError with the reason of each."""
    reasons = []
    for url in urls:
        try:
            return await fetch(session, url, meta, limits, out)
        except ListError as error:
            reasons.append(str(error))
    raise ListError("; ".join(reasons))


async def fetch(
    session: aiohttp.ClientSession, url: str, meta: Meta, limits: Limits, out: pathlib.Path
) -> Fetched | NotModified:
    """What is at `url` now, received into the file `out`, unless it is what `meta` knows to be kept.

    Raises ListError with a reason for a person; `out` does not exist then.
    """
    conditions = _conditions(url, meta)
    try:
        async with (
            asyncio.timeout(limits.total),
            session.get(
                url,
                headers={"Accept-Encoding": ACCEPTED, **conditions},
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.idle, sock_read=limits.idle),
                max_redirects=limits.redirects + 1,  # aiohttp counts the request that is one too many
                auto_decompress=False,  # Unpacker keeps its memory within bounds
            ) as response,
        ):
            if response.status == http.HTTPStatus.NOT_MODIFIED and conditions:
                out.unlink(missing_ok=True)
                return NotModified(url)
            if response.status != http.HTTPStatus.OK:
                raise ListError(f"the server answered {_status(response.status)}")
            return await _receive(response, url, limits, out)
    except (ListError, aiohttp.ClientError, OSError, ValueError) as error:
        out.unlink(missing_ok=True)
        raise ListError(f"{shown(url)}: {_reason(error, limits)}") from error
    except asyncio.CancelledError:
        out.unlink(missing_ok=True)
        raise


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


async def _receive(response: aiohttp.ClientResponse, url: str, limits: Limits, out: pathlib.Path) -> Fetched:
    unpacker = Unpacker(response.headers.get("Content-Encoding", ""))
    if (response.content_length or 0) > limits.size:
        raise too_large(limits.size)
    with Sink(out, limits.size) as sink:
        async for chunk in response.content.iter_any():
            for piece in unpacker.feed(chunk):
                sink.write(piece)
        unpacker.finish()
        await asyncio.to_thread(sink.finish)
    return Fetched(
        path=out,
        url=url,
        sha256=sink.sha256,
        bytes=sink.bytes,
        etag=response.headers.get("ETag", ""),
        last_modified=response.headers.get("Last-Modified", ""),
    )


def _status(number: int) -> str:
    try:
        return f"{number} {http.HTTPStatus(number).phrase}"
    except ValueError:
        return str(number)


def _reason(error: Exception, limits: Limits) -> str:
    """What went wrong, in one line. No exception's text that may hold the URL, and with it a secret, is repeated."""
    match error:
        case ListError():
            return str(error)
        case aiohttp.ServerTimeoutError():
            return f"nothing came for {limits.idle:g} seconds"
        case TimeoutError():
            return f"it took longer than {limits.total:g} seconds"
        case aiohttp.TooManyRedirects():
            return f"it redirects more than {limits.redirects} times"
        case aiohttp.NonHttpUrlClientError() | aiohttp.InvalidURL():
            return "it leads to an address that is not http:// or https://"
        case aiohttp.ClientConnectorCertificateError():
            return f"its certificate is not valid: {error.certificate_error}"
        case aiohttp.ClientConnectorDNSError():
            return "its name cannot be looked up"
        case aiohttp.ClientConnectorError():
            return f"no connection: {error.os_error.strerror or error.os_error}"
        case aiohttp.ClientPayloadError():
            return "the connection ended before all of it had come"
        case aiohttp.ServerDisconnectedError():
            return "the server closed the connection"
        case aiohttp.ClientResponseError():
            return "the answer is not readable as HTTP"
        case OSError():
            return error.strerror or type(error).__name__
        case _:
            return f"the request failed ({type(error).__name__})"
